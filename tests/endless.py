"""A problem that no solver ends by itself in reasonable time, for what has to be ended from outside."""

from __future__ import annotations

import numpy as np
from small import call, policy

import portfolio as pf

# A limit that no test may come near.
LONG = pf.SolverSettings(gap=0.0, time_limit=600)


def endless(**changes: object) -> pf.Problem:
    """Equal ratios and three budgets of half: no solver proves the best of 60 in reasonable time."""
    rng = np.random.default_rng(5)
    cost = rng.integers(10_000, 20_000, 60)
    years = {"amount_y1": cost, "amount_y2": np.roll(cost, 7), "amount_y3": np.roll(cost, 19)}
    total = sum(years.values())
    merit = total / 10_000 + rng.random(60) / 1e4
    ids = [f"{i:02d}" for i in range(60)]
    rules = policy([450_001, 450_007, 450_011]).replace(solver=LONG, **changes)
    return pf.Problem(call(id=ids, amount=total, merit=merit, **years), rules)
