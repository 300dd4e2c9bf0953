"""Every bound holds in exact arithmetic, from the prices alone."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from random_policies import random_call, random_policy
from small import call, policy, probe

import portfolio as pf
from portfolio.optimize.highs import HighsEngine
from portfolio.optimize.lagrangian import price
from portfolio.optimize.proof import certified_bound


def test_a_certificate_by_hand() -> None:
    # Values 3, 4, 3, 2 for 4, 8, 10, 8 of 20. At a price of 1/4 per unit of money: 5 + 2 + 2 + 1/2 + 0.
    four = call(amount=[4, 8, 10, 8], merit=[3, 4, 3, 2])
    problem = pf.Problem(four, policy(20))
    unit = problem.model.unit / 100
    bound = certified_bound(problem.model, {(("budget",), 0, ""): 0.25 * unit})
    assert float(bound) == pytest.approx(9.5, abs=1e-12)
    assert problem.solve().value == 9


def test_prices_of_the_wrong_sign_count_as_nothing() -> None:
    problem = pf.Problem(call(amount=[4, 8], merit=[3, 4]), policy(8))
    assert certified_bound(problem.model, {(("budget",), 0, ""): -1.0}) == 7
    assert certified_bound(problem.model, {}) == 7


@given(st.lists(st.floats(-3, 3), min_size=13, max_size=13))
def test_any_prices_give_a_true_bound(duals: list[float]) -> None:
    floors = [pf.Limit(per="dept", min_awards=1), pf.Limit(per="dept", max_share=0.4)]
    problem = pf.Problem(probe(), policy(5, limit=floors))
    keys = [
        (("budget",), 0, ""),
        *((("limit[1]",), 0, d) for d in "ABCD"),
        *((("limit[2]",), 0, d) for d in "ABCD"),
    ]
    prices = dict(zip(keys, duals, strict=False))
    assert certified_bound(problem.model, prices) >= Fraction(396)


@pytest.mark.parametrize("seed", range(60))
def test_the_stored_prices_prove_a_bound_above_the_value(seed: int) -> None:
    rng = np.random.default_rng(10_000 + seed)
    frame = random_call(rng, 30, int(rng.choice([0, 2])))
    rules = random_policy(rng, frame).replace(reserve_order="minimum_guarantee")
    try:
        portfolio = pf.optimize(pf.Call.from_frame(frame, rules=rules), rules)
    except pf.InfeasibleError:
        return
    model = portfolio.problem.model
    proven = portfolio.certified_bound()
    assert proven >= Fraction(portfolio.value) - Fraction(1, 10**6)
    if portfolio.goals or not portfolio.solution.prices:
        return
    # The floats that the solve works with agree; where small groups are kept whole, they prove even more.
    relaxed = HighsEngine().relax(model, rules.solver)
    assert relaxed.duals is not None
    assert float(proven) == pytest.approx(relaxed.value, rel=1e-6, abs=1e-6)
    assert price(model.arrays, relaxed.duals).bound <= float(proven) + 1e-6
