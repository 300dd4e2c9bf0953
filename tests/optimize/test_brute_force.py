"""The optimizer agrees with a look at every subset, on random policies over the whole rule set."""

from __future__ import annotations

import os
from collections import Counter

import numpy as np
import pytest
from oracle import Oracle
from random_policies import random_call, random_policy

import portfolio as pf

# PORTFOLIO_BRUTE_FORCE=20000 looks at more policies than a test run has time for.
POLICIES = int(os.environ.get("PORTFOLIO_BRUTE_FORCE", "2000"))
CHUNKS = 20


def compare(seed: int) -> str:
    rng = np.random.default_rng(seed)
    frame = random_call(rng, int(rng.integers(4, 13 if seed % 40 == 0 else 9)), int(rng.choice([0, 0, 2])))
    policy = random_policy(rng, frame)
    call = pf.Call.from_frame(frame.sample(fraction=1.0, shuffle=True, seed=seed), rules=policy)
    best = Oracle(frame, policy).best()
    try:
        portfolio = pf.optimize(call, policy)
    except pf.InfeasibleError as error:
        assert best.value is None, f"seed {seed}: {error} but {best}"
        assert error.conflict
        return "infeasible"
    if portfolio.rounds:
        values = [part.value for part in portfolio.rounds]
        assert values[: len(best.rounds)] == pytest.approx(list(best.rounds), abs=1e-7), f"seed {seed}"
        return "over_and_above"
    assert best.value is not None, f"seed {seed}: {portfolio.ids} although infeasible"
    assert portfolio.value == pytest.approx(best.value, abs=1e-7), f"seed {seed}"
    assert frozenset(portfolio.ids) in best.portfolios, f"seed {seed}"
    assert portfolio.status == "optimal", f"seed {seed}"
    return "guaranteed"


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_the_optimizer_agrees_with_brute_force(chunk: int) -> None:
    seen = Counter(compare(seed) for seed in range(chunk, POLICIES, CHUNKS))
    assert set(seen) == {"infeasible", "over_and_above", "guaranteed"}
