"""The arithmetic of every score: the weighted mean of positions, and a 90% interval by known errors.

Each piece of evidence i is the truth plus an error: it has a position p_i in [0, 1], a weight w_i, and a
half-width h_i within which nine errors in ten lie. Errors are independent and normal, so that h_i is 1.645
standard deviations. With P the pieces that are present::

    score      = 0.5 + sum_P w_i (p_i - 0.5) / sum_P w_i
    half-width = sqrt(sum_P (w_i h_i)^2) / sum_P w_i
    interval   = score -+ half-width, moved into [0, 1] where it sticks out

Independent errors add up by the root of the sum of their squares (JCGM 100:2008, *Guide to the expression of
uncertainty in measurement*, 5.1.2); their plain sum would be right only if all erred the same way at once.

Missing evidence leaves the score to the evidence that is present, and never makes it more certain. The
formula alone does not promise the second: a vague piece that weighs too much blurs the mean, and leaving it
out would sharpen it. So the half-width is the largest that any of the missing pieces, were they added, could
make it. An interval that sticks out is moved, not cut, so that its width says how much is known and nothing
else; it covers 90% of the truths, and more of those near a pole. A score without any evidence is 0.5 in
[0, 1].

A score is monotone in every position and lies in its interval. An estimate is itself a piece of evidence, so
rows combine into basicness by the same formula.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

BASE = 0.5
DECIMALS = 12
NINETY_PERCENT = 1.645
"""Standard deviations on either side of the middle that hold 90% of a normal distribution."""


@dataclass(frozen=True, slots=True, eq=False)
class Estimate:
    """A position per proposal, and how far off it may be; two arrays of shape (n,).

    Parameters
    ----------
    position
        In [0, 1]; NaN where there is no evidence.
    half_width
        Of the 90% interval; where there is no evidence, the largest that it would have if there were some.
    """

    position: Floats
    half_width: Floats

    @property
    def missing(self) -> Flags:
        """Where there is no evidence."""
        return np.isnan(self.position)

    @property
    def low(self) -> Floats:
        """The lower end of the interval; 0 without evidence."""
        low = np.clip(self.position - self.half_width, 0.0, np.maximum(0.0, 1.0 - 2.0 * self.half_width))
        return np.where(self.missing, 0.0, low)

    @property
    def high(self) -> Floats:
        """The upper end of the interval; 1 without evidence."""
        high = np.clip(self.position + self.half_width, np.minimum(1.0, 2.0 * self.half_width), 1.0)
        return np.where(self.missing, 1.0, high)

    def blurred(self, half_width: float) -> Estimate:
        """Return the estimate with a further independent error."""
        return Estimate(self.position, np.hypot(self.half_width, half_width))


def vague(position: Floats, half_width: float | Floats) -> Estimate:
    """Return the estimate of one piece of evidence; positions outside [0, 1] are moved to the nearer pole."""
    return Estimate(np.clip(position, 0.0, 1.0), np.broadcast_to(half_width, position.shape).astype(float))


def combine(estimates: Sequence[Estimate], weights: Sequence[float], length: int) -> Estimate:
    """Return the weighted mean of estimates with its half-width.

    Summed piece by piece, in the given order, and never by a matrix product: a product may sum in another
    order for other rows, and the result of a proposal must not depend on its neighbours.
    """
    total, present, squares, widest = (np.zeros(length) for _ in range(4))
    missing: list[tuple[Floats, Floats]] = []
    for estimate, weight in zip(estimates, weights, strict=True):
        known = ~estimate.missing & (weight > 0)
        square = (weight * estimate.half_width) ** 2
        total += np.where(known, weight * estimate.position, 0.0)
        present += np.where(known, weight, 0.0)
        squares += np.where(known, square, 0.0)
        widest = np.maximum(widest, estimate.half_width if weight > 0 else 0.0)
        missing.append((np.where(known, 0.0, square), np.where(known, 0.0, weight)))
    some = present > 0
    position = np.divide(total, present, out=np.full(length, np.nan), where=some)
    variance = _largest(squares, np.where(some, present, 1.0), missing)
    return Estimate(position, np.where(some, np.sqrt(variance), widest))


def _largest(squares: Floats, weights: Floats, missing: Sequence[tuple[Floats, Floats]]) -> Floats:
    """Return the largest squared half-width, A / B^2, over all choices of missing pieces that might be added.

    A piece (a, w) that is part of the best choice has a / w > 2 A / B for what the choice already holds: a piece
    that does not is left out at once, so that hardly any choice is ever looked at.
    """
    for index, (square, weight) in enumerate(missing):
        if np.any(square * weights > 2 * squares * weight):
            rest = missing[index + 1 :]
            without = _largest(squares, weights, rest)
            return np.maximum(without, _largest(squares + square, weights + weight, rest))
    return squares / weights**2


def shares(estimates: Sequence[Estimate], weights: Sequence[float]) -> list[Floats]:
    """Return the share of each estimate in the weight that is present: 0 where it is missing."""
    known = [np.where(e.missing, 0.0, w) for e, w in zip(estimates, weights, strict=True)]
    present = sum(known, start=np.zeros_like(known[0])) if known else np.zeros(0)
    return [np.divide(w, present, out=np.zeros_like(w), where=present > 0) for w in known]


def partial(estimate: Estimate, present: Floats) -> Estimate:
    """Return an estimate made from a share of the evidence: without any it may be off by the whole scale."""
    half_width = present * estimate.half_width + (1.0 - present)
    return Estimate(estimate.position, np.where(estimate.missing, 1.0, half_width))


def present_share(estimates: Sequence[Estimate], weights: Sequence[float], length: int) -> Floats:
    """Return, per proposal, the weight of the evidence that is present over the weight of all."""
    present = np.zeros(length)
    for estimate, weight in zip(estimates, weights, strict=True):
        present += np.where(estimate.missing, 0.0, weight)
    return present / (sum(weights) or 1.0)


def rounded(values: Floats) -> Floats:
    """Round to 12 decimals: 1 - 0.9 then meets a threshold of 0.1, and all machines agree on every digit."""
    return np.round(values, DECIMALS)


def spread(estimates: Sequence[Estimate], weights: Sequence[float], length: int) -> Floats:
    """Return the weighted standard deviation of positions over its largest possible value, 0.5.

    NaN where fewer than two pieces with a weight are present: one voice cannot disagree.
    """
    used = [e for e, w in zip(estimates, weights, strict=True) if w > 0]
    parts = shares(used, [w for w in weights if w > 0])
    count, mean, variance = (np.zeros(length) for _ in range(3))
    for estimate, share in zip(used, parts, strict=True):
        count += ~estimate.missing
        mean += share * np.where(estimate.missing, 0.0, estimate.position)
    for estimate, share in zip(used, parts, strict=True):
        offset = np.where(estimate.missing, 0.0, estimate.position - mean)
        variance += share * offset**2
    return np.where(count >= 2, np.minimum(1.0, 2.0 * np.sqrt(variance)), np.nan)
