"""Draws of the truth behind every merit and score, each proposal from random numbers of its own.

The numbers of a proposal come from its id and the seed alone (Philox, Salmon et al. 2011, keyed by a hash of both).
Neither other proposals, nor the order of rows, nor how many draws are made at a time matter; and two policies that
are looked at with the same seed see the same draws (common random numbers), so that they differ by nothing but
themselves. Errors of different proposals, and of the merit and the scores of one, are independent.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from portfolio.analysis.uncertainty.draws import DRAWN, drawn_columns
from portfolio.optimize import Problem
from portfolio.optimize.vectors import Bools, Floats
from portfolio.scoring import ScoringSettings
from portfolio.scoring.columns import numbers
from portfolio.scoring.estimate import DECIMALS, NINETY_PERCENT

# Philox makes four words at a time; a draw takes two times four, so that it can be found without the draws before it.
_WORDS, _BLOCKS = 8, 2
_NUMBERS = 1 + len(DRAWN)
# Below this, a standard error is none: only where the scale ends has to be known.
_TINY = 1e-9


def uniforms(ids: Sequence[str], seed: int, first: int, count: int) -> Floats:
    """Return (count, 5, n) numbers strictly between 0 and 1: per draw one for the merit, then one per score.

    Parameters
    ----------
    first, count
        Number of the first draw, from 0, and how many draws.
    """
    found = np.empty((count, _NUMBERS, len(ids)))
    for column, name in enumerate(ids):
        key = hashlib.sha256(f"{seed}\x1f{name}".encode()).digest()[:16]
        stream = np.random.Philox(key=int.from_bytes(key, "big"), counter=first * _BLOCKS)
        words = np.asarray(stream.random_raw(count * _WORDS)).reshape(count, _WORDS)[:, :_NUMBERS]
        # 52 bits and a half, so that neither 0 nor 1 comes.
        found[:, :, column] = ((words >> np.uint64(12)) + 0.5) * 2.0**-52
    return found


@dataclass(frozen=True)
class Known:
    """How much is known of how far merits may be off: numbers of merits.

    Attributes
    ----------
    drawn
        Drawn from a normal distribution.
    whole
        Drawn from all of the scale, since nothing else is known.
    exact
        Not drawn, since their interval has no width.
    fixed
        Not drawn, since no interval is stated.
    """

    drawn: int
    whole: int
    exact: int
    fixed: int

    def in_words(self) -> str:
        """Say it in one line; what is 0 is left out, except for `drawn`."""
        words = {
            "from all of the scale (one review)": self.whole,
            "not drawn, their interval has no width": self.exact,
            "not drawn, no interval is stated": self.fixed,
        }
        return "; ".join([f"{self.drawn:,} drawn", *(f"{n:,} {text}" for text, n in words.items() if n)])


@dataclass(frozen=True, eq=False)
class MeritErrors:
    """How far the truth behind each merit may lie from it.

    Attributes
    ----------
    merit
        (n,), NaN where there is none.
    below, above
        (n,) standard deviations of the errors on either side; 0 where a merit is not drawn.
    whole
        (n,) where nothing is known but the scale: one reviewer says nothing about the spread.
    lowest, highest
        The scale; infinite where merits are a column of the file.
    stated
        (n,) whether there is any interval.
    """

    merit: Floats
    below: Floats
    above: Floats
    whole: Bools
    lowest: float
    highest: float
    stated: Bools

    @classmethod
    def of(cls, problem: Problem) -> MeritErrors:
        """Read them from the scores: standard errors of reviews, or the 90% intervals of the file."""
        settings = problem.policy.reviews if problem.call.reviews is not None else None
        lowest, highest = (settings.lowest, settings.highest) if settings else (-np.inf, np.inf)
        merit, error, low, high = (
            numbers(problem.instance.table, f"merit{end}") for end in ("", "_sd", "_low", "_high")
        )
        # The ends of reviews are cut at those of the scale; those of a file are as the funder stated them.
        normal = ~np.isnan(error) & (settings is not None)
        below, above = (np.maximum(0.0, side) / NINETY_PERCENT for side in (merit - low, high - merit))
        below, above = np.where(np.isnan(below), above, below), np.where(np.isnan(above), below, above)
        below, above = (np.where(normal, error, side) for side in (below, above))
        whole = ~normal & (low <= lowest) & (high >= highest) & (settings is not None)
        stated = ~np.isnan(below) & ~np.isnan(merit)
        below, above = (np.where(stated, side, 0.0) for side in (below, above))
        return cls(merit, below, above, whole & stated, lowest, highest, stated)

    def known(self) -> Known:
        """Count the merits by what is known of them."""
        none = (self.below == 0) & (self.above == 0)
        normal = self.stated & ~self.whole
        counts = (normal & ~none, self.whole, normal & none, ~self.stated & ~np.isnan(self.merit))
        return Known(*(int(count.sum()) for count in counts))

    def truths(self, uniform: Floats, spread: float = 1.0) -> Floats:
        """Return (n,) truths from (n,) uniform numbers, their errors multiplied by `spread`.

        On either side of the merit, half of a normal distribution with the standard deviation of that side (the
        two-piece normal distribution of which the merit is the median), within the scale.
        """
        # Imported when it is needed: it takes a fifth of the time of importing this library.
        from scipy.special import ndtr, ndtri

        first = ndtr((self.lowest - self.merit) / np.maximum(self.below, _TINY))
        last = ndtr((self.highest - self.merit) / np.maximum(self.above, _TINY))
        z = ndtri(first + uniform * (last - first))
        drawn = self.merit + z * np.where(z < 0, self.below, self.above)
        if self.whole.any():
            drawn = np.where(self.whole, self.lowest + uniform * (self.highest - self.lowest), drawn)
        drawn = np.clip(drawn, self.lowest, self.highest)
        moved = self.merit + spread * (drawn - self.merit)
        return np.round(np.where(self.stated, moved, self.merit), DECIMALS)


def columns_of_draw(
    table: pl.DataFrame,
    errors: MeritErrors,
    uniform: Floats,
    settings: ScoringSettings,
    spread: float = 1.0,
    *,
    scores: bool = True,
) -> dict[str, Floats | pl.Series]:
    """Return the columns of the scores in one draw.

    Parameters
    ----------
    uniform
        (5, n), one draw of `uniforms`.
    spread
        By how much all errors are multiplied.
    scores
        Whether risk, ambiguity, horizon and basicness are drawn too; otherwise only merits are.
    """
    merit = errors.truths(uniform[0], spread)
    moved = {name: numbers(table, name) + (merit - errors.merit) for name in ("merit_low", "merit_high")}
    # Without errors nothing is drawn, and what is not known stays so.
    others = drawn_columns(table, uniform[1:, None, :], settings, spread) if scores and spread else {}
    return {"merit": merit, **moved, **others}
