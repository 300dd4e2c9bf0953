"""What an SQL expression of a policy may say: something about one row of one table, and nothing else.

It is looked at before it is parsed, because parsing alone opens the files that a subquery names, and a very long
chain of operators overflows the stack of the parser. Whatever the two could understand differently (comments, strings
with prefixes, dollar quotes) is refused, so that nothing hides from the one that the other sees. Of functions, those
that are known to look at one row stand in a list: a function that a later version of the parser brings is not on it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from portfolio.errors import nearest


def _words(text: str) -> frozenset[str]:
    return frozenset(re.findall(r"\w+", text))


MOST_STEPS = 400
"""Operators and words in one expression; each may nest the ones before it once more."""

MOST_GROWTH = 100
"""How many times as long as a cell a text may become by replacing what stands in it."""

FUNCTIONS = _words(
    """ABS ACOS ACOSD ARRAY_CONTAINS ARRAY_GET ARRAY_LENGTH ARRAY_LOWER ARRAY_MEAN ARRAY_REVERSE ARRAY_SUM
    ARRAY_TO_STRING ARRAY_UNIQUE ARRAY_UPPER ASIN ASIND ATAN ATAN2 ATAN2D ATAND BIT_COUNT
    BIT_LENGTH CAST CBRT CEIL CEILING CHARACTER_LENGTH CHAR_LENGTH COALESCE
    CONCAT CONCAT_WS COS COSD COT COTD DATE DATETIME DATE_PART DATE_TRUNC DAY DAYOFMONTH DAYOFWEEK
    DAYOFYEAR DEGREES DIV ENDS_WITH ERF EXP EXTRACT FLOOR GREATEST HOUR IF IFNULL INITCAP LEAST LEFT
    LENGTH LN LOG LOG10 LOG1P LOG2 LOWER LTRIM MINUTE MOD MONTH NORMALIZE NULLIF OCTET_LENGTH PI
    POSITION POW POWER QUARTER RADIANS REGEXP_LIKE REPLACE REVERSE RIGHT ROUND RTRIM SECOND SIGN SIN
    SIND SPLIT_PART SQRT STARTS_WITH STRFTIME STRING_TO_ARRAY STRPOS STRPTIME SUBSTR SUBSTRING TAN TAND
    TIME TIMESTAMP TRIM TRUNC TRUNCATE TRY_CAST UPPER WEEK YEAR"""
)
"""What may be called. Sums, ranks and windows over other rows stand behind SELECT in SQL, not behind WHERE."""

_PASSING = _words(
    """ABS AND AS BETWEEN BIGINT BOOLEAN CAST CEIL CEILING DATE DATE_PART DAY DOUBLE EXTRACT FALSE FLOAT FLOOR FROM
    ILIKE IN INT INTEGER INTERVAL LEFT LENGTH LIKE LOWER MONTH NOT OR POW POWER PRECISION QUARTER REAL REPLACE RIGHT
    ROUND SIGN SMALLINT SPLIT_PART SQRT STRFTIME STRPTIME SUBSTR SUBSTRING TEXT TRIM TRUE TRY_CAST UPPER VARCHAR WEEK
    YEAR"""
)
"""What makes null of null, unless the answer is the same whatever stands there."""

# Words that a bracket may follow without a call.
_KEYWORDS = _words(
    """ALL AND ANY ARRAY BETWEEN CASE CHAR DECIMAL DISTINCT ELSE ESCAPE EXISTS FLOAT FROM ILIKE IN INTERVAL IS
    LIKE NOT NUMERIC OR PRECISION REGEXP RLIKE SOME THEN VARCHAR VARYING WHEN XOR"""
)

_TOKEN = re.compile(
    r"""\s*(?:(?P<text>'[^']*(?:''[^']*)*')
    | (?P<name>"[^"]*(?:""[^"]*)*"|`[^`]*(?:``[^`]*)*`)
    | (?P<number>[0-9][\w.]*)
    | (?P<word>[^\W\d]\w*)
    | (?P<operator>[-<>=!~^@&|*+/%.:]+)
    | (?P<open>[(\[])
    | (?P<close>[)\],]))""",
    re.VERBOSE,
)
_BEHIND = re.compile(r"\s*\(")
_CLOCK = {"CURRENT_DATE", "CURRENT_TIME", "CURRENT_TIMESTAMP", "LOCALTIME", "LOCALTIMESTAMP"}
_TABLES = {"FROM", "TABLE", "VALUES", "WITH"}
_LONG = {"GENERATE_SERIES", "LPAD", "REGEXP_REPLACE", "RPAD"}
_ALONE = "a condition looks at the columns of one proposal and at nothing else"
_LIST = "ARRAY_CONTAINS(tags, 'x') looks into a list"
_DAY = "write the day: DATE '2026-01-31'"
_AS_THEY_ARE = "compare the texts as they are"
# What stands at the end of a call that puts one text in the place of another, or between the entries of a list.
_SHORT = {"REPLACE": [",", "text", ",", "text", ")"], "ARRAY_TO_STRING": [",", "text", ")"]}


def objection(sql: str) -> tuple[str, str] | None:
    """Return what is wrong with an expression before it is parsed, and what to do; None if nothing is."""
    place, before, steps, text = 0, "", 0, sql.strip()
    seen: list[tuple[str, str]] = []
    while place < len(text):
        found = _TOKEN.match(text, place)
        if found is None:
            stranger = text[place:].lstrip()[0]
            return f"has a character that does not belong there: {stranger!r}", "texts stand in single quotes"
        kind = str(found.lastgroup)
        token = found[kind]
        if (wrong := _wrong(kind, token, before, found)) is not None:
            return wrong
        steps += kind in ("operator", "word") or token == "["
        place, before = found.end(), kind
        seen.append((kind, token))
    if steps > MOST_STEPS:
        return "has too many terms", "name the values in a list: id IN ('A', 'B', ...)"
    return _undecided(seen) or _growth(seen)


def conjuncts(sql: str) -> list[str]:
    """Return the conditions that AND joins, of which each must hold; the whole if it joins them otherwise too."""
    parts, begin, depth, between = [], 0, 0, 0
    for found in _TOKEN.finditer(sql):
        word = (found["word"] or "").upper()
        depth += (found["open"] is not None) - (found["close"] is not None)
        if depth or word in ("CASE", "OR", "XOR"):
            if not depth:
                return [sql]
        elif word == "BETWEEN":
            between += 1
        elif word == "AND" and between:
            between -= 1
        elif word == "AND":
            parts.append(sql[begin : found.start("word")])
            begin = found.end()
    return [*parts, sql[begin:]]


def passes_null(sql: str, names: Iterable[str]) -> bool:
    """Whether an expression is null wherever an empty cell leaves it open; COALESCE and IS NULL would decide."""
    words = {found["word"] for found in _TOKEN.finditer(sql) if found.lastgroup == "word"}
    return _PASSING.issuperset(word.upper() for word in words.difference(names))


def _undecided(seen: list[tuple[str, str]]) -> tuple[str, str] | None:
    """Refuse IS TRUE and its kin: of an empty cell they are to say yes or no, and the library says neither."""
    words = " ".join(token.upper() if kind == "word" else "'" for kind, token in seen)
    found = re.search(r"\bIS( NOT)? (TRUE|FALSE|UNKNOWN)\b", words)
    if found is None:
        return None
    return (
        f"uses {found[0]}",
        "write COALESCE(early, FALSE), or early IS DISTINCT FROM TRUE, or early IS NULL",
    )


def _wrong(kind: str, token: str, before: str, found: re.Match[str]) -> tuple[str, str] | None:
    touches = found.start() == found.start(kind)
    if kind == "operator" and ("--" in token or "/*" in token):
        return "has a comment", "write the comment outside, after a #"
    if kind == "text" and before in ("word", "text") and touches:
        return "has a letter before a quotation mark", "put a blank between them"
    opened = _BEHIND.match(found.string, found.end())
    if kind == "name" and opened is not None:
        return "calls a function by a name in quotation marks", "write the function without them"
    if kind == "word":
        return _word(token.upper(), before, call=opened is not None)
    return None


def _word(word: str, before: str, *, call: bool) -> tuple[str, str] | None:
    if word == "UNNEST" and call:
        return "takes lists apart", _LIST
    if word == "SELECT" or (call and word.startswith(("READ_", "SCAN_"))):
        return "looks into another table", _ALONE
    if word in _TABLES and before in ("", "open"):
        return "looks into another table", _ALONE
    if word in _CLOCK or (call and word == "NOW"):
        return "depends on the day on which it is asked", _DAY
    if call and word in _LONG:
        return "can make texts of any length", _AS_THEY_ARE
    if call and word not in FUNCTIONS and word not in _KEYWORDS:
        meant = nearest(word, FUNCTIONS)
        hint = f"{_ALONE}; {meant}" if meant.startswith("did") else _ALONE
        return f"uses {_cut(word)}, which is no function of one row", hint
    return None


@dataclass
class _Bracket:
    """An open bracket: what is called, how often its content may grow, and where it begins."""

    called: str
    begin: int
    within: float = 1.0


def _growth(seen: list[tuple[str, str]]) -> tuple[str, str] | None:
    """Refuse what makes texts of any length: each REPLACE around another one multiplies what that may have made."""
    brackets = [_Bracket("", 0)]
    for index, (kind, token) in enumerate(seen):
        if kind == "open":
            before, name = seen[index - 1] if index else ("", "")
            brackets.append(_Bracket(name.upper() if before == "word" else "", index))
        elif token in (")", "]") and kind == "close" and len(brackets) > 1:
            bracket = brackets.pop()
            own = _grows(bracket.called, seen[bracket.begin : index + 1])
            if own is None:
                return (
                    f"has a {bracket.called} whose texts are no constants",
                    "write them: REPLACE(title, '-', ' ')",
                )
            brackets[-1].within = max(brackets[-1].within, own * bracket.within)
            if brackets[-1].within > MOST_GROWTH:
                return "can make very long texts", _AS_THEY_ARE
    return None


def _grows(called: str, inside: list[tuple[str, str]]) -> float | None:
    """Return how many times as long a call can make a text, in bytes; None if nobody knows."""
    if called not in _SHORT:
        return 1.0
    end = inside[-len(_SHORT[called]) :]
    if [kind if kind == "text" else token for kind, token in end] != _SHORT[called]:
        return None
    *old, new = (len(token[1:-1].replace("''", "'").encode()) for kind, token in end if kind == "text")
    return max(1.0, new / old[0]) if old and old[0] else 1.0 + new


def _cut(word: str) -> str:
    return word if len(word) <= 40 else f"{word[:40]}..."
