"""Amounts in another currency than the call's, or in thousands: by what headings, columns and formats of cells say."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

import polars as pl

from portfolio.call.columns import Column
from portfolio.call.currencynames import CODES, mentioned, says, says_another, says_one
from portfolio.call.issues import lines_of
from portfolio.call.money import exponent
from portfolio.call.parse import DIGITS_LOST
from portfolio.call.scales import SINGLE, is_scale, scale_of
from portfolio.call.sql_words import spelled
from portfolio.call.words import MISSING_WORDS
from portfolio.call.xlsxstyles import DIGITS, LARGE, MOVED, PERCENT, RAISED, STRUCK, WRITTEN_PERCENT
from portfolio.call.xlsxtexts import UNCLEAR, WRITTEN, ZERO, in_full
from portfolio.errors import Issue

STRUCK_THROUGH = "is struck through, in part or whole"
"""What is wrong with a cell that somebody drew a line through."""
RAISED_TEXT = "holds raised or lowered text, which is read as if it stood on the line"
"""What is wrong with a cell of a number and the mark of a footnote."""

_HINT = (
    "a call has one currency and single units, and a column of currencies says it by code, sign or name in every row: "
    "set `currency`, convert, or rename the heading if it is about other money, or about what it was: Currency before"
)
_CONVERTED = (
    "set `currency`; or give the amounts a heading that is not ours and not in [columns], and multiply it by the rate "
    "in [derive] of the policy: {0} = 'ROUND(0.92 * \"Asked in USD\", {1})'; or rename the heading if it is about "
    "other money"
)
_PLAIN = (
    "beside an amount may stand what names {}: format the column as plain numbers, or convert the amounts"
)
_FORMAT = "format the column as plain numbers"
_MOVED = "is shown with a mark before its last digits, as if they were decimals: 1234567 as 12345.67"
_ADDED = "is shown with digits beside it that are those of its format: 300 as 3000"
_NO_FRACTION = "is shown with a percent sign that its format only writes: 5% is kept as 5"
NO_TEXT = "is a number that its format shows as another text"
"""What is wrong with a number that is a text of ours and shown as one that is not certain."""
_AS_SHOWN = (
    'an id or name is what people see: make texts of the cells, as =TEXT(A2, "000") does in a column of its own, or '
    "format the column as plain numbers"
)
_WITHDRAWN = (
    "a proposal that is withdrawn: delete its row, or set on_bad_rows = 'set_aside'; a correction: delete what is no "
    "longer meant; else take the line away"
)
_FOOTNOTE = "the mark of a footnote: delete it; else take superscript and subscript away from the cell"
_NUMBERS = ("money", "number", "integer")
_COUNTED = ("number", "integer", "boolean")
TEXTS = ("text", "word", "words", "tags")
"""The kinds of columns of which a cell is what people see."""
# Nothing is counted or grouped by prose, and the 2 of CO2 is often lowered there.
_PROSE = ("title", "abstract")
_NAMED = (
    r"((?<!con)currency|currencies|ccy|w(ä|ae?)hrung|devise|divisa|devisa|moneda|moeda|monnaie|valuta|valuutta|waluta|měna"
    r"|pénznem|para ?birimi|rahayksikkö|νόμισμα|валюта|货币|貨幣|币种|幣別|通貨|통화)"
)
# Grant currency, Currency code (ISO 4217), Währungskürzel, Code devise; Currency of the award, Devise du projet.
_AT_END = re.compile(
    rf"({_NAMED}s?|4217)(iso|alpha|code|kürzel|kuerzel|name|symbol|sign|kod|代码|used|unit|[0-9])*$"
)
_AT_BEGIN = re.compile(rf"{_NAMED}[\s_-]+(of|for|de|du|des|der|da|do|del|della|di|van)\b")
_SHORT = re.compile(
    r"(^|.*[\W_])(curr?|ccy|crcy|kurr|whg|währ?|waehr|wkz|waers)([\W_]*(code|cd|iso))*[\W_0-9]*"
)
_UNITS = re.compile(r"(units?|einheit|unité|unidade?|unità|eenheid|enhet|jednostka|单位|單位|単位|단위)$")
_NUMBERED = re.compile(rf"{_NAMED}s?(id|key|no|nr)$")
_WORD = r"^[\p{L}\p{Sc}][\p{L}\p{Sc} .]{0,19}$"


def headed_otherwise(file: str, column: Column, heading: str, currency: str) -> Iterator[Issue]:
    """Find the heading of a column of money that names another currency, thousands or cents: ``Amount (USD)``."""
    if column.kind != "money":
        return
    named = mentioned(heading)
    if named and not any(currency in codes for codes in named):
        what = f"is read from {heading!r}, which is not in {currency}"
        yield Issue(what, _CONVERTED.format(column.name, exponent(currency)), file=file, column=column.name)
    if scale := scale_of(heading):
        what = f"is read from {heading!r}, which is in {scale}"
        yield Issue(what, SINGLE.format("the heading"), file=file, column=column.name)


def other_currencies(frame: pl.DataFrame, rows: pl.Series, currency: str) -> Iterator[pl.DataFrame]:
    """Find rows that a column of currencies does not give to the call's: by another one, ``n/a``, or anything else.

    An empty cell is in the currency of the call if another cell says that, or none says anything.
    """
    for name in frame.columns:
        if (cells := _of_currencies(frame[name])) is not None:
            known = [cell for cell in cells.drop_nulls().unique() if says(cell, currency)]
            other = ~cells.is_in(known)
            yield lines_of(other, rows, name, cells, f"is not in {currency}", _HINT)
            if cells.count() and not known:
                what = f"is empty, and no row of this column is in {currency}"
                yield lines_of(cells.is_null(), rows, name, cells, what, _HINT)


def _of_currencies(cells: pl.Series) -> pl.Series | None:
    """Return the texts of a column of currencies, null where it is empty; None if it is another column."""
    folded = cells.name.strip().casefold()
    bare = re.sub(r"[\W_]+", "", folded)
    numbered = _NUMBERED.search(bare)
    named = numbered or _AT_BEGIN.match(folded) or _AT_END.search(bare) or _SHORT.fullmatch(folded)
    if not (named or _UNITS.search(bare)):
        return None
    if cells.dtype != pl.String and not cells.dtype.is_numeric():
        return None
    text = cells.cast(pl.String).str.strip_chars()
    text = text.set(text == "", None)
    filled = text.drop_nulls()
    if not named:
        units = filled.unique().filter(~filled.unique().str.to_lowercase().is_in(list(MISSING_WORDS)))
        return text if len(units) and all(map(_is_of_money, units)) else None
    if numbered:
        return text if filled.str.to_uppercase().is_in(list(CODES)).any() else None
    words = filled.str.contains(_WORD) & ~filled.str.to_lowercase().is_in(list(MISSING_WORDS))
    # Amounts in local currency are headed like that too. They name none; three digits are a number of ISO 4217.
    is_money = not words.any() and (filled.str.contains("[0-9]") & ~filled.str.contains("^[0-9]{3}$")).any()
    return None if is_money else text


def _is_of_money(unit: str) -> bool:
    return bool(scale_of(unit)) or says_one(unit)


def shown_otherwise(
    column: Column,
    cells: pl.Series,
    rows: pl.Series,
    shown: Mapping[frozenset[str], pl.Series],
    currency: str,
) -> Iterator[pl.DataFrame]:
    """Find what a workbook shows otherwise than it is: struck through, raised, 85% for 0.85, with a word beside.

    Beside an amount may stand what names the currency of the call, and marks such as brackets and dashes. A number that
    is a text of ours may be shown as one text, which `as_shown` reads.
    """
    for signs in sorted(shown, key=sorted):
        at, seen = shown[signs], signs
        if form := column.kind in TEXTS and _form(signs):
            at, seen = at.filter(in_full(form, cells.gather(at)).is_null()), frozenset({UNCLEAR})
        wrong = next((found for sign in sorted(seen) if (found := _wrong(column, sign, currency))), None)
        if wrong is not None:
            every = pl.repeat(value=True, n=len(at), eager=True)
            lines = lines_of(every, rows.gather(at), column.name, cells.gather(at), *wrong)
            yield lines.with_columns(position=at)


def as_shown(
    column: Column, value: pl.Series, cells: pl.Series, shown: Mapping[frozenset[str], pl.Series]
) -> pl.Series:
    """Return the values of a column with what formats make of its numbers, where that is certain: ``00007``, ``P-007``.

    Parameters
    ----------
    value, cells
        The column as it was read, and as it stands in the workbook.
    """
    texts = _in_full(cells, shown) if column.kind in TEXTS else pl.Series()
    if not texts.count():
        return value
    known = pl.concat_list("text") if column.is_list else pl.col("text")
    frame = pl.DataFrame([value.alias("value"), texts])
    return frame.select(pl.when(pl.col("text").is_null()).then("value").otherwise(known)).to_series()


def as_codes(
    value: pl.Series, cells: pl.Series, shown: Mapping[frozenset[str], pl.Series], *, every: bool
) -> pl.Series:
    """Return a column of the funder's own with what formats make of its codes, filled up with zeros: ``01234``.

    Where one cell is a code, all are texts. Numbers with a text beside them, as ``36 months``, are numbers, unless
    `every` form makes a text, as under the heading of a column of texts of ours.
    """
    forms = {signs: at for signs, at in shown.items() if every or is_code(signs)}
    texts = _in_full(cells, forms)
    if not texts.count():
        return value
    others = cells.str.strip_chars() if cells.dtype == pl.String else spelled(value).cast(pl.String)
    return texts.zip_with(texts.is_not_null(), others.set(value.is_null(), None))


def as_fractions(value: pl.Series, shown: Mapping[frozenset[str], pl.Series]) -> pl.Series:
    """Return a column of the funder's own whose percentages are fractions, also where a format only writes the sign."""
    places = [at for signs, at in shown.items() if WRITTEN_PERCENT in signs]
    if not places or not value.dtype.is_numeric():
        return value
    at, found = pl.concat(places), value.cast(pl.Float64)
    return found.scatter(at, found.gather(at) / 100)


def is_code(signs: frozenset[str]) -> bool:
    """Whether what stands beside a number makes a code of it: zeros before it, and no mark of thousands or decimals."""
    form = _form(signs)
    return any(len(zeros) > 1 for zeros in re.findall(f"{ZERO}+", form)[:1]) and not re.search("[.,'’]", form)


def _in_full(cells: pl.Series, shown: Mapping[frozenset[str], pl.Series]) -> pl.Series:
    """Return the texts that cells are shown as, where that is certain, null for all others."""
    texts = pl.Series("text", [None], dtype=pl.String).new_from_index(0, len(cells))
    for signs, at in shown.items():
        if form := _form(signs):
            texts.scatter(at, in_full(form, cells.gather(at)))
    return texts


def _form(signs: frozenset[str]) -> str:
    """Return the form in which cells are shown as texts, if there is one."""
    return next((sign.removeprefix(WRITTEN) for sign in signs if sign.startswith(WRITTEN)), "")


def _wrong(column: Column, sign: str, currency: str) -> tuple[str, str] | None:
    """Return what is wrong with a sign beside a cell, and what to do; None if nothing is."""
    if sign == STRUCK:
        return STRUCK_THROUGH, _WITHDRAWN
    if sign == RAISED:
        return None if column.name in _PROSE else (RAISED_TEXT, _FOOTNOTE)
    if sign == LARGE:
        return ("is a number of 16 digits or more", DIGITS_LOST) if column.kind in TEXTS else None
    if sign == UNCLEAR:
        return (NO_TEXT, _AS_SHOWN) if column.kind in TEXTS else None
    if sign in (MOVED, DIGITS):
        return (_MOVED if sign == MOVED else _ADDED, _FORMAT) if column.kind in _NUMBERS else None
    if sign == PERCENT:
        is_grade = column.kind == "money" or column.unit == "grade"
        return ("is shown as a percentage: 85% is kept as 0.85", _FORMAT) if is_grade else None
    if sign == WRITTEN_PERCENT:
        return (_NO_FRACTION, _FORMAT) if column.kind in _NUMBERS else None
    if column.kind in _COUNTED and not sign.startswith(WRITTEN):
        return f"is shown with {sign!r} beside it", f"{_FORMAT}, in the unit of the column"
    if column.kind != "money" or sign.startswith(WRITTEN) or says(sign, currency):
        return None
    if is_scale(sign):
        return f"is shown with {sign!r} beside it", SINGLE.format("the format of its cell")
    if says_another(sign, currency):
        return f"is shown in {sign}, not in {currency}", _CONVERTED.format(column.name, exponent(currency))
    return f"is shown with {sign!r} beside it", _PLAIN.format(currency)
