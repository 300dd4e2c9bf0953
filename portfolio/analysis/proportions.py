"""Intervals for rates and for differences of rates."""

from __future__ import annotations

import math

# The 97.5% quantile of the standard normal distribution: intervals hold 95%.
_Z = 1.959963984540054


def wilson(successes: float, trials: float) -> tuple[float, float]:
    """Return the 95% score interval of a rate (Wilson 1927, JASA 22, 209-212).

    Parameters
    ----------
    successes, trials
        Numbers; they need not be whole where trials are weighted. Without trials nothing is known: [0, 1].
    """
    if trials <= 0:
        return 0.0, 1.0
    rate, square = successes / trials, _Z**2
    middle = (rate + square / (2 * trials)) / (1 + square / trials)
    half = _Z * math.sqrt(rate * (1 - rate) / trials + square / (4 * trials**2)) / (1 + square / trials)
    # At the ends the bounds are exact, whatever the rounding.
    low = 0.0 if successes <= 0 else max(0.0, middle - half)
    return low, 1.0 if successes >= trials else min(1.0, middle + half)


def difference(first: tuple[int, int], second: tuple[int, int]) -> tuple[float, float, float]:
    """Return the difference of two rates of different proposals, with its 95% interval.

    The hybrid score interval, method 10 of Newcombe (1998, Statistics in Medicine 17, 873-890).

    Parameters
    ----------
    first, second
        Successes and trials; NaN comes out if either has no trials.
    """
    if not first[1] or not second[1]:
        return math.nan, math.nan, math.nan
    return _hybrid(first[0] / first[1], wilson(*first), second[0] / second[1], wilson(*second), 0.0)


def paired_difference(both: int, first: int, second: int, neither: int) -> tuple[float, float, float]:
    """Return the difference of two rates of the same proposals, with its 95% interval.

    Method 10 of Newcombe (1998, Statistics in Medicine 17, 2635-2650): the hybrid score interval, allowing for the
    correlation of the two.

    Parameters
    ----------
    both, first, second, neither
        Proposals with both successes, with the first alone, with the second alone, and with none; NaN comes out if
        there are no proposals.
    """
    n = both + first + second + neither
    if not n:
        return math.nan, math.nan, math.nan
    one, two = both + first, both + second
    product = one * (second + neither) * two * (first + neither)
    covary = float(both * neither - first * second)
    if covary > 0:
        covary = max(covary - n / 2, 0.0)
    correlation = covary / math.sqrt(product) if product else 0.0
    return _hybrid(one / n, wilson(one, n), two / n, wilson(two, n), correlation)


def _hybrid(
    one: float, of_one: tuple[float, float], two: float, of_two: tuple[float, float], correlation: float
) -> tuple[float, float, float]:
    """Put the intervals of two rates together to one of their difference."""
    found = one - two
    below, above = one - of_one[0], of_two[1] - two
    down = below**2 - 2 * correlation * below * above + above**2
    below, above = two - of_two[0], of_one[1] - one
    up = below**2 - 2 * correlation * below * above + above**2
    return found, found - math.sqrt(max(0.0, down)), found + math.sqrt(max(0.0, up))
