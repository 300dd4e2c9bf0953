"""CSV as people open it: members of lists joined, and no text that a spreadsheet would take for a formula.

A text that begins with ``=``, ``+``, ``-`` or ``@`` (also after blanks, also in full width) or with a tab or line end
gets an apostrophe in front, by which spreadsheets know a text. One that already has apostrophes there gets one more, so
that taking one away gives every text back as it was. Numbers are no texts: -5 stays -5.

Source of the characters: OWASP, "CSV Injection".
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path

import polars as pl

_FORMULA = r"(?:[\t\r\n]|\s*[=+\-@＝＋－＠])"
_GUARD = "'"
# One expression reads both ways: what has it is guarded, and what has it behind an apostrophe was.
_RUNS = f"^{_GUARD}*{_FORMULA}"
_GUARDED = f"^{_GUARD}+{_FORMULA}"
# In the bytes of a file: no guarded cell escapes it, and few others are caught. It begins with the apostrophe itself,
# so that the search leaps from one to the next.
_PERHAPS = re.compile(rb"""'(?<=[,;\t|"\r\n]')[\s'\x80-\xff]*[=+\-@\s\x80-\xff]""")


def write_csv(table: pl.DataFrame, path: Path) -> None:
    """Write a table as CSV; lines end the same on every system."""
    write_parts([table], path)


def write_parts(parts: Iterable[pl.DataFrame], path: Path) -> None:
    """Write a table that comes in parts, one after the other."""
    with path.open("wb") as file:
        for number, part in enumerate(parts):
            inert(flat(part)).write_csv(file, include_header=not number)


def as_csv(table: pl.DataFrame) -> str:
    """Return a table as CSV."""
    return inert(flat(table)).write_csv()


def read_csv(source: Path | bytes, columns: Sequence[str] | None = None) -> pl.DataFrame:
    """Return the cells of a CSV file that `write_csv` wrote, or of its bytes, as texts; all columns, or some."""
    wanted = None if columns is None else [name.replace('"', '""') for name in _inert_headings(columns)]
    # polars would say that a file is missing without saying which.
    data = source if isinstance(source, bytes) else source.read_bytes()
    cells = pl.read_csv(data, infer_schema=False, columns=wanted)
    # polars takes the quotation marks around a heading away, and leaves those within it doubled.
    headings = original_headings(name.replace('""', '"') for name in cells.columns)
    return cells.select(original(pl.all())).rename(dict(zip(cells.columns, headings, strict=True)))


def flat(table: pl.DataFrame) -> pl.DataFrame:
    """Join the members of lists by ``;``."""
    lists = [name for name, dtype in table.schema.items() if isinstance(dtype, pl.List)]
    return table.with_columns(pl.col(name).list.join(";") for name in lists)


def inert(table: pl.DataFrame) -> pl.DataFrame:
    """Guard the headings and texts that a spreadsheet would take for formulas; `original` takes the guard away."""
    texts = [pl.col(name) for name, dtype in table.schema.items() if dtype == pl.String]
    found = table.select(text.str.contains(_RUNS).any() for text in texts) if texts else pl.DataFrame()
    hostile = [pl.col(name) for name in found.columns if found[name][0]]
    guarded = table.with_columns(
        pl.when(text.str.contains(_RUNS)).then(pl.lit(_GUARD) + text).otherwise(text).name.keep()
        for text in hostile
    )
    return guarded.rename(dict(zip(table.columns, _inert_headings(table.columns), strict=True)))


def original(text: pl.Expr) -> pl.Expr:
    """Take the guard of `inert` away."""
    return pl.when(text.str.contains(_GUARDED)).then(text.str.slice(1)).otherwise(text).name.keep()


def original_headings(headings: Iterable[str]) -> tuple[str, ...]:
    """Take the guard of `inert` away from headings."""
    return tuple(_each(headings, original(pl.col("text"))))


def may_be_guarded(data: bytes) -> bool:
    """Whether the text of a file may hold guarded cells."""
    return _PERHAPS.search(data) is not None


def _inert_headings(headings: Iterable[str]) -> list[str]:
    return _each(headings, pl.col("text").str.replace(f"({_RUNS})", f"{_GUARD}${{1}}"))


def _each(texts: Iterable[str], change: pl.Expr) -> list[str]:
    return pl.Series("text", list(texts), dtype=pl.String).to_frame().select(change).to_series().to_list()
