"""The arithmetic of every score: positions with vagueness, and their weighted mean.

Each piece of evidence i has a position p_i in [0, 1], a half-width h_i and a weight w_i. With P the pieces
that are present and A all of them::

    score = 0.5 + sum_P w_i (p_i - 0.5) / sum_P w_i
    low   = sum_P w_i max(0, p_i - h_i) / sum_A w_i
    high  = (sum_P w_i min(1, p_i + h_i) + sum_(A minus P) w_i) / sum_A w_i

Missing evidence may lie anywhere in [0, 1]: it widens the interval and leaves the score to the evidence that
is present. A score is monotone in every position, lies in its interval, and is 0.5 in [0, 1] without any
evidence. An estimate is itself a piece of evidence, so rows combine into basicness by the same formula.
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


@dataclass(frozen=True, slots=True, eq=False)
class Estimate:
    """A position per proposal (NaN: no evidence) in an interval; three arrays of shape (n,)."""

    position: Floats
    low: Floats
    high: Floats

    def take(self, rows: npt.NDArray[np.int64]) -> Estimate:
        """Return the estimate of some proposals only."""
        return Estimate(self.position[rows], self.low[rows], self.high[rows])


def vague(position: Floats, half_width: float | Floats) -> Estimate:
    """Return the estimate of one piece of evidence; positions outside [0, 1] are moved to the nearer pole."""
    clipped = np.clip(position, 0.0, 1.0)
    missing = np.isnan(clipped)
    low = np.where(missing, 0.0, np.maximum(0.0, clipped - half_width))
    high = np.where(missing, 1.0, np.minimum(1.0, clipped + half_width))
    return Estimate(clipped, low, high)


def combine(estimates: Sequence[Estimate], weights: Sequence[float], length: int) -> Estimate:
    """Return the weighted mean of estimates with its interval.

    Summed piece by piece, in the given order, and never by a matrix product: a product may sum in another
    order for other rows, and the result of a proposal must not depend on its neighbours.
    """
    everything = sum(weights)
    if everything == 0:
        return Estimate(np.full(length, np.nan), np.zeros(length), np.ones(length))
    total, present, low, high = (np.zeros(length) for _ in range(4))
    for estimate, weight in zip(estimates, weights, strict=True):
        known = ~np.isnan(estimate.position)
        total += np.where(known, weight * estimate.position, 0.0)
        present += np.where(known, weight, 0.0)
        low += weight * estimate.low
        high += weight * estimate.high
    position = np.divide(total, present, out=np.full(length, np.nan), where=present > 0)
    return Estimate(position, low / everything, high / everything)


def shares(estimates: Sequence[Estimate], weights: Sequence[float]) -> list[Floats]:
    """Return the share of each estimate in the weight that is present: 0 where it is missing."""
    known = [np.where(np.isnan(e.position), 0.0, w) for e, w in zip(estimates, weights, strict=True)]
    present = sum(known, start=np.zeros_like(known[0])) if known else np.zeros(0)
    return [np.divide(w, present, out=np.zeros_like(w), where=present > 0) for w in known]


def partial(estimate: Estimate, present: Floats) -> Estimate:
    """Return an estimate made from a share of the evidence: the rest may lie anywhere."""
    return Estimate(estimate.position, present * estimate.low, present * estimate.high + (1.0 - present))


def present_share(estimates: Sequence[Estimate], weights: Sequence[float], length: int) -> Floats:
    """Return, per proposal, the weight of the evidence that is present over the weight of all."""
    present = np.zeros(length)
    for estimate, weight in zip(estimates, weights, strict=True):
        present += np.where(np.isnan(estimate.position), 0.0, weight)
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
        known = ~np.isnan(estimate.position)
        count += known
        mean += share * np.where(known, estimate.position, 0.0)
    for estimate, share in zip(used, parts, strict=True):
        offset = np.where(np.isnan(estimate.position), 0.0, estimate.position - mean)
        variance += share * offset**2
    return np.where(count >= 2, np.minimum(1.0, 2.0 * np.sqrt(variance)), np.nan)
