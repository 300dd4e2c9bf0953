"""Texts that an expression reads as days: such as 2018-01-31, or of a form that it names."""

from __future__ import annotations

import polars as pl

from portfolio.call.sql_kinds import UnfitError

AN_ISO_DAY = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}(?:$|[T ])"
_OTHER_DAYS = (
    "STRPTIME(start, '%d.%m.%Y') reads texts such as 31.01.2018, TRY_CAST leaves empty what is no day"
)
_OTHER_FORM = (
    "every cell must have the form, or be empty; a column that holds days already needs no STRPTIME, and "
    "STRPTIME(LEFT(start, 10), '%Y-%m-%d') takes the day of 2018-01-31 14:30:00"
)


def day(text: pl.Series, *, strict: bool) -> pl.Series:
    """Read texts such as 2018-01-31, whatever time of day stands behind them.

    Raises
    ------
    UnfitError
        If `strict`, and a text is written otherwise.
    """
    cell = pl.col("text")
    iso = pl.when(cell.str.contains(AN_ISO_DAY)).then(cell.str.slice(0, 10))
    days = text.alias("text").to_frame().select(iso.str.to_date("%Y-%m-%d", strict=False)).to_series()
    if strict and days.null_count() > text.null_count():
        raise UnfitError("reads texts as days that are not written as 2018-01-31", _OTHER_DAYS)
    return days


def refuse_unread(text: pl.Series, days: pl.Series, form: str) -> None:
    """Raise `UnfitError` if a text became no day, since it does not have the form that STRPTIME was given."""
    lost = days.null_count() - text.null_count()
    if lost:
        what = f"reads days by {form!r}, and {lost:,} of {text.count():,} cells are written otherwise"
        raise UnfitError(what, _OTHER_FORM)
