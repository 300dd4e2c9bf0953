"""Findings before solving: the fact, the likely cause, the way forward."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import polars as pl
import pytest
from random_policies import random_call, random_policy
from small import call, funded, policy, seen

import portfolio as pf

TWO = call(amount=[10, 10], merit=[2, 1], dept=["x", "y"], boss=["Z", "Z"], r=[1, 0])
RISKY = {"risky": "r = 1"}


def facts(of: pf.Call, by: pf.Policy) -> list[str]:
    return [("! " if finding.fatal else "") + finding.fact for finding in seen(pf.Problem(of, by))]


CASES = {
    "nothing": (policy(15), []),
    "all fits": (policy(20), ["the budget of EUR 20.00 covers all that may be funded (EUR 20.00)"]),
    "too small": (policy(1), ["the budget of EUR 1.00 is smaller than every request"]),
    "too little left": (
        policy(9, committed=8),
        ["the budget of EUR 1.00 after what is promised is smaller than every request"],
    ),
    "zero": (policy(15, objective=pf.Objective(zero=4)), None),
    "both locks": (policy(15, must_fund=["A"], must_not_fund=["A"]), ["! A must be funded and must not be"]),
    "barred": (
        policy(9, must_fund=["B"], eligible="r = 1"),
        [
            "! B must be funded but does not meet the condition for eligibility: r = 1",
            "! the proposals that must be funded ask for EUR 10.00, more than the whole budget",
            "the budget of EUR 9.00 is smaller than every request",
        ],
    ),
    "locks cost too much": (
        policy(15, must_fund=["A", "B"]),
        ["! the proposals that must be funded ask for EUR 20.00, more than the whole budget"],
    ),
    "locks and link": (
        policy(19, must_fund=["A", "B"], link=[pf.Link(kind="at_most", k=1, per="boss")]),
        None,
    ),
    "reserve": (
        policy(15, traits=RISKY, reserve=[pf.Reserve(trait="risky", share=0.9)]),
        ["! reserve.risky holds back EUR 13.50, but eligible demand is EUR 10.00"],
    ),
    "soft reserve": (
        policy(15, traits=RISKY, reserve=[pf.Reserve(trait="risky", share=0.9, shortfall="hold")]),
        ["reserve.risky holds back EUR 13.50, but eligible demand is EUR 10.00"],
    ),
    "reserves": (
        policy(
            15,
            traits={**RISKY, "all": "true"},
            reserve=[pf.Reserve(trait="risky", share=0.6), pf.Reserve(trait="all", share=0.6)],
            reserve_accounting="one_to_one",
        ),
        ["! the reserves together hold back EUR 18.00, more than the whole budget"],
    ),
    "floor": (
        policy(15, limit=[pf.Limit(where="r = 1", min_amount=11)]),
        [
            "! limit[1]: proposals with r = 1 get at least EUR 11.00, but all that may be funded there is EUR 10.00"
        ],
    ),
    "count floor": (
        policy(15, limit=[pf.Limit(where="r = 1", min_awards=2)]),
        [
            "! limit[1]: proposals with r = 1 get at least 2 awards, but all that may be funded there is 1 proposal"
        ],
    ),
    "floors": (
        policy(15, limit=[pf.Limit(per="dept", min_amount=8)]),
        ["! limit[1]: the floors of all 2 groups add up to EUR 16.00, more than the whole budget"],
    ),
    "cap": (
        policy(
            15,
            traits=RISKY,
            reserve=[pf.Reserve(trait="risky", share=0.5)],
            limit=[pf.Limit(per="dept", max_amount=7)],
        ),
        ["! reserve.risky holds back EUR 7.50, but limit[1] leaves at most EUR 7.00 for it"],
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_findings(case: str) -> None:
    rules, expected = CASES[case]
    found = facts(TWO, rules)
    if expected is None:
        assert found
    else:
        assert found == expected


@pytest.mark.parametrize(
    ("rules", "short"),
    [
        (policy([20, 9]), "year 2 (EUR 16.00 of EUR 9.00)"),
        (policy([20, 9], carry_over=1), "year 2 (EUR 16.00 of EUR 10.00)"),
        (policy([20, 9], carry_over=7), ""),
        (policy([3, 30], carry_over=9), "year 1 (EUR 4.00 of EUR 3.00)"),
        (policy([10, 20], committed=[0, 5]), "year 2 (EUR 16.00 of EUR 15.00)"),
        (policy([3, 20]), "year 1 (EUR 4.00 of EUR 3.00)"),
        (policy([4, 16]), ""),
    ],
)
def test_a_year_without_enough_money_is_named(rules: pf.Policy, short: str) -> None:
    years = call(amount=[10, 10], merit=[2, 1], amount_y1=[2, 2], amount_y2=[8, 8])
    (fact,) = facts(years, rules)
    if short:
        assert fact == f"the budget covers all that may be funded (EUR 20.00) in sum, not in {short}"
    else:
        assert fact.endswith("covers all that may be funded (EUR 20.00)")


@pytest.mark.parametrize(
    ("amounts", "rules"),
    [
        ([[120], [20], [25], [15]], policy(100)),
        ([[50, 10], [10, 10], [10, 15]], policy([40, 60])),
        ([[60], [39]], policy(100, overcommit=pf.Overcommit(epsilon=0.05, attrition=0.1))),
        ([[90], [40]], policy(100, overcommit=pf.Overcommit(epsilon=0.05, attrition=0.1))),
    ],
    ids=["one request", "one year", "promises", "one promise"],
)
def test_where_money_leaves_somebody_out_it_is_not_said_to_cover_all(
    amounts: list[list[int]], rules: pf.Policy
) -> None:
    years = {f"amount_y{year + 1}": list(money) for year, money in enumerate(zip(*amounts, strict=True))}
    made = call(
        amount=[sum(each) for each in amounts],
        merit=[5, 4, 4.2, 3.1][: len(amounts)],
        **(years if len(years) > 1 else {}),
    )
    problem = pf.Problem(made, rules)
    assert len(problem.solve().ids) < len(amounts)
    assert not [finding for finding in problem.check() if "covers all" in finding.fact]


def test_years_of_awards_that_are_cut() -> None:
    small = pf.Exploratory(where="expl", share=1, max_award=5)
    cut = policy([5, 5], exploratory=small, objective=pf.Objective(partial=True))
    years = {"amount_y1": [4, 4], "amount_y2": [6, 6]}
    pool = call(amount=[10, 10], min_amount=[1, 1], merit=[2, 1], expl=[True, True], **years)
    assert "in sum, not in year 2 (EUR 6.00 of EUR 5.00)" in facts(pool, cut)[0]


def test_years_and_merits() -> None:
    years = call(amount=[10, 10], merit=[2, None], amount_y1=[5, 5], amount_y2=[5, 5])
    assert facts(years, policy([9, 0])) == [
        "the budget of EUR 9.00 is smaller than every request",
        "1 of 2 proposals have no merit and are ineligible",
        "the budget of year 2 is 0, so nothing that costs money in that year can be funded",
    ]


YOUNG = {
    "zero": (
        policy(30, objective=pf.Objective(zero=3)),
        "of the 2 proposals there, 2 are left out: each is worth less than nothing by [objective] zero = 3",
    ),
    "year": (
        policy([30, 30], committed=[0, 29]),
        "of the 2 proposals there, 2 are left out: each asks for more in year 2 than is left of the budget of that "
        "year after what is promised",
    ),
    "pool": (
        policy(30, exploratory=pf.Exploratory(where="true", share=1, max_award=3)),
        "of the 2 proposals there, 2 are left out: each asks for more than the exploratory pool awards, max_award = 3",
    ),
    "cut": (
        policy(
            30,
            exploratory=pf.Exploratory(where="true", share=1, max_award=3),
            objective=pf.Objective(partial=True),
        ),
        "of the 2 proposals there, 2 are cut: each is awarded at most 3, max_award of the exploratory pool",
    ),
    "eligible": (
        policy(30, eligible="dept = 'x'"),
        "of the 2 proposals there, 1 is left out: it does not meet the condition for eligibility: dept = 'x'",
    ),
    "few": (policy(30), "few proposals have the trait"),
}


@pytest.mark.parametrize("case", YOUNG)
def test_the_cause_is_the_one_that_leaves_most_out(case: str) -> None:
    rules, cause = YOUNG[case]
    years = {"amount_y1": [2, 2], "amount_y2": [8, 8]}
    two = call(amount=[10, 10], min_amount=[1, 1], merit=[2, 1], dept=["x", "y"], **years)
    ask = {"amount": 15} if case != "few" else {"amount": 25}
    with_floor = rules.replace(
        traits={"all": "true"},
        reserve=[pf.Reserve(trait="all", **ask)],
        limit=[pf.Limit(where="true", min_amount=15)],
    )
    found = [finding for finding in pf.Problem(two, with_floor).check() if finding.about]
    assert found[0].cause == cause
    assert found[0].way.startswith("look at who is left out, or ") == (case != "few") == found[0].known
    assert all(finding.cause == cause for finding in found)


def test_every_finding_says_cause_and_way() -> None:
    for rules, _ in CASES.values():
        for finding in pf.Problem(TWO, rules).check():
            assert finding.cause
            assert finding.way
            assert "way forward: " in str(finding)


@pytest.mark.parametrize("chunk", range(4))
def test_what_is_called_fatal_is_infeasible(chunk: int) -> None:
    fatal = 0
    for seed in range(chunk, 400, 4):
        rng = np.random.default_rng(seed)
        frame = random_call(rng, 8, 0)
        rules = random_policy(rng, frame)
        problem = pf.Problem(pf.Call.from_frame(frame, rules=rules), rules)
        found = [finding.fact for finding in problem.check() if finding.fatal]
        if found:
            fatal += 1
            with pytest.raises(pf.InfeasibleError):
                pytest.fail(f"seed {seed}: {found} but {problem.solve()}")
    assert fatal > 5


FOUR, DEAR = (call(amount=[each] * 4, merit=[5, 4, 3, 3], dept=list("xxyy")) for each in (30, 40))
HALVES = {"dx": "dept = 'x'", "dy": "dept = 'y'"}
MORE = pf.Overcommit(epsilon=0.3, attrition=0.3)


@pytest.mark.parametrize(
    ("asked", "known"),
    [
        (
            lambda money: {"limit": [pf.Limit(per="dept", min_amount=money)]},
            "the floors of all 2 groups add up to",
        ),
        (
            lambda money: {
                "traits": HALVES,
                "reserve": [pf.Reserve(trait=name, amount=money) for name in HALVES],
                "reserve_accounting": "one_to_one",
            },
            "the reserves together hold back",
        ),
    ],
)
def test_more_than_the_budget_may_be_promised(asked: Callable[[int], dict[str, Any]], known: str) -> None:
    # On average 70% is spent: 84.00 of EUR 120.00, and of EUR 150.00 more than there is.
    for beyond in ({"overcommit": MORE}, {"overspend": pf.Overspend(price=1, max_amount=20)}):
        assert not [fact for fact in facts(FOUR, policy(100, **asked(55), **beyond)) if fact[0] == "!"]
        assert funded(FOUR, policy(100, **asked(55), **beyond)) == "ABCD"
        problem = pf.Problem(DEAR, policy(100, **asked(75), **beyond))
        fatal = [finding.fact for finding in problem.check() if finding.fatal]
        assert any(known in fact and "EUR 150.00, more than " in fact for fact in fatal)
        with pytest.raises(pf.InfeasibleError):
            problem.solve()


@pytest.mark.once
def test_what_is_called_fatal_beside_promises_of_more_is_infeasible() -> None:
    seen = []
    for seed in range(60):
        rng = np.random.default_rng(seed)
        frame = random_call(rng, 8, 0)
        budget = round(0.5 * float(frame["amount"].sum()), 2)
        floor = pf.Limit(per="institution", min_share=round(rng.uniform(0.3, 0.5), 2))
        rules = policy(budget, limit=[floor], overcommit=MORE)
        problem = pf.Problem(pf.Call.from_frame(frame, rules=rules), rules)
        seen.append(any(finding.fatal for finding in problem.check()))
        if seen[-1]:
            with pytest.raises(pf.InfeasibleError):
                problem.solve()
    assert 0 < sum(seen) < 60


def test_a_year_that_has_money_of_others_is_not_without() -> None:
    years = call(amount=[10, 10], merit=[2, 1], amount_y1=[5, 5], amount_y2=[5, 5])
    for rules in (
        policy([12, 0], carry_over=5),
        policy([12, 0], overspend=pf.Overspend(price=0.1, max_amount=5)),
    ):
        assert not [fact for fact in facts(years, rules) if "of year 2 is 0" in fact]
        assert pf.optimize(years, rules).ids


def test_chances_that_are_not_known_are_mentioned() -> None:
    three = call(
        amount=[1, 1, 1], merit=[1, 1, 1], field=["x", "x", None], success_probability=[0.5, None, None]
    )
    problem = pf.Problem(three, policy(2, coverage=[pf.Coverage(per="field", weight=1.0)]))
    (finding,) = [one for one in problem.check() if "count as if they could not succeed" in one.fact]
    assert finding.fact.startswith("coverage[1]: 1 of 2 proposals with a value in field")
    assert not finding.fatal


def test_names_of_groups_that_look_alike_are_reported() -> None:
    # By hand: a limit of one award to Smith lets three of them through.
    of = call(amount=[4, 4, 1], merit=[3, 3, 3], boss=["Smith", "smith", "Smith\u00a0"], dept=["x", "y", "x"])
    rule = pf.Link(kind="at_most", k=1, per="boss")
    found = [fact for fact in facts(of, policy(8, link=[rule])) if "look alike" in fact]
    assert len(found) == 1
    assert found[0].startswith(
        "these values of boss look alike and are different groups to a rule: 'Smith' and "
    )
    assert not [
        fact for fact in facts(of, policy(8, limit=[pf.Limit(per="dept", max_awards=1)])) if "alike" in fact
    ]


def test_rules_that_hold_for_nobody_are_reported() -> None:
    limit = pf.Limit(where="dept = 'X'", max_awards=1)
    reserve = pf.Reserve(trait="risky", share=0.0)
    found = facts(TWO, policy(15, limit=[limit], traits={"risky": "r = 2"}, reserve=[reserve]))
    assert found == ["no proposal has the trait risky", "limit[1] holds for no proposal: dept = 'X'"]
    limit = pf.Limit(where="dept = 'x'", max_awards=1)
    assert facts(TWO, policy(15, limit=[limit], traits=RISKY, reserve=[reserve])) == []


def test_several_values_in_a_cell_of_an_own_column_are_mentioned() -> None:
    three = call(amount=[10] * 3, merit=[3, 2, 1], topics=["energy;health", "energy", "health"])
    rules = policy(20, limit=[pf.Limit(per="topics", max_awards=1)])
    assert facts(three, rules) == [
        "1 value of topics holds a semicolon and counts as one each: 'energy;health'"
    ]
    apart = call(amount=[10] * 3, merit=[3, 2, 1], topics=["energy, health", "energy", "health"])
    assert facts(apart, rules) == []
    lists = pf.Call.from_frame(
        pl.DataFrame({"id": ["A", "B"], "amount": [10, 10], "merit": [2, 1], "topics": [["x", "y"], ["x"]]}),
        rules=pf.ReadingRules(currency="EUR"),
    )
    assert "1 value of topics holds a semicolon and counts as one each: 'x;y'" in facts(lists, rules)
