"""Amounts in another currency than the call's: by a column that says so, or by how a workbook shows a number."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

import polars as pl

from portfolio.call.columns import Column
from portfolio.call.issues import lines_of
from portfolio.call.money import KNOWN, SIGNS, signs_of
from portfolio.errors import Issue

_HINT = (
    "a call has one currency, and a column of currencies says it by code or sign: set `currency`, or convert"
)
_NAMED = (
    r"((?<!con)currency|currencies|ccy|w(ä|ae?)hrung|devise|divisa|devisa|moneda|moeda|monnaie|valuta|valuutta|waluta|měna"
    r"|pénznem|para ?birimi|валюта|货币|貨幣|币种|幣別|通貨|통화)"
)
# Grant currency, Currency code, Währungskürzel, Code devise; Currency of the award, Devise du projet.
_AT_END = re.compile(rf"{_NAMED}s?(iso|3|4217)*(code|kürzel|kuerzel|name|symbol|sign|kod|代码)?$")
_AT_BEGIN = re.compile(rf"{_NAMED}[\s_-]+(of|for|de|du|des|der|da|do|del|della|di|van)\b")
_WORD = r"^[\p{L}\p{Sc}][\p{L}\p{Sc} .]{0,19}$"
_EURO = {"EURO": "EUR", "EUROS": "EUR"}


def headed_otherwise(file: str, column: Column, heading: str, currency: str) -> Iterator[Issue]:
    """Find the heading of a column of money that names another currency, as ``Amount (USD)``."""
    named = [
        code
        for code in re.findall(r"(?<![A-Z])[A-Z]{3}(?![A-Za-z])|[€£₹₩₪₺₽₴₫]", heading)
        if code in KNOWN | SIGNS.keys()
    ]
    if column.kind == "money" and named and not set(named) & set(signs_of(currency)):
        yield Issue(
            f"is read from {heading!r}, which is not in {currency}", _HINT, file=file, column=column.name
        )


def other_currencies(frame: pl.DataFrame, rows: pl.Series, currency: str) -> Iterator[pl.DataFrame]:
    """Find rows that a column of currencies gives to another one than the call's."""
    for name in frame.columns:
        cells = frame[name]
        if cells.dtype == pl.String and _is_of_currencies(name) and cells.str.contains(_WORD).all():
            sign = cells.str.strip_chars().str.to_uppercase().str.replace_all(".", "", literal=True)
            other = ~sign.replace(_EURO).is_in(signs_of(currency))
            yield lines_of(other, rows, name, cells, f"is not in {currency}", _HINT)


def _is_of_currencies(heading: str) -> bool:
    folded = heading.strip().casefold()
    return bool(_AT_BEGIN.match(folded) or _AT_END.search(re.sub(r"[\W_]+", "", folded)))


def shown_otherwise(
    column: Column, cells: pl.Series, rows: pl.Series, shown: Mapping[str, pl.Series], currency: str
) -> Iterator[pl.DataFrame]:
    """Find numbers that a workbook shows as money of another currency, or grades and money that it shows as 85%."""
    for sign, where in shown.items():
        token = sign.replace(".", "").upper()
        if column.kind == "money" and (token in SIGNS or re.fullmatch("[A-Z]{3}", token)):
            if token not in signs_of(currency):
                yield lines_of(
                    where, rows, column.name, cells, f"is shown in {sign}, not in {currency}", _HINT
                )
        elif sign == "%" and (column.kind == "money" or column.unit == "grade"):
            what = "is shown as a percentage: 85% is kept as 0.85"
            yield lines_of(where, rows, column.name, cells, what, "format the column as plain numbers")
