"""JSON that people can read and that a large decision can afford: one line for each member of a list."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Any

# The standard library indents in Python, which takes longer than the solve where there are 300,000 awards; members of
# lists are written without, in C.
_ENCODE = json.JSONEncoder(ensure_ascii=False, allow_nan=False, sort_keys=True).encode
# No line end stands inside a text of JSON, so that it can stand for a comma until it is known which one.
_ENCODE_APART = json.JSONEncoder(
    ensure_ascii=False, allow_nan=False, sort_keys=True, separators=("\n", ": ")
).encode
# Members that are texts at a time; a rule of a large call is as long as the call.
_AT_ONCE = 250
_SEPARATOR = ",\n    "


def as_json(record: Mapping[str, Any]) -> str:
    """Write a record with its keys sorted; the same record gives the same text.

    A value that is an iterator is written as a list.

    Raises
    ------
    ValueError
        If a number is infinite or none.
    """
    return "".join(_text(record))


def write_json(record: Mapping[str, Any], path: Path) -> None:
    """Write the text of `as_json` to a file, part by part as its lists are made."""
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.writelines(_text(record))


def _text(record: Mapping[str, Any]) -> Iterator[str]:
    before = "{\n"
    for key in sorted(record):
        yield f"{before}  {_ENCODE(key)}: "
        yield from _value(record[key])
        before = ",\n"
    yield "\n}\n" if record else "{\n\n}\n"


def _value(value: Any) -> Iterator[str]:
    if isinstance(value, list | tuple | Iterator):
        yield from _list(iter(value))
    else:
        text = json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False, sort_keys=True)
        yield text.replace("\n", "\n  ")


def _list(members: Iterator[Any]) -> Iterator[str]:
    part, before = list(islice(members, _AT_ONCE)), "[\n    "
    if not part:
        yield "[]"
        return
    while part:
        yield before
        yield _lines(part)
        part, before = list(islice(members, _AT_ONCE)), _SEPARATOR
    yield "\n  ]"


def _lines(members: list[Any]) -> str:
    """Write members one to a line, all at once if it can be told where each of them ends."""
    text, boundary = _ENCODE_APART(members)[1:-1], _boundary(members)
    # There is one between any two members; where there are no others, none is inside a member.
    if text.count(boundary) != len(members) - 1:
        return _SEPARATOR.join(map(_ENCODE, members))
    return text.replace(boundary, boundary.replace("\n", "\r")).replace("\n", ", ").replace("\r", _SEPARATOR)


def _boundary(members: Iterable[Any]) -> str:
    """Return what stands between any two members: line ends, and the brackets if all have the same."""
    kinds = set(map(type, members))
    if kinds <= {list, tuple}:
        return "]\n["
    return "}\n{" if kinds == {dict} else "\n"
