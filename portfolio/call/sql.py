"""What an SQL expression of a policy may say: something about one row of one table, and nothing else.

It is looked at before it is parsed, because parsing alone opens the files that a subquery names, and a very long
chain of operators overflows the stack of the parser. Whatever the two could understand differently (comments, strings
with prefixes, dollar quotes) is refused, so that nothing hides from the one that the other sees. Of functions, those
that are known to look at one row stand in a list: a function that a later version of the parser brings is not on it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from portfolio.call.sql_calls import AS_THEY_ARE, TEXTS, miscalled
from portfolio.call.sql_phrases import misread
from portfolio.errors import nearest


def _words(text: str) -> frozenset[str]:
    return frozenset(re.findall(r"\w+", text))


MOST_STEPS = 400
"""Operators, words and brackets in one expression; each may nest the ones before it once more."""

FUNCTIONS = _words(
    """ABS ACOS ACOSD ARRAY_CONTAINS ARRAY_GET ARRAY_LENGTH ARRAY_REVERSE
    ARRAY_TO_STRING ARRAY_UNIQUE ASIN ASIND ATAN ATAN2 ATAN2D ATAND BIT_COUNT
    BIT_LENGTH CAST CBRT CEIL CEILING CHARACTER_LENGTH CHAR_LENGTH COALESCE
    CONCAT CONCAT_WS COS COSD COT COTD DATE DATETIME DATE_PART DAY DAYOFMONTH
    DAYOFYEAR DEGREES DIV ENDS_WITH ERF EXP EXTRACT FLOOR GREATEST HOUR IF IFNULL INITCAP LEAST LEFT
    LENGTH LN LOG10 LOG1P LOG2 LOWER LTRIM MINUTE MOD MONTH NORMALIZE NULLIF OCTET_LENGTH PI
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
    """ALL AND ANY ARRAY BETWEEN CASE DECIMAL DISTINCT ELSE ESCAPE EXISTS FLOAT FROM ILIKE IN INTERVAL IS
    LIKE NOT NUMERIC OR PRECISION REGEXP RLIKE SOME THEN WHEN XOR"""
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
# Databases disagree about what these give.
_DISPUTED = {
    "DAYOFWEEK": "EXTRACT(isodow FROM start) is 1 on Mondays and 7 on Sundays",
    "LOG": "write LN, LOG10 or LOG2; to another base, LN(x) / LN(base)",
}


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
        # Signs in a row are read as one operator.
        steps += len(token) if kind == "operator" else kind in ("word", "open")
        place, before = found.end(), kind
        seen.append((kind, token))
    if steps > MOST_STEPS:
        return "has too many terms", "name the values in a list: id IN ('A', 'B', ...)"
    return misread(seen) or miscalled(seen)


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
    words, operators = (
        {found[kind] for found in _TOKEN.finditer(sql) if found.lastgroup == kind}
        for kind in ("word", "operator")
    )
    # Signs in a row are one operator: n<=>-3.
    if any("<=>" in operator for operator in operators):
        return False
    return _PASSING.issuperset(word.upper() for word in words.difference(names))


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
        return "can make texts of any length", AS_THEY_ARE
    if call and word in TEXTS:
        return f"gives a length to {word}, which cuts nothing here", "LEFT(title, 3) cuts"
    if call and word in _DISPUTED:
        return f"uses {word}, which databases understand differently", _DISPUTED[word]
    if call and word not in FUNCTIONS and word not in _KEYWORDS:
        meant = nearest(word, FUNCTIONS)
        hint = f"{_ALONE}; {meant}" if meant.startswith("did") else _ALONE
        return f"uses {_cut(word)}, which is no function of one row", hint
    return None


def _cut(word: str) -> str:
    return word if len(word) <= 40 else f"{word[:40]}..."
