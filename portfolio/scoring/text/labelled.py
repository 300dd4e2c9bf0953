"""A file of labelled texts: a funder's past calls, with a column that says which were basic research."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from portfolio.call.formats import open_sheet
from portfolio.errors import DataError, Issue, nearest
from portfolio.scoring.text.words import joined


@dataclass(frozen=True, slots=True)
class Labelled:
    """Texts with their labels, and how many rows had none."""

    texts: tuple[str, ...]
    labels: tuple[str, ...]
    unlabelled: int


def read_labelled(
    path: str | Path,
    label: str,
    columns: Sequence[str],
    *,
    headings: Mapping[str, str] | None = None,
    encoding: str | None = None,
) -> Labelled:
    """Read labelled texts from CSV, Excel, Parquet or JSON; rows with an empty label are left out.

    Parameters
    ----------
    path
        The file. Unlike a call it needs neither ids nor amounts.
    label, columns
        The column of labels and those of text, the title first.
    headings
        Our name = the file's heading, where they differ.
    encoding
        Of a text file, where it cannot be told from the bytes.

    Raises
    ------
    DataError
        If the file cannot be read, or columns are missing.
    """
    sheet = open_sheet(path, encoding)
    wanted = [(headings or {}).get(name, name) for name in (label, *columns)]
    names = [heading.strip().strip("\ufeff") for heading in sheet.headings]
    lost = [name for name in dict.fromkeys(wanted) if name not in names]
    if lost:
        issues = [
            Issue("is not a column of this file", nearest(name, names), file=sheet.name, value=name)
            for name in lost
        ]
        raise DataError(issues)
    frame = sheet.select(
        pl.col(str(names.index(name))).cast(pl.String).str.strip_chars().alias(str(place))
        for place, name in enumerate(wanted)
    )
    kept = frame.filter(pl.col("0").fill_null("") != "")
    texts = tuple(joined(cells) for cells in kept.drop("0").iter_rows())
    return Labelled(texts, tuple(kept["0"]), frame.height - kept.height)
