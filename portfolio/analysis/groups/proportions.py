"""How far shares of small numbers can be trusted: intervals, and many comparisons at once."""

from __future__ import annotations

import math
from statistics import NormalDist

import numpy as np

from portfolio.optimize.vectors import Floats, Integers

_Z = NormalDist().inv_cdf(0.975)
# Beyond this many standard deviations a probability is 0 in floating point.
_FAR, _HALVINGS = 40.0, 64


def wilson(successes: Integers, trials: Integers, z: float | Floats = _Z) -> tuple[Floats, Floats]:
    """Return the score interval of proportions: (p + z²/2n ± z √(p(1-p)/n + z²/4n²)) / (1 + z²/n).

    Never outside [0, 1], and sensible for no success at all (Wilson 1927, J. Am. Stat. Assoc. 22, 209-212).

    Parameters
    ----------
    successes, trials
        (n,) counts.
    z
        Quantile of the normal distribution; 95% if it is not given.

    Returns
    -------
    low, high
        (n,) each; NaN where there was no trial.
    """
    count = np.where(trials > 0, trials, np.nan)
    share = successes / count
    middle = share + z**2 / (2 * count)
    half = z * np.sqrt(share * (1 - share) / count + z**2 / (4 * count**2))
    low, high = ((middle + side) / (1 + z**2 / count) for side in (-half, half))
    # What rounding leaves at the ends is no probability.
    return np.where(successes == 0, 0.0 * count, low), np.where(successes == trials, count / count, high)


def newcombe(
    first: Integers, of_first: Integers, second: Integers, of_second: Integers, z: float | Floats = _Z
) -> tuple[Floats, Floats]:
    """Return the interval of the difference of two independent proportions, the first less the second.

    With d = p₁ - p₂ and the Wilson intervals [l, u] of both, d - √((p₁-l₁)² + (u₂-p₂)²) to
    d + √((u₁-p₁)² + (p₂-l₂)²) (Newcombe 1998, Statistics in Medicine 17, 873-890, method 10).

    Parameters
    ----------
    first, of_first, second, of_second
        (n,) successes and trials on both sides.

    Returns
    -------
    low, high
        (n,) each; NaN where a side has no trial.
    """
    (low_1, high_1), (low_2, high_2) = wilson(first, of_first, z), wilson(second, of_second, z)
    share_1, share_2 = _share(first, of_first), _share(second, of_second)
    difference = share_1 - share_2
    return (
        difference - np.hypot(share_1 - low_1, high_2 - share_2),
        difference + np.hypot(high_1 - share_1, share_2 - low_2),
    )


def p_value(first: Integers, of_first: Integers, second: Integers, of_second: Integers) -> Floats:
    """Return 1 less the largest confidence at which the interval of `newcombe` excludes 0.

    So it is below 0.05 where the 95% interval excludes 0, and nowhere else. NaN where a side has no trial.
    """
    share_1, share_2 = _share(first, of_first), _share(second, of_second)
    # The side of the interval that faces 0 moves towards it as the confidence grows.
    swap = share_1 < share_2
    above, of_above = np.where(swap, second, first), np.where(swap, of_second, of_first)
    below, of_below = np.where(swap, first, second), np.where(swap, of_first, of_second)
    near, far = np.zeros(len(first)), np.full(len(first), _FAR)
    for _ in range(_HALVINGS):
        z = (near + far) / 2
        excludes = newcombe(above, of_above, below, of_below, z)[0] > 0
        near, far = np.where(excludes, z, near), np.where(excludes, far, z)
    tails = np.array([math.erfc(z / math.sqrt(2)) for z in near.tolist()])
    return np.where(np.isnan(share_1 - share_2), np.nan, np.where(share_1 == share_2, 1.0, tails))


def holm(p_values: Floats) -> Floats:
    """Return p-values adjusted for their number, so that one in twenty families has a false alarm at 0.05.

    The j-th smallest of m is multiplied by m - j + 1, and none is below one that was smaller (Holm 1979,
    Scandinavian Journal of Statistics 6, 65-70). It holds however the comparisons depend on each other.
    """
    order, m = np.argsort(p_values, kind="stable"), len(p_values)
    stepped = np.maximum.accumulate(p_values[order] * np.arange(m, 0, -1))
    adjusted = np.empty(m)
    adjusted[order] = np.minimum(stepped, 1.0)
    return adjusted


def _share(successes: Integers, trials: Integers) -> Floats:
    return successes / np.where(trials > 0, trials, np.nan)
