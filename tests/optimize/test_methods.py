"""The proof by margins agrees with HiGHS alone on medium calls, whatever the rules."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from random_rules import kinds, random_case
from seeds import seeds

import portfolio as pf
from portfolio.optimize.audit import broken_rules

# PORTFOLIO_METHODS=600 looks at more problems than a test run has time for.
PROBLEMS = seeds("PORTFOLIO_METHODS", 36)
GAP = 1e-3
CHUNKS = 6


def solved(call: pf.Call, policy: pf.Policy, method: str) -> pf.Portfolio | None:
    solver = pf.SolverSettings(gap=GAP, method=method, time_limit=4)
    try:
        return pf.optimize(call, policy.replace(solver=solver))
    except pf.InfeasibleError:
        return None


def compare(seed: int) -> str:
    rng = np.random.default_rng([seed, 2])
    size = int(np.exp(rng.uniform(np.log(50), np.log(300 if seed % 9 else 3_000))))
    frame, policy = random_case(seed, size)
    # A rule for every proposal by name has no meaning here; all the others do.
    call = pf.Call.from_frame(frame, rules=policy)
    try:
        whole, margins = solved(call, policy, "whole"), solved(call, policy, "margins")
    except pf.LimitError:
        return "nothing found in time"
    assert (whole is None) == (margins is None), f"seed {seed}: only one of them finds a portfolio"
    if whole is None or margins is None:
        return "infeasible"
    for portfolio in (whole, margins):
        problem = portfolio.problem
        assert not broken_rules(
            problem.instance, problem.policy, portfolio.solution.awards, portfolio.solution.given
        )
    if whole.goals or whole.rounds:
        # What comes before the value may be reached in more than one way, each within its gap.
        for mine, theirs in zip(margins.goals, whole.goals, strict=True):
            assert mine.value <= theirs.bound + slack(theirs.bound), f"seed {seed}: {mine} {theirs}"
            assert theirs.value <= mine.bound + slack(mine.bound), f"seed {seed}: {mine} {theirs}"
            if mine.value != theirs.value:
                # The next goal is reached among other portfolios.
                break
        return "goals or rounds"
    assert whole.value <= margins.bound + slack(margins.bound), f"seed {seed}"
    assert margins.value <= whole.bound + slack(whole.bound), f"seed {seed}"
    return "one goal"


def slack(bound: float) -> float:
    return 1e-6 * max(1.0, abs(bound))


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_the_proof_by_margins_agrees_with_highs_alone(chunk: int) -> None:
    seen = Counter(compare(seed) for seed in PROBLEMS[chunk::CHUNKS])
    assert len(PROBLEMS) < 36 or {"one goal", "goals or rounds"} <= set(seen)


def test_every_rule_occurs() -> None:
    seen = Counter(kind for seed in PROBLEMS for kind in kinds(random_case(seed, 50)[1]))
    assert min(seen.values()) >= 1
    assert len(seen) >= 30
