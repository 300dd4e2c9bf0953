"""A page for publication says of no proposal that was not funded what it asks for, nor lets it be worked out."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from report.pages import Page
from small import call, policy

import portfolio as pf
from portfolio.report import Chart
from portfolio.report.html.amounts import Amounts
from portfolio.report.html.anonymous import without_names
from portfolio.report.html.balances import balances_of
from portfolio.report.html.method import method_of
from portfolio.report.html.withheld import Sums, whole_demand, without_figures, without_requests
from portfolio.report.stored_tables import stored_decisions

YOUNG = {"traits": {"is_young": "young"}, "reserve": [pf.Reserve(trait="is_young", amount=20)]}
PROVEN = (
    "would have been enough",
    "would not be enough",
    "would lose a value",
    "otherwise loses",
    "more merit per EUR",
)


@pytest.fixture(autouse=True)
def undrawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave the charts out, which take most of the time of a page."""
    monkeypatch.setattr(Chart, "svg", lambda *_: "<svg></svg>")


def stored(folder: Path, of: pf.Call, by: pf.Policy) -> pf.StoredDecision:
    made = pf.optimize(of, by)
    pf.write_decision(made, folder, pf.price_reserves(made))
    return pf.read_decision(folder)


def twelve(**changes: Any) -> pf.Call:
    """Five are funded of a budget of 60; H, of a field of its own, asks for 17.37."""
    columns: dict[str, Any] = {
        "amount": [10, 11, 12, 13, 14, 15, 16, 17.37, 18, 19, 20, 21],
        "merit": [5, 4.8, 4.6, 4.4, 4.2, 2, 1.9, 1.8, 1.7, 1.6, 1.5, 1.4],
        "field": ["biology" if i == 7 else "physics" for i in range(12)],
        "young": [i in {0, 1, 7} for i in range(12)],
    }
    return call(**(columns | changes))


def test_a_group_of_one_that_was_not_funded_is_left_out(tmp_path: Path) -> None:
    page = Page(pf.report_page(stored(tmp_path, twelve(), policy(60)), anonymous=True))
    assert "17.37" not in page.text
    assert "Field Left out: its sums would tell, exactly or nearly," in page.text
    assert not [rows for rows in page.with_head("group") for row in rows if row[0] == "physics"]


def test_demand_of_a_reserve_and_of_the_call_tells_of_nobody(tmp_path: Path) -> None:
    # H alone of the three young ones is not funded: what they ask for less the awards is its request.
    decision = stored(tmp_path, twelve(), policy(60, **YOUNG))
    assert "38.37" in Page(pf.report_page(decision)).text
    page = Page(pf.report_page(decision, anonymous=True))
    assert "38.37" not in page.text
    (reserves,) = page.with_head("trait")
    assert reserves[0][3] == "(not published)"
    assert "Asked for by the eligible EUR 186.37" in page.text


@pytest.mark.parametrize(("lost", "told"), [(0, True), (1, False), (2, False), (3, True)])
def test_the_whole_demand_is_left_out_where_one_or_two_are_not_funded(
    lost: int, told: bool, tmp_path: Path
) -> None:
    amounts = [10] * 3 + [17, 14, 11][:lost] + [1000]
    of = call(amount=amounts, merit=[5] * 3 + [2] * lost + [5], ok=[1] * (3 + lost) + [0])
    decision = stored(tmp_path, of, policy(30, eligible="ok = 1"))
    text = Page(pf.report_page(decision, anonymous=True)).text
    assert ("Asked for by the eligible" in text) == told
    # The ineligible are no part of it: one alone would be the difference to the groups.
    assert "1,0" not in text


def test_nothing_gives_the_price_of_money(tmp_path: Path) -> None:
    # Merit 1.867 would have been enough for E, who asks for 14: 0.1333 per euro, and so 15 for the merit of F.
    decision = stored(tmp_path, twelve(), policy(60))
    named = pf.report_page(decision)
    assert "would have been enough" in named
    assert "otherwise loses" in named
    page = pf.report_page(decision, anonymous=True)
    assert not [words for words in PROVEN if words in page]
    assert "part of the most valuable portfolio found" in page


@pytest.mark.parametrize(
    ("rules", "told"), [({}, True), ({"objective": pf.Objective(size="per_money")}, False)]
)
def test_prices_that_depend_on_requests_are_not_published(
    rules: dict[str, Any], told: bool, tmp_path: Path
) -> None:
    young = twelve(young=[i in {6, 7} for i in range(12)])
    page = Page(pf.report_page(stored(tmp_path, young, policy(60, **YOUNG, **rules)), anonymous=True))
    (reserves,) = page.with_head("trait")
    assert (reserves[0][4] != "(not published)") == told


@pytest.mark.parametrize(
    ("status", "gap", "says"),
    [
        ("gap", 0.0000371, "at most 0.01% above"),
        ("time_limit", 0.01234, "at most 2% above"),
        ("time_limit", None, "nothing is proven"),
    ],
)
def test_a_bound_that_proves_little_is_rounded(
    status: str, gap: float | None, says: str, tmp_path: Path
) -> None:
    decision = stored(tmp_path, twelve(), policy(60, solver=pf.SolverSettings()))
    bound = None if gap is None else decision.value * (1 + gap)
    record = dict(decision.record) | {"status": status, "gap": gap, "bound": bound}
    told, _ = without_figures(
        pf.StoredDecision(**(vars(decision) | {"record": record})), stored_decisions(decision)
    )
    words = pf.gap_in_words(told)
    assert says in words
    assert told.bound >= decision.value * (1 + (gap or 0))


def test_points_of_those_not_funded_have_no_size(tmp_path: Path) -> None:
    stored(tmp_path, twelve(), policy(60))
    shown = without_requests(stored_decisions(pf.read_decision(tmp_path)))
    assert shown["amount_requested"].to_list() == [10, 11, 12, 13, 14, *[None] * 7]


def groups(table: pl.DataFrame, heading: str, *, anonymous: bool) -> dict[str, int]:
    found = balances_of(table, Amounts.of("EUR", [Decimal(1)]), whole_demand(table) if anonymous else None)
    return {row[0]: int(row[1]) for one in found if one.heading == heading for row in one.rows}


def test_no_group_tells_what_a_single_one_asked_for(tmp_path: Path) -> None:
    amounts = [100, 150, 777, 200, 210, 333, 444, 555, 50, 60, 70, 80]
    of = call(amount=amounts, merit=[6, 6, 1, 6, 6, 1, 1, 1, 6, 1, 1, 1], institution=[*"AAABBBBBCCCD"])
    stored(tmp_path, of, policy(710))
    decisions = stored_decisions(pf.read_decision(tmp_path))
    assert decisions.filter(decision="funded").height == 5
    # Of A one was not funded, of C two, of D, which has no award, its only one: together they tell of four.
    shown = {"B": 5, "without an award, or few without": 7}
    assert groups(decisions, "Institution", anonymous=True) == shown
    assert groups(decisions, "Institution", anonymous=False) == {"A": 3, "B": 5, "C": 3, "D": 1}
    # With A alone the sum would be that of one proposal: the column is left out.
    few = decisions.filter(pl.col("institution").is_in(["A", "B"]))
    assert not groups(few, "Institution", anonymous=True)
    # So it is where those who do not say where they are would be the only one.
    missing = few.with_columns(institution=pl.col("institution").replace({"A": None}))
    assert groups(missing, "Institution", anonymous=False) == {"B": 5, "(missing)": 3}
    assert not groups(missing, "Institution", anonymous=True)


def test_no_difference_of_two_tables_tells_what_a_single_one_asked_for(tmp_path: Path) -> None:
    # The three of institution A that were not funded are in the south, with a single one of B.
    of = call(
        amount=[10, 10, 5, 7, 9, 7, 9, 5, 7, 7],
        merit=[6] * 2 + [1] * 8,
        field=[*"sn", *"ssss", *"nnnn"],
        institution=[*"AB", *"AAAB", *"BBBB"],
    )
    stored(tmp_path, of, policy(20))
    decisions = stored_decisions(pf.read_decision(tmp_path))
    assert groups(decisions, "Field", anonymous=True) == {"s": 5, "n": 5}
    assert not groups(decisions, "Institution", anonymous=True)
    assert groups(decisions.drop("field"), "Institution", anonymous=True) == {"A": 4, "B": 6}


def test_what_follows_from_sums_is_found() -> None:
    rng = np.random.default_rng(1)
    seen = set()
    for _ in range(200):
        rows, n = int(rng.integers(1, 6)), int(rng.integers(0, 8))
        of = rng.random((rows, n)) < 0.5
        follows = False
        for few in (*combinations(range(n), 1), *combinations(range(n), 2)):
            wanted = np.isin(np.arange(n), few).astype(float)
            weights = np.linalg.lstsq(of.T.astype(float), wanted, rcond=None)[0]
            follows |= bool(np.allclose(weights @ of, wanted, atol=1e-7))
        assert Sums(of, np.zeros(n)).tell == follows
        seen.add(follows)
    assert seen == {True, False}


# Each is about the only proposal that was not funded, 189005 of Smithson Joanna in Lost House.
NAMING = [
    "NOT (starts_with(investigator, 'Smithson'))",
    "investigator NOT LIKE '%Smithson%Joanna%'",
    "investigator NOT LIKE 'Smiths_n Joanna'",
    "substr(investigator, 1, 8) <> 'Smithson'",
    "left(investigator, 8) <> 'Smithson'",
    "position('Smithson' in investigator) = 0",
    "split_part(investigator, ' ', 1) <> 'Smithson'",
    "replace(investigator, 'Smithson', '') = investigator",
    "investigator <> concat('Smithson', ' ', 'Joanna')",
    "NOT (investigator >= 'Smithson' AND investigator < 'Smithson Z')",
    "investigator <> ' Smithson Joanna'",
    "CAST(id AS INTEGER) <> 189005",
    "right(id, 3) <> '005'",
    "institution NOT LIKE 'L_st H%'",
    "abstract NOT LIKE '%smith%'",
]


@pytest.mark.parametrize("condition", NAMING)
def test_no_condition_that_looks_at_names_is_shown(condition: str, tmp_path: Path) -> None:
    by = policy(
        60,
        only="merit > 1",
        traits={"a": condition, "b": "young"},
        limit=[pf.Limit(where=condition, max_awards=9), pf.Limit(where="young", max_awards=9)],
        columns={"title": "Heading"},
        derive={"who": "left(Heading, 8)", "wide": "2 * merit"},
    )
    n = 4
    of = call(
        id=["189001", "189002", "189003", "189005"],
        amount=[10] * n,
        merit=[5, 4, 3, 2],
        young=[True] * n,
        investigator=["Meyer Anna"] * 3 + ["Smithson Joanna"],
        institution=["House"] * 3 + ["Lost House"],
        abstract=["text"] * n,
    )
    made = stored(tmp_path, of, by.replace(budget=30))
    told, shown, names = without_names(made, stored_decisions(made))
    policy_shown = method_of(told, names).policy
    assert condition not in policy_shown + str(told.record["limits"]) + "".join(shown["reason"])
    assert 'a = "(not published)"\nb = "young"' in policy_shown
    assert 'who = "(not published)"\nwide = "2 * merit"' in policy_shown
    assert 'only = "merit > 1"' in policy_shown


def test_no_chain_of_derived_columns_shows_a_name(tmp_path: Path) -> None:
    derive = {
        "surname": "left(investigator, 8)",
        "chair": "CASE surname WHEN 'Smithson' THEN 'chair' ELSE 'no' END",
    }
    by = policy(30, derive=derive, limit=[pf.Limit(where="chair = 'chair'", max_awards=9)])
    names = ["Meyer Anna"] * 3 + ["Smithson Joanna"]
    of = call(amount=[10] * 4, merit=[5, 4, 3, 2], investigator=names, chair=["no"] * 3 + ["chair"])
    made = stored(tmp_path, of, by)
    for order in (derive, dict(reversed(derive.items()))):
        # In an older record the columns stand in the order of their names, whichever was derived first.
        told, _, hidden = without_names(
            replace(made, policy=by.replace(derive=order)), stored_decisions(made)
        )
        assert "mithson" not in method_of(told, hidden).policy.lower()


def test_columns_derived_in_the_same_way_are_all_about_names(tmp_path: Path) -> None:
    derive = {
        "code": "lower(investigator)",
        "investigator": "concat(code, 'x')",
        "who": "concat(code, 'x')",
    }
    by = policy(30, derive=derive, limit=[pf.Limit(where="left(who, 4) = 'smit'", max_awards=9)])
    names = ["Meyer Anna"] * 3 + ["Smithson Joanna"]
    of = call(amount=[10] * 4, merit=[5, 4, 3, 2], investigator=names, who=[name.lower() for name in names])
    made = stored(tmp_path, of, by)
    told, shown, hidden = without_names(made, stored_decisions(made))
    assert "'smit'" not in method_of(told, hidden).policy + str(told.record["limits"]) + "".join(
        shown["reason"]
    )


def test_no_reason_tells_a_condition_that_looks_at_names(tmp_path: Path) -> None:
    condition = "investigator NOT LIKE 'Smiths_n%'"
    of = call(amount=[10] * 9, merit=[5] * 9, investigator=["Smithson"] * 6 + ["Meyer"] * 3)
    page = Page(pf.report_page(stored(tmp_path, of, policy(60, eligible=condition)), anonymous=True))
    assert "Smiths" not in page.text
    assert "condition for eligibility: (not published): 6" in page.text


LINE = {"amount": [799000, 200000, 2000, 500000, 298000], "merit": [5, 4.9, 4.8, 4.7, 4.6]}
# Four of merit 5 that may not be funded are above the line; of those behind them, the first three are funded.
BEHIND = ([300, 400, 350, 140, 260, 380], [4, 3, 2, 1, 1, 1])
FOUR, SIX = (
    {"amount": [10, 60, 130, 200, *BEHIND[0][:n]], "merit": [5] * 4 + BEHIND[1][:n], "ok": [0] * 4 + [1] * n}
    for n in (4, 6)
)
BARRED = [pf.Limit(where="ok = 0", max_awards=0)]


@pytest.mark.parametrize(
    ("columns", "rules", "lined"),
    [
        # A, above the line, is bounded from above by what B asks for and from below by C.
        (LINE, {"budget": 1000000}, False),
        # Nobody above the line is left out, nor anybody below it funded: the first below asks for more than is left.
        ({"amount": [10, 10, 10], "merit": [3, 2, 1]}, {"budget": 25}, True),
        # C, of the smallest merit, is funded: B asks for more than what C was paid from.
        ({"amount": [50, 60, 40], "merit": [3, 2, 1]}, {"budget": 100}, False),
        (SIX, {"budget": 1050, "limit": BARRED}, True),
        # That A has no place in the order bounds its request alone.
        ({"amount": [30, 10, 10, 10], "merit": [4, 3, 2, 1]}, {"budget": 25}, False),
        # With the sum of all five that were not funded, four of them bound the last.
        (FOUR, {"budget": 1050, "limit": BARRED}, False),
    ],
)
def test_no_line_bounds_what_one_or_two_ask_for(
    columns: dict[str, Any], rules: dict[str, Any], lined: bool, tmp_path: Path
) -> None:
    text = Page(pf.report_page(stored(tmp_path, call(**columns), policy(**rules)), anonymous=True)).text
    assert ("If merit alone decided" in text) == lined
    assert ("would bound what one or two" in text) != lined


@pytest.mark.filterwarnings("error")
def test_a_cap_beside_a_budget_for_all_leaves_no_line_and_no_warning(tmp_path: Path) -> None:
    columns = {"amount": [40, 30, 20, 30, 20], "merit": [5, 4, 3, 4.5, 3.5], "institution": list("XXYXY")}
    capped = pf.Limit(per="institution", max_amount=80)
    decision = stored(tmp_path, call(**columns), policy(200, limit=[capped]))
    assert "not funded" in pf.report_page(decision)


def test_the_best_of_a_goal_is_not_told(tmp_path: Path) -> None:
    goals = pf.Objective(
        order="lexicographic",
        criterion=[pf.Criterion(column="amount", may_lose=0.5), pf.Criterion(column="merit")],
    )
    decision = stored(tmp_path, twelve(), policy(60, objective=goals))
    assert "Before the value" in pf.report_page(decision)
    assert "Before the value" not in pf.report_page(decision, anonymous=True)


def test_beside_goals_no_proven_loss_is_told_in_full_or_in_part(tmp_path: Path) -> None:
    columns = {
        "amount": [40, 30, 20, 30, 20, 60],
        "merit": [5, 4, 3, 4.5, 1, 2],
        "impact": [2, 3, 5, 1, 2, 1],
    }
    criteria = [pf.Criterion(column="merit", may_lose=0.1), pf.Criterion(column="impact")]
    goals = pf.Objective(order="lexicographic", criterion=criteria)
    decision = stored(tmp_path, call(**columns), policy(100, objective=goals))
    assert "or reach less of what comes before the value" in pf.report_page(decision)
    page = pf.report_page(decision, anonymous=True)
    assert "part of the most valuable portfolio found" in page or "part of the best portfolio found" in page
    assert "reach less" not in page


def test_fingerprints_stay_in_the_record(tmp_path: Path) -> None:
    decision = stored(tmp_path, twelve(), policy(60))
    inputs = [{"role": "proposals", "name": "proposals.csv", "sha256": "0123456789abcdef" * 4}]
    decision = replace(decision, record=dict(decision.record) | {"inputs": inputs})
    for anonymous in (False, True):
        page = pf.report_page(decision, anonymous=anonymous)
        assert (inputs[0]["sha256"] in page) != anonymous
        # The record holds the fingerprints of the files.
        assert (decision.digest in page) != anonymous
