"""Where in a policy file something stands, and pydantic's errors as faults of a policy."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, TypeAlias, get_origin

from pydantic import BaseModel, Tag, ValidationError

from portfolio.call.sets import in_order
from portfolio.call.value import sentence
from portfolio.errors import Issue, nearest
from portfolio.policy.quoted import unquoted

# In longer files the line of a fault is not looked for: each line costs a reading of all before it.
_LONG = 5_000_000

# To how many unknown keys the nearest known one is looked for: nobody reads on, and each takes a while.
_HINTS = 200

Path: TypeAlias = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Fault:
    """Something wrong at one key of a policy; a path such as ``("reserve", 1, "trait")``."""

    path: Path
    what: str
    hint: str = ""
    value: str = ""


@dataclass(frozen=True, eq=False)
class PolicySource:
    """The file that a policy came from. All sources are equal: two policies differ only in what they say.

    Attributes
    ----------
    changed
        Where the policy says something else than the file: a fault there is in no line of it.
    """

    name: str = ""
    text: str = ""
    folder: str = ""
    sha256: str = ""
    changed: frozenset[Path] = frozenset()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, PolicySource)

    def __hash__(self) -> int:
        return 0

    def issues(self, faults: Iterable[Fault]) -> list[Issue]:
        """Turn faults into issues that name the file, the line and the key; what was changed is in no file."""
        return [
            Issue(
                what=fault.what,
                hint=fault.hint,
                file="policy" if self._is_changed(fault.path) or not self.name else self.name,
                column=dotted(fault.path),
                value=fault.value,
                rows=self._lines(fault.path),
            )
            for fault in faults
        ]

    def changed_to(self, before: Any, after: Any) -> PolicySource:
        """Return the source of a policy that says `after` where the one of this source says `before`."""
        return replace(self, changed=self.changed | frozenset(_differences(before, after)))

    def _lines(self, path: Path) -> tuple[int, ...]:
        line = None if self._is_changed(path) else line_of(self.text, path)
        return (line,) if line else ()

    def _is_changed(self, path: Path) -> bool:
        """Whether a key, something in it, or the table of which it is a part was changed."""
        return any(all(a == b for a, b in zip(path, other, strict=False)) for other in self.changed)


def _differences(before: Any, after: Any, path: Path = ()) -> Iterator[Path]:
    """Yield where two documents differ, as deep as both have the same tables."""
    after = after.model_dump() if isinstance(after, BaseModel) else after
    match before, after:
        case dict(), dict():
            for key in before | after:
                if key in before and key in after:
                    yield from _differences(before[key], after[key], (*path, key))
                else:
                    yield (*path, key)
        case ((list() | tuple()), (list() | tuple())) if len(before) == len(after):
            for index, (old, new) in enumerate(zip(before, after, strict=True)):
                yield from _differences(old, new, (*path, index))
        case _:
            # Arrays, and numbers that are none, cannot all be compared.
            if type(before) is not type(after) or repr(before) != repr(after):
                yield path


def dotted(path: Sequence[str | int]) -> str:
    """Write a path as people count: ``reserve[2].trait``."""
    words = "".join(f"[{part + 1}]" if isinstance(part, int) else f".{part}" for part in path)
    return words.removeprefix(".")


def line_of(text: str, path: Path) -> int | None:
    """Return the line on which a key, or else the nearest table around it, stands; None if the text has neither.

    The first n lines of a TOML file parse if no statement is cut, so the statement that brings a key ends on the
    first line with which the key is there, and begins after the last line before it that parsed.
    """
    found: dict[int, int] = {}
    for start, document in _statements(text):
        depth = _depth(document, path)
        for level in range(1, depth + 1):
            found.setdefault(level, start)
        if depth == len(path):
            break
    return found[max(found)] if found else None


@lru_cache(maxsize=4)
def _statements(text: str) -> tuple[tuple[int, dict[str, Any]], ...]:
    """Return where each statement begins, and the document up to its end; nothing for files of unusual length."""
    lines = text.splitlines(keepends=True)
    found, start = [], 0
    for end in range(1, len(lines) + 1 if len(lines) * len(text) <= _LONG else 0):
        try:
            found.append((start + 1, tomllib.loads("".join(lines[:end]))))
        except (ValueError, RecursionError):
            continue
        start = end
    return tuple(found)


def _depth(document: Any, path: Path) -> int:
    for depth, part in enumerate(path):
        try:
            document = document[part]
        except (KeyError, IndexError, TypeError):
            return depth
    return len(path)


def without(data: Any, paths: Sequence[Path]) -> Any:
    """Copy nested tables and lists, leaving out the keys at the given paths."""
    inside: dict[str | int, list[Path]] = {}
    for path in paths:
        if path:
            inside.setdefault(path[0], []).append(path[1:])
    match data:
        case dict():
            return {
                key: without(item, inside.get(key, ()))
                for key, item in data.items()
                if () not in inside.get(key, ())
            }
        case list() | tuple():
            return [without(item, inside.get(index, ())) for index, item in enumerate(data)]
        case _:
            return data


def faults_of(error: ValidationError, model: type[BaseModel]) -> list[Fault]:
    """Translate pydantic's errors; several branches of a union that failed at one key become one fault."""
    faults: dict[Path, Fault] = {}
    for details in error.errors(include_url=False):
        path, known = _trim(details["loc"], model)
        unknown = details["type"] == "extra_forbidden" and path and len(faults) < _HINTS
        what = sentence(details)
        quoted = unquoted(what, details["input"], sure=path in faults)
        hint = nearest(str(path[-1]), known) if unknown else quoted
        value = "" if details["type"] in {"missing", "extra_forbidden"} else _shown(details["input"])
        fault = faults.setdefault(path, Fault(path, what, hint, value))
        # Of a key that may be several things, any may be what was meant.
        faults[path] = replace(fault, hint=fault.hint or hint)
    return list(faults.values())


def _trim(location: tuple[str | int, ...], model: type[BaseModel]) -> tuple[Path, list[str]]:
    """Leave out what pydantic adds to a location (branches of unions), and find the keys known there."""
    path: list[str | int] = []
    current: type[BaseModel] | None = model
    tags: set[str] = set()
    for part in location:
        if part in tags:
            tags = set()
            continue
        if current is not None and isinstance(part, str) and part not in current.model_fields:
            path.append(part)
            return tuple(path), list(current.model_fields)
        if current is None and isinstance(part, str):
            break
        path.append(part)
        if isinstance(part, str) and current is not None:
            annotation = current.model_fields[part].annotation
            current, tags = _model_in(annotation), _tags_in(annotation)
    return tuple(path), list(current.model_fields) if current is not None else []


def plain_keys(model: type[BaseModel]) -> frozenset[str]:
    """Return the keys of a model that hold values, not tables."""
    fields = model.model_fields.items()
    return frozenset(
        name
        for name, field in fields
        if _model_in(field.annotation) is None and get_origin(field.annotation) is not dict
    )


def _model_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    for argument in getattr(annotation, "__args__", ()):
        found = _model_in(argument)
        if found is not None:
            return found
    return None


def _tags_in(annotation: Any) -> set[str]:
    """Return the names that pydantic gives to the branches of a union."""
    branches = getattr(annotation, "__args__", ())
    return {
        mark.tag
        for branch in branches
        for mark in getattr(branch, "__metadata__", ())
        if isinstance(mark, Tag)
    }


def _shown(value: Any) -> str:
    text = _written(value)
    return text if len(text) <= 60 else text[:57] + "..."


def _written(value: Any) -> str:
    """Write a value as it would stand in the file."""
    match value:
        case bool():
            return str(value).lower()
        case dict():
            return f"{{{', '.join(f'{key} = {_inside(item)}' for key, item in value.items())}}}"
        case list() | tuple():
            return f"[{', '.join(_inside(item) for item in value)}]"
        case set() | frozenset():
            return f"{{{', '.join(_inside(item) for item in in_order(value))}}}"
        case _:
            return str(value)


def _inside(value: Any) -> str:
    return f'"{value}"' if isinstance(value, str) else _written(value)
