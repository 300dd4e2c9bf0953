"""The one form that equal tables have, whatever file they came from."""

from __future__ import annotations

import polars as pl

from portfolio.call.columns import year_columns
from portfolio.call.headings import Find
from portfolio.call.vocabulary import in_words


def normal(frame: pl.DataFrame, find: Find) -> pl.DataFrame:
    """Bring a table into its form: no empty texts, words of our vocabulary, yearly zeros filled."""
    texts = (frame[name] for name, dtype in frame.schema.items() if dtype == pl.String)
    # Looking costs less than changing, and empty texts are rare.
    frame = frame.with_columns(text.set(text == "", None) for text in texts if (text == "").any())
    years = year_columns(frame.columns) if find("amount") is not None else []
    return _normal_years(worded(frame, find), years)


def worded(frame: pl.DataFrame, find: Find) -> pl.DataFrame:
    """Bring the words of our vocabulary into their form, by all the cells of their columns."""
    columns = [column for name in frame.columns if (column := find(name)) is not None]
    return frame.with_columns(
        in_words(frame[column.name], column.choices) for column in columns if column.choices
    )


def _normal_years(frame: pl.DataFrame, years: list[str]) -> pl.DataFrame:
    """Fill with 0 a year without money that is followed by one with money; the years after the last stay null."""
    later = (pl.any_horizontal(pl.col(name).is_not_null() for name in years[i:]) for i in range(len(years)))
    filled = (
        pl.when(after).then(pl.col(name).fill_null(0)) for name, after in zip(years, later, strict=True)
    )
    return frame.with_columns(cells.alias(name) for name, cells in zip(years, filled, strict=True))
