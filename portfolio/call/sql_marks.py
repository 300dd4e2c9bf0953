"""Texts of which an expression makes numbers: by the decimal mark of the file, as its columns are read."""

from __future__ import annotations

import polars as pl

from portfolio.call.amounts import Mark
from portfolio.call.currencynames import one_currency
from portfolio.call.parse import BETWEEN, GROUPED, undecided
from portfolio.call.sql_kinds import MARK_HINT, UnfitError, named
from portfolio.call.sql_tree import Node, joins_texts

_OF_NUMBERS = r"[0-9\s.,'’+-]"
_MOST_SIGNS = 3
_NO_NUMBER = "REPLACE(x, '...', '') takes out what is no part of a number, TRY_CAST leaves empty what is none"
_TAKEN_OUT = (
    "CAST({0} AS DOUBLE) reads them without the sign of their currency; where that is not the one of the call, "
    "multiply by a rate"
)
_DECIMALS = "AS DOUBLE reads numbers with decimals, FLOOR(CAST(x AS DOUBLE)) takes what is before the mark"


def plain_numbers(text: pl.Series, mark: Mark | None) -> pl.Series:
    """Write the numbers among some texts with a point and without groups; other texts stay as they are.

    Parameters
    ----------
    mark
        The decimal mark; None if nothing tells it.

    Raises
    ------
    UnfitError
        If a number could be read in two ways, or only by another mark.
    """
    text = text.str.strip_chars().str.strip_prefix("+")
    simple = text.cast(pl.Float64, strict=False).is_not_null()
    fits = {form: text.str.contains(GROUPED[form]).fill_null(False) for form in GROUPED}
    own = fits[mark or "."]
    other = (fits["."] | fits[","]) & ~own & ~simple
    point = text.str.contains(".", literal=True).fill_null(False)
    if mark is None:
        comma = text.str.contains(",", literal=True).fill_null(False)
        if (other | (own & comma)).any() or undecided(text.filter(simple), None):
            raise UnfitError("makes numbers of texts of which nothing tells the decimal mark", MARK_HINT)
    # Beside 12.500 that is twelve thousand, nobody knows what 12.5 is; alone, it is no group.
    if other.any() or (mark == "," and (own & point).any() and (simple & ~own & point).any()):
        raise UnfitError(
            f"makes numbers of texts, of which some do not have the decimal mark {mark!r} of the file",
            "write all numbers in one way; REPLACE(x, ',', '.') makes points of commas",
        )
    plain = text.str.replace_all(BETWEEN[mark or "."], "")
    return text.zip_with(~own, plain.str.replace(",", ".", literal=True))


def refuse_no_numbers(text: pl.Series, plain: pl.Series, to: pl.DataType, mark: Mark | None) -> None:
    """Raise `UnfitError` if some texts of a column are no numbers of a type, with what reads them if it is plain.

    Parameters
    ----------
    text, plain
        The texts as they are, and as `plain_numbers` writes them.
    """
    lost = plain.cast(to, strict=False).is_null() & text.is_not_null()
    if not lost.any():
        return
    what = f"makes numbers of texts, and {lost.sum():,} of {text.count():,} cells are none"
    decimals = to.is_integer() and not plain.filter(lost).cast(pl.Float64, strict=False).has_nulls()
    hint = _DECIMALS if decimals else _sign_taken_out(text, lost, mark)
    raise UnfitError(what, hint, lost)


def _sign_taken_out(text: pl.Series, lost: pl.Series, mark: Mark | None) -> str:
    signs = text.filter(lost).str.replace_all(_OF_NUMBERS, "").unique().to_list()
    if len(signs) > _MOST_SIGNS or not one_currency(signs):
        return _NO_NUMBER
    sql, bare = named(text.name or "x"), text
    # What is part of another sign goes last.
    for sign in sorted(signs, key=lambda sign: (-len(sign), sign)):
        sql, bare = f"REPLACE({sql}, '{sign}', '')", bare.str.replace_all(sign, "", literal=True)
    try:
        plain = plain_numbers(bare, mark)
    except UnfitError as unfit:
        # They are numbers once the policy says the mark.
        return f"{_TAKEN_OUT.format(sql)}; {unfit.hint}"
    read = plain.cast(pl.Float64, strict=False).null_count() == text.null_count()
    return _TAKEN_OUT.format(sql) if read else _NO_NUMBER


def writes_points(node: Node) -> bool:
    """Whether an expression puts points into a text itself, as in ``REPLACE(x, ',', '.')``: they are decimal marks."""
    match node:
        case {"Function": {"input": [_, _, new], "function": {"StringExpr": {"Replace": _}}}}:
            return _is_point(new)
        case {"Function": {"input": parts, "function": {"StringExpr": {"ConcatHorizontal": how}}}}:
            return "." in how["delimiter"] or any(map(_is_point, parts))
        case {"BinaryExpr": {"left": one, "right": other}} if joins_texts(node):
            return _is_point(one) or _is_point(other)
    return False


def _is_point(node: Node) -> bool:
    match node:
        case {"Literal": {"Scalar": {"String": str(text)}}}:
            return text.strip() == "."
        case {"Cast": {"expr": inner}}:
            return _is_point(inner)
    return False
