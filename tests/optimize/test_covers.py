"""Rows from the knapsacks of small groups cut off no portfolio and bring the linear program closer to the best."""

from __future__ import annotations

from itertools import product

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

import portfolio as pf
from portfolio.optimize import highs
from portfolio.optimize.clock import Deadline
from portfolio.optimize.covers import Strong, strengthen
from portfolio.optimize.engine import Outcome, Stage, Stop
from portfolio.optimize.highs import HighsEngine, _search, _simplex
from portfolio.optimize.knapsack import knapsack
from portfolio.optimize.lagrangian import price
from portfolio.optimize.model import Arrays

EXACT = pf.SolverSettings(gap=0.0)


def simplex(arrays: Arrays) -> Outcome:
    return _simplex(arrays, Deadline.start(EXACT))


def bound(found: Strong) -> float:
    assert found.relaxed.duals is not None
    return price(found.arrays, found.relaxed.duals).bound


def strong(arrays: Arrays) -> Strong:
    return strengthen(arrays, simplex(arrays), simplex)


def program(seed: int, columns: int = 9, *, slack: bool = False) -> Arrays:
    """Two groups with a floor and a cap on money each, one budget over all; with or without a shortfall column."""
    rng = np.random.default_rng(seed)
    cost = rng.integers(1, 12, columns) * rng.choice([1.0, 0.5, 1 / 3], columns)
    group = rng.random((2, columns)) < 0.6
    share = rng.uniform(0.3, 0.7, 5)
    rows = np.array([cost, *(cost * group), *(cost * group)])
    low = np.full(5, -np.inf)
    high = share * rows.sum(axis=1)
    low[3:], high[3:] = 0.6 * high[3:], np.inf
    value, upper, integer = (
        rng.integers(1, 9, columns).astype(float),
        np.ones(columns),
        np.ones(columns, bool),
    )
    if slack:
        rows = np.column_stack([rows, [0, 0, 0, 1, 1]])
        value, upper, integer = np.append(value, -2.0), np.append(upper, 20.0), np.append(integer, False)
    return Arrays(value, sparse.csr_array(rows), np.zeros(len(value)), upper, integer, low, high)


def feasible(arrays: Arrays, x: np.ndarray) -> np.ndarray:
    activity = x @ arrays.matrix.T
    return np.all((activity <= arrays.row_high + 1e-9) & (activity >= arrays.row_low - 1e-9), axis=1)


def corners(columns: int) -> np.ndarray:
    return np.array(list(product([0.0, 1.0], repeat=columns)))


@settings(deadline=None, max_examples=150)
@given(st.integers(0, 10**6))
def test_no_portfolio_is_cut_off(seed: int) -> None:
    arrays = program(seed)
    added = strong(arrays).arrays
    every = corners(len(arrays.value))
    assert np.array_equal(feasible(arrays, every), feasible(added, every))


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 10**6))
def test_nothing_is_concluded_from_rows_with_a_column_that_is_not_whole(seed: int) -> None:
    arrays = program(seed, 7, slack=True)
    added = strong(arrays).arrays
    for missed in (0.0, 1.3, 20.0):
        every = np.column_stack([corners(7), np.full(2**7, missed)])
        assert np.array_equal(feasible(arrays, every), feasible(added, every))


@settings(deadline=None, max_examples=200)
@given(st.integers(0, 10**6))
def test_a_lifted_row_holds_everywhere_and_is_violated_at_least_as_much(seed: int) -> None:
    rng = np.random.default_rng(seed)
    data = rng.uniform(0.5, 10, 8).round(rng.choice([0, 1, 2, 15])) + 0.5
    limit = float(rng.uniform(0.2, 0.9) * data.sum())
    worth, x = rng.normal(1, 2, 8), rng.random(8)
    sack = knapsack(data, limit)
    lifted, most = sack.lift(worth, x)
    every = corners(8)
    inside = every[every @ data <= limit]
    before = float((inside @ worth).max())
    assert float((inside @ lifted).max()) <= most + 1e-9
    # Rounded costs may let a few more through, which raises what the row allows.
    allowed = float((every[every @ sack.costs <= sack.limit] @ worth).max())
    assert lifted @ x - most >= worth @ x - allowed - 1e-9
    assert allowed >= before - 1e-12


def test_a_floor_is_raised_to_what_whole_proposals_can_meet() -> None:
    # 60 + 70 + 80 under a floor of 100 and a budget of 100.5: no single one is enough, and no two are affordable.
    rows = sparse.csr_array(np.array([[60.0, 70.0, 80.0], [61.0, 71.0, 81.0]]))
    arrays = Arrays(
        np.array([6.0, 7.0, 8.0]),
        rows,
        np.zeros(3),
        np.ones(3),
        np.ones(3, bool),
        np.array([100.0, -np.inf]),
        np.array([np.inf, 160.0]),
    )
    found = strong(replace_value(arrays, np.array([-6.0, -7.0, -8.0])))
    # The linear program pays 10 for its 100 of money; the cheapest pair costs 13.
    assert simplex(replace_value(arrays, np.array([-6.0, -7.0, -8.0]))).value == pytest.approx(-10)
    assert found.relaxed.value == pytest.approx(-13)


def replace_value(arrays: Arrays, value: np.ndarray) -> Arrays:
    return Arrays(
        value,
        arrays.matrix,
        arrays.low,
        arrays.high,
        arrays.integer,
        arrays.row_low,
        arrays.row_high,
    )


@pytest.mark.parametrize("seed", range(30))
def test_the_optimum_is_the_same_and_the_bound_no_higher(seed: int) -> None:
    arrays = program(seed, 12)
    every = corners(12)
    kept = every[feasible(arrays, every)]
    added = strong(arrays)
    if not len(kept):
        return
    best = float((kept @ arrays.value).max())
    assert best - 1e-7 <= added.relaxed.value <= simplex(arrays).value + 1e-7
    assert np.array_equal(added.arrays.matrix[:5, :].toarray(), arrays.matrix.toarray())


def test_a_program_without_small_groups_is_left_alone() -> None:
    wide = Arrays(
        np.ones(300),
        sparse.csr_array(np.arange(1.0, 301.0)[None, :]),
        np.zeros(300),
        np.ones(300),
        np.ones(300, bool),
        np.array([-np.inf]),
        np.array([99.0]),
    )
    assert strong(wide).arrays is wide


def test_a_program_that_is_infeasible_is_left_alone() -> None:
    arrays = program(0)
    nothing = Outcome(Stop.INFEASIBLE, None, -np.inf, -np.inf)
    assert strengthen(arrays, nothing, simplex).arrays is arrays


def hard(n: int, seed: int) -> pf.Problem:
    """A call whose institutions all have a floor on money."""
    frame = pf.simulate_call(n, seed=seed, reviews_per_proposal=0).proposals
    sums = frame.group_by("institution").agg(pl.col("amount").sum())["amount"]
    rules = pf.Policy(
        budget=float(frame["amount"].sum() // 3),
        traits={"risky": "risk >= 0.6"},
        reserve=[pf.Reserve(trait="risky", share=0.3)],
        limit=[pf.Limit(per="institution", min_amount=float(0.5 * sums.min()))],
        link=[pf.Link(kind="at_most", k=1, per="investigator")],
        solver=pf.SolverSettings(gap=1e-3),
    )
    return pf.Problem(pf.Call.from_frame(frame), rules)


@pytest.mark.parametrize("seed", range(3))
def test_duals_given_back_are_prices_of_the_rules_alone(seed: int) -> None:
    problem = hard(300, seed)
    model, rules = problem.model, problem.policy
    plain = HighsEngine(float("inf")).solve(model, rules.solver)
    for margins_from in (0, float("inf")):
        outcome = HighsEngine(margins_from).solve(model, rules.solver)
        assert outcome.value <= plain.bound + 1e-6
        assert plain.value <= outcome.bound + 1e-6
        if outcome.relaxed is not None:
            assert len(outcome.relaxed.duals) == len(model.arrays.row_low)


def test_the_rows_of_groups_make_margins_decide_more() -> None:
    arrays = hard(300, 0).model.arrays
    plain, added = simplex(arrays), strong(arrays)
    best = _search(arrays, EXACT)
    near = []
    for program, relaxed in ((arrays, plain), (added.arrays, added.relaxed)):
        assert relaxed.duals is not None
        priced = price(program, relaxed.duals)
        assert priced.bound >= best.value - 1e-6
        near.append(int((priced.margins < priced.bound - best.value).sum()))
    assert near[1] < near[0]


def test_a_search_that_is_cut_short_still_has_the_bound_of_the_groups(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    problem = hard(300, 0)
    arrays = problem.model.arrays
    stages: list[Stage] = []

    def cut_short(some: Arrays, *_: object) -> Outcome:
        return Outcome(Stop.TIME_LIMIT, np.zeros(len(some.value)), 1.0, np.inf)

    monkeypatch.setattr(highs, "_search", cut_short)
    outcome = HighsEngine(0).solve(problem.model, problem.policy.solver, stages.append)
    assert outcome.stop is Stop.TIME_LIMIT
    assert outcome.bound == stages[0].bound == pytest.approx(bound(strong(arrays)))
    assert outcome.bound < simplex(arrays).bound
    assert outcome.relaxed is not None
    assert outcome.relaxed.bound == pytest.approx(simplex(arrays).bound)
