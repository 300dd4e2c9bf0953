"""Incomplete information in the short form of the command: ``merit=0.5``, ``merit=merit_low:merit_high``."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from portfolio.analysis.dominance.information import Information
from portfolio.call.value import sentence
from portfolio.errors import DataError, Issue

_INTERVAL = "write CRITERION=0.5, or CRITERION=LOW:HIGH with the names of two columns"
_WEIGHT = "write CRITERION=0.2:0.4, the least and the greatest weight"


def stated(intervals: Sequence[str], weights: Sequence[str], orders: Sequence[str]) -> Information:
    """Read what is known, as written on the command line.

    Raises
    ------
    DataError
        With everything that cannot be read.
    """
    issues: list[Issue] = []
    scores = _read("--interval", intervals, _interval, _INTERVAL, issues)
    bounds = _read("--weight", weights, _bounds, _WEIGHT, issues)
    if issues:
        raise DataError(issues)
    listed = tuple(tuple(name.strip() for name in one.split(",")) for one in orders)
    try:
        return Information(scores=scores, weights=bounds, order=listed)
    except ValidationError as error:
        given = {
            "scores": ("--interval", intervals),
            "weights": ("--weight", weights),
            "order": ("--order", orders),
        }
        # Of the ways in which a value may be written, the first is a number.
        faults = {part["loc"][:2]: sentence(part) for part in reversed(error.errors())}
        raise DataError(_as_written(what, place, given) for place, what in faults.items()) from None


def _as_written(
    what: str, place: tuple[int | str, ...], given: Mapping[str, tuple[str, Sequence[str]]]
) -> Issue:
    """Return a fault of what is known with the option that says it, for the data are right."""
    option, texts = given[str(place[0])]
    name = place[1]
    by_name = {text.partition("=")[0].strip(): text for text in texts}
    return Issue(what, file=option, value=texts[name] if isinstance(name, int) else by_name[name])


def _read(
    option: str, texts: Sequence[str], read: Callable[[str], Any], form: str, issues: list[Issue]
) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for text in texts:
        name, _, rest = (part.strip() for part in text.partition("="))
        try:
            value = read(rest)
        except ValueError:
            issues.append(Issue("cannot be read", form, file=option, value=text))
            continue
        if name in found:
            issues.append(Issue("is given twice", "give each criterion once", file=option, value=name))
        found[name] = value
    return found


def _interval(text: str) -> float | tuple[str, str]:
    low, colon, high = text.partition(":")
    return (low.strip(), high.strip()) if colon else float(low)


def _bounds(text: str) -> tuple[float, float]:
    low, high = text.split(":")
    return float(low), float(high)
