"""From a typed column - of Excel, Parquet or another frame - to the type that the call keeps."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import polars as pl

from portfolio.call.columns import Column
from portfolio.call.money import exponent, fractions
from portfolio.call.parse import DAY_OF_A_CODE, DIGITS_LOST, complaint, hints, narrowed
from portfolio.call.proposal import MOST_MONEY
from portfolio.call.value import bound

# Arithmetic on amounts leaves noise far below a hundredth of a cent; half a cent is not noise.
_NOISE = 1e-6
_RELATIVE_NOISE = 1e-14
_BETWEEN = ";"
# Of the digits of a number of 32 bits.
_BITS = 24
# From here on, several whole numbers are one of 64 bits.
_EXACT = 2.0**53
# A day in the units that polars counts in.
_TICKS = {"d": 1, "ms": 86_400_000, "us": 86_400_000_000, "ns": 86_400_000_000_000}


def objection(series: pl.Series) -> str | None:
    """Say why a column of another frame cannot be reduced to the types that we know; None if it can."""
    dtype = series.dtype
    if kind := _extension(dtype):
        return f"holds values of a kind that only some programs know: {kind}"
    if isinstance(dtype, pl.List | pl.Array):
        if dtype.inner.is_nested():
            return "holds lists of lists or of tables"
        members = series.explode()
        if what := objection(members):
            return what
        # In a cell of text a semicolon stands between the members.
        if members.cast(pl.String, strict=False).str.contains(_BETWEEN, literal=True).any():
            return f"holds lists with a {_BETWEEN!r} in a member"
    if isinstance(dtype, pl.Struct):
        # What stands in a table is written as JSON, which knows no bytes.
        inside = (
            "holds tables with bytes" if one.dtype == pl.Binary else objection(one) for one in _leaves(series)
        )
        return next(filter(None, inside), None)
    if dtype.is_nested() and not isinstance(dtype, pl.List | pl.Array):
        return "holds maps"
    if dtype == pl.Duration:
        return "holds lengths of time"
    if dtype == pl.Binary and not _is_text(series):
        return "holds bytes that are no text"
    if isinstance(dtype, pl.Date | pl.Datetime) and not _on_calendar(series):
        return "holds days outside the years 1 to 9999"
    return None


def _extension(dtype: Any) -> str:
    """Return the name of the kind, in a list or a table too, that an extension of Arrow brings: a period of pandas."""
    if isinstance(dtype, pl.Struct):
        return next(filter(None, (_extension(field.dtype) for field in dtype.fields)), "")
    if isinstance(dtype, pl.List | pl.Array):
        return _extension(dtype.inner)
    return dtype.ext_name() if isinstance(dtype, pl.BaseExtension) else ""


def _leaves(series: pl.Series) -> Iterator[pl.Series]:
    """Yield what stands in the fields of tables and in their lists."""
    if isinstance(series.dtype, pl.Struct):
        for field in series.struct.fields:
            yield from _leaves(series.struct.field(field))
    elif isinstance(series.dtype, pl.List | pl.Array):
        yield from _leaves(series.explode())
    else:
        yield series


def _is_text(series: pl.Series) -> bool:
    try:
        series.cast(pl.String)
    except pl.exceptions.PolarsError:
        return False
    return True


def _on_calendar(series: pl.Series) -> bool:
    """Whether all days are in the years that ISO 8601 writes with four digits; others cannot even be shown."""
    day = _TICKS[series.dtype.time_unit if isinstance(series.dtype, pl.Datetime) else "d"]
    first, last = pl.Series([date.min, date.max]).cast(pl.Int64)
    ticks = series.to_physical().cast(pl.Int64)
    # In nanoseconds every day that 64 bits can hold is near enough.
    return day == _TICKS["ns"] or bool(ticks.is_between((first + 1) * day, last * day - 1).all())


def plain(series: pl.Series, places: int = 2) -> pl.Series:
    """Reduce the types of other frames to those we know: text for categories, lists joined, no time zones.

    Numbers of 32 bits are taken for what they stand for where all with so many decimals are apart.
    """
    dtype = series.dtype
    if isinstance(dtype, pl.List | pl.Array):
        return series.cast(pl.List(pl.String)).list.join(_BETWEEN, ignore_nulls=True)
    if isinstance(dtype, pl.Struct):
        return series.struct.json_encode().set(series.is_null(), None)
    if isinstance(dtype, pl.Categorical | pl.Enum):
        return series.cast(pl.String)
    if dtype == pl.Null:
        return series.cast(pl.String)
    if isinstance(dtype, pl.Datetime):
        return _days(series)
    if dtype == pl.Float32:
        return _widened(series.fill_nan(None), places)
    return series.fill_nan(None).cast(pl.Float64) if dtype.is_float() else series


def _widened(series: pl.Series, places: int) -> pl.Series:
    """Return numbers of 32 bits in 64.

    4.1 in 32 bits is 4.099999904632568, and stands for 4.1: by its shortest digits it is the number that was meant.
    Of large numbers several with so many decimals are one in 32 bits, and the shortest digits may be those of another
    one; these are read as they are: 1234567.89 is 1234567.875, and no amount.
    """
    exact = series.cast(pl.Float64)
    # Numbers of 24 bits, between two powers of 2, are apart by less than a unit of the last place below this.
    apart = exact.abs() < 2.0 ** (_BITS - (10**places).bit_length())
    return series.cast(pl.String).cast(pl.Float64).zip_with(apart.fill_null(True), exact)


def _days(series: pl.Series) -> pl.Series:
    naive = series.dt.replace_time_zone(None)
    if (naive.dt.truncate("1d") == naive).all():
        return naive.cast(pl.Date)
    return naive.dt.to_string("iso:strict")


def foreign(series: pl.Series) -> pl.Series:
    """Reduce a plain column that is not text to Int64, Float64, Boolean, Date or String."""
    dtype = series.dtype
    if dtype in (pl.Boolean, pl.String, pl.Date):
        return series
    # Some databases give whole numbers as decimals without places.
    if dtype.is_integer() or (isinstance(dtype, pl.Decimal) and not dtype.scale):
        narrow = series.cast(pl.Int64, strict=False)
        return narrow if narrow.null_count() == series.null_count() else series.cast(pl.String)
    if dtype.is_numeric():
        number = series.cast(pl.Float64)
        return narrowed(number) if number.n_unique() == series.n_unique() else series.cast(pl.String)
    return series.cast(pl.String)


def known(column: Column, series: pl.Series, currency: str) -> pl.DataFrame:
    """Convert a plain column that is not text.

    Returns
    -------
    DataFrame
        `value`, null where the cell cannot be what the column holds, `what`, which says why, and `hint`.
    """
    frame, cell, dtype = series.to_frame("cell"), pl.col("cell"), series.dtype
    if column.kind == "money" and dtype.is_numeric():
        return frame.select(*_money(cell, dtype, currency), hint=pl.lit(""))
    text = _spelled(cell, dtype)
    value = _converted(column, cell, text, dtype)
    what = pl.when(value.is_null() & cell.is_not_null()).then(pl.lit(complaint(column)))
    known_hint = hints(column, text, ".")
    if column.kind == "text" and dtype.is_temporal():
        known_hint = pl.lit(DAY_OF_A_CODE)
    elif column.kind == "text" and dtype.is_float():
        known_hint = pl.lit(DIGITS_LOST)
    return frame.select(value=value.cast(column.dtype), what=what, hint=known_hint)


def _spelled(cell: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    text = cell.cast(pl.String)
    if not dtype.is_numeric():
        return text
    number, whole = cell.cast(pl.Float64, strict=False), cell.cast(pl.Int64, strict=False)
    return pl.coalesce(pl.when(number == number.floor()).then(whole.cast(pl.String)), text)


def _converted(column: Column, cell: pl.Expr, text: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    number = cell.cast(pl.Float64, strict=False)
    whole = number == number.floor()
    match column.kind:
        case "text" if dtype.is_temporal():
            return pl.lit(None, dtype=column.dtype)
        case "text" if dtype.is_float():
            return pl.when(number.abs() < _EXACT).then(text)
        case "text":
            return text
        # A code such as 1.1, or a word of the funder's own: whether it is known is looked at later.
        case "word" if dtype.is_numeric():
            return text
        case "words" | "tags" if dtype.is_numeric():
            return pl.when(cell.is_not_null()).then(pl.concat_list(text))
        case "integer" if dtype.is_numeric():
            return pl.when(whole).then(cell.cast(pl.Int64, strict=False))
        case "number" if dtype.is_numeric():
            return number
        case "boolean" if dtype.is_numeric():
            return pl.when(number.is_in([0.0, 1.0])).then(number == 1)
        case "date" | "boolean" if dtype == column.dtype:
            return cell
        case _:
            return pl.lit(None, dtype=column.dtype)


def _money(cell: pl.Expr, dtype: pl.DataType, currency: str) -> tuple[pl.Expr, pl.Expr]:
    unit = 10 ** exponent(currency)
    size = cell.cast(pl.Float64).abs()
    if dtype.is_float():
        scaled = cell * unit
        exact = (scaled - scaled.round()).abs() <= _NOISE + _RELATIVE_NOISE * scaled.abs()
        minor = scaled.round().cast(pl.Int64, strict=False)
    else:
        # A product that needs more than 38 digits is an error of the whole column.
        wide = pl.when(size <= MOST_MONEY).then(cell.cast(pl.Decimal(38, 9), strict=False)) * unit
        exact = wide == wide.round(0)
        minor = wide.cast(pl.Int64, strict=False)
    large = (size > MOST_MONEY) | (size.is_null() & cell.is_not_null())
    value = pl.when(exact & ~large).then(minor)
    what = (
        pl.when(large)
        .then(pl.when(cell < 0).then(pl.lit(bound("ge", 0))).otherwise(pl.lit(bound("le", MOST_MONEY))))
        .when(~exact)
        .then(pl.lit(fractions(currency)))
    )
    return value.alias("value"), what.alias("what")
