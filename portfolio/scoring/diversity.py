"""Interdisciplinarity: how many fields a proposal spans, how evenly, and how far apart they are.

With the share p_i of the proposal in field i and the distance d_ij between two fields, Rao-Stirling diversity is
sum over i and j of p_i p_j d_ij (Rao 1982, *Diversity and dissimilarity coefficients*, Theoretical Population
Biology 21; Stirling 2007, *A general framework for analysing diversity in science, technology and society*,
Journal of the Royal Society Interface 4; for interdisciplinarity Rafols & Meyer 2010, Scientometrics 82). It is 0
for one field, and n equal fields that have nothing in common reach 1 - 1/n.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import polars as pl

from portfolio.call.shares import FIELDS, shares_of
from portfolio.scoring.columns import series
from portfolio.scoring.estimate import rounded
from portfolio.scoring.settings import ScoringSettings

NAME = "interdisciplinarity"


def interdisciplinarity(frame: pl.DataFrame, settings: ScoringSettings) -> pl.Series | None:
    """Return the Rao-Stirling diversity of each proposal in [0, 1], null where its fields are not given.

    None if the call has no column `fields`. Each of its entries is a field with or without a share:
    ``1.1: 60%; 2.3: 40%``, ``1.1: 3; 2.3: 2``, or ``1.1; 2.3`` for equal shares.
    """
    if FIELDS not in frame.columns:
        return None
    cells = series(frame, FIELDS, pl.List(pl.String)).list.join(";", ignore_nulls=True)
    distances = {frozenset(pair.between): pair.distance for pair in settings.distance}
    found: dict[str, float | None] = {"": None}
    for text in cells.drop_nulls().unique():
        found.setdefault(text, rao_stirling(shares_of(text.split(";")), distances) if text else None)
    values = cells.replace_strict(found, return_dtype=pl.Float64)
    return pl.Series(NAME, rounded(values.to_numpy())).fill_nan(None)


def rao_stirling(shares: Mapping[str, float], distances: Mapping[frozenset[str], float]) -> float:
    """Return the sum of p_i p_j d_ij over all ordered pairs of different fields.

    Parameters
    ----------
    shares
        Share of each field; they add up to 1.
    distances
        Of pairs of fields, in [0, 1]; of the others it is `code_distance`.
    """
    names = sorted(shares)
    return math.fsum(
        2 * shares[a] * shares[b] * distances.get(frozenset((a, b)), code_distance(a, b))
        for index, a in enumerate(names)
        for b in names[:index]
    )


def code_distance(first: str, second: str) -> float:
    """Return how far apart two codes are in the tree that their prefixes form: 0 the same, 1 nothing in common.

    Codes are divided at their points, as in the OECD's FORD: 1.1 and 1.3 share one level of two, and are 0.5 apart.
    """
    one, other = first.split("."), second.split(".")
    common = 0
    while common < min(len(one), len(other)) and one[common] == other[common]:
        common += 1
    return 1.0 - 2.0 * common / (len(one) + len(other))
