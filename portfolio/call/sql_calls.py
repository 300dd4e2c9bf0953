"""Calls whose arguments are looked at before they are parsed: how long a text they make, and from where they count."""

from __future__ import annotations

import re
from dataclasses import dataclass

from portfolio.call.sql_phrases import Tokens

MOST_GROWTH = 100
"""How many times as long as a cell a text may become by replacing what stands in it."""

TEXTS = frozenset({"CHAR", "CHARACTER", "CLOB", "STRING", "TEXT", "UUID", "VARCHAR", "VARYING"})
"""Types of texts in SQL."""

AS_THEY_ARE = "compare the texts as they are"
# What stands at the end of a call that puts one text in the place of another, or between the entries of a list.
_SHORT = {"REPLACE": [",", "text", ",", "text", ")"], "ARRAY_TO_STRING": [",", "text", ")"]}
# From where a call counts letters, or how many it takes, if that is written out and makes no sense everywhere.
_BACKWARDS = {"SUBSTR": r"-\d+|0+", "SUBSTRING": r"-\d+|0+", "LEFT": r"-\d+", "RIGHT": r"-\d+"}
BEFORE_THE_FIRST = (
    "counts letters from before the first one",
    "the first is 1: SUBSTR(code, 2) leaves it out; RIGHT(code, 2) takes the last two",
)


@dataclass
class _Bracket:
    """An open bracket: what is called, how often its content may grow, and where it begins."""

    called: str
    begin: int
    within: float = 1.0


def miscalled(seen: Tokens) -> tuple[str, str] | None:
    """Return what is wrong with a call and what to do; each REPLACE multiplies what the one inside may have made."""
    brackets = [_Bracket("", 0)]
    for index, (kind, token) in enumerate(seen):
        if kind == "open":
            before, name = seen[index - 1] if index else ("", "")
            brackets.append(_Bracket(name.upper() if before == "word" else "", index))
        elif token in (")", "]") and kind == "close" and len(brackets) > 1:
            bracket = brackets.pop()
            inside = seen[bracket.begin : index + 1]
            if (wrong := _misplaced(bracket.called, inside)) is not None:
                return wrong
            own = _grows(bracket.called, inside)
            if own is None:
                return (
                    f"has a {bracket.called} whose texts are no constants",
                    "write them: REPLACE(title, '-', ' ')",
                )
            brackets[-1].within = max(brackets[-1].within, own * bracket.within)
            if brackets[-1].within > MOST_GROWTH:
                return "can make very long texts", AS_THEY_ARE
    return None


def _misplaced(called: str, inside: Tokens) -> tuple[str, str] | None:
    if called == "TRY_CAST" and inside[-2][1].upper() in TEXTS:
        return "tries to make a text", "everything can be made one: CAST(year AS TEXT)"
    if called in _BACKWARDS and any(
        re.fullmatch(_BACKWARDS[called], argument) for argument in _arguments(inside[1:-1])[1:2]
    ):
        return BEFORE_THE_FIRST
    return None


def _arguments(inside: Tokens) -> list[str]:
    """Return the arguments of a call as they are written, also between FROM and FOR."""
    found, depth = [""], 0
    for kind, token in inside:
        depth += (kind == "open") - (kind == "close" and token != ",")
        if not depth and (token == "," or (kind == "word" and token.upper() in ("FROM", "FOR"))):
            found.append("")
        else:
            found[-1] += token
    return found


def _grows(called: str, inside: Tokens) -> float | None:
    """Return how many times as long a call can make a text, in bytes; None if nobody knows."""
    if called not in _SHORT:
        return 1.0
    end = inside[-len(_SHORT[called]) :]
    if [kind if kind == "text" else token for kind, token in end] != _SHORT[called]:
        return None
    *old, new = (len(token[1:-1].replace("''", "'").encode()) for kind, token in end if kind == "text")
    return max(1.0, new / old[0]) if old and old[0] else 1.0 + new
