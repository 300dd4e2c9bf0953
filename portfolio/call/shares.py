"""Fields with shares: `1.1: 60%` is the field 1.1, in which 60 percent of a proposal are."""

from __future__ import annotations

import math
from collections.abc import Iterable

import polars as pl

FIELDS = "fields"
"""The column whose entries may have shares."""

_MARK = ":"
_PERCENT = "%"
_NOTHING = rf"{_MARK}\s*0+([.,]0+)?\s*{_PERCENT}?$"
# Shares that are stated as percentages may miss 100% by their rounding.
_ROUNDING = 1.0


def parted(entry: str) -> tuple[str, str]:
    """Return a field and its share with a decimal point; the share is empty where there is none."""
    field, _, share = entry.partition(_MARK)
    return field.strip(), share.strip().replace(",", ".")


def shares_of(entries: Iterable[str]) -> dict[str, float]:
    """Return the share of each field; they add up to 1.

    Raises
    ------
    ValueError
        In words, if the entries contradict each other.
    """
    parts = [parted(entry) for entry in entries]
    stated = [share for _, share in parts if share]
    if len({field for field, _ in parts}) < len(parts):
        raise ValueError("must name every field once: a field stands there twice")
    if stated:
        if len(stated) < len(parts):
            raise ValueError("must give every field a share, or none")
        if len({share.endswith(_PERCENT) for share in stated}) > 1:
            raise ValueError("must give all shares in percent, or none")
    numbers = [float(share.removesuffix(_PERCENT)) if share else 1.0 for _, share in parts]
    total = math.fsum(numbers)
    if stated and stated[0].endswith(_PERCENT) and abs(total - 100) > _ROUNDING:
        raise ValueError(f"has shares that add up to {total:g}%, not 100%")
    if total <= 0:
        raise ValueError("must give at least one field a share above 0")
    return {field: number / total for (field, _), number in zip(parts, numbers, strict=True)}


def contradictions(cells: pl.Series) -> pl.Series:
    """Say for each cell of the column `fields` why its shares contradict each other; null where they do not."""
    texts = cells.list.join(";", ignore_nulls=True)
    doubtful = texts.filter(_doubtful(cells, texts)).unique()
    found = {text: what for text in doubtful if (what := _contradiction(text.split(";")))}
    if not found:
        return pl.repeat(None, len(cells), dtype=pl.String, eager=True)
    return texts.replace_strict(found, default=None, return_dtype=pl.String)


def _doubtful(cells: pl.Series, texts: pl.Series) -> pl.Series:
    """Find the cells that may contradict themselves: nobody can look at 400,000 one by one."""
    stated = texts.str.count_matches(_MARK, literal=True)
    if not stated.sum():
        return cells.list.n_unique() < cells.list.len()
    count, percent = cells.list.len(), texts.str.count_matches(_PERCENT, literal=True)
    number = (
        pl.element()
        .str.extract(rf"{_MARK}\s*([0-9.,]+)")
        .str.replace(",", ".", literal=True)
        .cast(pl.Float64, strict=False)
    )
    total = cells.list.eval(number).list.sum()
    mixed = (stated < count) | ((percent > 0) & ((percent < count) | ((total - 100).abs() > 0.9 * _ROUNDING)))
    twice = cells.list.eval(_field(pl.element())).list.n_unique() < count
    return twice | ((stated > 0) & (mixed | (total <= 0)))


def _contradiction(entries: list[str]) -> str:
    try:
        shares_of(entries)
    except ValueError as error:
        return str(error)
    return ""


def without_shares(cells: pl.Series) -> pl.Series:
    """Return the column `fields` as rules and conditions see it, without shares; others as they are.

    A field with a share of 0 is none of the proposal's.
    """
    if cells.name != FIELDS or cells.dtype != pl.List(pl.String):
        return cells
    if not cells.explode().str.contains(_MARK, literal=True).any():
        return cells
    entry = pl.element()
    return cells.list.eval(_field(entry.filter(~entry.str.contains(_NOTHING))))


def _field(entry: pl.Expr) -> pl.Expr:
    return entry.str.replace(rf"(?s)\s*{_MARK}.*", "")
