"""Scenarios: policies that differ from a base, by the values of some keys or by a name of their own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import Any

from portfolio.call.numbers import own_numbers
from portfolio.call.rules import ReadingRules
from portfolio.call.sets import in_order
from portfolio.errors import Issue, PolicyError
from portfolio.policy import Policy, with_keys
from portfolio.policy.keys import parse_value, refuse_overlaps
from portfolio.shown import visible

# What a comma or a sign of equality does not separate: quoted texts and what stands in brackets.
_OPEN, _CLOSE, _QUOTES = "[{", "]}", "\"'"

BASE = "base"
"""The name of the policy that scenarios are compared with."""


@dataclass(frozen=True)
class Scenario:
    """A policy with a name.

    Attributes
    ----------
    name
        What the scenario is called; no two of a sweep have the same name.
    policy
        None if there is no such policy, since the values contradict a rule.
    values
        The keys that were set, and to what.
    fault
        Why there is no policy.
    """

    name: str
    policy: Policy | None
    values: Mapping[str, Any] = field(default_factory=dict)
    fault: str = ""


def scenario_grid(policy: Policy, values: Mapping[str, Sequence[Any]]) -> tuple[Scenario, ...]:
    """Return a scenario for every combination of values of some keys of a policy.

    Parameters
    ----------
    policy
        What holds beside those values.
    values
        Values per key, named as people name keys: ``{"reserve.high_risk.share": [0, 0.05, 0.1]}``. The last key
        changes fastest.

    Returns
    -------
    tuple
        One scenario per combination, named by it. A combination that contradicts a rule of the policy has no policy
        but a fault.

    Raises
    ------
    PolicyError
        If a key names nothing, a key has no value or the same twice, or none of the combinations is a policy: with
        the faults of all.

    Examples
    --------
    >>> import portfolio as pf
    >>> policy = pf.Policy(budget=100)
    >>> [scenario.name for scenario in pf.scenario_grid(policy, {"budget": [90, 110]})]
    ['budget=90', 'budget=110']
    """
    # A set of values is a list of them; one that is a value itself stays a set for the policy to look at.
    values = {
        key: in_order(some) if isinstance(some, set | frozenset) else some
        for key, some in own_numbers(dict(values)).items()
    }
    empty = [
        Issue("has no value", "give one or more", column=key) for key, some in values.items() if not some
    ]
    if empty or not values:
        raise PolicyError(empty or [Issue("no key is set", "write it as in reserve.high_risk.share=0,0.1")])
    refuse_overlaps(policy, values)
    made, faults = [], []
    for some in product(*values.values()):
        chosen = dict(zip(values, some, strict=True))
        said = in_order(chosen)
        name = name_of(said)
        try:
            made.append(Scenario(name, with_keys(policy, chosen), said))
        except PolicyError as error:
            faults.append(error)
            made.append(Scenario(name, None, said, fault=one_line(error)))
    if len(faults) == len(made):
        raise PolicyError(dict.fromkeys(issue for error in faults for issue in error.issues))
    return tuple(made)


def name_of(values: Mapping[str, Any]) -> str:
    """Return what a scenario is called after the values that it sets."""
    return visible(", ".join(f"{key}={in_words(value)}" for key, value in values.items()))


def as_scenarios(scenarios: Mapping[str, Policy] | Sequence[Scenario], base: Policy) -> tuple[Scenario, ...]:
    """Return scenarios, whether they come as such or as policies by name, if they can be compared with a base.

    Raises
    ------
    PolicyError
        If there is none, if two have the same name or one has none, or if one changes how the file is read: the call
        is read already.
    """
    made = (
        tuple(Scenario(name, policy) for name, policy in scenarios.items())
        if isinstance(scenarios, Mapping)
        else tuple(scenarios)
    )
    issues = [
        *wrong_names([one.name for one in made]),
        *(issue for one in made for issue in _read_otherwise(one, base)),
    ]
    if issues or not made:
        raise PolicyError(issues or [Issue("there is no scenario", "set a key, or name a policy")])
    return made


def parse_setting(text: str) -> tuple[str, tuple[Any, ...]]:
    """Return key and values of ``reserve.high_risk.share=0,0.05,0.1``.

    Commas inside brackets and quotes do not separate: ``budget=[1, 2],[2, 1]`` are two values.

    Raises
    ------
    PolicyError
        If there is no sign of equality, or a value is missing.
    """
    key, *rest = _split(text, "=", most=1)
    parts = _split(rest[0], ",") if rest else []
    if not key.strip() or not all(part.strip() for part in parts) or not parts:
        hint = "write it as in reserve.high_risk.share=0,0.05,0.1"
        raise PolicyError([Issue("is not a key and its values", hint, file="--set", value=text)])
    return key.strip(), tuple(parse_value(part) for part in parts)


def in_words(value: Any) -> str:
    """Write a value as it would stand in a policy; a text stands for itself."""
    match value:
        case bool():
            return str(value).lower()
        case list() | tuple():
            return f"[{', '.join(in_words(part) for part in value)}]"
        case _:
            return str(value)


def one_line(error: Exception) -> str:
    """Write the message of an error on one line."""
    return " ".join(str(error).split())


def _split(text: str, separator: str, most: int = -1) -> list[str]:
    """Split a text where a separator stands outside quotes and brackets."""
    parts, depth, quote = [""], 0, ""
    for letter in text:
        if quote:
            quote = "" if letter == quote else quote
        elif letter in _QUOTES:
            quote = letter
        elif letter in _OPEN + _CLOSE:
            depth += 1 if letter in _OPEN else -1
        elif letter == separator and not depth and len(parts) - 1 != most:
            parts.append("")
            continue
        parts[-1] += letter
    return parts


def wrong_names(names: Sequence[str]) -> Iterator[Issue]:
    """Yield why scenarios cannot be called so: a name is given twice, says nothing, or does not show as it is."""
    for name, count in Counter(names).items():
        if count > 1:
            yield Issue(f"{count} scenarios have this name", "give each a name of its own", value=name)
        if name.strip() in ("", BASE):
            hint = f"give it another name: {BASE} is the policy that scenarios are compared with"
            yield Issue("is no name for a scenario", hint, value=name)
        if visible(name) != name:
            hint = "give it a name of one line that shows as it is"
            yield Issue("is a name with ends of lines or control characters", hint, value=name)


def _read_otherwise(scenario: Scenario, base: Policy) -> Iterator[Issue]:
    """Yield the keys by which a scenario would read another call from the file."""
    for key in ReadingRules.__dataclass_fields__:
        if scenario.policy is not None and getattr(scenario.policy, key) != getattr(base, key):
            what = f"changes how the file is read, and the call is read once (scenario {scenario.name})"
            hint = "decide that call by itself, with `portfolio optimize` and a policy of its own"
            yield Issue(what, hint, file="policy", column=key)
