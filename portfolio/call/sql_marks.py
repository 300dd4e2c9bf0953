"""Texts of which an expression makes numbers: by the decimal mark of the file, as its columns are read."""

from __future__ import annotations

import polars as pl

from portfolio.call.amounts import Mark
from portfolio.call.parse import BETWEEN, GROUPED, undecided
from portfolio.call.sql_kinds import MARK_HINT, UnfitError
from portfolio.call.sql_tree import Node, joins_texts


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
