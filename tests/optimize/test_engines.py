"""Statuses, bounds and duals mean the same whatever solver is behind the engine."""

from __future__ import annotations

import sys
from dataclasses import replace

import numpy as np
import pytest
from random_policies import random_call, random_policy
from small import ENGINES, call, policy, probe

import portfolio as pf
from portfolio.optimize.engine import Outcome, Stop, how_it_stopped, relative_gap
from portfolio.optimize.engines import engine_for
from portfolio.optimize.exact import _nothing_found
from portfolio.optimize.highs import HighsEngine
from portfolio.optimize.lagrangian import price
from portfolio.optimize.model import Model
from portfolio.optimize.pulp_engine import PulpEngine, available_solvers, find_solver

EXACT = pf.SolverSettings(gap=0.0)


def models(count: int) -> list[Model]:
    made, seed = [], 0
    while len(made) < count:
        rng = np.random.default_rng(seed)
        seed += 1
        frame = random_call(rng, 12, 0)
        rules = random_policy(rng, frame).replace(must_fund=[], must_not_fund=[])
        made.append(pf.Problem(pf.Call.from_frame(frame, rules=rules), rules).model)
    return made


@pytest.mark.parametrize("engine", ENGINES[1:])
def test_engines_find_the_same_optimum_on_the_same_model(engine: str) -> None:
    other = engine_for(pf.SolverSettings(engine=engine))
    for model in models(25):
        ours, theirs = HighsEngine().solve(model, EXACT), other.solve(model, EXACT)
        assert ours.stop == theirs.stop
        assert ours.value == pytest.approx(theirs.value, abs=1e-6)
        assert theirs.bound == pytest.approx(theirs.value)


@pytest.mark.parametrize("engine", ENGINES)
def test_duals_are_the_change_of_value_when_a_bound_moves(engine: str) -> None:
    solver = engine_for(pf.SolverSettings(engine=engine))
    model = pf.Problem(probe(), policy(4.95, limit=[pf.Limit(per="dept", min_awards=1)])).model
    relaxed = solver.relax(model, EXACT)
    step, start, checked = 1e-4, 0, 0
    for index, block in enumerate(model.blocks):
        for row in range(len(block)):
            for side in ("low", "high"):
                if not np.isfinite(getattr(block, side)[row]):
                    continue
                slopes = []
                for move in (-step, step):
                    moved = getattr(block, side).copy()
                    moved[row] += move
                    blocks = [*model.blocks]
                    blocks[index] = replace(block, **{side: moved})
                    value = solver.relax(model.ruled(*blocks), EXACT).value
                    slopes.append((value - relaxed.value) / move)
                # The best value is concave in a bound; where it has a kink, the dual lies between the two slopes.
                assert min(slopes) - 1e-4 <= relaxed.duals[start + row] <= max(slopes) + 1e-4
                checked += slopes[0] != 0
        start += len(block)
    assert checked >= 2


@pytest.mark.parametrize("engine", ENGINES)
def test_reduced_costs_are_the_change_of_value_when_a_column_moves(engine: str) -> None:
    solver = engine_for(pf.SolverSettings(engine=engine))
    model = pf.Problem(probe(), policy(4.95)).model
    relaxed = solver.relax(model, EXACT)
    step = 1e-4
    for column in np.flatnonzero((relaxed.x < 1e-9) | (relaxed.x > 1 - 1e-9)).tolist():
        at_zero = relaxed.x[column] < 0.5
        low, high = model.low.copy(), model.high.copy()
        (low if at_zero else high)[column] += step if at_zero else -step
        change = (solver.relax(model.bound(low=low, high=high), EXACT).value - relaxed.value) / step
        expected = relaxed.reduced_costs[column] * (1 if at_zero else -1)
        # CBC prints eight digits.
        assert change == pytest.approx(expected, abs=5e-3)


@pytest.mark.parametrize("engine", ENGINES)
def test_infeasible_is_infeasible_with_and_without_whole_numbers(engine: str) -> None:
    solver = engine_for(pf.SolverSettings(engine=engine))
    model = pf.Problem(
        call(amount=[2], merit=[1]), policy(1, limit=[pf.Limit(where="id = 'A'", min_awards=1)])
    ).model
    assert solver.solve(model, EXACT).stop is Stop.INFEASIBLE
    assert solver.solve(model, EXACT).x is None
    empty = pf.Problem(call(amount=[2], merit=[1], ok=[False]), policy(1, eligible="ok")).model
    assert solver.solve(empty, EXACT).stop is Stop.OPTIMAL
    assert solver.relax(empty, EXACT).value == 0
    floor = policy(1, eligible="ok", limit=[pf.Limit(where="true", min_awards=1)])
    nobody = pf.Problem(call(amount=[2], merit=[1], ok=[False]), floor).model
    assert solver.solve(nobody, EXACT).stop is solver.relax(nobody, EXACT).stop is Stop.INFEASIBLE


@pytest.mark.parametrize("engine", ENGINES)
def test_a_row_without_proposals_is_still_a_rule(engine: str) -> None:
    rules = policy(9, eligible="ok", limit=[pf.Limit(where="not ok", min_awards=1)])
    two = call(amount=[2, 2], merit=[1, 1], ok=[True, False])
    solver = engine_for(pf.SolverSettings(engine=engine))
    assert solver.solve(pf.Problem(two, rules).model, EXACT).stop is Stop.INFEASIBLE


def hard() -> Model:
    """Equal ratios and a budget of half: nothing tells the items apart until they are searched."""
    rng = np.random.default_rng(5)
    cost = rng.integers(10_000, 20_000, 60)
    years = {"amount_y1": cost, "amount_y2": np.roll(cost, 7), "amount_y3": np.roll(cost, 19)}
    total = sum(years.values())
    merit = total / 10_000 + rng.random(60) / 1e4
    ids = [f"{i:02d}" for i in range(60)]
    return pf.Problem(
        call(id=ids, amount=total, merit=merit, **years), policy([450_001, 450_007, 450_011])
    ).model


@pytest.mark.parametrize("engine", ENGINES)
def test_a_solver_that_ran_out_of_time_never_says_optimal(engine: str) -> None:
    solver = engine_for(pf.SolverSettings(engine=engine))
    outcome = solver.solve(hard(), pf.SolverSettings(gap=0.0, time_limit=0.4))
    assert outcome.stop is Stop.TIME_LIMIT
    assert outcome.bound > outcome.value


@pytest.mark.parametrize("margins_from", [0, 500])
def test_a_limit_on_nodes_is_named(margins_from: int) -> None:
    outcome = HighsEngine(margins_from).solve(hard(), pf.SolverSettings(gap=0.0, nodes=3))
    assert outcome.stop is Stop.NODE_LIMIT
    assert outcome.stop.cut_short
    assert outcome.bound > outcome.value


def test_nothing_found_within_the_nodes_is_said() -> None:
    with pytest.raises(pf.LimitError, match=r"within 3 nodes; raise \[solver\] nodes"):
        raise _nothing_found(Stop.NODE_LIMIT, pf.SolverSettings(nodes=3))


def test_gaps_and_the_end_of_a_solve() -> None:
    assert relative_gap(100, 101) == pytest.approx(0.01)
    assert relative_gap(100, 99) == 0
    assert relative_gap(0, 1) == float("inf")
    settings = pf.SolverSettings(gap=0.01)
    assert how_it_stopped(100, 100, settings, finished=False) is Stop.OPTIMAL
    assert how_it_stopped(100, 100.5, settings, finished=False) is Stop.GAP
    assert how_it_stopped(100, 102, settings, finished=False) is Stop.TIME_LIMIT
    assert how_it_stopped(100, 101.00001, settings, finished=True) is Stop.GAP
    assert how_it_stopped(100, 102, settings, finished=True) is Stop.TIME_LIMIT
    assert Outcome(Stop.GAP, None, 100, 101).gap == pytest.approx(0.01)


def test_a_solver_that_is_not_installed_is_refused_with_those_that_are() -> None:
    missing = next(
        name for name in ("GUROBI_CMD", "CPLEX_CMD", "COPT_CMD") if name not in available_solvers()
    )
    with pytest.raises(pf.PolicyError, match="use one of: highs, pulp:"):
        engine_for(pf.SolverSettings(engine=f"pulp:{missing}"))
    assert find_solver("HIGHS") == find_solver("HiGHS") == "HiGHS"


def test_a_solver_without_duals_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    model = pf.Problem(probe(), policy(5)).model
    engine = PulpEngine("HiGHS")
    monkeypatch.setattr(engine, "_run", lambda problem, settings: Stop.OPTIMAL)
    module = sys.modules[PulpEngine.__module__]
    monkeypatch.setattr(module, "_solution", lambda variables: np.zeros(len(variables)))
    with pytest.raises(pf.SolverError, match="gives no duals"):
        engine.relax(model, EXACT)


def test_margins_and_the_whole_search_find_the_same_optimum() -> None:
    by_margins, whole = HighsEngine(margins_from=0), HighsEngine(margins_from=float("inf"))
    for model in models(60):
        ours, theirs = by_margins.solve(model, EXACT), whole.solve(model, EXACT)
        assert ours.stop == theirs.stop
        assert ours.value == pytest.approx(theirs.value, abs=1e-6)
        assert ours.bound == pytest.approx(theirs.bound, abs=1e-6)


@pytest.mark.parametrize("seed", range(6))
def test_margins_agree_with_the_whole_search_within_both_gaps_on_hundreds_of_proposals(seed: int) -> None:
    made = pf.simulate_call(400, seed=seed, reviews_per_proposal=0).call
    rules = pf.Policy(
        budget=int(made.frame["amount"].sum()) // 300,
        traits={"risky": "risk >= 0.6", "long": "horizon_years >= 10"},
        reserve=[
            pf.Reserve(trait="risky", share=0.3),
            pf.Reserve(trait="long", share=0.4, shortfall="release"),
        ],
        limit=[pf.Limit(per="institution", max_share=0.2), pf.Limit(per="field", min_awards=1)],
        link=[pf.Link(kind="at_most", k=1, per="investigator")],
    )
    model = pf.Problem(made, rules).model
    settings = pf.SolverSettings(gap=1e-3)
    ours, theirs = HighsEngine(0).solve(model, settings), HighsEngine(float("inf")).solve(model, settings)
    assert ours.stop in {Stop.OPTIMAL, Stop.GAP}
    assert ours.value <= theirs.bound + 1e-6
    assert theirs.value <= ours.bound + 1e-6
    assert ours.gap <= 1.001e-3


def test_the_bound_of_any_prices_is_a_bound() -> None:
    rng = np.random.default_rng(0)
    for model in models(20):
        best = HighsEngine().solve(model, EXACT)
        if best.stop is Stop.INFEASIBLE:
            continue
        for _ in range(20):
            rows = len(model.arrays.row_low)
            duals = rng.normal(0, 1, rows) * rng.choice([0, 0.01, 1], rows)
            assert price(model.arrays, duals).bound >= best.value - 1e-9
