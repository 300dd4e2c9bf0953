"""How people write days: the forms that have one meaning, and for the others what reads them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import polars as pl

# A form, the usual ones first, and the digits and letters that it is for: strptime would read 18-02-01 as a day of the
# year 18. Months in letters are English; %B reads Mar and March.
_CERTAIN = (
    ("%Y-%m-%d", r"^[0-9]{4}- *[0-9]{1,2}- *[0-9]{1,2}$"),
    ("%d.%m.%Y", r"^[0-9]{1,2}\. *[0-9]{1,2}\.[0-9]{4}$"),
    ("%d. %m. %Y", r"^[0-9]{1,2}\. [0-9]{1,2}\. [0-9]{4}$"),
    ("%d.%m.%Y.", r"^[0-9]{1,2}\.[0-9]{1,2}\.[0-9]{4}\.$"),
    ("%d. %m. %Y.", r"^[0-9]{1,2}\. [0-9]{1,2}\. [0-9]{4}\.$"),
    ("%Y/%m/%d", r"^[0-9]{4}/[0-9]{1,2}/[0-9]{1,2}$"),
    ("%Y.%m.%d", r"^[0-9]{4}\.[0-9]{1,2}\.[0-9]{1,2}$"),
    ("%Y.%m.%d.", r"^[0-9]{4}\.[0-9]{1,2}\.[0-9]{1,2}\.$"),
    ("%Y. %m. %d", r"^[0-9]{4}\. [0-9]{1,2}\. [0-9]{1,2}$"),
    ("%Y. %m. %d.", r"^[0-9]{4}\. [0-9]{1,2}\. [0-9]{1,2}\.$"),
    ("%Y年%m月%d日", r"^[0-9]{4}年[0-9]{1,2}月[0-9]{1,2}日$"),
    ("%Y년 %m월 %d일", r"^[0-9]{4}년 [0-9]{1,2}월 [0-9]{1,2}일$"),
    ("%d-%B-%Y", r"^[0-9]{1,2}-[A-Za-z]{3,9}-[0-9]{4}$"),
    ("%d %B %Y", r"^[0-9]{1,2} [A-Za-z]{3,9} [0-9]{4}$"),
    ("%B %d, %Y", r"^[A-Za-z]{3,9} [0-9]{1,2}, [0-9]{4}$"),
)
_MIDNIGHT = r"[T ]0?0:00(:00(\.0+)?)?Z?$"
_TIME = "a time of day may lead to another day"
_SWAPPED = "no month has this number"
_TWO_DAYS = "03/04/2020 can be two days"
# What else stands in a column of days, why it is not read, and the forms by which it may be, the likeliest first. What
# is written as 2020-13-01 is no other order but a slip: to swap its parts would swap those of all other cells.
_FORMS = (
    ("[0-9]{1,2}/[0-9]{1,2}/[0-9]{2}", "03/04/20 can be many days", ("%d/%m/%y", "%m/%d/%y")),
    ("[0-9]{1,2}-[0-9]{1,2}-[0-9]{2}", "03-04-20 can be many days", ("%y-%m-%d", "%d-%m-%y", "%m-%d-%y")),
    (r"[0-9]{1,2}\.[0-9]{1,2}\.[0-9]{2}", "03.04.20 names no century", ("%d.%m.%y", "%m.%d.%y")),
    ("[0-9]{1,2}/[0-9]{1,2}/[0-9]{4}", _TWO_DAYS, ("%d/%m/%Y", "%m/%d/%Y")),
    ("[0-9]{1,2}-[0-9]{1,2}-[0-9]{4}", "03-04-2020 can be two days", ("%d-%m-%Y", "%m-%d-%Y")),
    (r"[0-9]{1,2}\.[0-9]{1,2}\.[0-9]{4}", _SWAPPED, ("%d.%m.%Y",)),
    ("[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}", _SWAPPED, ("%Y-%m-%d",)),
    ("[0-9]{4}/[0-9]{1,2}/[0-9]{1,2}", _SWAPPED, ("%Y/%m/%d", "%Y/%d/%m")),
    (r"[0-9]{4}\.[0-9]{1,2}\.[0-9]{1,2}", _SWAPPED, ("%Y.%m.%d",)),
)
_TIMES = (
    ("", ""),
    (" [0-9]{1,2}:[0-9]{2}", " %H:%M"),
    (" [0-9]{1,2}:[0-9]{2}:[0-9]{2}", " %H:%M:%S"),
    (" [0-9]{1,2}:[0-9]{2} (?i:AM|PM)", " %I:%M %p"),
    (" [0-9]{1,2}:[0-9]{2}:[0-9]{2} (?i:AM|PM)", " %I:%M:%S %p"),
)
_NO_DAY = "there is no such day or time (NULLIF leaves the cell empty)"
_NULLED = "STRPTIME(NULLIF({{0}}, 'your cell'), '{0}')"
_MONTHS = "months are known in English"
_MANY = "days are written in many ways"


class _Way(NamedTuple):
    """For which cells, why they are not read, and what reads them; only those that are days by `form`, if it has one.

    Then what it says of a cell is tried before it is said.
    """

    written: str
    why: str
    how: str
    form: str = ""


def _by(written: str, why: str, form: str) -> _Way:
    return _Way(f"^{written}$", why, f"STRPTIME({{0}}, '{form}')", form)


def _by_forms() -> Iterator[_Way]:
    for written, why, forms in _FORMS:
        for clock, time in _TIMES:
            # The hours of Americans are those of 04/03/2020 12:00 AM, a day in April.
            ours = sorted(forms, key=lambda form: not form.startswith("%m/")) if "%p" in time else forms
            said = why if not time else _TIME if why == _SWAPPED else f"{why}, and {_TIME}"
            for form in ours:
                yield _by(f"{written}{clock}", said, f"{form}{time}")
            yield _Way(f"^{written}{clock}$", _NO_DAY, _NULLED.format(f"{ours[0]}{time}"))


# The first one that is for a cell is said of it; the last is for anything.
_WAYS = (
    *(_Way(written, "", f"STRPTIME({{0}}, '{form}')", form) for form, written in _CERTAIN),
    _Way("^[0-9]{4}-[0-9]{2}-[0-9]{2}[T ]", _TIME, "STRPTIME(LEFT({0}, 10), '%Y-%m-%d')"),
    *_by_forms(),
    _by("[0-9]{1,2}-[A-Za-z]{3,9}-[0-9]{2}", "03-Apr-20 names no century", "%d-%b-%y"),
    _by("[0-9]{1,2} [A-Za-z]{3,9} [0-9]{2}", "03 Apr 20 names no century", "%d %b %y"),
    _by("[0-9]{1,2}/[A-Za-z]{3,9}/[0-9]{4}", _MANY, "%d/%B/%Y"),
    _by("[0-9]{4}-[A-Za-z]{3,9}-[0-9]{1,2}", _MANY, "%Y-%B-%d"),
    _by("[A-Za-z]{3,9} [0-9]{1,2} [0-9]{4}", _MANY, "%B %d %Y"),
    _by("[0-9]{8}", "20200403 may be a number", "%Y%m%d"),
    _by("[0-9]{8}", "03042020 may be a number", "%d%m%Y"),
    _by("[0-9]{8}", "04132020 may be a number", "%m%d%Y"),
    _Way(
        r"^[0-9]{5}(\.[0-9]+)?$",
        "43132 may be a day as Excel counts (format the cells as dates there; to derive it, head them day_number)",
        "DATE '1899-12-30' + CAST(day_number AS INT) * INTERVAL '1 day'",
    ),
    _Way(
        "^[0-9]{4}$",
        "2020 is a year, and which day of it counts is to be said",
        # As it is written it reads years alone, numbers of a workbook too, and years beside days.
        "STRPTIME({0} || IF(LENGTH({0} || '') = 4, '-12-31', ''), '%Y-%m-%d')",
    ),
    _by("[0-9]{4}년[0-9]{1,2}월[0-9]{1,2}일", "2020년4월3일 has no blanks", "%Y년%m월%d일"),
    _Way("^(30|31) (?i:feb)", _NO_DAY, _NULLED.format("%d %B %Y")),
    _Way(
        r"^[0-9]{1,2}\. \p{L}+ [0-9]{4}$",
        f"{_MONTHS}, and days before them without a point",
        "STRPTIME(REPLACE({0}, 'März', 'March'), '%d. %B %Y')",
    ),
    _Way(r"^[0-9]{1,2} \p{L}+ [0-9]{4}$", _MONTHS, "STRPTIME(REPLACE({0}, 'avril', 'April'), '%d %B %Y')"),
    _Way(r"^[0-9]{1,2} \p{L}+\. [0-9]{4}$", _MONTHS, "STRPTIME(REPLACE({0}, 'avr.', 'April'), '%d %B %Y')"),
    _Way(r"^[0-9]{1,2}-\p{L}+-[0-9]{4}$", _MONTHS, "STRPTIME(REPLACE({0}, 'avr', 'April'), '%d-%B-%Y')"),
    _Way("", _MANY, "STRPTIME(CASE {0} WHEN 'your cell' THEN '2020-04-03' ELSE {0} END, '%Y-%m-%d')"),
)


def certain_days(text: pl.Expr) -> pl.Expr:
    """Read the days that are written in a way that has one meaning; null for all others."""
    return text.map_batches(_certain, return_dtype=pl.Date(), is_elementwise=True)


def _certain(text: pl.Series) -> pl.Series:
    day = text.str.replace(_MIDNIGHT, "")
    found = pl.repeat(None, len(day), dtype=pl.Date(), eager=True).alias(text.name)
    for form, written in _CERTAIN:
        left = day.set(found.is_not_null(), None)
        if not left.count():
            break
        here = left.set(~left.str.contains(written), None)
        if here.count():
            found = found.zip_with(found.is_not_null(), here.str.to_date(form, strict=False))
    return found


def way_to_read(text: pl.Expr, name: str, say: str) -> pl.Expr:
    """Return how `derive` reads a day that has not one meaning.

    Parameters
    ----------
    text
        Its cells.
    name
        What the expression of `derive` calls them.
    say
        A sentence with places for why they are not read, and for that expression.
    """
    said = [say.format(way.why, way.how.format(name)) for way in _WAYS]
    return text.map_batches(lambda cells: _said(cells, said), return_dtype=pl.String(), is_elementwise=True)


def expression_for(cells: pl.Series, name: str) -> str:
    """Return an expression that reads the first one of some cells, which are days of an unknown form."""
    return _said(cells.head(1), [way.how.format(name) for way in _WAYS]).item()  # type: ignore[no-any-return]


def _said(cells: pl.Series, said: list[str]) -> pl.Series:
    """Return what is said of each cell; `said` is in the order of the ways."""
    unique = cells.drop_nulls().unique()
    left, found = unique, pl.Series("way", [None] * len(unique), dtype=pl.UInt32())
    for place, way in enumerate(_WAYS):
        here = left.str.contains(way.written).fill_null(False)
        if way.form and here.any():
            here &= left.set(~here, None).str.to_datetime(way.form, strict=False).is_not_null()
        found, left = found.set(here, place), left.set(here, None)
        if not left.count():
            break
    words = found.replace_strict(range(len(said)), said, return_dtype=pl.String())
    return cells.replace_strict(unique, words, default=None, return_dtype=pl.String())
