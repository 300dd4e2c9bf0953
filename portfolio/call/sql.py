"""What an SQL expression of a policy may say: something about the columns of one table, and nothing else.

It is looked at before it is parsed, because parsing alone opens the files that a subquery names, and a very long
chain of operators overflows the stack of the parser. Whatever the two could understand differently (comments, strings
with prefixes, dollar quotes) is refused, so that nothing hides from the one that the other sees.
"""

from __future__ import annotations

import re

MOST_STEPS = 1_500
"""Operators and words in one expression; each may nest the ones before it once more."""

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
_LONG = {"LPAD", "RPAD"}
_ALONE = "a condition looks at the columns of one proposal and at nothing else"
_LIST = "ARRAY_CONTAINS(tags, 'x') looks into a list"
_DAY = "write the day: DATE '2026-01-31'"


def objection(sql: str) -> tuple[str, str] | None:
    """Return what is wrong with an expression before it is parsed, and what to do; None if nothing is."""
    place, before, steps, text = 0, "", 0, sql.strip()
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
    if steps > MOST_STEPS:
        return "has too many terms", "name the values in a list: id IN ('A', 'B', ...)"
    return None


def _wrong(kind: str, token: str, before: str, found: re.Match[str]) -> tuple[str, str] | None:
    touches = found.start() == found.start(kind)
    if kind == "operator" and ("--" in token or "/*" in token):
        return "has a comment", "write the comment outside, after a #"
    if kind == "text" and before in ("word", "text") and touches:
        return "has a letter before a quotation mark", "put a blank between them"
    if kind == "word":
        return _word(token.upper(), before, _BEHIND.match(found.string, found.end()))
    return None


def _word(word: str, before: str, opened: re.Match[str] | None) -> tuple[str, str] | None:
    call = opened is not None
    if word == "UNNEST" and call:
        return "takes lists apart", _LIST
    if word == "SELECT" or (call and word.startswith(("READ_", "SCAN_"))):
        return "looks into another table", _ALONE
    if word in _TABLES and before in ("", "open"):
        return "looks into another table", _ALONE
    if word in _CLOCK or (call and word == "NOW"):
        return "depends on the day on which it is asked", _DAY
    if call and word in _LONG:
        return "can make texts of any length", "compare the texts as they are"
    return None
