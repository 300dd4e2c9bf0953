"""Known awards are kept where they are proven to be within the gap, and an answer is never worse than they are."""

from __future__ import annotations

import pytest
from oracle import Oracle
from random_rules import random_case
from small import call, policy

import portfolio as pf
from portfolio.optimize.audit import broken_rules

LOOSE = pf.SolverSettings(gap=0.2)


def test_awards_within_the_gap_are_kept_and_others_are_not() -> None:
    columns = {"amount": [1, 1, 1, 1], "merit": [10, 9, 8, 1]}
    second = pf.optimize(call(**columns), policy(2, must_not_fund=("A",)))
    assert second.ids == ("B", "C")
    free = pf.Problem(call(**columns), policy(2, solver=LOOSE))
    # 17 against 19: a gap of 2 / 17.
    kept = free.solve(near=second)
    assert (kept.ids, kept.status) == (("B", "C"), "gap")
    assert kept.gap == pytest.approx(2 / 17)
    assert free.replace(solver={"gap": 0.1}).solve(near=second).ids == ("A", "B")


def test_awards_that_break_a_rule_are_not_kept() -> None:
    columns = {"amount": [1, 1, 1], "merit": [3, 2, 1]}
    before = pf.optimize(call(**columns), policy(2))
    after = pf.Problem(call(**columns), policy(2, must_not_fund=("A",), solver=LOOSE)).solve(near=before)
    assert after.ids == ("B", "C")


def test_awards_of_another_call_are_refused() -> None:
    before = pf.optimize(call(amount=[1], merit=[3]), policy(2))
    with pytest.raises(ValueError, match="other proposals"):
        pf.Problem(call(amount=[1, 1], merit=[3, 2]), policy(2)).solve(near=before)


def test_a_goal_before_the_value_comes_first() -> None:
    columns = {"amount": [1, 1, 1], "merit": [9, 9, 9], "young": [False, False, True]}
    young = {"traits": {"young": "young"}}
    before = pf.optimize(call(**columns), policy(2, must_not_fund=("C",), **young))
    reserve = pf.Reserve(trait="young", amount=2, shortfall="release")
    problem = pf.Problem(call(**columns), policy(2, reserve=[reserve], solver=LOOSE, **young))
    after = problem.solve(near=before)
    assert "C" in after.ids
    assert [goal.value for goal in after.goals] == [-1]
    # The goal is reached by these, and they are within the gap.
    assert problem.solve(near=after).ids == after.ids


@pytest.mark.once
def test_against_brute_force() -> None:
    kept = 0
    for seed in range(1, 70):
        frame, rules = random_case(seed)
        made = pf.Call.from_frame(frame, rules=rules)
        try:
            base = pf.optimize(made, rules)
        except pf.InfeasibleError:
            continue
        other = rules.replace(solver=LOOSE, must_fund=(), must_not_fund=())
        decision = pf.Problem(made, other).solve(near=base)
        oracle = Oracle(frame, other)
        if oracle.in_rounds or oracle.cuts:
            continue
        best = oracle.best()
        assert best.goals is not None
        assert oracle.judge(dict(decision.to_frame().select("id", "amount_awarded").iter_rows())).kept
        worth = decision.value + sum(rule.cost or 0 for rule in decision.gave_way)
        assert best.value - decision.value <= 0.2 * abs(worth) + 1e-6, seed
        assert decision.bound >= best.value - 1e-6, seed
        problem = decision.problem
        whole = problem.instance.sizes.whole_only
        if whole and not broken_rules(problem.instance, other, base.solution.awards, decision.solution.given):
            assert decision.value >= base.value - 1e-9, seed
            kept += decision.ids == base.ids
    assert kept >= 10


def test_a_fresh_problem_knows_no_prices_of_solves_before_it() -> None:
    made = pf.simulate_call(80, reviews_per_proposal=0).call
    problem = pf.Problem(made, pf.Policy(budget=5_000_000))
    problem.solve()
    changed = problem.replace(budget=6_000_000)
    assert changed._prices
    instance = changed.instance
    fresh = changed.afresh()
    assert fresh._prices is None
    assert fresh.instance is instance
    assert fresh.after(problem)._prices == problem._prices
    assert fresh.after(problem).relax().bound == pytest.approx(fresh.relax().bound)
