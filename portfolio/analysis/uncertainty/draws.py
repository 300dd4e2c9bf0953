"""Draws of the scores of a call from their intervals, and what conditions make of them.

The truth behind a score s with a 90% interval of half-width h is taken as normal with mean s and standard
deviation h / 1.645, within [0, 1]; where the interval is all of [0, 1], nothing is known, and it is uniform.
Draws are a Latin hypercube (McKay, Beckman & Conover 1979): with K of them, each K-th part of the
distribution of each score is drawn from exactly once, so that a share over the draws of a single score is
exact to 1/K. There all proposals share the same uniform numbers: neither the others nor their order matter.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np
import polars as pl

from portfolio.optimize.vectors import Bools, Floats, Integers
from portfolio.scoring.estimate import DECIMALS, NINETY_PERCENT
from portfolio.scoring.labels import paradigm_label
from portfolio.scoring.settings import ScoringSettings

DRAWN = ("risk", "ambiguity", "horizon", "basicness")
_CELLS = 500_000


def hypercube(draws: int, scores: int, seed: int) -> Floats:
    """Return (draws, scores) numbers in (0, 1), each column a shuffle of the middles of `draws` equal parts."""
    rng = np.random.Generator(np.random.PCG64(seed))
    middles = (np.arange(draws) + 0.5) / draws
    return np.column_stack([rng.permutation(middles) for _ in range(scores)])


def truths(frame: pl.DataFrame, score: str, uniform: Floats, spread: float = 1.0) -> Floats:
    """Return (draws, n) truths behind a score in [0, 1], their errors multiplied by `spread`.

    Parameters
    ----------
    uniform
        (draws, n), or (draws, 1) if all proposals share the same numbers.
    """
    # Imported when it is needed: it takes a fifth of the time of importing this library.
    from scipy.special import ndtr, ndtri

    middle, low, high = (frame[f"{score}{end}"].to_numpy() for end in ("", "_low", "_high"))
    width = high - low
    deviation = np.maximum(width / 2, 1e-12) / NINETY_PERCENT
    below, above = ndtr(-middle / deviation), ndtr((1 - middle) / deviation)
    drawn = middle + deviation * ndtri(below + uniform * (above - below))
    known = np.where(width < 1, np.clip(drawn, 0.0, 1.0), uniform)
    return np.round(known if spread == 1 else middle + spread * (known - middle), DECIMALS)


def drawn_columns(
    frame: pl.DataFrame, uniform: Floats, settings: ScoringSettings, spread: float = 1.0
) -> dict[str, Floats | pl.Series]:
    """Return the columns of the scores with the truth drawn, draws x n long, one draw after the other.

    Intervals move with their scores. Years move on the logarithmic scale of horizon.

    Parameters
    ----------
    uniform
        (scores, draws, n), or (scores, draws, 1) if all proposals share the same numbers.
    spread
        By how much errors are multiplied.
    """
    columns: dict[str, Floats | pl.Series] = {}
    for score, numbers in zip(DRAWN, uniform, strict=True):
        drawn = truths(frame, score, numbers, spread)
        middle = frame[score].to_numpy()
        columns[score] = drawn.ravel()
        for end in ("_low", "_high"):
            moved = np.clip(frame[f"{score}{end}"].to_numpy() + drawn - middle, 0.0, 1.0)
            columns[f"{score}{end}"] = np.round(moved, DECIMALS).ravel()
        if score == "horizon":
            factor = np.exp((drawn - middle) * np.log1p(settings.saturation_years))
            for end in ("", "_low", "_high"):
                years = (1 + frame[f"horizon_years{end}"].to_numpy()) * factor - 1
                columns[f"horizon_years{end}"] = np.maximum(0.0, np.round(years, 9)).ravel()
    columns["paradigm"] = paradigm_label(
        np.asarray(columns["basicness"]), settings.applied_below, settings.basic_above
    )
    return columns


def replaced(table: pl.DataFrame, times: int, columns: Mapping[str, Floats | pl.Series]) -> pl.DataFrame:
    """Repeat a table so many times, one copy below the other, with the columns of scores replaced.

    Where the file has a column with the name of a score, conditions know the score by the name ``scored_...`` too.
    """
    rows = np.tile(np.arange(table.height), times)
    named = {prefix + name: values for name, values in columns.items() for prefix in ("", "scored_")}
    return table[rows].with_columns(
        pl.Series(name, values) for name, values in named.items() if name in table.columns
    )


def chunks(draws: int, n: int) -> Iterator[slice]:
    """Yield slices of the draws that keep tables at a size that fits into memory."""
    step = max(1, _CELLS // max(1, n))
    yield from (slice(start, min(start + step, draws)) for start in range(0, draws, step))


def changes(
    labels: Callable[[pl.DataFrame], Sequence[pl.Series]],
    now: Sequence[pl.Series],
    tables: Iterator[tuple[pl.DataFrame, int]],
) -> list[Integers]:
    """Count, per label and proposal, in how many copies of a table the label is another than now."""
    n = len(now[0]) if now else 0
    found = [np.zeros(n, dtype=np.int64) for _ in now]
    for table, times in tables:
        for index, (label, other) in enumerate(zip(now, labels(table), strict=True)):
            same: Bools = other.eq_missing(label[np.tile(np.arange(n), times)]).to_numpy()
            found[index] += times - same.reshape(times, n).sum(axis=0)
    return found
