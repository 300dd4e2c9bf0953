"""The cheapest relaxation: the least change to one rule, or to all together, that lets some portfolio exist."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import partial

import numpy as np

from portfolio.optimize.allowed import ANY, Row, first, least_allowed, row_of, still_broken, without_rounding
from portfolio.optimize.awards import Awards
from portfolio.optimize.engine import Stop
from portfolio.optimize.figures import counted, percent_below
from portfolio.optimize.least import NOTHING, Case, Loose
from portfolio.optimize.loosening import (
    GAP,
    Loosened,
    all_giving,
    bound_of,
    counts_money,
    effort,
    giving,
)
from portfolio.optimize.rows.reserves import required
from portfolio.optimize.tally import gap_reached
from portfolio.policy import Policy

# Links that hold or do not: there is no k by which they could give way.
_ALL_OR_NOTHING = ("requires", "all_or_none")
# Of whole counts, such as cents, changes below this part of one are rounding; so are these parts of a solver's numbers,
# and of a budget that more may be promised than.
_COUNT, _SOLVED, _AUDITED = 1e-3, 1e-8, 1.01e-9


@dataclass(frozen=True)
class Change:
    """By how much one rule gives way.

    Attributes
    ----------
    size
        Enough for these awards, in minor units, awards or counts of a column.
    least
        Less than this is proven not to be enough.
    """

    awards: Awards
    size: int
    least: float

    @property
    def proven(self) -> bool:
        """Whether it is the least to the last count."""
        return self.least > self.size - 1


def cheapest_relaxation(case: Case, rule: str, rows: Sequence[tuple[int, int]]) -> Change | None:
    """Return how far one rule has to give way, everything else as it is; None if it cannot help by itself.

    Parameters
    ----------
    rows
        Its rows: index of the block, row within the block. All of them give way by the same size.
    """
    instance, policy, settings = case.instance, case.policy, effort(case.policy.solver)
    names = frozenset(row_of(instance, policy, case.model, rule, row) for row in rows)
    loose = Loose(case, lambda model: giving(model, rows), names)
    relaxed = case.engine.relax(loose.model, settings)
    if relaxed.stop is Stop.INFEASIBLE:
        return None
    size = None if relaxed.x is None else relaxed.x[loose.first :]
    if size is not None and _counts_awards(case, rows):
        # Awards are given way by as a whole.
        size = np.ceil(size - NOTHING)
    found = loose.least(size, settings)
    if found is None:
        return None
    scale = _scale(case, rule, rows[0])
    guess = math.ceil(float(found.size[0]) * scale - _COUNT)
    least = least_allowed(instance, policy, case.model, found.awards, names, guess)
    if least is None:
        return None
    rounding = _COUNT + _SOLVED * scale
    if policy.overcommit is not None:
        rounding += _AUDITED * (max(map(abs, instance.budgets)) + least)
    return Change(found.awards, least, found.least * scale - rounding)


@dataclass(frozen=True)
class Together:
    """By how much rules give way together.

    Attributes
    ----------
    parts
        A rule, its words, a row of it, and by how much that gives way: enough for these awards.
    cost
        What it is in all, as shares of the rules.
    least
        No portfolio costs less.
    coin
        What the smallest change costs that is told apart.
    """

    case: Case
    awards: Awards
    parts: Sequence[tuple[str, str, tuple[int, int], int]]
    cost: float
    least: float
    coin: float

    @property
    def words(self) -> str:
        """How little it is."""
        if self.cost < self.least + self.coin:
            return "as little as can be"
        return "as little as can be, to a thousandth" if self._close else "by little"

    @property
    def _close(self) -> bool:
        return self.cost < (1 + GAP) * self.least + self.coin

    @property
    def rules(self) -> Collection[str]:
        """Which rules give way. A link of several proposals has several rows, and is one rule."""
        return {rule for rule, *_ in self.parts}

    @property
    def said(self) -> Sequence[str]:
        """What is enough of each; that it is needed as well where all together are proven to be."""
        return self.lines(needed=self._close)

    def lines(self, *, needed: bool) -> Sequence[str]:
        """Return what is said of each if that is needed, or only enough."""
        least = 0.0 if needed else -math.inf
        lines = (
            said_of(self.case, rule, words, [row], Change(self.awards, size, size + least))
            for rule, words, row, size in self.parts
        )
        return list(dict.fromkeys(lines))


def relax_together(case: Case, loosened: Loosened, words: Mapping[str, str]) -> Together | None:
    """Return by how much each rule gives way if all may and the changes, as shares of each rule, are small in all.

    Parameters
    ----------
    words
        The firm rules by their keys, in the funder's words.
    """
    instance, policy, model = case.instance, case.policy, case.model
    rows = {
        column: (rule, row_of(instance, policy, model, rule, row), row)
        for rule, columns, rows in loosened.changes
        for column, row in zip(columns, rows, strict=True)
    }
    rules = [rule for rule, *_ in loosened.changes]
    loose = Loose(
        case,
        lambda model: all_giving(instance, policy, model, rules)[0],
        frozenset(row for _, row, _ in rows.values()),
    )
    size = None if loosened.relaxed.x is None else loosened.relaxed.x[loose.first :]
    found = loose.least(size, effort(policy.solver))
    if found is None:
        return None
    taken = {
        name: math.ceil(float(found.size[column - loose.first]) * _scale(case, rule, row) - _COUNT)
        for column, (rule, name, row) in rows.items()
        if found.size[column - loose.first] > NOTHING
    }
    enough, exact = _enough(case, found.awards, taken, [name for _, name, _ in rows.values()])
    if not enough:
        return None
    changed = {column: names for column, names in rows.items() if names[1] in enough}
    many = {rule for rule, columns, _ in loosened.changes if len(columns) > 1}
    parts = [
        (rule, model.blocks[row[0]].text(row[1]) if rule in many else words[rule], row, enough[name])
        for rule, name, row in changed.values()
    ]
    # What a unit of each column costs, and a coin, an award or a count of each.
    weight = {column: float(loose.weights[column - loose.first]) for column in changed}
    coin = {column: weight[column] / _scale(case, rule, row) for column, (rule, _, row) in changed.items()}
    # A link of several proposals is one row of the audit, and has several columns.
    whole = {name: coin[column] * enough[name] for column, (_, name, _) in changed.items()}
    # Links may have been left as they are.
    every = exact and set(rules) >= set(words)
    return Together(
        case,
        found.awards,
        parts,
        cost=max(found.cost, sum(whole.values())),
        least=found.least - _SOLVED * sum(weight.values()) if every else 0.0,
        coin=min(
            each * (_COUNT if _counts_awards(case, [changed[column][2]]) else 1.0)
            for column, each in coin.items()
        ),
    )


def _enough(
    case: Case, awards: Awards, taken: Mapping[Row, int], rows: Collection[Row]
) -> tuple[Mapping[Row, int], bool]:
    """Return the least by which rows give way that is enough, and whether no more than rounding was missing."""
    instance, policy = case.instance, case.policy
    needed = {row: without_rounding(instance, policy, awards, [row]) for row in rows}
    taken = {row: max(taken.get(row, 0), needed[row]) for row in rows if row in taken or needed[row] > 0}
    step = 1
    while broken := still_broken(instance, policy, case.model, awards, taken):
        short = {"budget" if one.rule == "overcommit" else one.rule for one in broken}
        grown = {row: taken.get(row, 0) + step for row in rows if row[0] in short}
        if not grown or step > ANY:
            return {}, False
        taken, step = {**taken, **grown}, 4 * step

    def enough(row: Row, size: int) -> bool:
        return not still_broken(instance, policy, case.model, awards, {**taken, row: size})

    for row, size in list(taken.items()):
        # Part of it may be rounding.
        taken[row] = max(first(partial(enough, row), size), needed[row])
    return {row: size for row, size in taken.items() if size}, step <= 4


def said_of(case: Case, rule: str, words: str, rows: Sequence[tuple[int, int]], change: Change) -> str:
    """Say what is enough, and that less is not where that is proven."""
    instance, policy = case.instance, case.policy
    limit = policy.limit[int(rule[6:-1]) - 1] if rule.startswith("limit[") else None
    if limit is not None and limit.max_gap is not None:
        gap = gap_reached(instance, int(rule[6:-1]) - 1, limit, change.awards)
        return f"{words}: max_gap = {math.ceil(1000 * gap) / 1000:g} would be enough"
    link = policy.link[int(rule[5:-1]) - 1] if rule.startswith("link[") else None
    if link is not None and link.kind in _ALL_OR_NOTHING:
        return f"{words}: {'would have to be dropped' if change.proven else 'dropping it would be enough'}"
    reserve = next((reserve for reserve in policy.reserve if reserve.key == rule), None)
    if reserve is not None and reserve.base != "spent":
        left = int(required(instance, reserve, 0) - change.size)
        share = percent_below(float(Fraction(left) / max(1, instance.budget)))
        most = "could be at most" if change.proven else "could be"
        return f"{words}: {most} {instance.money(left)}, {share} of the budget"
    if link is not None and link.kind == "differs":
        size = counted(change.size, "decision", "decisions")
    elif _counts_awards(case, rows):
        size = counted(change.size, "award", "awards")
    elif limit is not None and limit.of is not None:
        size = f"{Decimal(change.size) / instance.sums[int(rule[6:-1]) - 1].unit:,f} of {limit.of}"
    else:
        size = instance.money(change.size)
    if rule == "budget":
        same = ", with what is a share of it as it is" if _shares(policy) else ""
        if not change.proven:
            return f"{words}: exceeding it by {size} would be enough{same}"
        return f"{words}: would have to be exceeded by {size}{same}"
    if not change.proven:
        return f"{words}: giving way by {size} would be enough"
    return f"{words}: would have to give way by {size}"


def _scale(case: Case, rule: str, row: tuple[int, int]) -> float:
    """Return how many counts one unit of a row is."""
    instance, policy, model = case.instance, case.policy, case.model
    bound = bound_of(instance, policy, model, row[0])
    if bound is not None and bound.of == "column":
        return instance.sums[int(rule[6:-1]) - 1].scale
    return float(model.unit) if counts_money(instance, policy, model, row[0]) else 1.0


def _counts_awards(case: Case, rows: Sequence[tuple[int, int]]) -> bool:
    instance, policy, model, block = case.instance, case.policy, case.model, rows[0][0]
    bound = bound_of(instance, policy, model, block)
    if bound is not None:
        return bound.of == "awards" and not bound.gap
    return not counts_money(instance, policy, model, block)


def _shares(policy: Policy) -> bool:
    """Whether other rules are shares of the budget."""
    of_budget = any(rule.share is not None and rule.base == "budget" for rule in policy.reserve)
    limits = any(
        rule.base == "budget" and (rule.min_share, rule.max_share) != (None, None) for rule in policy.limit
    )
    pool = policy.exploratory is not None and policy.exploratory.share is not None
    beyond = policy.overspend is not None and policy.overspend.max_share is not None
    return of_budget or limits or pool or beyond or policy.stable is not None
