"""The answer without whole numbers is a bound on every portfolio, and refuses where it would not be one."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pytest
from oracle import Oracle
from random_rules import random_case
from small import call, policy

import portfolio as pf


def test_a_knapsack_by_hand() -> None:
    # Forty requests of 2 that are worth 40, 39, 38, ...: 5 pays for two and a half.
    ids = [f"P{i:02d}" for i in range(40)]
    problem = pf.Problem(call(id=ids, amount=[2] * 40, merit=range(40, 0, -1)), policy(5))
    relaxed = problem.relax()
    assert relaxed.bound == pytest.approx(40 + 39 + 38 / 2)
    assert relaxed.share.tolist() == [1, 1, 0.5, *[0] * 37]
    assert relaxed.spent == Decimal(5)
    # One more unit of money, of a hundred cents, goes to the third.
    assert relaxed.shadow_prices["budget"] * 100 == pytest.approx(38 / 2)
    assert repr(relaxed) == "<Relaxed: 2 proposals and parts of 1, no portfolio is worth more than 98>"


def test_a_few_proposals_are_looked_at_as_wholes() -> None:
    # With parts A, B and half of C are worth 26; but the best of three proposals is found by looking.
    relaxed = pf.Problem(call(amount=[1, 2, 2], merit=[10, 12, 8]), policy(4)).relax()
    assert relaxed.share.tolist() == [1, 1, 0.5]
    assert relaxed.bound == pytest.approx(22)


def test_a_goal_is_reached_by_whole_proposals() -> None:
    # Half of A and all of B would miss nothing of the reserve; whole proposals that fit miss 1 of it at least.
    columns = {"amount": [4, 3, 3], "merit": [1, 1, 9], "young": [True, True, False]}
    reserve = pf.Reserve(trait="young", amount=5, shortfall="release")
    problem = pf.Problem(call(**columns), policy(6, traits={"young": "young"}, reserve=[reserve]))
    relaxed, decision = problem.relax(), problem.solve()
    assert decision.ids == ("A",)
    assert [goal.value for goal in relaxed.goals] == [goal.value for goal in decision.goals] == [-1]
    assert relaxed.bound >= decision.value


def test_shares_are_of_the_request_where_awards_may_be_cut() -> None:
    made = call(amount=[10, 10], merit=[2, 1], min_amount=[5, 5])
    relaxed = pf.Problem(made, policy(14, objective=pf.Objective(partial=True))).relax()
    assert relaxed.share.tolist() == pytest.approx([1, 0.4])
    assert relaxed.spent == 14


def test_over_and_above_has_none() -> None:
    rules = policy(
        5, reserve_order="over_and_above", traits={"all": "true"}, reserve=[{"trait": "all", "share": 0.5}]
    )
    with pytest.raises(pf.PolicyError, match="reserve_order: 'over_and_above' has no relaxation"):
        pf.Problem(call(amount=[1], merit=[1]), rules).relax()


def test_what_parts_cannot_keep_is_infeasible() -> None:
    rules = policy(5, must_fund=("A", "B"))
    with pytest.raises(pf.InfeasibleError, match="A must be funded"):
        pf.Problem(call(amount=[3, 3], merit=[1, 1]), rules).relax()


@pytest.mark.once
def test_it_bounds_what_brute_force_finds() -> None:
    seen = {"bound": 0, "rounds": 0, "infeasible": 0}
    for seed in range(1, 80):
        frame, rules = random_case(seed)
        oracle = Oracle(frame, rules)
        problem = pf.Problem(pf.Call.from_frame(frame, rules=rules), rules)
        try:
            relaxed = problem.relax()
        except pf.PolicyError:
            assert oracle.in_rounds
            seen["rounds"] += 1
            continue
        except pf.InfeasibleError:
            assert oracle.best().goals is None, seed
            seen["infeasible"] += 1
            continue
        best = oracle.best()
        if best.goals is not None:
            seen["bound"] += 1
            # Where awards are cut, goals before the value are reached to the coin.
            cent = 3 * oracle.cents()[-1] if oracle.cuts else 0.0
            assert relaxed.bound >= best.value - cent - 1e-6, seed
            assert np.all((relaxed.share >= 0) & (relaxed.share <= 1))
    assert min(seen.values()) >= 5, seen


def test_a_start_from_other_prices_gives_the_same_bound() -> None:
    made = pf.simulate_call(4_000, seed=3, reviews_per_proposal=0).call
    problem = pf.Problem(made, pf.Policy(budget=200_000_000))
    problem.relax()
    warm = problem.replace(budget=190_000_000).relax()
    cold = pf.Problem(made, pf.Policy(budget=190_000_000)).relax()
    assert warm.bound == pytest.approx(cold.bound, rel=1e-9)
    assert cold.bound < problem.relax().bound
