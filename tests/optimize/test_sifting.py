"""Sifting gives the answer of the whole linear program."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from random_programs import random_program
from scipy import sparse
from small import call, policy

import portfolio as pf
from portfolio.optimize.clock import Deadline
from portfolio.optimize.engine import Outcome, Stop
from portfolio.optimize.highs import HighsEngine, _search, _simplex
from portfolio.optimize.lagrangian import price
from portfolio.optimize.model import Arrays
from portfolio.optimize.sifting import sift


def simplex(arrays: Arrays) -> Outcome:
    return _simplex(arrays, Deadline.start(pf.SolverSettings()))


def simulated(n: int, seed: int, **rules: object) -> Arrays:
    made = pf.simulate_call(n, seed=seed, reviews_per_proposal=0).call
    budget = int(made.frame["amount"].sum()) // 300
    return pf.Problem(made, pf.Policy(budget=budget, **rules)).model.arrays


RULES = {
    "traits": {"risky": "risk >= 0.6", "long": "horizon_years >= 10"},
    "reserve": [pf.Reserve(trait="risky", share=0.3), pf.Reserve(trait="long", share=0.4)],
    "limit": [pf.Limit(per="institution", max_share=0.2), pf.Limit(per="field", min_awards=3)],
    "link": [pf.Link(kind="at_most", k=1, per="investigator")],
}
SOFT = {**RULES, "reserve": [pf.Reserve(trait="risky", share=0.95, shortfall="release")]}
MONEY = {**RULES, "objective": pf.Objective(size="per_money")}


@pytest.mark.parametrize("rules", [RULES, SOFT, MONEY, {}])
@pytest.mark.parametrize("seed", range(4))
def test_the_optimum_is_that_of_the_whole_program(rules: dict, seed: int) -> None:
    arrays = simulated(600, seed, **rules)
    whole, sifted = simplex(arrays), sift(arrays, simplex, whole=100, working=40)
    assert sifted.value == pytest.approx(whole.value, rel=1e-9)
    assert np.all(arrays.matrix @ sifted.x <= arrays.row_high + 1e-6)
    assert np.all(arrays.matrix @ sifted.x >= arrays.row_low - 1e-6)
    # Its prices prove it, whatever found them.
    assert price(arrays, sifted.duals).bound == pytest.approx(whole.value, rel=1e-7)


def test_equal_values_for_money_do_not_blow_up_the_working_set() -> None:
    sizes: list[int] = []

    def counted(arrays: Arrays) -> Outcome:
        sizes.append(len(arrays.value))
        return simplex(arrays)

    rng = np.random.default_rng(0)
    amount = rng.integers(10, 1000, 4000)
    ids = [f"{i:04d}" for i in range(4000)]
    same = call(id=ids, amount=amount, merit=rng.choice([1, 2], 4000), r=rng.random(4000) < 0.3)
    reserve = [pf.Reserve(trait="r", share=0.4)]
    rules = policy(
        int(amount.sum()) // 2, traits={"r": "r"}, reserve=reserve, objective=pf.Objective(size="per_money")
    )
    arrays = pf.Problem(same, rules).model.arrays
    assert sift(arrays, counted, whole=500, working=100).value == pytest.approx(simplex(arrays).value)
    assert max(sizes) < 4000


def test_what_is_infeasible_is_infeasible() -> None:
    arrays = simulated(600, 0, limit=[pf.Limit(per="field", min_share=0.3)])
    assert simplex(arrays).stop is sift(arrays, simplex, whole=100, working=40).stop is Stop.INFEASIBLE
    empty_row = replace(
        arrays,
        matrix=sparse.csr_array(np.vstack([arrays.matrix.toarray(), np.zeros((1, 600))])),
        row_low=np.append(arrays.row_low, 1.0),
        row_high=np.append(arrays.row_high, np.inf),
    )
    assert sift(empty_row, simplex, whole=100, working=40).stop is Stop.INFEASIBLE


@pytest.mark.once
def test_columns_without_an_end_are_always_in_the_working_set() -> None:
    handed_on = 0
    for seed in range(6):
        arrays = random_program(np.random.default_rng(seed), 1500)
        whole = simplex(arrays)
        sizes: list[int] = []

        def counted(part: Arrays, sizes: list[int] = sizes) -> Outcome:
            sizes.append(len(part.value))
            return simplex(part)

        sifted = sift(arrays, counted, whole=200, working=100)
        best = _search(arrays, pf.SolverSettings(gap=1e-3, time_limit=20))
        # Where sifting does not end, the simplex method is handed the whole.
        handed_on += max(sizes) >= len(arrays.value)
        assert best.value - 1e-6 <= sifted.bound <= whole.value * (1 + 1e-8)
        assert np.all(arrays.matrix @ sifted.x <= arrays.row_high + 1e-6)
        assert np.all(arrays.matrix @ sifted.x >= arrays.row_low - 1e-6)
    assert handed_on <= 2


def test_prices_of_a_similar_call_give_the_same_answer_from_a_smaller_working_set() -> None:
    arrays = simulated(1200, 0, **RULES)
    tighter = replace(
        arrays, row_high=np.where(np.arange(len(arrays.row_high)) == 0, 0.99, 1.0) * arrays.row_high
    )
    prices = simplex(arrays).duals
    sizes: list[int] = []

    def counted(part: Arrays) -> Outcome:
        sizes.append(len(part.value))
        return simplex(part)

    warm = sift(tighter, counted, prices)
    assert warm.value == pytest.approx(simplex(tighter).value, rel=1e-9)
    assert max(sizes) < 800
    # Prices of a program of other rows say nothing.
    assert sift(tighter, simplex, prices[:-1]).value == pytest.approx(warm.value, rel=1e-9)
    assert sift(tighter, simplex, np.full_like(prices, 1e3)).value == pytest.approx(warm.value, rel=1e-9)


@pytest.mark.parametrize("seed", range(4))
def test_rows_inside_blocks_have_prices_too(seed: int) -> None:
    arrays = simulated(900, seed, **RULES)
    sifted = sift(arrays, simplex, whole=100, working=60)
    net = arrays.value - arrays.matrix.T @ sifted.duals
    limit = np.where(np.isfinite(arrays.row_high), arrays.row_high, arrays.row_low)
    # Without any blocks, the prices of all rows together prove the optimum.
    assert sifted.duals @ limit + np.maximum(net, 0).sum() == pytest.approx(sifted.value, rel=1e-7)


@pytest.mark.parametrize("seed", range(3))
def test_a_large_call_is_sifted_and_solved_within_the_gap(seed: int) -> None:
    made = pf.simulate_call(6000, seed=seed, reviews_per_proposal=0).call
    rules = pf.Policy(budget=int(made.frame["amount"].sum()) // 300, **RULES)
    model = pf.Problem(made, rules).model
    outcome = HighsEngine().solve(model, pf.SolverSettings(gap=1e-3))
    whole = simplex(model.arrays)
    assert outcome.value <= whole.value + 1e-6 <= outcome.value * 1.001 + 1e-6
