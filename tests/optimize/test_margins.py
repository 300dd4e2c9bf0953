"""Proof by margins gives the optimum of HiGHS alone, within the gaps of both."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from random_programs import model_of, random_program

import portfolio as pf
from portfolio.optimize.clock import Deadline
from portfolio.optimize.engine import Stage, Stop
from portfolio.optimize.highs import HighsEngine, _search, _simplex
from portfolio.optimize.lagrangian import price
from portfolio.optimize.margins import solve_by_margins
from portfolio.optimize.model import Arrays
from portfolio.optimize.program import Program
from portfolio.optimize.sifting import sift

ALONE = HighsEngine(margins_from=float("inf"))
ALWAYS = HighsEngine(margins_from=0)


def keeps(arrays: Arrays, x: np.ndarray) -> bool:
    there, slack = arrays.matrix @ x, 1e-5
    rows = np.all(there <= arrays.row_high + slack) and np.all(there >= arrays.row_low - slack)
    return bool(rows and np.all(x >= arrays.low - 1e-6) and np.all(x <= arrays.high + 1e-6))


@pytest.mark.parametrize("n", [50, 200, 700])
@pytest.mark.parametrize("seed", range(6))
def test_the_answer_agrees_with_highs_alone(n: int, seed: int) -> None:
    arrays = random_program(np.random.default_rng(1000 * n + seed), n)
    settings = pf.SolverSettings(gap=1e-3, time_limit=20)
    ours, alone = (engine.solve(model_of(arrays), settings) for engine in (ALWAYS, ALONE))
    assert keeps(arrays, ours.x)
    assert arrays.value @ ours.x == pytest.approx(ours.value)
    assert ours.value <= alone.bound + 1e-6 * abs(alone.bound)
    assert alone.value <= ours.bound + 1e-6 * abs(ours.bound)
    assert ours.gap <= 1e-3 + 1e-6


@pytest.mark.parametrize("seed", range(3))
def test_sifted_models_of_thousands_agree_too(seed: int) -> None:
    arrays = random_program(np.random.default_rng(seed), 3000)
    settings = pf.SolverSettings(gap=2e-3, time_limit=30)
    relaxed = sift(arrays, lambda part: _simplex(part, Deadline.start(settings)), whole=500, working=200)
    ours = solve_by_margins(relaxed, _search, settings, Program(arrays))
    alone = ALONE.solve(model_of(arrays), settings)
    assert keeps(arrays, ours.x)
    assert ours.gap <= 2e-3 + 1e-6
    assert ours.value <= alone.bound * (1 + 1e-6)
    assert alone.value <= ours.bound * (1 + 1e-6)


def test_the_exact_optimum_is_found_where_it_is_asked_for() -> None:
    settings = pf.SolverSettings(gap=0.0, time_limit=30)
    for seed in range(8):
        model = model_of(random_program(np.random.default_rng(seed), 60))
        ours, alone = ALWAYS.solve(model, settings), ALONE.solve(model, settings)
        assert ours.stop is alone.stop is Stop.OPTIMAL
        assert ours.value == pytest.approx(alone.value, rel=1e-7)


def test_stages_come_in_order_and_each_bound_is_true() -> None:
    arrays = random_program(np.random.default_rng(7), 400)
    stages: list[Stage] = []
    outcome = ALWAYS.solve(model_of(arrays), pf.SolverSettings(gap=1e-3), stages.append)
    names = [stage.name for stage in stages]
    assert (names[0], names[1], names[-1]) == ("bound", "first", "proof")
    assert all(stage.bound >= outcome.value - 1e-9 for stage in stages)
    values = [stage.value for stage in stages]
    assert values == sorted(values)
    assert stages[-1].value == outcome.value


def test_the_same_answer_every_time_and_from_any_prices() -> None:
    model = model_of(random_program(np.random.default_rng(3), 800))
    settings = pf.SolverSettings(gap=1e-3)
    once, twice = ALWAYS.solve(model, settings), ALWAYS.solve(model, settings)
    assert np.array_equal(once.x, twice.x)
    warm = ALWAYS.solve(model, settings, prices=once.relaxed.duals)
    assert warm.value == pytest.approx(once.value, rel=2e-3)
    assert warm.gap <= 1e-3 + 1e-6


def test_no_solution_is_no_solution() -> None:
    arrays = random_program(np.random.default_rng(2), 300)
    row_high = arrays.row_high.copy()
    row_high[-4] = -1.0
    outcome = ALWAYS.solve(model_of(replace(arrays, row_high=row_high)), pf.SolverSettings())
    assert outcome.stop is Stop.INFEASIBLE
    assert outcome.x is None


def test_a_column_without_an_end_does_not_make_the_bound_infinite() -> None:
    arrays = random_program(np.random.default_rng(5), 200)
    whole = _simplex(arrays, Deadline.start(pf.SolverSettings()))
    rng = np.random.default_rng(0)
    shaken = whole.duals * (1 + 1e-9 * rng.normal(size=len(whole.duals)))
    assert price(arrays, shaken).bound <= whole.value * (1 + 1e-6)
