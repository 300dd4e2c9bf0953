"""Reading a policy from TOML, or from the record of a decision."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from os import PathLike
from pathlib import Path
from typing import Any

from portfolio.errors import Issue, PolicyError
from portfolio.policy.model import Policy
from portfolio.policy.source import PolicySource

_SYNTAX = 'texts need quotes ("high_risk"), numbers a point (0.3) and at most underscores (10_000_000)'
_MOST_BYTES = 1 << 20
_MOST_DIGITS = 30
_MONEY = {"budget", "committed", "carry_over", "amount", "min_amount", "max_amount", "max_award"}


def read_policy(path: str | Path, **overrides: Any) -> Policy:
    """Read a policy from a TOML file.

    Parameters
    ----------
    path
        The file, UTF-8.
    overrides
        Keys that replace those of the file, for example ``budget=5_000_000``.

    Raises
    ------
    PolicyError
        With every fault, its line and the nearest known name.
    """
    if not isinstance(path, str | PathLike):
        what = f"cannot be read as a file: it is a {type(path).__name__}, and not the path of one"
        raise PolicyError([Issue(what, "pf.Policy.model_validate(values) makes a policy of a dict")])
    file = Path(path)
    data = _bytes(file)
    text = _text(file, data)
    try:
        document = tomllib.loads(text, parse_float=Decimal)
        document = _floats(document) | overrides
    except (ValueError, RecursionError) as error:
        raise PolicyError([_syntax(file.name, error)]) from None
    changed = frozenset((key,) for key in overrides)
    source = PolicySource(file.name, text, str(file.parent), hashlib.sha256(data).hexdigest(), changed)
    if isinstance(document.get("columns"), dict):
        document["columns"] = _flat(document["columns"])
    return Policy.model_validate(document, context={"source": source})


def recorded_policy(document: Mapping[str, Any], name: str, folder: str = "") -> Policy:
    """Return the policy that stands in the record of a decision.

    JSON knows neither dates nor exact decimals: they stand there as texts.

    Parameters
    ----------
    document
        The policy as in ``portfolio.json``.
    name
        Of the record, for messages.
    folder
        Where paths in the policy start; otherwise at the working directory.

    Raises
    ------
    PolicyError
        If it is not a policy.
    """
    made = _typed(document)
    if isinstance(career := made.get("early_career"), dict) and isinstance(day := career.get("on"), str):
        try:
            made["early_career"] = career | {"on": date.fromisoformat(day)}
        except ValueError:
            raise PolicyError(
                [Issue("is not a date", file=name, column="early_career.on", value=day)]
            ) from None
    return Policy.model_validate(made, context={"source": PolicySource(name, folder=folder)})


def _typed(value: Any, key: str = "") -> Any:
    """Turn texts that stand where money is meant into decimals."""
    match value:
        case dict():
            return {name: _typed(item, name) for name, item in value.items()}
        case list():
            return [_typed(item, key) for item in value]
        case str() if key in _MONEY:
            try:
                return Decimal(value)
            except InvalidOperation:
                return value
        case _:
            return value


def _flat(columns: dict[str, Any]) -> dict[str, Any]:
    """Let ``reviews.score = "Grade"`` stand for the key ``"reviews.score"``, which TOML reads as a table."""
    reviews = columns.get("reviews")
    if not isinstance(reviews, dict):
        return columns
    rest = {name: heading for name, heading in columns.items() if name != "reviews"}
    return rest | {f"reviews.{name}": heading for name, heading in reviews.items()}


def _bytes(file: Path) -> bytes:
    try:
        with file.open("rb") as opened:
            data = opened.read(_MOST_BYTES + 1)
        if len(data) > _MOST_BYTES:
            what = f"is longer than {_MOST_BYTES:,} bytes"
            raise PolicyError([Issue(what, "name groups by a condition, not one by one", file=str(file))])
        return data
    except OSError as error:
        hint = "check the path" if isinstance(error, FileNotFoundError) else "check the permissions"
        raise PolicyError([Issue(f"cannot be read: {error.strerror}", hint, file=str(file))]) from None


def _text(file: Path, data: bytes) -> str:
    try:
        return data.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        what = f"is not UTF-8 text (byte {error.start})"
        raise PolicyError([Issue(what, "save it as UTF-8", file=str(file))]) from None


def _syntax(name: str, error: Exception) -> Issue:
    return Issue(f"is not valid TOML: {error}", _SYNTAX, file=name)


def _floats(value: Any, key: str = "") -> Any:
    """Keep money as decimals, so that no digit is lost; every other number with a point is a float.

    Raises
    ------
    ValueError
        For numbers so long, or so near to nothing, that nobody means them and arithmetic may stumble over them.
    """
    match value:
        case dict():
            return {name: _floats(item, name) for name, item in value.items()}
        case list():
            return [_floats(item, key) for item in value]
        case int() if abs(value) >= 10**_MOST_DIGITS:
            raise ValueError(f"{key} is a number of more than {_MOST_DIGITS} digits")
        case Decimal() if key in _MONEY and value and value.adjusted() < -_MOST_DIGITS:
            raise ValueError(f"{key} has more than {_MOST_DIGITS} decimals")
        case Decimal() if key not in _MONEY:
            return float(value)
        case _:
            return value
