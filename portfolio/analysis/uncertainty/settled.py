"""Shares counted in draws: how sure they are, and when a label can no longer be called chance."""

from __future__ import annotations

from enum import StrEnum

import numpy as np

from portfolio.optimize.vectors import Bools, Floats, Integers


class Label(StrEnum):
    """How surely a proposal is funded."""

    CORE = "core"
    BORDERLINE = "borderline"
    EXTERIOR = "exterior"
    UNKNOWN = "unknown"


def share_interval(counts: Integers, draws: int, confidence: float) -> tuple[Floats, Floats]:
    """Return (n,) ends of the exact intervals of chances (Clopper & Pearson 1934); all of [0, 1] without draws.

    They hold the chance with at least the confidence, also where it was seen in all draws or in none.
    """
    # Imported when it is needed: it takes a fifth of the time of importing this library.
    from scipy.special import betaincinv

    tail = (1 - confidence) / 2
    seen, missed = counts.astype(np.float64), (draws - counts).astype(np.float64)
    low = np.where(seen > 0, betaincinv(np.maximum(seen, 1), missed + 1, tail), 0.0)
    high = np.where(missed > 0, betaincinv(seen + 1, np.maximum(missed, 1), 1 - tail), 1.0)
    return low, high


def standard_error(counts: Integers, draws: int) -> Floats:
    """Return (n,) sqrt(s (1 - s) / draws); NaN for shares of 0 and 1, of which the formula says nothing."""
    share = counts / draws if draws else np.full(counts.size, np.nan)
    inside = (counts > 0) & (counts < draws)
    return np.sqrt(np.where(inside, share * (1 - share), np.nan) / max(1, draws))


def labels(counts: Integers, draws: int, tail: float) -> list[Label]:
    """Return core for shares of at least 1 - tail, exterior for shares of at most `tail`, else borderline."""
    if not draws:
        return [Label.UNKNOWN] * counts.size
    words = (Label.EXTERIOR, Label.BORDERLINE, Label.CORE)
    return [words[code] for code in _code(counts / draws, tail).tolist()]


def settled(counts: Integers, draws: int, tail: float, confidence: float) -> Bools:
    """Return (n,) whether all of the interval of a share has the same label."""
    low, high = share_interval(counts, draws, confidence)
    return np.asarray(_code(low, tail) == _code(high, tail))


def _code(share: Floats, tail: float) -> Integers:
    return (share > tail).astype(np.int64) + (share >= 1 - tail)
