"""Interdisciplinarity: how many fields a proposal spans, how evenly, and how far apart they are.

With the share p_i of the proposal in field i and the distance d_ij between two fields, Rao-Stirling diversity is
sum over i and j of p_i p_j d_ij (Rao 1982, *Diversity and dissimilarity coefficients*, Theoretical Population
Biology 21; Stirling 2007, *A general framework for analysing diversity in science, technology and society*,
Journal of the Royal Society Interface 4; for interdisciplinarity Rafols & Meyer 2010, Scientometrics 82). It is 0
for one field, and n equal fields that have nothing in common reach 1 - 1/n.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping

import numpy as np
import polars as pl

from portfolio.call.shares import FIELDS, parted
from portfolio.errors import DataError, Issue
from portfolio.scoring.columns import series
from portfolio.scoring.estimate import rounded
from portfolio.scoring.settings import ScoringSettings

NAME = "interdisciplinarity"
# Shares that are stated as percentages may miss 100% by their rounding.
_ROUNDING = 1.0


def interdisciplinarity(frame: pl.DataFrame, settings: ScoringSettings) -> pl.Series | None:
    """Return the Rao-Stirling diversity of each proposal in [0, 1], null where its fields are not given.

    None if the call has no column `fields`. Each of its entries is a field with or without a share:
    ``1.1: 60%; 2.3: 40%``, ``1.1: 3; 2.3: 2``, or ``1.1; 2.3`` for equal shares.

    Raises
    ------
    DataError
        If some entries of a proposal have a share and some have none, or percentages do not add up to 100%.
    """
    if FIELDS not in frame.columns:
        return None
    cells = series(frame, FIELDS, pl.List(pl.String)).list.join(";", ignore_nulls=True)
    distances = {frozenset(pair.between): pair.distance for pair in settings.distance}
    found: dict[str, float | None] = {"": None}
    issues = []
    for text in cells.drop_nulls().unique().sort().to_list():
        try:
            found.setdefault(text, rao_stirling(shares_of(text.split(";")), distances) if text else None)
        except ValueError as error:
            ids = frame.filter(cells == text).get_column("id")
            issues.append(Issue(str(error), column=FIELDS, value=text, id=ids[0], count=ids.len()))
    if issues:
        raise DataError(issues)
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


def shares_of(entries: Iterable[str]) -> dict[str, float]:
    """Return the share of each field; they add up to 1.

    Raises
    ------
    ValueError
        In words, if the entries contradict each other.
    """
    parsed = list(_parsed(entries))
    weights = [weight for _, weight, _ in parsed]
    if any(weight is None for weight in weights) and any(weight is not None for weight in weights):
        raise ValueError("must give every field a share, or none")
    numbers = np.array([1.0 if weight is None else weight for weight in weights])
    total = math.fsum(numbers.tolist())
    if all(percent for *_, percent in parsed) and abs(total - 100) > _ROUNDING:
        raise ValueError(f"has shares that add up to {total:g}%, not 100%")
    if total <= 0:
        raise ValueError("must give at least one field a share above 0")
    found: dict[str, float] = {}
    for (name, *_), number in zip(parsed, numbers.tolist(), strict=True):
        found[name] = found.get(name, 0.0) + number / total
    return found


def _parsed(entries: Iterable[str]) -> Iterator[tuple[str, float | None, bool]]:
    """Yield the field, its weight if one is given, and whether that is a percentage."""
    for entry in entries:
        name, share = parted(entry)
        yield name, float(share.removesuffix("%")) if share else None, share.endswith("%")
