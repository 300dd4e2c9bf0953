"""Answers come in stages, and a similar problem starts from what is known."""

from __future__ import annotations

from datetime import date

import pytest

import portfolio as pf
from portfolio.optimize.duals import prices_of
from portfolio.optimize.highs import HighsEngine
from portfolio.optimize.solve import solve_guaranteed


def ordinary(n: int, **changes: object) -> pf.Problem:
    call = pf.simulate_call(n, seed=3, reviews_per_proposal=0).call
    policy = pf.Policy(
        budget=call.requested // 300,
        objective=pf.Objective(zero=2.0),
        early_career=pf.EarlyCareerSettings(rule="erc_stg_2027", on=date(2026, 1, 1)),
        traits={"high_risk": "risk >= 0.6", "young": "early_career"},
        reserve=[pf.Reserve(trait="high_risk", share=0.25), pf.Reserve(trait="young", share=0.3)],
        limit=[pf.Limit(per="institution", max_share=0.2)],
        link=[pf.Link(kind="at_most", k=1, per="investigator")],
        solver=pf.SolverSettings(gap=1e-3, **changes),
    )
    return pf.Problem(call, policy)


def test_each_stage_is_reported_with_a_true_bound() -> None:
    problem, stages = ordinary(2_000, method="margins"), []
    portfolio = problem.solve(stages.append)
    names = [stage.name for stage in stages]
    assert names[0] == "bound"
    assert "first" in names
    assert stages[0].gap == float("inf")
    for stage in stages:
        assert stage.bound >= portfolio.value - 1e-6
        assert stage.value <= portfolio.bound + 1e-6
    assert [s.value for s in stages] == sorted(s.value for s in stages)


def test_goals_are_reported_too() -> None:
    problem, stages = ordinary(60), []
    soft = problem.replace(reserve=[pf.Reserve(trait="high_risk", share=0.9, shortfall="release")])
    portfolio = soft.solve(stages.append)
    assert stages[0].name == "shortfall"
    assert portfolio.goals[0].name == "shortfall"
    assert portfolio.goals[0].value < 0


@pytest.mark.parametrize("n", [300, 2_000])
def test_both_methods_give_the_same_answer_within_the_gap(n: int) -> None:
    whole, margins = ordinary(n, method="whole").solve(), ordinary(n, method="margins").solve()
    assert abs(whole.value - margins.value) <= 1e-3 * max(whole.value, margins.value)
    assert whole.value <= margins.bound + 1e-6
    assert margins.value <= whole.bound + 1e-6


def test_a_similar_problem_starts_from_the_prices_of_the_last_one() -> None:
    problem = ordinary(2_000)
    solved = problem.solve()
    changed = problem.replace(budget=int(solved.budget) * 99 // 100)
    assert changed._known.prices == solved.solution.prices
    assert changed._known.scored is problem._scored
    # What is known makes it quicker and changes nothing of what is proven.
    cold = solve_guaranteed(changed.instance, changed.policy, HighsEngine())
    warm = changed.solve()
    assert warm.value <= cold.bound + 1e-6
    assert cold.value <= warm.bound + 1e-6


def test_prices_fit_a_model_with_other_rows() -> None:
    problem = ordinary(300)
    prices = problem.solve().solution.prices
    fewer = problem.replace(limit=[], reserve=[pf.Reserve(trait="young", share=0.3)])
    duals = prices_of(fewer.model, prices)
    assert len(duals) == len(fewer.model.arrays.row_low)
    assert duals[0] == prices[("budget",), 0, ""]


def test_a_change_of_what_is_scored_scores_again() -> None:
    problem = ordinary(60)
    problem.solve()
    assert problem.replace(scoring={"saturation_years": 10.0})._known.scored is None


def test_the_seed_and_the_order_of_rows_change_nothing_but_ties() -> None:
    problem = ordinary(400)
    shuffled = pf.Call.from_frame(problem.call.to_polars().sample(fraction=1.0, shuffle=True, seed=5))
    again = pf.Problem(shuffled, problem.policy).solve()
    assert again.ids == problem.solve().ids
