"""The one form that equal tables have, whatever file they came from."""

from __future__ import annotations

import polars as pl

from portfolio.call.columns import Column, year_columns
from portfolio.call.headings import Find
from portfolio.call.vocabulary import in_words


def normal(frame: pl.DataFrame, find: Find) -> pl.DataFrame:
    """Bring a table into its form: no empty texts, composed ids, words of our vocabulary, yearly zeros filled."""
    texts = [name for name, dtype in frame.schema.items() if dtype == pl.String]
    frame = frame.with_columns(_normal_text(frame[name], find(name)) for name in texts)
    columns = [column for name in frame.columns if (column := find(name)) is not None]
    frame = frame.with_columns(
        in_words(frame[column.name], column.choices) for column in columns if column.choices
    )
    return _normal_years(frame, year_columns(frame.columns) if find("amount") is not None else [])


def _normal_text(text: pl.Series, column: Column | None) -> pl.Series:
    # Each change is rare, and looking costs less than changing.
    if (text == "").any():
        text = text.set(text == "", None)
    if column is not None and column.pattern and (text.str.len_bytes() != text.str.len_chars()).any():
        text = text.str.normalize("NFC")
    return text


def _normal_years(frame: pl.DataFrame, years: list[str]) -> pl.DataFrame:
    """Fill with 0 a year without money that is followed by one with money; the years after the last stay null."""
    later = (pl.any_horizontal(pl.col(name).is_not_null() for name in years[i:]) for i in range(len(years)))
    filled = (
        pl.when(after).then(pl.col(name).fill_null(0)) for name, after in zip(years, later, strict=True)
    )
    return frame.with_columns(cells.alias(name) for name, cells in zip(years, filled, strict=True))
