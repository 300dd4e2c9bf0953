"""What of a policy can be moved on the page, from where to where, and in which steps."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

import numpy as np

from portfolio.call.money import exponent, to_major, total
from portfolio.optimize import Problem
from portfolio.optimize.instance import Instance
from portfolio.optimize.rows.limits import group_name
from portfolio.optimize.vectors import Floats
from portfolio.policy import Limit, Policy

Unit = Literal["money", "share", "count", "number"]

# A slider has between so many steps, where the value allows for it.
_FEW, _MANY = 100, 2_000
# A name that can stand in a key without quotes and that is no number.
_PLAIN = re.compile(r"[^\W\d]\w*", re.ASCII)
_BOUNDS: dict[str, tuple[Unit, str]] = {
    "min_share": ("share", "at least"),
    "max_share": ("share", "at most"),
    "min_amount": ("money", "at least"),
    "max_amount": ("money", "at most"),
    "min_awards": ("count", "at least so many awards"),
    "max_awards": ("count", "at most so many awards"),
    "max_gap": ("share", "at most so far"),
}
_HELD: dict[str, Unit] = {"share": "share", "amount": "money"}
# Tables that stand alone: key, group and label on the page, and the numbers in them.
_TABLES: tuple[tuple[str, str, str, dict[str, Unit]], ...] = (
    ("overspend", "Budget", "beyond the budget of a year", {"max_amount": "money", "max_share": "share"}),
    ("stable", "Budget", "certain in each year for stable funding", {"firm": "share"}),
    (
        "exploratory",
        "Exploratory pool",
        "exploratory pool",
        {"share": "share", "amount": "money", "max_award": "money"},
    ),
)


@dataclass(frozen=True)
class Control:
    """One number of a policy.

    Attributes
    ----------
    key
        As in `with_keys`.
    unit
        ``money`` in units of the currency, a ``share`` from 0 to 1, a ``count`` or another ``number``.
    value
        In the policy; it is low + k x step for a whole number k.
    """

    key: str
    label: str
    group: str
    unit: Unit
    value: float | int
    low: float | int
    high: float | int
    step: float | int
    help: str


def controls(problem: Problem) -> tuple[Control, ...]:
    """Return everything that can be moved, in the order of the page: money first, then rules, then the objective."""
    instance, policy = problem.instance, problem.policy
    parts = (_budget, _reserves, _limits, _coverage, _tables, _objective)
    return tuple(control for part in parts for control in part(instance, policy))


def _budget(instance: Instance, policy: Policy) -> Iterator[Control]:
    text = str(type(policy).model_fields["budget"].description)
    demand = to_major(total(instance.amount[instance.eligible]), instance.currency)
    if not isinstance(policy.budget, tuple):
        yield _control("budget", "Budget", "Budget", "money", policy.budget, text, instance, demand)
        return
    for year, budget in enumerate(policy.budget, start=1):
        label, around = f"Budget of year {year}", demand / len(policy.budget)
        yield _control(f"budget.{year}", label, "Budget", "money", budget, text, instance, around)


def _reserves(instance: Instance, policy: Policy) -> Iterator[Control]:
    traits = [reserve.trait for reserve in policy.reserve]
    budget = to_major(max(0, instance.budget), instance.currency)
    for index, reserve in enumerate(policy.reserve):
        for name, unit in _HELD.items():
            value = getattr(reserve, name)
            if value is not None:
                key = f"reserve.{_name(reserve.trait, traits, index)}.{name}"
                what = f"{_words(reserve.trait)}, {_of(reserve.base) if unit == 'share' else 'held back'}"
                yield _control(key, what, "Reserves", unit, value, _help(reserve, name), instance, budget)


def _limits(instance: Instance, policy: Policy) -> Iterator[Control]:
    budget = to_major(max(0, instance.budget), instance.currency)
    for index, limit in enumerate(policy.limit):
        for name, (unit, words) in _BOUNDS.items():
            value = getattr(limit, name)
            if value is None:
                continue
            base = f" ({_of(limit.base)})" if name.endswith("share") else ""
            label = f"{_whom(limit)}: {_gap(limit) if name == 'max_gap' else words}{base}"
            # A sum of a column is in the unit of the column.
            counted: Unit = "number" if unit == "money" and limit.of is not None else unit
            key = f"limit.{index + 1}.{name}"
            yield _control(key, label, "Limits", counted, value, _help(limit, name), instance, budget)


def _coverage(instance: Instance, policy: Policy) -> Iterator[Control]:
    for index, rule in enumerate(policy.coverage):
        if rule.min_awards is not None:
            key, label = (
                f"coverage.{index + 1}.min_awards",
                f"each {_words(rule.per)}: at least so many awards",
            )
            text = _help(rule, "min_awards")
            yield Control(key, label, "Coverage", "count", rule.min_awards, 1, _top(rule.min_awards), 1, text)


def _tables(instance: Instance, policy: Policy) -> Iterator[Control]:
    budget = to_major(max(0, instance.budget), instance.currency)
    for name, group, label, keys in _TABLES:
        table = getattr(policy, name)
        for key, unit in keys.items():
            value = getattr(table, key, None)
            if value is not None:
                what = f"{label}: {_words(key)}"
                yield _control(f"{name}.{key}", what, group, unit, value, _help(table, key), instance, budget)


def _objective(instance: Instance, policy: Policy) -> Iterator[Control]:
    if policy.objective.criterion:
        return
    low, high, step = _span(instance.merit, policy.objective.zero)
    text = _help(policy.objective, "zero")
    label = "merit at which a proposal is worth nothing"
    yield Control(
        "objective.zero", label, "Objective", "number", policy.objective.zero, low, high, step, text
    )


def _control(
    key: str,
    label: str,
    group: str,
    unit: Unit,
    value: Any,
    text: str,
    instance: Instance,
    around: Decimal,
) -> Control:
    match unit:
        case "share":
            step = Decimal(1).scaleb(-max(2, _places(value)))
            low, high = (step if key.endswith("max_gap") else Decimal(0)), Decimal(1)
        case "count":
            low, high, step = Decimal(0), Decimal(_top(value)), Decimal(1)
        case _:
            places = exponent(instance.currency) if unit == "money" else _places(value)
            low, high, step = _grid(Decimal(value), around, places)
    return Control(
        key, label, group, unit, _plain(Decimal(str(value))), _plain(low), _plain(high), _plain(step), text
    )


def _grid(value: Decimal, around: Decimal, places: int) -> tuple[Decimal, Decimal, Decimal]:
    """Return where a slider begins and ends, to about twice its value, and a round step that holds the value exactly.

    Where the value is not a multiple of a round step that is large enough, the slider begins beside 0.
    """
    span = 2 * value or around or Decimal(1)
    finest = Decimal(1).scaleb(-places)
    round_ = [
        step
        for power in range(span.adjusted(), span.adjusted() - 5, -1)
        for step in (Decimal(factor).scaleb(power) for factor in (5, 2, 1))
        if finest <= step and span / _MANY <= step <= span / _FEW
    ] or [finest]
    step = next((step for step in round_ if value % step == 0), round_[0])
    low = value % step
    return low, low + step * -((low - span) // step), step


def _span(merit: Floats, zero: float) -> tuple[int | float, int | float, int | float]:
    """Return the range of the merits in round steps that hold the zero exactly."""
    known = merit[np.isfinite(merit)]
    ends = [Decimal(repr(float(end))) for end in (known.min(initial=zero), known.max(initial=zero))]
    span = ends[1] - ends[0] or Decimal(1)
    step = Decimal(1).scaleb(min(span.adjusted() - 1, -_places(zero)))
    low, high = ends[0] // step * step, -(-ends[1] // step) * step
    low = low - step if low > ends[0] else low
    high = high + step if high < ends[1] or high == low else high
    return _plain(low), _plain(high), _plain(step)


def _places(value: float | Decimal) -> int:
    """Return how many decimals a number is written with."""
    power = Decimal(str(value)).normalize().as_tuple().exponent
    return max(0, -int(power))


def _plain(value: Decimal) -> int | float:
    return int(value) if value == value.to_integral_value() else float(value)


def _top(count: int) -> int:
    return max(10, 2 * count)


def _name(trait: str, traits: Sequence[str], index: int) -> str:
    """Return what names a table in a key: its trait, or its number where that is not enough."""
    return trait if _PLAIN.fullmatch(trait) and traits.count(trait) == 1 else str(index + 1)


def _gap(limit: Limit) -> str:
    rate = "success rate" if limit.gap_of == "awards" else "share of the money asked for that is awarded"
    side = "below" if limit.gap_side == "below" else "from"
    return f"{rate} at most so far {side} that of the whole call"


def _whom(limit: Limit) -> str:
    of = f", of {_words(limit.of)}" if limit.of is not None else ""
    return (f"each {_words(limit.per)}" if limit.per is not None else _words(group_name(limit))) + of


def _of(base: str) -> str:
    return "share of the budget" if base == "budget" else "share of the money awarded"


def _words(name: str) -> str:
    return name.replace("_", " ")


def _help(table: Any, key: str) -> str:
    return str(type(table).model_fields[key].description or "")
