"""How people write days: the forms that have one meaning, and for the others what reads them."""

from __future__ import annotations

import polars as pl

# A form, the usual ones first, and the digits and letters that it is for: strptime would read 18-02-01 as a day of the
# year 18. Months in letters are English; %B reads Mar and March.
_CERTAIN = (
    ("%Y-%m-%d", r"^[0-9]{4}- *[0-9]{1,2}- *[0-9]{1,2}$"),
    ("%d.%m.%Y", r"^[0-9]{1,2}\. *[0-9]{1,2}\.[0-9]{4}$"),
    ("%d. %m. %Y", r"^[0-9]{1,2}\. [0-9]{1,2}\. [0-9]{4}$"),
    ("%Y/%m/%d", r"^[0-9]{4}/[0-9]{1,2}/[0-9]{1,2}$"),
    ("%Y.%m.%d", r"^[0-9]{4}\.[0-9]{1,2}\.[0-9]{1,2}$"),
    ("%Y. %m. %d.", r"^[0-9]{4}\. [0-9]{1,2}\. [0-9]{1,2}\.$"),
    ("%Y年%m月%d日", r"^[0-9]{4}年[0-9]{1,2}月[0-9]{1,2}日$"),
    ("%Y년 %m월 %d일", r"^[0-9]{4}년 [0-9]{1,2}월 [0-9]{1,2}일$"),
    ("%d-%B-%Y", r"^[0-9]{1,2}-[A-Za-z]{3,9}-[0-9]{4}$"),
    ("%d %B %Y", r"^[0-9]{1,2} [A-Za-z]{3,9} [0-9]{4}$"),
    ("%B %d, %Y", r"^[A-Za-z]{3,9} [0-9]{1,2}, [0-9]{4}$"),
)
_MIDNIGHT = r"[T ]0?0:00(:00(\.0+)?)?Z?$"
_TIME = "a time of day may lead to another day"
# What else stands in a column of days, why it is not read, and how `derive` reads it; the last is anything else.
_OTHERS = (
    (r"^[0-9]{1,2}/[0-9]{1,2}/[0-9]{2}$", "03/04/20 can be many days", "STRPTIME({0}, '%d/%m/%y')"),
    (r"^[0-9]{1,2}-[0-9]{1,2}-[0-9]{2}$", "03-04-20 can be many days", "STRPTIME({0}, '%y-%m-%d')"),
    (r"^[0-9]{1,2}\.[0-9]{1,2}\.[0-9]{2}$", "03.04.20 names no century", "STRPTIME({0}, '%d.%m.%y')"),
    (r"^[0-9]{1,2}-[A-Za-z]{3,9}-[0-9]{2}$", "03-Apr-20 names no century", "STRPTIME({0}, '%d-%b-%y')"),
    (r"^[0-9]{1,2} [A-Za-z]{3,9} [0-9]{2}$", "03 Apr 20 names no century", "STRPTIME({0}, '%d %b %y')"),
    (r"^[0-9]{1,2}/[0-9]{1,2}/[0-9]{4}$", "03/04/2020 can be two days", "STRPTIME({0}, '%d/%m/%Y')"),
    (r"^[0-9]{1,2}-[0-9]{1,2}-[0-9]{4}$", "03-04-2020 can be two days", "STRPTIME({0}, '%d-%m-%Y')"),
    (r"^[0-9]{1,2}/[0-9]{1,2}/[0-9]{4} [0-9]{1,2}:[0-9]{2}$", _TIME, "STRPTIME({0}, '%d/%m/%Y %H:%M')"),
    (r"^[0-9]{4}/[0-9]{1,2}/[0-9]{1,2} [0-9]{1,2}:[0-9]{2}$", _TIME, "STRPTIME({0}, '%Y/%m/%d %H:%M')"),
    (r"^[0-9]{4}-[0-9]{2}-[0-9]{2}[T ]", _TIME, "STRPTIME(LEFT({0}, 10), '%Y-%m-%d')"),
    (
        r"^[0-9]{4}/[0-9]{1,2}/[0-9]{1,2}$",
        "no month has this number, or no such day",
        "STRPTIME({0}, '%Y/%d/%m')",
    ),
    (r"^[0-9]{8}$", "20200403 may be a number", "STRPTIME({0}, '%Y%m%d')"),
    (
        r"^[0-9]{5}(\.[0-9]+)?$",
        "43132 may be a day as Excel counts (format the cells as dates there; to derive it, head them day_number)",
        "DATE '1899-12-30' + CAST(day_number AS INT) * INTERVAL '1 day'",
    ),
    (
        r"^[0-9]{4}$",
        "2020 is a year, and which day of it counts is to be said",
        "STRPTIME({0} || '-12-31', '%Y-%m-%d')",
    ),
    (
        r"^[0-9]{4}년[0-9]{1,2}월[0-9]{1,2}일$",
        "2020년4월3일 has no blanks",
        "STRPTIME({0}, '%Y년%m월%d일')",
    ),
    (
        r"^[0-9]{1,2}\. \p{L}+ [0-9]{4}$",
        "months are known in English, and days before them without a point",
        "STRPTIME(REPLACE({0}, 'März', 'March'), '%d. %B %Y')",
    ),
    (
        "",
        "days are written in many ways, and months are known in English",
        "STRPTIME(REPLACE({0}, 'avril', 'April'), '%d %B %Y')",
    ),
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
    return pl.coalesce(
        pl.when(text.str.contains(written)).then(pl.lit(say.format(why, how.format(name))))
        for written, why, how in _OTHERS
    )


def expression_for(cells: pl.Series, name: str) -> str:
    """Return an expression that reads the first one of some cells, which are days of an unknown form."""
    certain = ((written, f"STRPTIME({name}, '{form}')") for form, written in _CERTAIN)
    others = ((written, how.format(name)) for written, _, how in _OTHERS)
    first = cells.head(1)
    return next(how for written, how in (*certain, *others) if first.str.contains(written).all())
