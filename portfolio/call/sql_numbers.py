"""Numbers in an expression, as people count: they never wrap around, and 0.1 + 0.2 is 0.3.

Whole numbers have 64 bits, and become floats where that is not enough. Floats are compared to 14 significant digits
and sums of them are taken to 15, as spreadsheets do: a decimal of few digits is never near an edge of either, and
the noise of arithmetic in binary (IEEE 754, a relative 1.1e-16 per operation) stays far below.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt
import polars as pl

DIGITS = 14
"""Significant digits to which numbers are compared where one of them is no whole number."""

_DIVIDED = frozenset({"Div", "TrueDivide"})
_IN_WHOLE_PARTS = frozenset({"IntDiv", "FloorDivide"})
ARITHMETIC = frozenset({"Plus", "Minus", "Mul", "Multiply", "Rem", "Modulus"}) | _DIVIDED | _IN_WHOLE_PARTS
_MOST = 2**63 - 1
# Sums of numbers outside of these are left as they are: beyond, 15 digits are too few for cents.
_SMALLEST, _LARGEST = 1e-6, 1e12
_POWERS = np.array([float(f"1e{power}") for power in range(-6, 13)])
_SCALES = np.array([float(f"1e{power}") for power in range(20, 1, -1)])
# More decimals than a float has change nothing.
_MOST_DECIMALS = 300


def widened(value: pl.Series) -> pl.Series:
    """Return a column of numbers as Int64 or Float64; others as they are."""
    dtype = value.dtype
    if dtype.is_integer():
        return value if dtype == pl.Int64 else value.cast(pl.Int64)
    return value.cast(pl.Float64) if dtype.is_numeric() else value


def is_counted(value: pl.Series) -> bool:
    """Whether arithmetic can be done with a column: numbers, and truth values as 0 and 1."""
    return value.dtype.is_numeric() or value.dtype == pl.Boolean


def arithmetic(how: str, one: pl.Series, other: pl.Series) -> pl.Series:
    """Add, subtract, multiply or divide two columns of one length."""
    one, other = (
        value.cast(pl.Int64) if value.dtype == pl.Boolean else widened(value) for value in (one, other)
    )
    if how in _DIVIDED or not _whole(how, one, other):
        one, other = one.cast(pl.Float64), other.cast(pl.Float64)
    floats = one.dtype == pl.Float64
    match how:
        case "Plus" | "Minus":
            result = one + other if how == "Plus" else one - other
            return _denoised(one, other, result) if floats else result
        case "Mul" | "Multiply":
            return one * other
    return one / other if how in _DIVIDED else _remainder(how, one, other)


def _whole(how: str, one: pl.Series, other: pl.Series) -> bool:
    """Whether both columns are whole numbers, and so is what comes out, within 64 bits, for every pair of values."""
    if one.dtype != pl.Int64 or other.dtype != pl.Int64:
        return False
    (a, b), (c, d) = _ends(one), _ends(other)
    match how:
        case "Plus":
            ends = [a + c, b + d]
        case "Minus":
            ends = [a - d, b - c]
        case "Mul" | "Multiply":
            ends = [a * c, a * d, b * c, b * d]
        case _:
            ends = []
    return all(abs(end) <= _MOST for end in (a, b, c, d, *ends))


def _ends(value: pl.Series) -> tuple[int, int]:
    least, most = value.min(), value.max()
    return (0, 0) if least is None or most is None else (int(least), int(most))  # type: ignore[arg-type]


def _denoised(one: pl.Series, other: pl.Series, result: pl.Series) -> pl.Series:
    """Take sums to the 15th digit of the larger part: 0.3 - (0.1 + 0.2) is nothing, not 5.6e-17."""
    size = np.maximum(np.abs(_floats(one)), np.abs(_floats(other)))
    usual = (size >= _SMALLEST) & (size < _LARGEST)
    scale = _SCALES[np.clip(np.searchsorted(_POWERS, size, side="right") - 1, 0, len(_SCALES) - 1)]
    values = _floats(result)
    values = np.where(usual, np.rint(np.where(usual, values, 0.0) * scale) / scale + 0.0, values)
    return pl.Series(result.name, values).set(result.is_null(), None)


def _floats(value: pl.Series) -> npt.NDArray[np.float64]:
    return value.to_numpy()


def _remainder(how: str, one: pl.Series, other: pl.Series) -> pl.Series:
    """Divide into whole parts, towards zero as SQL does, or return what is left; nothing where the divisor is zero."""
    frame = pl.DataFrame({"one": one, "other": other.set(other == 0, None)})
    a, b = pl.col("one"), pl.col("other")
    if one.dtype == pl.Int64:
        quotient = (a.abs() // b.abs()) * a.sign() * b.sign()
        return frame.select(quotient if how in _IN_WHOLE_PARTS else a - b * quotient).to_series()
    quotient = (a / b).round_sig_figs(DIGITS).truncate()
    parts = frame.select(quotient=quotient, taken=b * quotient)
    if how in _IN_WHOLE_PARTS:
        return parts["quotient"]
    return _denoised(one, parts["taken"], one - parts["taken"])


def settled(value: pl.Series) -> pl.Series:
    """Return what was computed to 15 significant digits: 12.3 / 3 is 4.1, whatever is compared with it later."""
    if value.dtype != pl.Float64:
        return value
    usual = pl.col("x").abs() < _LARGEST
    shown = pl.when(usual).then(pl.col("x").round_sig_figs(DIGITS + 1)).otherwise(pl.col("x"))
    return value.alias("x").to_frame().select(shown).to_series()


def absolute(value: pl.Series) -> pl.Series:
    """Return absolute values; the smallest of 64 bits has none among whole numbers."""
    return (value if _ends(value)[0] >= -_MOST else value.cast(pl.Float64)).abs()


def rounded(how: str, value: pl.Series, decimals: int) -> pl.Series:
    """Round half away from zero, as SQL and spreadsheets do, or up, down or towards zero; 2.675 is no 2.67499999."""
    value = widened(value)
    if value.dtype != pl.Float64 or decimals > _MOST_DECIMALS:
        return value
    unit = 10.0**decimals
    scaled = (pl.col("x") * unit).round_sig_figs(DIGITS)
    whole = {
        "Round": scaled.round(0, mode="half_away_from_zero"),
        "Truncate": scaled.truncate(),
        "Floor": scaled.floor(),
        "Ceil": scaled.ceil(),
    }[how]
    # Adding zero makes -0.0 a plain 0.0; what is too large to be scaled has no decimals.
    result = pl.when(scaled.is_finite()).then(whole / unit + 0.0).otherwise(pl.col("x"))
    return value.alias("x").to_frame().select(result).to_series()


def comparable(*sides: pl.Series) -> Sequence[pl.Series]:
    """Return columns of numbers, or lists of them, so that those are equal that people take for equal."""
    kinds = [_inner(side) for side in sides]
    if not all(one.is_numeric() or one == pl.Boolean for one in kinds):
        return sides
    if not any(one.is_float() or one.is_decimal() for one in kinds):
        return sides
    return [_each(side, lambda cells: significant(cells.cast(pl.Float64))) for side in sides]


def significant(value: pl.Series) -> pl.Series:
    """Return floats to `DIGITS` significant digits; others as they are."""
    return value.round_sig_figs(DIGITS) if value.dtype == pl.Float64 else value


def _inner(side: pl.Series) -> pl.DataType:
    return side.dtype.inner if isinstance(side.dtype, pl.List) else side.dtype  # type: ignore[return-value]


def _each(side: pl.Series, change: Callable[[pl.Series], pl.Series]) -> pl.Series:
    if not isinstance(side.dtype, pl.List):
        return change(side)
    return pl.Series(side.name, [change(cells) for cells in side])
