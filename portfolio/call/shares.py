"""Fields with shares: `1.1: 60%` is the field 1.1, in which 60 percent of a proposal are."""

from __future__ import annotations

import polars as pl

FIELDS = "fields"
"""The column whose entries may have shares."""

_MARK = ":"


def parted(entry: str) -> tuple[str, str]:
    """Return a field and its share as they are written; the share is empty where there is none."""
    field, _, share = entry.partition(_MARK)
    return field.strip(), share.strip()


def without_shares(cells: pl.Series) -> pl.Series:
    """Return the column `fields` without its shares, as rules and conditions see it; others as they are."""
    if cells.name != FIELDS or cells.dtype != pl.List(pl.String):
        return cells
    if not cells.explode().str.contains(_MARK, literal=True).any():
        return cells
    return cells.list.eval(pl.element().str.replace(rf"(?s)\s*{_MARK}.*", ""))
