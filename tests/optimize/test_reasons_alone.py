"""What a proposal is told that no others keep out: it asks for too much, or is worth nothing by itself."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import polars as pl
import pytest
from random_rules import random_case
from seeds import seeds
from small import call, policy

import portfolio as pf
from portfolio.optimize.alone import told_alone
from portfolio.optimize.figures import told_from
from portfolio.optimize.overcommit import Spending

# PORTFOLIO_ALONE_WORDS=5000 looks at more policies than a test run has time for.
POLICIES = seeds("PORTFOLIO_ALONE_WORDS", 40)
ONE: dict[str, Any] = {"amount": [10], "merit": [3]}
YEARS: dict[str, Any] = ONE | {"amount_y1": [4], "amount_y2": [6]}
TWICE = pf.Link(kind="synergy", proposals=["A", "B"], value=1)


def at_most(awards: int) -> pf.Limit:
    return pf.Limit(where="amount >= 0", max_awards=awards)


def reasons(columns: dict[str, Any], **rules: Any) -> list[str]:
    return list(pf.optimize(call(**columns), policy(rules.pop("budget"), **rules)).to_frame()["reason"])


@pytest.mark.parametrize(
    ("columns", "rules", "than"),
    [
        (ONE, {"budget": 9}, "than the whole budget"),
        (ONE, {"budget": 15, "committed": 7}, "than is left of the budget after what is promised"),
        (YEARS, {"budget": [5, 5]}, "in year 2 than the budget of that year"),
        (
            YEARS,
            {"budget": [5, 7], "committed": [0, 2]},
            "in year 2 than is left of the budget of that year after what is promised",
        ),
        (
            YEARS,
            {"budget": [9, 4], "carry_over": 1},
            "in year 2 than the budget of that year and what may be carried into it",
        ),
        (YEARS, {"budget": [3, 9], "carry_over": 1}, "in year 1 than the budget of that year"),
        (
            ONE,
            {"budget": 9, "committed": 1, "overspend": pf.Overspend(price=1, max_amount=1)},
            "than is left of the budget after what is promised, and may be spent beyond it",
        ),
        (
            ONE,
            {"budget": 9, "overcommit": pf.Overcommit(epsilon=0.1, attrition=0, underspend=0)},
            "than may be promised of the budget",
        ),
        (
            YEARS,
            {
                "budget": [9, 6],
                "committed": [0, 1],
                "overcommit": pf.Overcommit(epsilon=0.1, attrition=0, underspend=0),
            },
            "in year 2 than may still be promised of the budget of that year",
        ),
    ],
)
def test_what_is_asked_is_held_against_the_money_that_it_is_more_than(
    columns: dict[str, Any], rules: dict[str, Any], than: str
) -> None:
    assert reasons(columns, **rules) == [f"it asks for more {than}"]


def test_those_that_must_be_funded_are_held_against_what_is_left() -> None:
    found = pf.Problem(call(**ONE), policy(15, committed=7, must_fund=["A"])).check()
    assert any("more than is left of the budget after what is promised" in finding.fact for finding in found)


@pytest.mark.parametrize(
    ("columns", "rules", "words"),
    [
        # Beside A, B would add 1; C adds 5.
        (
            {"amount": [10, 10, 10], "merit": [3, 0, 5]},
            {"budget": 20, "link": [TWICE]},
            "merit 0 is just where a proposal is worth nothing by itself; even merit 2.999 would not be enough",
        ),
        (
            {"amount": [10, 0], "merit": [4, 3]},
            {"budget": 10, "limit": [at_most(1)], "objective": pf.Objective(size="per_money")},
            "value grows with the request, and it asks for nothing: by itself it is worth nothing",
        ),
        (
            {"amount": [10, 0], "merit": [4, 3]},
            {"budget": 10, "limit": [at_most(1)], "objective": pf.Objective(size="per_money", zero=3)},
            "merit 3 is just where a proposal is worth nothing by itself",
        ),
        (
            {"amount": [10, 0], "first": [4, -1]},
            {
                "budget": 10,
                "objective": pf.Objective(size="per_money", criterion=[pf.Criterion(column="first")]),
            },
            "its criteria add up to less than zero, at which a proposal is worth nothing",
        ),
        (
            {"amount": [10, 10], "merit": [7, 4.99996]},
            {"budget": 20, "objective": pf.Objective(zero=5)},
            "merit 4.99996 is below 5, at which a proposal is worth nothing",
        ),
        (
            {"amount": [10, 10], "merit": [7, 4.1]},
            {"budget": 20, "objective": pf.Objective(zero=4.1234567)},
            "merit 4.1 is below 4.1234567, at which a proposal is worth nothing",
        ),
    ],
)
def test_what_is_worth_nothing_by_itself(columns: dict[str, Any], rules: dict[str, Any], words: str) -> None:
    assert reasons(columns, **rules)[1].split("; funding")[0] == words


def test_merits_are_compared_where_awards_ask_for_nothing() -> None:
    # Only two may be funded, and A must be: it asks for nothing, and has the least merit.
    three: dict[str, Any] = {"amount": [0, 10, 10], "merit": [2, 5, 4]}
    rules = {"objective": pf.Objective(size="per_money"), "must_fund": ["A"]}
    told = reasons(three, budget=20, limit=[at_most(2)], **rules)[2]
    assert "went to 2 awards that are worth more together, 1 of them with higher merit" in told


def test_figures_stay_on_their_side_of_another() -> None:
    pairs = ((4.99996, 5.0), (5.00004, 5.0), (3.2, 5.0), (5.0, 5.0), (1 / 3, 0.33333333), (-2e-9, 0.0))
    assert [told_from(*pair) for pair in pairs] == ["4.99996", "5.00004", "3.2", "5", "0.333333333", "-2e-09"]


def money(name: str, year: int | None, text: str, frame: pl.DataFrame, rules: pf.Policy) -> Iterator[Decimal]:
    """Yield the request and what it is said to be more than, from the policy alone."""
    place = year or 0
    row = frame.row(by_predicate=pl.col("id") == name, named=True)
    asked = Decimal(str(row["amount" if year is None else f"amount_y{year + 1}"]))
    if rules.overcommit is not None:
        asked *= Decimal(Spending.of(rules.overcommit).mean + Spending.of(rules.overcommit).deviation)
    yield asked
    (budget, promised) = (sums[place] for sums in (rules.budgets, rules.commitments))
    assert ("left of" in text or "still" in text) == (promised > 0)
    assert ("that year" in text) == (len(rules.budgets) > 1)
    room = budget - promised
    if "carried into it" in text:
        room += rules.carry_over or 0
    if "beyond it" in text:
        assert rules.overspend is not None
        room += rules.overspend.max_amount or budget * Decimal(str(rules.overspend.max_share))
    yield room


def compare(seed: int) -> Counter[str]:
    """Hold every such sentence against the call and the policy."""
    frame, rules = random_case(seed)
    # Some ask for much, and some for nothing; some are just at zero.
    factor = (pl.int_range(pl.len()) % 3 == 0).cast(pl.Int64) * (seed % 4) * 2 + (seed % 7 > 0)
    money_columns = [name for name in frame.columns if name.startswith("amount")]
    frame = frame.with_columns((pl.col(money_columns) * factor).round(2), pl.col("merit").round(0))
    frame = frame.with_columns(levels=None, min_amount=None)
    try:
        instance = pf.Problem(pf.Call.from_frame(frame, rules=rules), rules).instance
    except pf.DataError:
        return Counter()
    seen = Counter[str]()
    facts = dict(zip(frame["id"], frame.select("merit", "amount").iter_rows(), strict=True))
    for row, text in told_alone(instance, rules):
        name = instance.ids[row]
        where, (merit, amount) = f"seed {seed}, {name}: {text}", facts[name]
        if found := re.match(r"it asks for more (?:in year (\d) )?than", text):
            asked, room = money(name, int(found[1]) - 1 if found[1] else None, text, frame, rules)
            assert asked > room, where
            seen["left" if "left" in text else "more"] += 1
        elif "just where" in text:
            assert merit == rules.objective.zero, where
            seen["at zero"] += 1
        elif "asks for nothing" in text:
            assert amount == 0, where
            assert merit != rules.objective.zero or rules.objective.criterion, where
            seen["asks nothing"] += 1
        elif found := re.match(r"merit (\S+) is below \S+, at", text):
            assert max(merit, float(found[1])) < rules.objective.zero, where
            seen["below"] += 1
        else:
            assert re.match(r"\w+ is below its zero|its criteria add up to less", text), where
    return seen


def test_no_policy_contradicts_what_one_alone_is_told() -> None:
    seen = sum((compare(seed) for seed in POLICIES), Counter[str]())
    assert set(seen) == {"left", "more", "at zero", "asks nothing", "below"}
