"""Numbers, days and truths that stand in a policy as texts, in quotation marks, and the other way round."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from portfolio.call.value import MONEY, TYPES

_NUMBERS = "digits alone, with a point and at most underscores, 10_000_000 or 0.30"
_DAY = "; in Python it is a datetime.date"
# What stands there instead of each kind of value, and how it is written.
_WRITTEN: Mapping[str, tuple[tuple[type, ...], str]] = {
    f"must be {TYPES['int']}": ((int,), "digits alone"),
    f"must be {TYPES['float']}": ((int, float), _NUMBERS),
    f"must be {TYPES['bool']}": ((bool,), "true or false"),
    f"must be {TYPES['date']}": ((date,), "2026-01-31, the year first"),
    MONEY: ((int, float), _NUMBERS),
}
_PERCENT = re.compile(r"\s*([0-9]{1,15}(?:\.[0-9]{1,15})?)\s*%\s*")


def unquoted(what: str, value: object, *, sure: bool = False) -> str:
    """Say how a text is written that should be something else, or a number that should be a text; otherwise empty.

    Parameters
    ----------
    what
        The rule that is broken.
    sure
        Whether to say so only of texts that are right without quotation marks, since others may be meant as texts.
    """
    if type(value) is int and what == f"must be {TYPES['string']}":
        return f'write it in quotation marks: "{value}"'
    if not isinstance(value, str) or what not in _WRITTEN:
        return ""
    kinds, how = _WRITTEN[what]
    if (share := _PERCENT.fullmatch(value)) and what == f"must be {TYPES['float']}":
        return f"write {Decimal(share[1]).scaleb(-2)}, without quotation marks and percent sign"
    right = _is_one(value, kinds)
    if not right and (sure or not re.search(r"\d", value)):
        return ""
    written = f"write it without quotation marks: {value.strip() if right else how}"
    return f"{written}{_DAY if date in kinds else ''}"


def _is_one(value: str, kinds: tuple[type, ...]) -> bool:
    try:
        written = tomllib.loads(f"value = {value.strip()}")
    except (ValueError, RecursionError):
        return False
    return len(written) == 1 and type(written["value"]) in kinds
