"""Lotteries of places: so many win, whatever they cost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import polars as pl

from portfolio.analysis.lottery.line import funding_line
from portfolio.analysis.lottery.lottery import Lottery, Method
from portfolio.analysis.lottery.merit import merit_chances
from portfolio.analysis.lottery.tickets import as_tickets
from portfolio.optimize.vectors import Bools, Floats

_RANKS = ("expected_rank", "rank_low_50", "rank_high_50")


def merit_lottery(ids: Sequence[str], low: Floats, high: Floats, places: int) -> Lottery:
    """Return the lottery by MERIT (Goldberg, Fanti & Shah 2025), see `merit`.

    Parameters
    ----------
    ids
        n names.
    low, high
        (n,) ends of the intervals of quality; more is better.
    places
        How many win.

    Raises
    ------
    ValueError
        If names are repeated, lengths differ, an interval ends below where it starts, or there are not so many
        proposals.
    """
    order = _sorted(ids, low, high)
    low, high = np.asarray(low, dtype=float)[order], np.asarray(high, dtype=float)[order]
    found = merit_chances(low, high, places)
    proof = {"value": found.value, "bound": found.bound, "share_of_best": found.value / places}
    tied = (found.chances > 0) & (found.chances < 1)
    return _places("merit", ids, order, found.chances, tied, places, proof)


def rank_lottery(ranks: pl.DataFrame, places: int) -> Lottery:
    """Return the lottery of the SNSF around its funding line (Heyard et al. 2022), see `line`.

    Parameters
    ----------
    ranks
        The columns id, expected_rank, rank_low_50 and rank_high_50 of `BayesianRanking.ranks`.
    places
        How many win.

    Raises
    ------
    ValueError
        If there are not so many proposals.
    """
    ids = ranks["id"].to_list()
    expected, low, high = (ranks[name].to_numpy() for name in _RANKS)
    order = _sorted(ids, expected, low, high)
    line = funding_line(expected[order], low[order], high[order], places)
    proof = {"line": line.line, "places_in_the_lottery": float(line.places)}
    return _places("bayes", ids, order, line.chances, line.tied, places, proof)


def _places(
    method: Method,
    ids: Sequence[str],
    order: list[int],
    chances: Floats,
    tied: Bools,
    places: int,
    proof: Mapping[str, float | str],
) -> Lottery:
    n = len(order)
    return Lottery(
        method=method,
        ids=tuple(ids[index] for index in order),
        tickets=as_tickets(chances, places),
        tied=tied,
        portfolios=np.zeros((0, n), dtype=bool),
        weights=np.zeros(0, dtype=np.int64),
        places=places,
        proof=proof,
    )


def _sorted(ids: Sequence[str], *columns: Floats) -> list[int]:
    if len(set(ids)) < len(ids) or {len(column) for column in columns} != {len(ids)}:
        raise ValueError(
            f"every proposal needs a name of its own and one entry in each list; {len(ids):,} are named"
        )
    return sorted(range(len(ids)), key=lambda index: ids[index])
