"""Keys of a policy as people name them, such as ``reserve.high_risk.share``, and policies that differ in one key.

A part of a key names a key of a table. In a list of tables it names the table: by its number from 1, or by its
trait, column, condition or kind where only one table has it: ``reserve.2.share``, ``limit.institution.max_share``.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from itertools import combinations
from typing import Any

from portfolio.errors import Issue, PolicyError, nearest
from portfolio.policy.model import Policy
from portfolio.policy.source import Path

# What tells the tables of a list apart, the most telling first.
_NAMES = ("trait", "per", "where", "of", "column", "kind")
_PART = re.compile(r'"([^"]*)"|([^."\[\]]+)|\[(\d+)\]')


def with_keys(policy: Policy, changes: Mapping[str, Any]) -> Policy:
    """Return the policy with some keys set to other values.

    Parameters
    ----------
    changes
        Value per key: ``{"budget": 1_000_000, "reserve.high_risk.share": 0.1}``.

    Raises
    ------
    PolicyError
        If a key names nothing (the nearest name is given), two name the same or a part of it, or the changed policy
        contradicts itself.
    """
    document: Any = policy.model_dump()
    paths = _paths(policy, changes)
    for key, value in changes.items():
        document = _set(document, paths[key], value, key)
    return policy.replace(**{str(path[0]): document[path[0]] for path in paths.values()})


def refuse_overlaps(policy: Policy, keys: Iterable[str]) -> None:
    """Refuse keys of which two name the same, or one a part of what another names: one of the values would be lost.

    Raises
    ------
    PolicyError
        If two do; both are named. Or if a key names nothing.
    """
    _paths(policy, keys)


def _paths(policy: Policy, keys: Iterable[str]) -> dict[str, Path]:
    """Return the path of each key, none of which lies within another."""
    paths = {key: find_key(policy, key) for key in keys}
    issues = [
        Issue(f"is set twice, as {one} and as {other}", "keep one of the two", file="policy", column=other)
        for (one, mine), (other, theirs) in combinations(paths.items(), 2)
        if all(a == b for a, b in zip(mine, theirs, strict=False))
    ]
    if issues:
        raise PolicyError(issues)
    return paths


def find_key(policy: Policy, key: str) -> Path:
    """Return the path of a key, with the index of each table of a list.

    Raises
    ------
    PolicyError
        If a part names no table of a list, or several.
    """
    path: list[str | int] = []
    here: Any = policy.model_dump()
    for part in _parts(key):
        if isinstance(here, tuple | list):
            index = _index(here, part, key)
            here = here[index]
            path.append(index)
        else:
            # What is under a key that is not there yet is looked at when the policy is checked.
            here = here.get(part) if isinstance(here, dict) else None
            path.append(part)
    if path[0] not in type(policy).model_fields:
        raise _unknown(key, str(path[0]), type(policy).model_fields)
    return tuple(path)


def parse_value(text: str) -> Any:
    """Return the value that a text stands for in TOML; a text that is no TOML stands for itself."""
    try:
        return tomllib.loads(f"value = {text.strip()}")["value"]
    except (ValueError, RecursionError):
        return text.strip()


def _parts(key: str) -> list[str]:
    if _PART.sub("", key).strip(".") or not key.strip("."):
        raise _fault(key, "is not the name of a key", "write it as in reserve.high_risk.share")
    return [next(part for part in match.groups() if part is not None) for match in _PART.finditer(key)]


def _set(here: Any, path: Path, value: Any, key: str) -> Any:
    """Return tables and lists with one entry changed; a table that is missing is made."""
    if not path:
        return value
    first, rest = path[0], path[1:]
    if isinstance(first, int):
        return [
            _set(entry, rest, value, key) if index == first else entry for index, entry in enumerate(here)
        ]
    if here is not None and not isinstance(here, dict):
        raise _fault(key, "names a part of something that is one value", "")
    table = here or {}
    return table | {first: _set(table.get(first), rest, value, key)}


def _index(tables: Any, part: str, key: str) -> int:
    """Return which table of a list a part of a key names."""
    if part.isdecimal() and part.isascii():
        if 1 <= int(part) <= len(tables):
            return int(part) - 1
        raise _fault(key, f"there is no number {part}", f"the policy has {len(tables)}")
    names = [
        {str(table[name]) for name in _NAMES if table.get(name) is not None}
        if isinstance(table, dict)
        else set()
        for table in tables
    ]
    found = [index for index, some in enumerate(names) if part in some]
    if len(found) == 1:
        return found[0]
    if found:
        numbers = " or ".join(str(index + 1) for index in found)
        raise _fault(key, f"{part!r} names several", f"say which by its number: {numbers}")
    raise _unknown(key, part, set().union(*names))


def _unknown(key: str, part: str, known: Any) -> PolicyError:
    return _fault(key, f"{part!r} names nothing in this policy", nearest(part, known))


def _fault(key: str, what: str, hint: str) -> PolicyError:
    return PolicyError([Issue(what, hint, file="policy", column=key)])
