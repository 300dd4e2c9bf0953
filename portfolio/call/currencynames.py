"""How people name a currency: by code, by sign, by a word in the usual languages of funders, by its ISO number."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from types import MappingProxyType

from portfolio.call.money import KNOWN, SIGNS, signs_of

# Words that name a currency; behind the bar, words that may stand beside them, or mean something else as well.
_WORDS = {
    "EUR": "EURO EUROS 978",
    "USD": "840 | US AMERICAN UNITED STATES",
    "GBP": "POUND POUNDS STERLING 826 | UK BRITISH",
    "CHF": "FRANC FRANCS FRANKEN FRANCHI 756 | SWISS SCHWEIZER SUISSE SUISSES SVIZZERI",
    "SEK": "KRONA KRONOR 752 | SWEDISH",
    "NOK": "KRONE KRONER 578 | NORWEGIAN NORSKE",
    "DKK": "KRONE KRONER 208 | DANISH DANSKE",
    "ISK": "KRONA KRÓNA KRÓNUR 352 | ICELANDIC",
    "CZK": "KORUNA KORUN KORUNY 203 | CZECH",
    "PLN": "ZLOTY ZLOTYS ZŁOTY ZŁOTYCH 985 | POLISH",
    "HUF": "FORINT FORINTS 348 | HUNGARIAN",
    "RON": "LEU LEI 946 | ROMANIAN",
    "BGN": "LEVA 975 | BULGARIAN LEV",
    "TRY": "LIRA 949 | TURKISH",
    "UAH": "HRYVNIA HRYVNIAS 980 | UKRAINIAN",
    "RUB": "RUBLE RUBLES ROUBLE ROUBLES 643 | RUSSIAN",
    "ILS": "SHEKEL SHEKELS 376 | ISRAELI NEW",
    "JPY": "YEN 392 | JAPANESE",
    "CNY": "YUAN RENMINBI 156 | CHINESE",
    "KRW": "410 | SOUTH KOREAN WON",
    "INR": "RUPEE RUPEES 356 | INDIAN",
    "BRL": "REAIS 986 | BRAZILIAN REAL",
    "MXN": "PESO PESOS 484 | MEXICAN",
    "ZAR": "RAND 710 | SOUTH AFRICAN",
    "CAD": "124 | CANADIAN",
    "AUD": "036 36 | AUSTRALIAN",
    "NZD": "554 | NEW ZEALAND",
    "HKD": "344 | HONG KONG",
    "SGD": "702 | SINGAPORE",
    "XOF": "FRANC FRANCS 952 | CFA",
    "XAF": "FRANC FRANCS 950 | CFA",
    "ARS": "PESO PESOS 032 32 | ARGENTINE",
    "CLP": "PESO PESOS 152 | CHILEAN",
    "COP": "PESO PESOS 170 | COLOMBIAN",
    "PHP": "PESO PESOS 608 | PHILIPPINE",
}  # fmt: skip
_FURTHER = "AED BAM BDT DZD EGP ETB GEL GHS IDR KES KZT LKR MAD MDL MKD MUR MYR NGN NPR PEN PKR QAR RSD SAR THB TZS UZS"
# What several currencies are called.
_SHARED = {"DOLLAR": "$", "DOLLARS": "$", "POUND": "£", "POUNDS": "£", "RUPEE": "RS", "RUPEES": "RS"}


def _named() -> dict[str, frozenset[str]]:
    """Return what names a currency on its own, and which it may be."""
    found = {word: set(SIGNS[sign]) for word, sign in _SHARED.items()}
    for code, words in _WORDS.items():
        for word in words.partition("|")[0].split():
            found.setdefault(word, set()).add(code)
    for sign, codes in SIGNS.items():
        found.setdefault(sign, set()).update(codes)
    return {word: frozenset(codes) for word, codes in found.items()}


NAMES: Mapping[str, frozenset[str]] = MappingProxyType(_named())
"""Words, signs and numbers that name a currency, in upper case and without dots, and the codes that they may mean."""
CODES = KNOWN | _WORDS.keys() | set(_FURTHER.split())
"""Codes that are looked for in headings."""

_TOKEN = re.compile(r"[^\W\d_]*\$|[^\W\d_]+|\d+|[^\w\s]")
_SIGN = re.compile(
    r"(?<![^\W\d_])[A-Z]{1,2}\$|["
    + re.escape("".join(s for s in SIGNS if len(s) == 1 and not s.isalnum()))
    + "]"
)
_CAPITALS = re.compile(r"(?<![A-Z])[A-Z]{3}(?![A-Za-z])")
_LETTERS = re.compile(r"[^\W\d_]+")
# The words try, mad and pen, the country FR, the foot ft. are no money unless they stand in brackets.
_TWOFOLD = frozenset({"TRY", "MAD", "PEN", "PHP", "GEL", "COP", "RON", "FR", "RS", "FT"})
_BRACKETED = re.compile(r"[(\[]\s*(?:in\s+)?([^\W\d_]{2,3})\.?\s*[)\]]", re.IGNORECASE)
_DOTTED = re.compile(r"(?<![^\W\d_])(FR|RS)\.", re.IGNORECASE)


_UNIT = "(" + "|".join([*sorted(code.lower() for code in CODES - _TWOFOLD), "[€$£¥₹₩₪₺₽₴₫]"]) + ")"
_SCALED = re.compile(
    r"(?<![^\W\d_])(thousands?|tausend|tsd|tds|milliers?|miles de|migliaia|tys|millions?|millionen|millones|milioni"
    r"|mill\.|mio|mln|billions?|mrd|milliards?|milliarden|lakhs?|crores?|[tm]kr)(?![^\W\d_])"
    rf"|(?<![^\W\d_])([tkm]|mn|bn)[\s_]?{_UNIT}(?![^\W\d_])|{_UNIT}[\s_]?([tkm]|mm|mn|bn)(?![^\W_])"
    r"|[(\[]\s*(in\s+)?([tkm]|mm|mn|bn)\s*[)\]]|(?<![^\W\d_])in[\s_]+([tkm]|mn|bn)(?![^\W_])"
    rf"|(?<![\d.,])['’]?000s?(?!\w)|(?<!\w)(in|x|×)\s*1([., '’]?000)+(?!\w)|(?<!\w)1([., '’]?000)+\s*{_UNIT}"
)


def says(text: str, currency: str) -> bool:
    """Whether a text names this currency, and says nothing else: ``EUR``, ``Euro (€)``, ``US dollars``."""
    found = [one for one in _TOKEN.findall(text.replace(".", "").upper()) if not _is_mark(one)]
    _, _, beside = _WORDS.get(currency, "").partition("|")
    naming = {currency, *signs_of(currency), *(word for word, codes in NAMES.items() if currency in codes)}
    return not naming.isdisjoint(found) and naming | set(beside.split()) >= set(found)


def mentioned(heading: str) -> list[frozenset[str]]:
    """Return the currencies that a heading names: for each name the codes that it may mean."""
    names = [match.upper() for match in _SIGN.findall(heading.upper())]
    names += [code for code in _CAPITALS.findall(heading) if code in KNOWN]
    names += [word for word in _LETTERS.findall(heading.upper()) if word not in _TWOFOLD]
    names += [word.upper() for word in (*_BRACKETED.findall(heading), *_DOTTED.findall(heading))]
    known = (frozenset({name}) if name in CODES else NAMES.get(name) for name in names)
    return [codes for codes in known if codes]


def is_scaled(heading: str) -> bool:
    """Whether a heading says that its amounts are thousands or more: ``Amount (TEUR)``, ``in Mio. EUR``, ``€000``."""
    return _SCALED.search(heading.casefold()) is not None


def _is_mark(token: str) -> bool:
    return not (token[0].isalnum() or token in "%‰" or unicodedata.category(token[0]) == "Sc")
