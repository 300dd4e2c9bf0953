"""How people name a currency: by code, by sign, by a word in the usual languages of funders, by its ISO number."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Mapping
from functools import cache
from itertools import pairwise
from types import MappingProxyType

from portfolio.call.money import EXPONENTS

# Signs and words that name a currency, in upper case and without dots; behind the bar, words that may stand beside
# them, or mean something else as well.
_TABLE = {
    "EUR": "€ EURO EUROS EURON EUROA ЕВРО ЄВРО ΕΥΡΩ ΕΥΡΏ 欧元 歐元 ユーロ 유로 978",
    "USD": "US$ USD$ 美元 米ドル 달러 840 | US AMERICAN UNITED STATES",
    "GBP": "£ POUND POUNDS STERLING 826 | UK BRITISH",
    "CHF": "FR SFR FRANC FRANCS FRANKEN FRANCHI 756 | SWISS SCHWEIZER SUISSE SUISSES SVIZZERI",
    "SEK": "KR KRONA KRONOR 752 | SWEDISH SVENSKA",
    "NOK": "KR KRONE KRONER 578 | NORWEGIAN NORSKE",
    "DKK": "KR KRONE KRONER 208 | DANISH DANSKE",
    "ISK": "KR KRONA KRÓNA KRÓNUR 352 | ICELANDIC",
    "CZK": "KČ KORUNA KORUN KORUNY 203 | CZECH",
    "PLN": "ZŁ ZL ZLOTY ZLOTYS ZŁOTY ZŁOTYCH 985 | POLISH",
    "HUF": "FT FORINT FORINTS 348 | HUNGARIAN",
    "RON": "LEU LEI 946 | ROMANIAN",
    "MDL": "LEU LEI 498 | MOLDOVAN",
    "BGN": "ЛВ LEVA ЛЕВА 975 | BULGARIAN LEV",
    "TRY": "₺ TL LIRA LIRASI 949 | TURKISH TÜRK",
    "UAH": "₴ ГРН ГРИВЕНЬ HRYVNIA HRYVNIAS 980 | UKRAINIAN",
    "RUB": "₽ Р РУБ РУБЛЕЙ RUBLE RUBLES ROUBLE ROUBLES 643 | RUSSIAN",
    "BYN": "BR Р РУБ РУБЛЕЙ RUBLE RUBLES 933 | BELARUSIAN",
    "ILS": "₪ NIS SHEKEL SHEKELS 376 | ISRAELI NEW",
    "JPY": "¥ 円 日本円 YEN 392 | JAPANESE",
    "CNY": "¥ 元 人民币 RMB YUAN RENMINBI 156 | CHINESE",
    "TWD": "$ NT$ 元 DOLLAR DOLLARS 901 | TAIWAN NEW NT",
    "KRW": "₩ 원 410 | SOUTH KOREAN WON",
    "INR": "₹ RS RUPEE RUPEES 356 | INDIAN",
    "PKR": "RS RUPEE RUPEES 586 | PAKISTANI",
    "LKR": "RS RUPEE RUPEES 144 | SRI LANKAN",
    "NPR": "RS NRS RUPEE RUPEES 524 | NEPALESE",
    "MUR": "RS RUPEE RUPEES 480 | MAURITIAN",
    "BDT": "৳ TK TAKA 050 50",
    "BRL": "R$ REAIS 986 | BRAZILIAN REAL",
    "MXN": "$ MX$ MEX$ DOLLAR DOLLARS PESO PESOS 484 | MEXICAN MX",
    "ARS": "$ AR$ PESO PESOS 032 32 | ARGENTINE AR",
    "CLP": "$ CLP$ CH$ PESO PESOS 152 | CHILEAN CL",
    "COP": "$ COL$ PESO PESOS 170 | COLOMBIAN COL",
    "UYU": "$ UYU$ PESO PESOS 858 | URUGUAYAN U",
    "DOP": "$ RD$ PESO PESOS 214 | DOMINICAN",
    "CUP": "$ PESO PESOS 192 | CUBAN",
    "PEN": "S/ SOL SOLES 604 | PERUVIAN",
    "PYG": "₲ GUARANI GUARANÍ GUARANÍES 600",
    "CRC": "₡ COLONES 188",
    "PHP": "₱ PESO PESOS 608 | PHILIPPINE",
    "ZAR": "R RAND 710 | SOUTH AFRICAN",
    "NGN": "₦ NAIRA 566 | NIGERIAN",
    "KES": "KSH KSHS 404 | KENYAN SHILLING SHILLINGS",
    "TZS": "TSH TSHS 834 | TANZANIAN SHILLING SHILLINGS",
    "UGX": "USH USHS 800 | UGANDAN SHILLING SHILLINGS",
    "GHS": "₵ GH₵ CEDI CEDIS 936 | GH GHANA GHANAIAN",
    "ETB": "BR BIRR 230 | ETHIOPIAN",
    "XOF": "FCFA CFA FRANC FRANCS F 952",
    "XAF": "FCFA CFA FRANC FRANCS F 950",
    "XPF": "FRANC FRANCS F 953 | CFP PACIFIQUE",
    "MAD": "DH DHS DIRHAM DIRHAMS دم 504 | MOROCCAN",
    "AED": "DH DHS DIRHAM DIRHAMS دإ 784 | UAE EMIRATI",
    "SAR": "SR ﷼ رس RIYAL RIYALS 682 | SAUDI",
    "QAR": "QR ﷼ رق RIYAL RIYALS 634 | QATARI",
    "OMR": "﷼ رع RIAL RIALS 512 | OMANI",
    "KWD": "KD دك DINAR DINARS 414 | KUWAITI",
    "BHD": "BD دب DINAR DINARS 048 48 | BAHRAINI",
    "JOD": "JD دأ دا DINAR DINARS 400 | JORDANIAN",
    "IQD": "دع DINAR DINARS 368 | IRAQI",
    "DZD": "دج DINAR DINARS 012 12 | ALGERIAN",
    "TND": "دت DINAR DINARS 788 | TUNISIAN",
    "LBP": "لل 422 | LEBANESE",
    "EGP": "LE جم 818 | E EGYPTIAN",
    "THB": "฿ BAHT บาท 764 | THAI",
    "IDR": "RP RUPIAH 360 | INDONESIAN",
    "MYR": "RM RINGGIT 458 | MALAYSIAN",
    "VND": "₫ Đ ĐỒNG DONG 704 | VIETNAMESE",
    "KZT": "₸ TENGE ТЕНГЕ 398",
    "GEL": "₾ LARI 981",
    "CAD": "$ C$ CA$ CDN$ CAD$ DOLLAR DOLLARS 124 | CANADIAN CA CDN CAN",
    "AUD": "$ A$ AU$ AUD$ DOLLAR DOLLARS 036 36 | AUSTRALIAN AU",
    "NZD": "$ NZ$ NZD$ DOLLAR DOLLARS 554 | NEW ZEALAND NZ",
    "HKD": "$ HK$ HKD$ 元 DOLLAR DOLLARS 344 | HONG KONG HK",
    "SGD": "$ S$ SGD$ DOLLAR DOLLARS 702 | SINGAPORE",
}  # fmt: skip
_DOLLARS = "BBD BMD BND BSD BZD FJD GYD JMD KYD LRD NAD SBD SRD TTD USD XCD"
_POUNDS = "EGP FKP GIP LBP SHP SSP SYP"
_FURTHER = "BAM DZD KHR LAK MKD MNT QAR RSD SAR UZS"


def _named() -> dict[str, frozenset[str]]:
    """Return what names a currency on its own, and which it may be."""
    found: dict[str, set[str]] = {}
    for word in ("$", "DOLLAR", "DOLLARS"):
        found.setdefault(word, set()).update(_DOLLARS.split())
    for word in ("£", "POUND", "POUNDS"):
        found.setdefault(word, set()).update(_POUNDS.split())
    for code, words in _TABLE.items():
        for word in words.partition("|")[0].split():
            found.setdefault(word, set()).add(code)
    return {word: frozenset(codes) for word, codes in found.items()}


NAMES: Mapping[str, frozenset[str]] = MappingProxyType(_named())
"""Words, signs and numbers that name a currency, in upper case and without dots, and the codes that they may mean."""
CODES = frozenset({*_TABLE, *_DOLLARS.split(), *_POUNDS.split(), *_FURTHER.split(), *EXPONENTS})
"""Codes that are looked for in headings; others are taken as they come."""


_TOKEN = re.compile(r"[^\W\d_]*[$₵]|S/|[^\W\d_]+|\d+|[^\w\s]")
_SIGN = re.compile(
    r"(?<![^\W\d_])(?:[A-Z]{1,3}\$|S/)|["
    + re.escape("".join(s for s in NAMES if len(s) == 1 and not s.isalnum()))
    + "]"
)
_CAPITALS = re.compile(r"(?<![A-Z])[A-Z]{3}(?![A-Za-z])")
_LETTERS = re.compile(r"[^\W\d_]+")
# A collaborative research centre, a cup and a protected origin are no money, nor are the words try, mad and pen, a
# legal entity identifier, the country FR and the foot ft., unless they stand in brackets; those of three letters that
# are words count in capitals too.
_INITIALS = frozenset({"CRC", "CUP", "DOP"})
TWOFOLD = _INITIALS | {
    "TRY", "MAD", "PEN", "PHP", "GEL", "COP", "RON", "R", "Р", "Đ", "FR", "RS", "FT", "ZL", "LEU", "LEI", "TL", "NIS",
    "BR", "TK", "F", "LE", "SR", "QR", "KD", "BD", "JD", "DH", "DHS", "RM", "RP", "CFA", "SOL", "TSH", "USH",
}  # fmt: skip
"""What names a currency only where it cannot mean something else, in upper case."""
_BRACKETED = re.compile(r"[(\[]\s*(?:in\s+)?([^\W\d_]{2,4}|(?-i:R))\.?\s*[)\]]", re.IGNORECASE)
_DOTTED = re.compile(r"(?<![^\W\d_])(FR|RS|RP)\.", re.IGNORECASE)


@cache
def _naming(currency: str) -> frozenset[str]:
    """Return what names this currency, in upper case and without dots."""
    return frozenset({currency, *(name for name, codes in NAMES.items() if currency in codes)})


def says(text: str, currency: str) -> bool:
    """Whether a text names this currency, and says nothing else: ``EUR``, ``Euro (€)``, ``US dollars``."""
    return _is_said(_words(text), currency)


def says_one(text: str) -> bool:
    """Whether a text names a currency of those that are known, and says nothing else."""
    words = _words(text)
    return any(_is_said(words, code) for word in words for code in _meant(word))


def one_currency(texts: Collection[str]) -> bool:
    """Whether some texts may all name the same currency, and say nothing else: ``€`` and ``EUR``."""
    return bool(texts) and any(all(says(text, code) for text in texts) for code in CODES)


def says_another(text: str, currency: str) -> bool:
    """Whether a text names another currency, and says nothing else; three capitals are taken for a code."""
    return not says(text, currency) and (re.fullmatch("[A-Z]{3}", text) is not None or says_one(text))


def mentioned(heading: str) -> list[frozenset[str]]:
    """Return the currencies that a heading names: for each name the codes that it may mean."""
    heading = apart(heading)
    names = [match.upper() for match in _SIGN.findall(heading.upper())]
    names += [code for code in _CAPITALS.findall(heading) if code in CODES - _INITIALS]
    names += [word for word in _LETTERS.findall(heading.upper()) if word not in TWOFOLD]
    names += [word.upper() for word in (*_BRACKETED.findall(heading), *_DOTTED.findall(heading))]
    return [codes for name in names if (codes := _meant(name))]


def apart(heading: str) -> str:
    """Return a heading in the usual forms of its characters, with a blank before the second word of ``AmountUsd``."""
    usual = unicodedata.normalize("NFKC", heading)
    pairs = pairwise(f" {usual}")
    return "".join(
        f" {letter}" if letter.isupper() and before.isalpha() and not before.isupper() else letter
        for before, letter in pairs
    )


def _words(text: str) -> set[str]:
    """Return the words of a text that may name a currency, in upper case and without dots; marks are none."""
    # Moneda nacional; without dots, mn are millions.
    usual = unicodedata.normalize("NFKC", text).upper().replace("M.N.", "MXN")
    found = _TOKEN.findall(usual.replace(".", ""))
    return {one for one in found if not _is_mark(one)}


def _meant(name: str) -> frozenset[str]:
    """Return the codes that a name may mean."""
    return frozenset({name}) if name in CODES else NAMES.get(name, frozenset())


def _is_said(words: set[str], currency: str) -> bool:
    names = _naming(currency)
    return not names.isdisjoint(words) and names | _beside(currency) >= words


@cache
def _beside(currency: str) -> frozenset[str]:
    return frozenset(_TABLE.get(currency, "").partition("|")[2].split())


def _is_mark(token: str) -> bool:
    return not (token[0].isalnum() or token in "%‰" or unicodedata.category(token[0]) == "Sc")
