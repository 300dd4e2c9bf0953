"""Phrases that databases understand differently, or people: refused by their words, before they are parsed.

What the parser makes of them no longer tells them from others: it takes ``<> ANY`` for ``<> ALL``, ``24 m`` for
minutes, and compares two lengths of time itself.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import TypeAlias

Tokens: TypeAlias = Sequence[tuple[str, str]]
"""Kind and text of each word, number, operator, text and bracket of an expression."""

_COMPARISON = re.compile(r"[<>]=?|[!=]=|=|<>")
_UNIT = re.compile(r"[^\W\d_]+")
_PARTS = {"AND", "OR", "XOR", "NOT", "CASE", "WHEN", "THEN", "ELSE", "END"}
_DAYS = {"D", "DAY", "DAYS", "W", "WEEK", "WEEKS"}
_MONTHS = {"MO", "MON", "MONS", "MONTH", "MONTHS", "Q", "QUARTER", "QUARTERS", "Y", "YEAR", "YEARS"}
NO_LENGTH = "years and months have no fixed length: doctorate_date >= DATE '2026-01-01' - INTERVAL '8 years'"


def misread(seen: Tokens) -> tuple[str, str] | None:
    """Return what is wrong with a phrase, and what to write instead; None if every phrase has one meaning."""
    return _undecided(seen) or _escaped(seen) or _of_any(seen) or _chained(seen) or _interval(seen)


def _undecided(seen: Tokens) -> tuple[str, str] | None:
    """Refuse IS TRUE and its kin: of an empty cell they are to say yes or no, and the library says neither."""
    words = " ".join(token.upper() if kind == "word" else "'" for kind, token in seen)
    found = re.search(r"\bIS( NOT)? (TRUE|FALSE|UNKNOWN)\b", words)
    if found is None:
        return None
    return (
        f"uses {found[0]}",
        "write COALESCE(early, FALSE), or early IS DISTINCT FROM TRUE, or early IS NULL",
    )


def _escaped(seen: Tokens) -> tuple[str, str] | None:
    """Refuse a backslash in a pattern: PostgreSQL and MySQL take what follows as it is, SQLite and we look for both."""
    within = False
    for kind, token in seen:
        if kind == "text" and within and "\\" in token:
            return (
                "has a backslash in a pattern, which databases understand differently",
                "STRPOS(title, '100%') > 0 looks for a text as it is, STARTS_WITH(title, '100%') at its beginning",
            )
        pattern = (
            token.upper() in ("LIKE", "ILIKE") if kind == "word" else kind == "operator" and "~~" in token
        )
        within = pattern or (within and kind == "open")
    return None


def _of_any(seen: Tokens) -> tuple[str, str] | None:
    """Refuse what ANY and ALL may say beside ``= ANY``: in SQL ``'b' <> ANY(tags)`` is true of every longer list."""
    for (kind, how), (_, behind) in pairwise(seen):
        word = behind.upper()
        if kind == "operator" and word in ("ANY", "SOME", "ALL") and (how != "=" or word == "ALL"):
            return (
                f"compares by {how} {word}",
                "ARRAY_CONTAINS(tags, 'x') says that a list holds x, NOT ARRAY_CONTAINS(tags, 'x') that it does not",
            )
    return None


def _chained(seen: Tokens) -> tuple[str, str] | None:
    """Refuse ``a = b = c``, which compares c with whether a is b."""
    compared = [False]
    for kind, token in seen:
        if kind == "open":
            compared.append(False)
        elif token == "," or (kind == "word" and token.upper() in _PARTS):
            compared[-1] = False
        elif kind == "close" and len(compared) > 1:
            compared.pop()
        elif kind == "operator" and _COMPARISON.match(token) is not None:
            if compared[-1]:
                return "compares twice in a row", "compare once, and join by AND: 2 < merit AND merit < 4"
            compared[-1] = True
    return None


def _interval(seen: Tokens) -> tuple[str, str] | None:
    """Refuse lengths of less than a day, and those of months that are no step from one day to another."""
    for place, (kind, token) in enumerate(seen):
        if kind != "word" or token.upper() != "INTERVAL":
            continue
        written = seen[place + 1 : place + 3]
        if not written or written[0][0] not in ("text", "number"):
            continue
        # The unit of a bare number stands behind it: INTERVAL '8' YEAR.
        units = _UNIT.findall(written[0][1]) or [word for kind, word in written[1:] if kind == "word"]
        strange = [unit for unit in units if unit.upper() not in _DAYS | _MONTHS]
        if strange or not units:
            what = f"has an interval of {strange[0][:40]!r}" if strange else "has an interval without a unit"
            return what, "write days, weeks, months, quarters or years: INTERVAL '24 months'"
        stepped = place > 0 and seen[place - 1][1][-1] in "+-"
        if not stepped and not _DAYS.issuperset(unit.upper() for unit in units):
            return "takes months or years for a length of time", NO_LENGTH
    return None
