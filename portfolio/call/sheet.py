"""A table before it is understood: headings, and rows that come a part at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path

import polars as pl

from portfolio.errors import DataError, Issue

MOST_COLUMNS = 4_000
"""Of any file."""

_Batch = pl.DataFrame | pl.LazyFrame
_PART = 12 << 20
_FIRST = 1 << 18


@dataclass(frozen=True, slots=True)
class Source:
    """A file that was read: its name, the SHA-256 of its bytes, and what it was read as (``proposals``, ...)."""

    name: str
    sha256: str
    role: str = ""

    def read_as(self, role: str) -> Source:
        """Say what a file was read as."""
        return replace(self, role=role)


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table before it is understood.

    Parameters
    ----------
    name
        Of the file.
    headings
        As written.
    schema
        Columns ``"0"``, ``"1"``, ...: text where the file is text, typed where it is typed.
    batches
        Gives the rows, a part of so many bytes at a time and at least one part; may be called again.
    first_row
        Row of the first record, as a spreadsheet shows it.
    source
        Gives the file's fingerprint; None for a data frame.
    rescue
        Reads the file again, more slowly, when the quick way fails.
    at_hand
        Whether the rows are in memory, so that there is nothing to fetch ahead.
    numbers
        By place, which cells of a column of texts are numbers that the reader of the file has spelled.
    shown
        By place, and by the signs beside a number (``$``, ``EUR``, ``%``), the positions of the cells that show them.
    elsewhere
        Where else the table may be, or what else may part its cells, in words; empty for most.
    places
        Rows of the records, if they do not follow each other.
    notes
        What somebody should look at who knows the file, in words.
    """

    name: str
    headings: tuple[str, ...]
    schema: pl.Schema
    batches: Callable[[int], Iterator[_Batch]]
    first_row: int = 2
    source: Callable[[], Source] | None = None
    rescue: Callable[[], Sheet] | None = None
    at_hand: bool = False
    numbers: Mapping[int, pl.Series] = field(default_factory=dict)
    shown: Mapping[int, Mapping[frozenset[str], pl.Series]] = field(default_factory=dict)
    elsewhere: str = ""
    places: pl.Series | None = None
    notes: tuple[str, ...] = ()

    def select(self, expressions: Iterable[pl.Expr]) -> pl.DataFrame:
        """Evaluate expressions that look at one row at a time, without ever holding all the text."""
        wanted = list(expressions)
        batches = self.batches(_PART) if self.at_hand else _ahead(self.batches(_PART))
        parts = [batch.lazy().select(wanted).collect() for batch in batches]
        return pl.concat(parts, rechunk=True)

    def head(self, places: Iterable[int], count: int) -> pl.DataFrame:
        """Return the first rows of some columns."""
        return next(self.batches(_FIRST)).lazy().select(str(place) for place in places).head(count).collect()

    def rows(self, count: int) -> pl.Series:
        """Return the rows of the first records, as a spreadsheet shows them."""
        if self.places is not None:
            return self.places
        return pl.int_range(self.first_row, self.first_row + count, eager=True).alias("row")


@dataclass(frozen=True, slots=True)
class Contents:
    """What a file of typed cells holds: headings, rows, row of the first record; the others as in `Sheet`."""

    headings: list[str]
    frame: pl.DataFrame
    first_row: int = 2
    numbers: Mapping[int, pl.Series] = field(default_factory=dict)
    shown: Mapping[int, Mapping[frozenset[str], pl.Series]] = field(default_factory=dict)
    elsewhere: str = ""


def _ahead(batches: Iterator[_Batch]) -> Iterator[_Batch]:
    """Fetch the next batch while the last one is being worked on."""
    with ThreadPoolExecutor(max_workers=1) as pool:
        coming = pool.submit(next, batches, None)
        while (batch := coming.result()) is not None:
            coming = pool.submit(next, batches, None)
            yield batch


def sheet_of(
    name: str,
    headings: Iterable[str],
    frame: pl.DataFrame,
    first_row: int = 2,
    source: Callable[[], Source] | None = None,
) -> Sheet:
    """Make a sheet of a data frame that is in memory."""
    frame = pl.DataFrame([_one_line_end(series.alias(str(i))) for i, series in enumerate(frame)])
    return Sheet(
        name, tuple(headings), frame.schema, lambda _: iter([frame]), first_row, source, at_hand=True
    )


def _one_line_end(series: pl.Series) -> pl.Series:
    if series.dtype != pl.String or not series.str.contains("\r", literal=True).any():
        return series
    return series.str.replace_all("\r\n", "\n", literal=True).str.replace_all("\r", "\n", literal=True)


def refused(path: Path, what: str, hint: str = "") -> DataError:
    """Say why a file as a whole cannot be used."""
    return DataError([Issue(what, hint, file=path.name)])
