"""Sets of Python, which have no order: from run to run their members come in another one."""

from __future__ import annotations

from typing import Any


def in_order(value: Any) -> Any:
    """Return a value with the sets in it as lists, sorted by the texts that their members become."""
    match value:
        case set() | frozenset():
            # 1 and "1" are the same text.
            return sorted(map(in_order, value), key=lambda member: (str(member), repr(member)))
        case list() | tuple() if type(value) in (list, tuple):
            return type(value)(map(in_order, value))
        case dict():
            return {key: in_order(item) for key, item in value.items()}
        case _:
            return value


def holds_set(value: Any) -> bool:
    """Whether a value is a set, or has one in its lists and tables."""
    match value:
        case set() | frozenset():
            return True
        case list() | tuple():
            return any(map(holds_set, value))
        case dict():
            return any(map(holds_set, value.values()))
        case _:
            return False
