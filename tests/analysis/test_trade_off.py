"""The trade-off between value and a second criterion: every non-dominated point, by brute force and on paper."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import numpy as np
import polars as pl
import pytest
from analysis.lists import All, cases, every_portfolio
from seeds import seeds
from small import call, policy

import portfolio as pf
from portfolio.errors import PolicyError

EXACT = 1e-7
FOUR = {"amount": [4.0, 8.0, 10.0, 8.0], "merit": [3.0, 4.0, 3.0, 2.0], "late": [False, False, True, True]}


def four(**rules: object) -> pf.Problem:
    return pf.Problem(call(**FOUR), policy(20, traits={"late": "late"}, **rules))


def test_every_point_of_four_projects() -> None:
    # {A,B,D} is worth 9 with 8 to the late, {B,C} 7 with 10, {C,D} 5 with 18.
    found = pf.trade_off(four(), "late")
    assert found.points["criterion"].to_list() == [8, 10, 18]
    assert found.points["value"].to_list() == [9, 7, 5]
    assert found.points["lost"].to_list() == [0, 2, 4]
    assert found.points["entered"].to_list() == [[], ["C"], ["D"]]
    assert found.points["left"].to_list() == [[], ["A", "D"], ["B"]]
    assert found.complete
    assert found.core == ()
    assert found.spacing == 0
    table = found.proposals
    assert table["funded_at"].to_list() == [1, 2, 2, 2]
    assert table["always_from"].to_list() == [None, None, Decimal(10), Decimal(18)]
    assert table["changes"].to_list() == [1, 1, 1, 2]


def test_what_is_proven_beside_goals_is_said_of_those_that_reach_them() -> None:
    # {A} keeps the rules and is worth 3, and no point matches it: it does less well for the young.
    two = call(amount=[10.0, 10.0], merit=[3.0, 1.0], young=[False, True])
    held = pf.Reserve(trait="young", share=1, shortfall="release")
    problem = pf.Problem(two, policy(10, traits={"young": "young"}, reserve=[held]))
    found = pf.trade_off(problem, "young")
    assert found.points["value"].to_list() == [1]
    assert "every other portfolio that keeps the rules, and does as well in what comes" in found.guarantee
    assert pf.frontier(problem, "budget", [10]).goals == ("shortfall",)
    assert pf.trade_off(four(), "late").goals == pf.frontier(four(), "budget", [20]).goals == ()


def test_a_column_of_the_file_is_not_mistaken_for_the_score_of_its_name() -> None:
    # The score is not known of anybody, and added up to one point of 0 in all.
    own = pf.Problem(call(amount=[10.0, 10.0], merit=[3.0, 1.0], risk=[0.7, 0.9]), policy(10))
    with pytest.raises(PolicyError, match="risk: is both a column of the file and a score"):
        pf.trade_off(own, "risk")
    assert len(pf.trade_off(own, "file_risk").points) == 2


def test_less_of_a_criterion() -> None:
    # Less money: {A,B,D} 20, {A,B} 12, {B} 8, {A} 4, nothing 0.
    found = pf.trade_off(four(), "amount", least=True)
    assert found.points["criterion"].to_list() == [20, 12, 8, 4, 0]
    assert found.points["value"].to_list() == [9, 7, 4, 3, 0]
    assert found.complete


def test_points_with_one_value_are_one_point() -> None:
    # Equal values: only the one with more of the criterion is efficient.
    alike = call(amount=[5.0, 5.0, 5.0], merit=[2.0, 2.0, 2.0], extra=[1, 2, 3])
    found = pf.trade_off(pf.Problem(alike, policy(10)), "extra")
    assert found.points["criterion"].to_list() == [5]
    assert found.core == ("B", "C")
    assert found.core_proven


def test_the_core_is_of_every_efficient_portfolio_and_not_of_those_found() -> None:
    # A and B are alike in all but the id, so that either is in an efficient portfolio without the other.
    alike = call(amount=[5.0, 5.0, 5.0], merit=[2.0, 2.0, 4.0], extra=[1, 1, 1])
    found = pf.trade_off(pf.Problem(alike, policy(10)), "extra")
    assert found.points["awards"].to_list() == [2]
    assert found.core == ("C",)
    assert found.core_proven


def efficient(all_: All, over: str, least: bool) -> list[tuple[Fraction, float, np.ndarray]]:
    """Non-dominated pairs of criterion and value, each with what all its portfolios fund."""
    sign = -1 if least else 1
    pairs = sorted(
        zip(all_.totals(over), all_.values.tolist(), all_.funded, strict=True),
        key=lambda pair: (sign * pair[0], pair[1]),
        reverse=True,
    )
    kept: list[tuple[Fraction, float, np.ndarray]] = []
    for total, value, funded in pairs:
        if kept and total == kept[-1][0] and abs(value - kept[-1][1]) < EXACT:
            kept[-1] = (*kept[-1][:2], kept[-1][2] & funded)
        elif not kept or value > kept[-1][1] + EXACT:
            kept.append((total, value, funded))
    return kept[::-1]


# PORTFOLIO_BRUTE_FORCE=4000 looks at more policies than a test run has time for.
POLICIES = seeds("PORTFOLIO_BRUTE_FORCE", 120)
CHUNKS = 4


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_every_point_and_the_core_by_brute_force(chunk: int) -> None:
    looked_at = 0
    for seed, frame, rules in cases(5000 + seed for seed in POLICIES[chunk::CHUNKS]):
        over = ("high_risk", "young", "cofunding", "trl")[seed // CHUNKS % 4]
        least = seed // CHUNKS % 3 == 0
        everything = every_portfolio(frame, rules)
        problem = pf.Problem(pf.Call.from_frame(frame, rules=rules), rules)
        if not len(everything.values):
            with pytest.raises(pf.InfeasibleError):
                pf.trade_off(problem, over, least=least)
            continue
        looked_at += 1
        expected = efficient(everything, over, least)
        found = pf.trade_off(problem, over, least=least)
        where = f"seed {seed}, {over}"
        assert [Fraction(total) for total in found.points["criterion"]] == [e[0] for e in expected], where
        assert found.points["value"].to_list() == pytest.approx([e[1] for e in expected], abs=EXACT), where
        assert found.complete, where
        assert found.core_proven, where
        core = np.logical_and.reduce([funded for *_, funded in expected])
        assert set(found.core) == {everything.ids[i] for i in np.flatnonzero(core)}, where
    assert looked_at > 5


@pytest.mark.parametrize("chunk", range(2))
def test_no_portfolio_is_missed_by_more_than_is_said(chunk: int) -> None:
    far = 0
    for seed, frame, rules in cases(range(5600 + chunk, 5660, 2)):
        everything = every_portfolio(frame, rules)
        if not len(everything.values):
            continue
        coarse = rules.replace(solver={"gap": 0.05})
        problem = pf.Problem(pf.Call.from_frame(frame, rules=coarse), coarse)
        found = pf.trade_off(problem, "cofunding", points=3, jobs=1)
        assert found.spacing is not None
        assert found.error is not None
        points = list(found.points.select("criterion", "value").iter_rows())
        for total, value in zip(everything.totals("cofunding"), everything.values.tolist(), strict=True):
            near = [
                (criterion, worth)
                for criterion, worth in points
                if total - Fraction(criterion) <= Fraction(found.spacing)
                and value <= worth + found.error + EXACT
            ]
            assert near, f"seed {seed}: {total}, {value}"
        far += found.spacing > 0
    assert far > 3


def wide(n: int = 80) -> pf.Problem:
    drawn = pf.simulate_call(n, seed=3, reviews_per_proposal=0).call
    demand = sum(drawn.frame["amount"].to_list()) / 100
    rules = pf.Policy(
        budget=round(demand / 3),
        traits={"far": "horizon_years >= 10"},
        reserve=[{"trait": "far", "share": 0.1}],
    )
    return pf.Problem(drawn, rules)


def test_the_points_do_not_depend_on_jobs_nor_on_what_was_solved_before() -> None:
    once = pf.trade_off(wide(), "far", points=6, jobs=1)
    problem = wide()
    problem.replace(budget=problem.policy.budget / 2).solve()
    problem.solve()
    again = pf.trade_off(problem, "far", points=6, jobs=3)
    assert once.points.equals(again.points)
    assert once.proposals.equals(again.proposals)
    assert once.guarantee == again.guarantee


def test_every_point_keeps_its_bound_and_the_rules_of_the_policy() -> None:
    found = pf.trade_off(wide(), "far", points=6)
    rows = found.points.drop_nulls("bound_on_criterion")
    assert rows.height > 2
    assert (rows["criterion"] >= rows["bound_on_criterion"]).all()
    assert found.points["criterion"].is_sorted()
    assert found.points["value"].is_sorted(descending=True)
    assert (found.points["bound"] >= found.points["value"]).all()


def test_what_was_cut_short_is_not_called_complete() -> None:
    # Values that rise with the amounts make a knapsack that one node does not prove.
    amounts = np.random.default_rng(1).integers(100, 200, 50).astype(float)
    alike = call(
        id=[f"P{i:02d}" for i in range(50)], amount=amounts, merit=amounts / 100 + 0.1, far=amounts % 7
    )
    rules = pf.Policy(budget=2345, solver={"nodes": 1, "method": "whole"})
    found = pf.trade_off(pf.Problem(alike, rules), "far")
    assert not found.complete
    assert not found.core_proven
    assert "node_limit" in found.points["status"].to_list()
    assert found.error is None or found.error > 0


def test_that_no_portfolio_goes_further_is_said_where_it_is_so() -> None:
    # {A,B,D} has 8 and {C,D} 18; the second of two points is asked for 13, and beyond 18 there is nothing.
    ended = [pf.trade_off(four(), "late", points=points, jobs=1).ended for points in (1, 2, 40)]
    assert ended == ["no more points were asked for", *["no portfolio goes further"] * 2]


def test_a_point_that_was_not_found_in_time_is_said_and_covered(monkeypatch: pytest.MonkeyPatch) -> None:
    solve, solved = pf.Problem.solve, []

    def limited(problem: pf.Problem) -> pf.Portfolio:
        solved.append(problem)
        if len(solved) == 2:
            raise pf.LimitError("no portfolio was found within 1 nodes", "node_limit")
        return solve(problem)

    monkeypatch.setattr(pf.Problem, "solve", limited)
    found = pf.trade_off(four(), "late", points=3, jobs=1)
    assert (found.unfound, found.points["value"].to_list()) == (1, [9, 5])
    assert found.ended.endswith("; 1 point was not found: no portfolio was found within 1 nodes")
    # {B,C} is worth 7 with 10.
    assert found.spacing is not None
    assert found.spacing >= 2


def test_points_that_do_better_before_the_value_are_not_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    # As if the first search had been stopped before it saw that C meets the reserve.
    solve = pf.Problem.solve
    reserve = {"trait": "late", "amount": 10, "shortfall": "release"}

    def first_worse(problem: pf.Problem) -> pf.Portfolio:
        monkeypatch.setattr(pf.Problem, "solve", solve)
        best = solve(problem)
        goals = tuple(replace(goal, value=goal.value - 5) for goal in best.goals)
        return replace(best, solution=replace(best.solution, goals=goals))

    monkeypatch.setattr(pf.Problem, "solve", first_worse)
    found = pf.trade_off(four(reserve=[reserve]), "late")
    assert "is reached better there than by the first point" in found.ended
    assert (found.complete, found.spacing) == (False, None)


def test_an_interrupt_keeps_the_points_that_were_found(monkeypatch: pytest.MonkeyPatch) -> None:
    solve, solved = pf.Problem.solve, []

    def interrupted(problem: pf.Problem) -> pf.Portfolio:
        solved.append(problem)
        if len(solved) == 3:
            raise KeyboardInterrupt
        return solve(problem)

    monkeypatch.setattr(pf.Problem, "solve", interrupted)
    found = pf.trade_off(four(), "late")
    assert found.points["value"].to_list() == [9, 7]
    assert not found.complete
    assert found.spacing is None
    assert "interrupted" in found.ended


@pytest.mark.parametrize(
    ("over", "rules", "words"),
    [
        ("lat", {}, "did you mean 'late'"),
        ("id", {}, "neither a trait of the policy nor a column of numbers"),
        ("below", {}, "has cells below 0"),
        ("late", {"objective": {"partial": True}}, "awards be cut freely"),
        ("late", {"reserve_order": "over_and_above"}, "cannot be found for rounds"),
        (
            "late",
            {
                "objective": {
                    "order": "lexicographic",
                    "criterion": [{"column": "merit", "may_lose": 0.1}, {"column": "amount"}],
                }
            },
            "may lose",
        ),
    ],
)
def test_what_makes_no_sense_is_refused(over: str, rules: dict[str, object], words: str) -> None:
    data = call(**FOUR, below=[-1, 2, 3, 4])
    problem = pf.Problem(data, policy(20, traits={"late": "late"}, **rules))
    with pytest.raises(PolicyError, match=words):
        pf.trade_off(problem, over)


def test_no_points_are_refused() -> None:
    with pytest.raises(ValueError, match="at least 1"):
        pf.trade_off(four(), "late", points=0)


def test_a_policy_without_a_portfolio_is_explained() -> None:
    problem = four(reserve=[{"trait": "late", "amount": 19}])
    with pytest.raises(pf.InfeasibleError):
        pf.trade_off(problem, "late")


def test_tables_have_one_row_per_proposal_in_the_order_of_ids() -> None:
    found = pf.trade_off(four(), "late")
    assert found.proposals["id"].to_list() == ["A", "B", "C", "D"]
    assert isinstance(found.points.schema["entered"], pl.List)
