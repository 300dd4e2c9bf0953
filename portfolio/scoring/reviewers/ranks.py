"""Ranks of proposals from draws of their merits.

The expected rank and its use for funding: Heyard et al. (2022); the percentile of the expected rank:
Lockwood, Louis & McCaffrey (2002); SUCRA: Salanti, Ades & Ioannidis (2011).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from portfolio.scoring.estimate import Floats
from portfolio.scoring.reviewers.calibration import on_file

Ranks = npt.NDArray[np.int32]
Draws = npt.NDArray[np.number[Any]]

INTERVALS = {"rank_low_50": 0.25, "rank_high_50": 0.75, "rank_low_90": 0.05, "rank_high_90": 0.95}
_CHUNK = 4096


def ranked(merit: npt.NDArray[np.floating]) -> Ranks:
    """Return the rank of each proposal in each draw, 1 the best; both of shape (draws, proposals)."""
    ranks = np.empty(merit.shape, dtype=np.int32)
    places = np.arange(1, merit.shape[1] + 1, dtype=np.int32)
    for draw in range(merit.shape[0]):
        ranks[draw, np.argsort(-merit[draw], kind="stable")] = places
    return ranks


def quantiles(draws: npt.NDArray[np.generic], shares: list[float]) -> Floats:
    """Return quantiles over draws, shape (shares, columns)."""
    found: Floats = np.empty((len(shares), draws.shape[1]))
    for start in range(0, draws.shape[1], _CHUNK):
        part = draws[:, start : start + _CHUNK].astype(np.float64)
        found[:, start : start + _CHUNK] = np.quantile(part, shares, axis=0)
    return found


def shared(
    statistic: Callable[[Draws], Floats],
    draws: Draws,
    alike: Sequence[npt.NDArray[np.int64]],
) -> Floats:
    """Return a statistic of each column of draws; columns that are alike share that of all their draws.

    Nothing tells them apart but chance: their posterior is the same.

    Parameters
    ----------
    statistic
        Of draws of shape (draws, columns), of shape (..., columns).
    alike
        Groups of columns.
    """
    found = statistic(draws)
    for group in alike:
        found[..., group] = statistic(draws[:, group].reshape(-1, 1))
    return found


def rank_frame(ids: pl.Series, ranks: Ranks, alike: Sequence[npt.NDArray[np.int64]] = ()) -> pl.DataFrame:
    """Return id, expected_rank, its intervals of 50% and 90%, pcer and sucra, the best first, ties by id.

    `pcer` is the percentile of the expected rank, ``100 (rank - 1/2) / n``: the chance in percent of meeting a better
    proposal. `sucra` is the mean share of the others that a proposal beats, from 0 to 1. Proposals that are `alike`
    share their figures.
    """
    n = ranks.shape[1]
    expected = shared(_mean, ranks, alike)
    found = shared(lambda draws: quantiles(draws, list(INTERVALS.values())), ranks, alike)
    columns = {name: np.round(row, 3) for name, row in zip(INTERVALS, found, strict=True)}
    beaten = (n - expected) / (n - 1) if n > 1 else np.ones(1)
    return pl.DataFrame(
        {
            "id": ids,
            "expected_rank": on_file(expected),
            **columns,
            "pcer": on_file(100.0 * (expected - 0.5) / n),
            "sucra": on_file(beaten),
        }
    ).sort("expected_rank", "id")


def chance_of_top(ranks: Ranks, k: int, alike: Sequence[npt.NDArray[np.int64]] = ()) -> Floats:
    """Return the share of draws in which each proposal is among the best k, shape (proposals,)."""
    return shared(lambda draws: _mean(draws <= np.int64(k)), ranks, alike)


def _mean(draws: npt.NDArray[Any]) -> Floats:
    mean: Floats = np.mean(draws, axis=0, dtype=np.float64)
    return mean
