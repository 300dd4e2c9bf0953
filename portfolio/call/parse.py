"""From the text of a cell to a typed value: quickly for plain cells, patiently for the others.

Both are polars expressions on stripped text. `quick` gives null for every cell of which it is not sure, so that the
whole file can stream through it; only the columns in which that happened are read again by `patient`.
"""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from portfolio.call.amounts import GROUP, Mark, quick_money
from portfolio.call.columns import Column
from portfolio.call.dayforms import certain_days, way_to_read
from portfolio.call.value import TYPES
from portfolio.call.words import KNOWN, MISSING_MEMBER, RECODED, is_missing, truth_of

WHOLE_NUMBER = r"^-?(0|[1-9][0-9]{0,18})$"
DECIMAL_NUMBER = (
    r"^-?((0|[1-9][0-9]{0,17})(\.[0-9]+)?|\.[0-9]+|[0-9]+(\.[0-9]+)?[eE][+-]?[0-9]+|[0-9]{19,}\.[0-9]+|inf)$"
)

# By either decimal mark, if there is nothing else to go by.
EITHER = r"^-?[1-9][0-9]{0,2}\.[0-9]{3}$"
BETWEEN: Mapping[str, str] = {".": rf",|{GROUP}", ",": rf"\.|{GROUP}"}
GROUPED: Mapping[str, str] = {
    mark: rf"^-?([1-9][0-9]{{0,2}}(({other}[0-9]{{3}})*|({GROUP}[0-9]{{3}})*)|[1-9][0-9]*|0)({own}[0-9]+)?$"
    for mark, own, other in ((".", r"\.", ","), (",", ",", r"\."))
}

# E2 is a room, too; programs write the sign of an exponent, or a point before it.
_ROOM = r"^[0-9]+[eE][0-9]+$"
_EXACT_FLOAT = 2.0**53
# Lists that need a second look, for blanks or for members that mean "not known".
_LOOSE = rf"\s;|;\s|;;|^[\s;]|[\s;]$|{MISSING_MEMBER}"
_DAY = '{{0}}: write 2020-04-03, or say in [derive] of the policy which it is: {0} = "{{1}}"'
A_DAY = "^[0-9]{4}-[0-9]{2}-[0-9]{2}[ T]00:00:00$"
"""How programs write a day that a spreadsheet has made of a code."""
DAY_OF_A_CODE = (
    "programs make a day or a time of a code such as 1.1 or 1:01: format the column as text, "
    "and write its codes anew"
)
"""What happened to a text that is a day, and what to do."""
DIGITS_LOST = (
    "programs keep 15 digits of a number, so that the last ones are not those of the id: format the column as text, "
    "and write its ids anew"
)
"""What happened to a text that is a number of 16 digits or more, and what to do."""
_ISO = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
_PERCENT = (
    "write digits alone: a probability of 85% is 0.85, a grade is what the scale of the call makes of it"
)
_CHANCE = (
    "; or leave your heading out of [columns], rename it if it is {0}, and say in [derive] of the policy: "
    "{0} = \"CAST(REPLACE(\\\"your heading\\\", '%', '') AS DOUBLE) / "
    'IF(ENDS_WITH(\\"your heading\\", \'%\'), 100, 1)"'
)
_COMMA = 'if the comma is the decimal mark, set decimal_mark = ","'
_POINT = "the decimal mark here is a comma: write 1250 or 1,25, and a column in one way"
_WORDING = {"integer": "int", "number": "float", "boolean": "bool", "date": "date", "money": "decimal"}


def stripped(name: str) -> pl.Expr:
    """Return the text of a column without surrounding white space."""
    return pl.col(name).str.strip_chars()


def quick(column: Column, text: pl.Expr, currency: str, mark: str) -> pl.Expr:
    """Parse the plain cells of a known column; null where a cell needs a second look."""
    match column.kind:
        case "money":
            return quick_money(text, currency, mark)
        case "integer":
            return text.cast(pl.Int64, strict=False)
        case "number":
            return text.cast(pl.Float64, strict=False)
        case "date":
            # The library reads 18-02-01 by this form, as a day of the year 18.
            return pl.when(text.str.len_bytes() == 10).then(text.str.to_date("%Y-%m-%d", strict=False))
        case "boolean":
            return _plain_boolean(text)
        case "word":
            return pl.when(text.is_in(list(column.choices))).then(text)
        case "words":
            words = "|".join(column.choices)
            return pl.when(text.str.contains(rf"^({words})(;({words}))*$")).then(text.str.split(";"))
        case "tags":
            return pl.when(~text.str.contains(_LOOSE) & (text != "")).then(text.str.split(";"))
        case _:
            return text


def _plain_boolean(text: pl.Expr) -> pl.Expr:
    return pl.when(text == "true").then(True).when(text == "false").then(False)


def patient(column: Column, text: pl.Expr, mark: str) -> pl.Expr:
    """Parse every cell that can be understood, money excepted; null where it cannot or where it means "missing".

    Where the mark is a comma, a point can only be wrong: digits are grouped in money alone.
    """
    match column.kind:
        case "integer":
            number = text.cast(pl.Float64, strict=False)
            exact = text.str.contains(r"^[+-]?[0-9]{1,15}\.0*$") & ~(
                text.str.contains(EITHER) & pl.lit(mark == ",")
            )
            value = pl.coalesce(
                text.cast(pl.Int64, strict=False), pl.when(exact).then(number.cast(pl.Int64, strict=False))
            )
        case "number":
            comma = text.str.contains(r"^[+-]?[0-9]+,[0-9]+$") & pl.lit(mark == ",")
            other = text.str.contains(".", literal=True) & pl.lit(mark == ",")
            plain = pl.when(comma).then(text.str.replace(",", ".", literal=True)).when(~other).then(text)
            value = plain.cast(pl.Float64, strict=False).fill_nan(None)
        case "date":
            value = certain_days(text)
        case "boolean":
            value = truth_of(text)
        case "word":
            # Words keep the form of the file, in which derived columns look for them, until the table is normal.
            value = text
        case "words" | "tags":
            value = _items(text, pl.element().str.strip_chars())
        case _:
            return text
    return pl.when(~is_missing(text)).then(value)


def filled(name: str) -> pl.Expr:
    """Return the stripped text of a column, null where it means "not known"."""
    return pl.when(~is_missing(stripped(name))).then(stripped(name))


def complaint(column: Column) -> str:
    """Say what a cell of this column must be, in the words of the pydantic model."""
    return f"must be {TYPES[_WORDING[column.kind]]}" if column.kind in _WORDING else "must be text"


def hints(column: Column, text: pl.Expr, mark: str) -> pl.Expr:
    """Say what probably happened to a cell that could not be parsed."""
    hint = pl.lit("")
    if column.kind == "date":
        hint = way_to_read(text, column.name, _DAY.format(column.name))
    elif column.kind == "boolean":
        hint = pl.lit(KNOWN + RECODED.format(column.name, "yes"))
    elif column.kind == "number":
        how = _PERCENT + _CHANCE.format(column.name) if column.le == 1 else _PERCENT
        percent = pl.when(text.str.ends_with("%")).then(pl.lit(how)).otherwise(hint)
        hint = pl.when(text.str.contains(r"^[+-]?[0-9]+,[0-9]+$")).then(pl.lit(_COMMA)).otherwise(percent)
    elif column.kind in ("word", "words", "tags"):
        hint = pl.when(text.str.contains(_ISO)).then(pl.lit(DAY_OF_A_CODE)).otherwise(hint)
    if column.kind in ("integer", "number") and mark == ",":
        hint = pl.when(text.str.contains(r"^[+-]?[0-9.,]*\.[0-9.,]*$")).then(pl.lit(_POINT)).otherwise(hint)
    return hint


def _items(text: pl.Expr, each: pl.Expr) -> pl.Expr:
    items = text.str.split(";").list.eval(each).list.eval(pl.element().filter(pl.element() != ""))
    return pl.when(items.list.eval(~is_missing(pl.element())).list.any()).then(items)


def quick_foreign(text: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    """Parse the cells of a foreign column as the type that its first rows suggest."""
    if dtype == pl.Int64:
        return pl.when(text.str.contains(WHOLE_NUMBER)).then(text.cast(pl.Int64, strict=False))
    if dtype == pl.Float64:
        number = text.cast(pl.Float64, strict=False)
        # 1e400 is a number that nobody can hold; only the word stands for infinity.
        held = number.is_finite() | text.is_in(["inf", "-inf"])
        return pl.when(text.str.contains(DECIMAL_NUMBER) & held).then(number)
    if dtype == pl.Boolean:
        return _plain_boolean(text)
    # Nothing but empty cells so far: no value for any cell, and one that has text is a reason to look again.
    return pl.when(pl.lit(False)).then(text) if dtype == pl.Null else text


def inferred(text: pl.Series, mark: Mark | None) -> pl.Series:
    """Give a foreign column the narrowest of Int64, Float64, Boolean and String that holds every cell.

    Missing marks like ``NA`` count as missing only if the rest is not text; ``007`` and ``+41`` are text. So is a
    column of numbers that are spelled as codes are, see `_are_codes`. With a decimal mark, digits may be grouped by the
    other one; without, a column is text if it could be read by either: 12.500 and 800.
    """
    text = text.str.strip_chars().set(text.str.strip_chars() == "", None)
    known = text.to_frame("text").select(pl.when(~is_missing(pl.col("text"))).then("text")).to_series()
    if known.null_count() == len(known):
        return text
    for dtype in (pl.Int64(), pl.Float64(), pl.Boolean()):
        cells = known.str.to_lowercase() if dtype == pl.Boolean else known
        if dtype == pl.Float64:
            cells = _plainly(cells, mark)
        value = cells.to_frame("text").select(quick_foreign(pl.col("text"), dtype)).to_series()
        if value.null_count() == known.null_count():
            if dtype == pl.Float64 and (_are_codes(value, known, cells, mark) or undecided(known, mark)):
                return text
            return narrowed(value.alias(text.name))
    return text


def _plainly(text: pl.Series, mark: Mark | None) -> pl.Series:
    """Write numbers with a point and without groups, if the decimal mark is known and every one agrees with it."""
    if mark is None or (mark == "." and not text.str.contains(BETWEEN[mark]).any()):
        return text
    if not text.str.contains(GROUPED[mark]).all():
        return text if mark == "." else text.set(text.str.contains(".", literal=True), None)
    return text.str.replace_all(BETWEEN[mark], "").str.replace(mark, ".", literal=True)


def _are_codes(value: pl.Series, known: pl.Series, plain: pl.Series, mark: Mark | None) -> bool:
    """Whether numbers are spelled as codes: one in two spellings, 2.10 beside 1.3, or 1E2 and 2E3 alone."""
    if spelled_twice(value, known.str.strip_prefix("-")) or known.drop_nulls().str.contains(_ROOM).all():
        return True
    # Nobody groups the digits of a code.
    if mark is not None and known.str.contains(BETWEEN[mark]).any():
        return False
    return padded(value, plain.to_frame("text").select(decimals(pl.col("text"))).to_series())


def spelled_twice(value: pl.Series, spelled: pl.Series) -> bool:
    """Whether one number stands in a column in two spellings, signs apart; 0, -0.0 and 0.00 are zero in every file."""
    counts = value != 0
    return spelled.filter(counts).n_unique() > value.filter(counts).abs().n_unique()


def decimals(text: pl.Expr) -> pl.Expr:
    """Count the decimals of plain numbers; below zero where the last one is a zero that a number has no need of."""
    behind = text.str.len_bytes().cast(pl.Int64) - text.str.find(".", literal=True).cast(pl.Int64) - 1
    count = pl.when(~text.str.contains_any(["e", "E"])).then(behind).cast(pl.Int16, strict=False)
    # 800.0 is how programs write a whole number; in 2.10 somebody meant the zero.
    return pl.when(text.str.ends_with("0") & (count > 1)).then(-count).otherwise(count)


def padded(value: pl.Series, counts: pl.Series) -> bool:
    """Whether a decimal ends in 0 beside one of another length, as 2.10 beside 1.3; 0.00 is zero in every file."""
    kinds = counts.filter(value != 0).drop_nulls().unique()
    return kinds.abs().n_unique() > 1 and bool((kinds < 0).any())


def undecided(text: pl.Series, mark: Mark | None) -> bool:
    """Whether all the fractions of a column could as well be thousands, and nothing tells which."""
    marked = text.filter(text.str.contains(r"[.eE]"))
    return mark is None and len(marked) > 0 and bool(marked.str.contains(EITHER).all())


def could_be_numbers(head: pl.Series) -> bool:
    """Whether some other rows, or a decimal mark, would make numbers of cells that are text so far."""
    known = head.str.strip_chars().to_frame("text").filter(~is_missing(pl.col("text")))
    plain = pl.any_horizontal(
        pl.col("text").str.contains(form) for form in (DECIMAL_NUMBER, *GROUPED.values())
    )
    return bool(known.select(plain.all()).item())


def narrowed(values: pl.Series) -> pl.Series:
    """Make whole numbers of a column of floats that are all whole: a spreadsheet does not tell 2 from 2.0."""
    if values.dtype != pl.Float64 or not values.count():
        return values
    whole = (values == values.floor()) & (values.abs() < _EXACT_FLOAT)
    return values.cast(pl.Int64) if whole.all() else values
