"""The two halves of the oracle, the exact judgement and the linear programs, agree with each other."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from oracle import Oracle
from oracle.judge import Judge
from random_rules import random_case


def cases() -> list[Oracle]:
    oracles = [Oracle(*random_case(seed)) for seed in range(200)]
    return [oracle for oracle in oracles if oracle.cuts and not oracle.in_rounds]


def tries(oracle: Oracle, seed: int) -> np.ndarray:
    """Return awards of the least, the most and some random sizes."""
    rng, facts = np.random.default_rng(seed), oracle.facts
    options = [
        [0, *rng.integers(facts.least[i], facts.most[i] + 1, 3), facts.least[i], facts.most[i]]
        if facts.open[i] and facts.cut[i]
        else [0, facts.least[i]]
        for i in range(facts.n)
    ]
    return np.array(list(product(*options)), dtype=np.int64)


@pytest.mark.parametrize("seed", range(4))
def test_no_sizes_beat_the_best_sizes(seed: int) -> None:
    for oracle in cases()[seed::4]:
        best, judge = oracle.best(), Judge(oracle.facts, tries(oracle, seed))
        alive = judge.keep
        if best.goals is None:
            assert not alive.any()
            continue
        for goal, (most, floor) in zip(judge.goals, best.goals, strict=True):
            values = judge.value(goal)
            assert values[alive].max(initial=-np.inf) <= most + 1e-5 * max(1.0, abs(most))
            alive = alive & (values >= floor - 1e-9)


def test_the_best_sizes_are_worth_what_is_said_of_them() -> None:
    for oracle in cases():
        best = oracle.best()
        if best.goals is None or best.amounts is None:
            continue
        judge = Judge(oracle.facts, best.amounts[None, :])
        for goal, (_, floor), cent in zip(judge.goals, best.goals, oracle.cents(), strict=True):
            assert judge.value(goal)[0] >= floor - 2 * cent - 1e-5
