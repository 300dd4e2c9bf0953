"""Incomplete information: how far scores and weights may be off, and what every proposal is worth at the ends."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import chain
from typing import Annotated, ClassVar

import numpy as np
from pydantic import Field

from portfolio.analysis.dominance.weights import MOST_CRITERIA, Point, as_array, extreme_points, ordered
from portfolio.call.columns import nearest_column
from portfolio.call.value import Value
from portfolio.errors import DataError, Issue
from portfolio.optimize import Problem
from portfolio.optimize.vectors import Bools, Floats
from portfolio.optimize.worth import is_numeric, numbers
from portfolio.policy import Criterion, Policy
from portfolio.policy.rules import exact

# Values that differ by less, as a share of the largest, are taken for equal: they are sums of floats.
ROUNDING = 1e-9

_Pair = Annotated[tuple[float, float], Field(strict=False)]
_Columns = Annotated[tuple[str, str], Field(strict=False)]
_Names = Annotated[tuple[str, ...], Field(strict=False)]


class Information(Value):
    """What is known of scores and weights, where it is not everything.

    The criteria are those of the policy (``[[objective.criterion]]``), or merit alone if it names none. Scores that
    are not mentioned here are exact, and so are the weights if none is bounded and there is no order.

    Parameters
    ----------
    scores
        Per criterion, by how much a score may be off either way, in units of the column; or the names of the
        two columns that hold the least and the greatest score of each proposal.
    weights
        Per criterion, the least and the greatest weight. The weights always add up to the sum of those of the
        policy: criteria that are neither here nor in `order` make up what is left of it, in their proportions.
    order
        Lists of criteria, the most important first: no weight is larger than the one before it. Nothing else is
        known of their weights, but for those that are bounded as well.

    Examples
    --------
    >>> import portfolio as pf
    >>> pf.Information(scores={"merit": 0.5}).scores["merit"]
    0.5
    """

    ORDERED: ClassVar[frozenset[str]] = frozenset({"scores", "weights", "order"})

    scores: dict[str, Annotated[float, Field(ge=0)] | _Columns] = Field(default_factory=dict)
    weights: dict[str, _Pair] = Field(default_factory=dict)
    order: Annotated[tuple[_Names, ...], Field(strict=False)] = ()


@dataclass(frozen=True, eq=False)
class Intervals:
    """Between what the value of each of n proposals lies, at each of K extreme points of the weights.

    Attributes
    ----------
    weights
        (K, criteria) the extreme points.
    low, high
        (K, n) the value of an award if all its scores are the least, and the greatest; 0 for who cannot be funded.
    able
        (n,) who can be funded under the scores of the call, see `Instance.open`.
    criteria
        Names of the criteria.
    """

    weights: Floats
    low: Floats
    high: Floats
    able: Bools
    criteria: tuple[str, ...]

    @property
    def central(self) -> Floats:
        """(n,) values at the mean of the extreme points and the middle of the scores, inside the domain."""
        middle: Floats = ((self.low + self.high) / 2).mean(axis=0)
        return middle

    @property
    def rounding(self) -> float:
        """What sums of values may differ by and still be equal."""
        return ROUNDING * max(float(np.abs(self.low).max(initial=0)), float(np.abs(self.high).max(initial=0)))


def intervals(problem: Problem, information: Information) -> Intervals:
    """Return what the awards are worth at the ends of what is known.

    Value of an award = sum over criteria of w_c x (score_c - zero_c) / scale_c, times amount^e; as in `worth`.

    Raises
    ------
    DataError
        With every fault: unknown criteria or columns, empty or reversed intervals, weights that cannot add up.
    """
    criteria = _criteria(problem.policy)
    refuse = [*_misnamed(problem.policy, criteria, information), *_weight_faults(criteria, information)]
    instance = problem.instance
    able = instance.open
    ends = []
    for criterion in criteria:
        low, high, faults = _scores(problem, criterion, information, able)
        refuse += faults
        ends.append(((low - criterion.zero) / criterion.scale, (high - criterion.zero) / criterion.scale))
    if refuse:
        raise DataError(refuse)
    points = _weights(criteria, information)
    if not len(points):
        what = "no weights keep their bounds and their order and add up to the sum of the policy's"
        hint = f"widen the bounds until they allow a sum of {sum(c.weight for c in criteria):g}"
        raise DataError([Issue(what, hint, column="weights")])
    exponent = problem.policy.objective.exponent
    size = np.ones(len(able)) if exponent == 0 else np.power(instance.table["amount"].to_numpy(), exponent)
    low, high = (np.where(able, points @ np.array(side) * size, 0.0) for side in zip(*ends, strict=True))
    names = tuple(criterion.column for criterion in criteria)
    return Intervals(points, low, high, able, names)


def _criteria(policy: Policy) -> tuple[Criterion, ...]:
    return policy.objective.criterion or (Criterion(column="merit", zero=policy.objective.zero),)


def _misnamed(policy: Policy, criteria: tuple[Criterion, ...], information: Information) -> Iterator[Issue]:
    known = [criterion.column for criterion in criteria]
    if len(known) > MOST_CRITERIA:
        yield Issue(
            f"has {len(known)} criteria; dominance is looked at for at most {MOST_CRITERIA}",
            "put some of them together into one column",
            file="policy",
            column="objective.criterion",
        )
    for name in sorted(set(known)):
        if known.count(name) > 1:
            yield Issue("is a criterion twice", "name each column once", file="policy", column=name)
    said: dict[str, Iterable[str]] = {"scores": information.scores, "weights": information.weights}
    for key, names in (said | {"order": chain.from_iterable(information.order)}).items():
        for name in names:
            if name not in known:
                near = nearest_column(name, known, policy.columns)
                hint = f"{near}; criteria are those of [[objective.criterion]], or merit"
                yield Issue("is no criterion of the policy", hint, column=key, value=name)


def _weight_faults(criteria: tuple[Criterion, ...], information: Information) -> Iterator[Issue]:
    for name, (low, high) in information.weights.items():
        if not 0 <= low <= high:
            hint = "give the least weight first, and none below 0"
            yield Issue("must be a least and a greatest weight", hint, column=name, value=f"{low:g}:{high:g}")
    if sum(criterion.weight for criterion in criteria) <= 0:
        hint = "give at least one criterion a weight above 0"
        yield Issue("gives every criterion a weight of 0", hint, file="policy", column="objective.criterion")


def _weights(criteria: tuple[Criterion, ...], information: Information) -> Floats:
    """Return (K, criteria) extreme points; (0,) if there is none."""
    own = {criterion.column: exact(criterion.weight) for criterion in criteria}
    total = sum(own.values(), start=exact(0.0))
    listed = set(chain.from_iterable(information.order))
    told = [name for name in own if name in information.weights or name in listed]
    said = [information.weights.get(name) for name in told]
    low = [exact(0.0 if one is None else one[0]) for one in said]
    high = [total if one is None else exact(one[1]) for one in said]
    # Of all others, only what they have together can move.
    left = total - sum((own[name] for name in told), start=exact(0.0))
    low.append(exact(0.0) if told else left)
    high.append(total if left else left)
    position = {name: index for index, name in enumerate(told)}
    points = extreme_points(low, high, total, ordered(information.order, position))

    def weight(point: Point, name: str) -> Fraction:
        return point[position[name]] if name in position else own[name] * point[-1] / (left or 1)

    return as_array([tuple(weight(point, name) for name in own) for point in points])


def _scores(
    problem: Problem, criterion: Criterion, information: Information, able: Bools
) -> tuple[Floats, Floats, list[Issue]]:
    """Return (n,) least and greatest scores, and what is wrong with them."""
    table, name = problem.instance.table, criterion.column
    middle = numbers(table, name)
    off = information.scores.get(name, 0.0)
    if not isinstance(off, tuple):
        return middle - off, middle + off, list(_empty(problem, name, middle, able))
    faults = []
    for column in off:
        if column not in table.columns:
            hint = nearest_column(column, table.columns, problem.policy.columns)
            faults.append(Issue("is not a column of the proposals", hint, column="scores", value=column))
        elif not is_numeric(table, column):
            faults.append(Issue("is not a column of numbers", "correct the cells", column=column))
    if faults:
        return middle, middle, faults
    low, high = numbers(table, off[0]), numbers(table, off[1])
    for column, cells in ((name, middle), (off[0], low), (off[1], high)):
        faults += _empty(problem, column, cells, able)
    outside = able & ((middle < low) | (middle > high))
    for index in np.flatnonzero(outside).tolist():
        what = f"is not between {off[0]} ({low[index]:g}) and {off[1]} ({high[index]:g})"
        hint = "correct the interval; it has to hold the score that the decision uses"
        issue = Issue(what, hint, column=name, value=f"{middle[index]:g}", id=problem.instance.ids[index])
        faults.append(issue)
    return low, high, faults


def _empty(problem: Problem, column: str, cells: Floats, able: Bools) -> Iterator[Issue]:
    for index in np.flatnonzero(able & np.isnan(cells)).tolist():
        what = "is empty: it adds nothing in `optimize`, but nobody knows between which scores it lies"
        hint = (
            f"fill the cell, leave the criterion out, or the proposal: eligible = '\"{column}\" IS NOT NULL'"
        )
        yield Issue(what, hint, column=column, id=problem.instance.ids[index])
