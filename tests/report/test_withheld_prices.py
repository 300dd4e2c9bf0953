"""What a reserve cost is published unless it bounds what one or two proposals ask for that were not funded."""

from __future__ import annotations

from dataclasses import replace
from itertools import chain, combinations
from pathlib import Path

import pytest
from report.pages import Page
from small import call, policy

import portfolio as pf
from portfolio.optimize.changes import Change, entering, part, without_changes
from portfolio.report import Chart

WHY = "One that is not published depends on what proposals ask for, or would bound what one or two"


@pytest.fixture(autouse=True)
def undrawn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Chart, "svg", lambda *_: "<svg></svg>")


def held(folder: Path, amount: int, n: int = 12) -> pf.StoredDecision:
    """Six are funded, of whom so many as the reserve pays for are the last, who have the least merit.

    As many would enter without it, and ask for as much together; theirs and those behind them are of all sizes.
    """
    many = amount // 10
    young = [place >= n - many for place in range(n)]
    entering = {1: [10], 2: [4, 16], 3: [4, 10, 16], 4: [4, 10, 16, 10]}[many]
    behind = [7, 20, 30, 25, 18][: n - 6 - many]
    of = call(
        amount=[10] * (6 - many) + entering + behind + [10] * many,
        merit=[6 - place / 4 for place in range(n)],
        young=young,
    )
    by = policy(60, traits={"is_young": "young"}, reserve=[pf.Reserve(trait="is_young", amount=amount)])
    made = pf.optimize(of, by)
    pf.write_decision(made, folder, pf.price_reserves(made))
    return pf.read_decision(folder)


@pytest.mark.parametrize(
    ("amount", "n", "told"),
    [
        (10, 12, False),
        (20, 12, False),
        # Three would enter, and three would still not be funded.
        (30, 12, True),
        (40, 13, True),
        # With the sum of all five that were not funded, the three bound the two others.
        (30, 11, False),
    ],
)
def test_a_price_is_published_where_three_enter(amount: int, n: int, told: bool, tmp_path: Path) -> None:
    decision = held(tmp_path, amount, n)
    named = Page(pf.report_page(decision))
    assert "without it, it would not be funded" in named.text
    page = Page(pf.report_page(decision, anonymous=True))
    (reserves,), (known,) = page.with_head("trait"), named.with_head("trait")
    assert reserves[0][4] == (known[0][4] if told else "(not published)")
    assert (WHY in page.text) != told
    assert ("would not be funded" in page.text) == told
    assert "would be funded without" not in page.text


def test_what_a_search_that_was_cut_short_found_is_not_published(tmp_path: Path) -> None:
    decision = held(tmp_path, 30)
    (row,) = decision.record["reserves"]
    ranged = row | {"price": None, "price_low": 1.5, "price_high": 3.5, "enters": None, "leaves": None}
    decision = replace(decision, record=dict(decision.record) | {"reserves": [ranged]})
    assert "1.5 to 3.5" in pf.report_page(decision)
    assert "1.5 to 3.5" not in pf.report_page(decision, anonymous=True)


def test_a_reserve_that_was_never_priced_is_said_to_be(tmp_path: Path) -> None:
    decision = held(tmp_path, 30)
    unpriced = dict.fromkeys(("price", "price_low", "price_high", "enters", "leaves"))
    reserves = [row | unpriced for row in decision.record["reserves"]]
    page = pf.report_page(
        replace(decision, record=dict(decision.record) | {"reserves": reserves}), anonymous=True
    )
    assert "not priced" in page
    assert WHY not in page


def test_reasons_say_nothing_of_what_is_hidden() -> None:
    # One name is the beginning of another, and one holds what stands between names.
    traits = ("young", "young and far", "a, b")
    some = list(chain.from_iterable(combinations(traits, size) for size in range(4)))
    for first in (False, True):
        for counting in some:
            for needs in some:
                said = part(traits, counting, needs, all_known=True, first=first) + "; awarded less"
                for hidden in some[1:]:
                    left = [trait for trait in needs if trait not in hidden]
                    due = part(traits, counting, left, all_known=False, first=first) + "; awarded less"
                    assert without_changes(said, traits, hidden, first=first) == due
    names = {trait: Change(("P",), ()) for trait in traits}
    said = "the money went to 3 awards" + entering(names)["P"]
    assert said.endswith("for young or that for young and far or that for a, b")
    for hidden, end in (
        (("a, b",), "young or that for young and far"),
        (("young",), "young and far or that for a, b"),
    ):
        told = without_changes(said, traits, hidden, first=False)
        assert told == f"the money went to 3 awards; it would be funded without the reserve for {end}"
    assert without_changes(said, traits, traits, first=False) == "the money went to 3 awards"
