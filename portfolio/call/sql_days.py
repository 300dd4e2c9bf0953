"""Texts that an expression reads as days: such as 2018-01-31, or of a form that it names."""

from __future__ import annotations

import re

import polars as pl

from portfolio.call.dayforms import expression_for
from portfolio.call.sql_kinds import UnfitError

AN_ISO_DAY = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}(?:$|[T ])"
_OF_A_WORKBOOK = r"^[0-9]{4}-[0-9]{2}-[0-9]{2} 00:00:00$"
_OTHER_DAYS = (
    "STRPTIME(start, '%d.%m.%Y') reads texts such as 31.01.2018, TRY_CAST leaves empty what is no day"
)
_OTHER_FORM = (
    "every cell must have the form, or be empty; a column that holds days already needs no STRPTIME, "
    "STRPTIME(LEFT(start, 10), '%Y-%m-%d') takes the day of 2018-01-31 14:30:00, and where there are two forms, "
    "COALESCE(STRPTIME(CASE WHEN start LIKE '%/%' THEN start END, '%d/%m/%Y'), "
    "STRPTIME(CASE WHEN start NOT LIKE '%/%' THEN start END, '%Y-%m-%d')) reads each by its own"
)
_ZONE = (
    "CAST(start AS DATE) is the day that stands in 2018-01-31T00:30:00+02:00, STRPTIME(LEFT(start, 10), '%d.%m.%Y') "
    "that of 31.01.2018 00:30 +0200"
)
_SHORT_YEAR = (
    "%Y is a year of four digits, %y one of two: 70 is 1970, and 69 is 2069; NULLIF(start, '0001-01-01') leaves a "
    "cell empty"
)
# Numbers without anything between them.
_TOUCHING = re.compile(r"%[CGHMSVYdgjmy]%[CGHMSVYdgjmy]")


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
    if strict and _lost(days, text).any():
        raise UnfitError("reads texts as days that are not written as 2018-01-31", _OTHER_DAYS)
    return days


def with_days_of_workbooks(days: pl.Series, text: pl.Series) -> pl.Series:
    """Fill in what is a day in a workbook and no text: beside texts it is spelled with the midnight that it begins."""
    if days.dtype != pl.Date and days.dtype != pl.Datetime(time_zone=None):
        return days
    real = text.set(~text.str.contains(_OF_A_WORKBOOK), None)
    return (
        days.zip_with(days.is_not_null(), day(real, strict=False).cast(days.dtype)) if real.count() else days
    )


def refuse_unread(text: pl.Series, days: pl.Series, form: str) -> None:
    """Raise `UnfitError` unless every text became the day that stands there, by the form that STRPTIME was given."""
    if isinstance(days.dtype, pl.Datetime) and days.dtype.time_zone is not None:
        # In another zone the day may be the one before or after.
        raise UnfitError(f"reads days by {form!r}, and a zone of time moves days", _ZONE)
    lost = _lost(days, text)
    if _TOUCHING.search(form):
        # Of 2018111 nobody knows where the month ends: all numbers must have their digits.
        as_written = (days.dt.to_string(form) == text) | text.str.contains(_OF_A_WORKBOOK)
        lost |= ~as_written.fill_null(True)
    if lost.any():
        what = f"reads days by {form!r}, and {lost.sum():,} of {text.count():,} cells are written otherwise"
        how = expression_for(text.filter(lost), "start")
        raise UnfitError(what, f"{_OTHER_FORM}; the first one of these could be read by {how}")
    if days.dtype == pl.Time:
        return
    far = ~days.dt.year().is_between(1000, 9999)
    if far.any():
        what = (
            f"reads days by {form!r}, and {far.sum():,} of {text.count():,} cells have no year of four digits"
        )
        raise UnfitError(what, _SHORT_YEAR)


def _lost(days: pl.Series, text: pl.Series) -> pl.Series:
    # What stands in quotation marks is empty all the same.
    return days.is_null() & (text != "").fill_null(False)
