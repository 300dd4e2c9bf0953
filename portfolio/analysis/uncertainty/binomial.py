"""The number of successes among independent trials of unequal chances, exactly."""

from __future__ import annotations

import numpy as np

from portfolio.optimize.vectors import Floats


def successes(chances: Floats) -> Floats:
    """Return (n + 1,) the probability of 0, 1, ..., n successes: the Poisson-binomial distribution.

    The distributions of the two halves are convolved, and theirs before them (Biscarri, Zhao & Brunner 2018, with
    sums in place of Fourier transforms). All terms are positive, so that also the smallest probabilities are right
    to nearly the last digit.

    Parameters
    ----------
    chances
        (n,) the chance of success of each trial.
    """
    parts = [np.array([1.0 - p, p]) for p in chances.tolist()] or [np.ones(1)]
    while len(parts) > 1:
        odd = parts[-1:] if len(parts) % 2 else []
        pairs = zip(parts[::2], parts[1::2], strict=False)
        parts = [np.convolve(first, second) for first, second in pairs] + odd
    return parts[0]


def quantile(distribution: Floats, share: float) -> int:
    """Return the smallest number with at least `share` of the probability at or below it."""
    return int(np.searchsorted(np.cumsum(distribution), share - 1e-12).clip(0, distribution.size - 1))
