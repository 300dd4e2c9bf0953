"""The cheapest relaxation: the least change to one rule, or to all together, that lets some portfolio exist."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np

from portfolio.optimize.engine import Engine, Outcome, Stop
from portfolio.optimize.figures import percent_below
from portfolio.optimize.instance import Instance
from portfolio.optimize.model import Block, Model, Rows
from portfolio.optimize.rows.reserves import required, reserve_size
from portfolio.optimize.tally import gap_reached
from portfolio.optimize.vectors import Floats
from portfolio.policy import Policy, SolverSettings

# Rules whose rows count money; the others count awards.
_MONEY = ("budget", "reserve.", "pot", "stable", "exploratory")
# A relaxation is looked for to this relative gap and for so long; changes below this are rounding.
_GAP, _SECONDS, _NOTHING = 1e-3, 3.0, 1e-6
# How much more than what is needed at least is tried, for so long each.
_TRIES, _SECONDS_EACH = (0.1, _GAP, 1e-5), 0.7


def cheapest_relaxation(
    instance: Instance,
    policy: Policy,
    engine: Engine,
    model: Model,
    named: tuple[str, str],
    rows: Sequence[tuple[int, int]],
) -> str | None:
    """Say how far one rule has to give way, everything else as it is; None if it cannot help by itself.

    Parameters
    ----------
    named
        The rule's key, and the rule in the funder's words.
    rows
        Its rows: index of the block, row within the block. All of them give way by the same size.
    """
    rule, words = named
    giving, settings, first = _giving(model, rows), effort(policy.solver), len(model.value)
    relaxed = engine.relax(giving, settings)
    if relaxed.stop is Stop.INFEASIBLE:
        return None
    size = None if relaxed.x is None else relaxed.x[first:]
    if size is not None and not _is_money(policy, model, rule, rows):
        # Awards are given way by as a whole.
        size = np.ceil(size - _NOTHING)
    x = _least(engine, model, giving, size, settings)
    return None if x is None else _said(instance, policy, model, rule, words, rows, x, -1)


@dataclass(frozen=True)
class Loosened:
    """A model all of whose firm rules may give way, and its solution without whole numbers.

    Attributes
    ----------
    model
        The model with further columns by which rows give way; its objective is what they lose, as shares of their
        rules.
    changes
        For each rule, the columns and the rows that they belong to.
    relaxed
        What is lost at least, and the prices that prove it.
    """

    model: Model
    changes: Sequence[_Change]
    relaxed: Outcome


def loosen(
    instance: Instance, policy: Policy, engine: Engine, model: Model, rules: Collection[str]
) -> Loosened:
    """Let all firm rules give way, by as little as proposals funded in parts would need.

    Rules between single proposals only do where nothing else is enough: half of a prerequisite is none.

    Parameters
    ----------
    rules
        The keys of the firm rules. Rules that have a price or a priority are not among them: they have given way.
    """
    for some in ([rule for rule in rules if not rule.startswith("link")], rules):
        loosened, changes = _all_giving(instance, policy, model, some)
        found = Loosened(loosened, changes, engine.relax(loosened, effort(policy.solver)))
        if found.relaxed.x is not None:
            break
    return found


def relax_together(
    instance: Instance,
    policy: Policy,
    engine: Engine,
    model: Model,
    loosened: Loosened,
    words: Mapping[str, str],
) -> list[str]:
    """Say by how much each rule gives way if all may and the changes, as shares of each rule, are least in all.

    Parameters
    ----------
    words
        The firm rules by their keys, in the funder's words.
    """
    size = None if loosened.relaxed.x is None else loosened.relaxed.x[len(model.value) :]
    x = _least(engine, model, loosened.model, size, effort(policy.solver))
    said = []
    for rule, columns, rows in loosened.changes if x is not None else ():
        for column, row in zip(columns, rows, strict=True):
            if x is not None and x[column] > _NOTHING:
                text = words[rule] if len(rows) == 1 else model.blocks[row[0]].text(row[1])
                said.append(_said(instance, policy, model, rule, text, [row], x, column))
    return said


def _least(
    engine: Engine, model: Model, giving: Model, size: Floats | None, settings: SolverSettings
) -> Floats | None:
    """Return a portfolio for which rules give way as little as can be found; None if none is.

    Parameters
    ----------
    giving
        The model with columns by which rules give way, and their cost as its objective.
    size
        By how much they must give way at least; None if that is not known.
    """
    best = None
    if size is not None and np.any(size > _NOTHING):
        first = len(model.value)
        best = _tried(engine, model, giving, size, settings)
        if best is not None and giving.value @ best >= (1 + _GAP) * (giving.value[first:] @ size) - _NOTHING:
            return best
        # Only those that have to: few, and those that matter.
        high = np.concatenate([giving.high[:first], np.where(size > _NOTHING, np.inf, 0.0)])
        best = _better(giving, best, engine.solve(giving.bound(high=high), settings).x)
    return best if best is not None else engine.solve(giving, settings).x


def _better(giving: Model, best: Floats | None, found: Floats | None) -> Floats | None:
    if best is None or found is None:
        return found if best is None else best
    return found if giving.value @ found > giving.value @ best else best


def _tried(
    engine: Engine, model: Model, giving: Model, size: Floats, settings: SolverSettings
) -> Floats | None:
    """Return a portfolio of some value for which rules give way by little more than a size; None if none is found.

    Whether there is any is found sooner than the least that rules have to give way. The value of the awards tells the
    search which of them to try.
    """
    first = len(model.value)
    value = np.concatenate([model.value, np.zeros(len(size))])
    best, limits = None, settings.replace(gap=1.0, time_limit=min(settings.time_limit, _SECONDS_EACH))
    for more in _TRIES:
        high = np.concatenate([giving.high[:first], size * (1 + more) + _NOTHING])
        found = engine.solve(giving.bound(high=high).aim(value), limits).x
        if found is None:
            break
        best = found
    if best is None:
        return None
    # Those awards may need less than they were allowed.
    same = [np.where(model.integer, best[:first], end) for end in (model.low, model.high)]
    bounds = {"low": np.append(same[0], giving.low[first:]), "high": np.append(same[1], giving.high[first:])}
    return engine.solve(giving.bound(**bounds), settings).x


def effort(settings: SolverSettings) -> SolverSettings:
    """Return how hard to look for an explanation; what is found suffices in any case."""
    return settings.replace(gap=min(settings.gap, _GAP), time_limit=min(settings.time_limit, _SECONDS))


def _said(
    instance: Instance,
    policy: Policy,
    model: Model,
    rule: str,
    words: str,
    rows: Sequence[tuple[int, int]],
    x: Floats,
    column: int,
) -> str:
    """Say what a portfolio needs of a rule; the entry of a column is by how much its rows give way."""
    size = float(x[column])
    link = rule.startswith(("link", "coverage"))
    limit = policy.limit[int(rule[6:-1]) - 1] if rule.startswith("limit[") else None
    if limit is not None and limit.max_gap is not None:
        gap = gap_reached(instance, int(rule[6:-1]) - 1, limit, model.awards(instance, x))
        return f"{words}: max_gap = {math.ceil(1000 * gap) / 1000:g} would be enough"
    if link and not all(np.all(model.blocks[block].data > 0) for block, _ in rows):
        return f"{words}: would have to be dropped"
    if limit is not None and limit.of is not None:
        sums = instance.sums[int(rule[6:-1]) - 1]
        return f"{words}: would have to give way by {size * sums.scale / sums.unit:,.6g} of {limit.of}"
    if not _is_money(policy, model, rule, rows):
        awards = int(np.ceil(size - 1e-6))
        return f"{words}: would have to give way by {awards} {'award' if awards == 1 else 'awards'}"
    minor = int(np.ceil(size * model.unit - 1e-3))
    reserve = next((reserve for reserve in policy.reserve if reserve.key == rule), None)
    if reserve is None or reserve.base == "spent":
        return f"{words}: would have to give way by {instance.money(minor)}"
    left = required(instance, reserve, 0) - minor
    share = percent_below(float(Fraction(left) / max(1, instance.budget)))
    return f"{words}: could be at most {instance.money(int(left))}, {share} of the budget"


def _is_money(policy: Policy, model: Model, rule: str, rows: Sequence[tuple[int, int]]) -> bool:
    link = rule.startswith(("link", "coverage"))
    return rule.startswith(_MONEY) or (not link and _counts_money(model, rows))


_Change = tuple[str, list[int], list[tuple[int, int]]]


def _all_giving(
    instance: Instance, policy: Policy, model: Model, rules: Collection[str]
) -> tuple[Model, list[_Change]]:
    """Add a column for each row of the firm rules (one for each reserve), and make their sum, as shares, small."""
    blocks: list[Block] = list(model.blocks)
    changes: list[_Change] = []
    weights: list[float] = []
    first = len(model.value)
    reserves = {reserve.key: reserve for reserve in policy.reserve}
    for rule in rules:
        rows = [
            (index, row)
            for index, block in enumerate(model.blocks)
            if rule in block.rules
            for row in range(len(block))
        ]
        start = first + len(weights)
        if rule in reserves:
            columns = [start] * len(rows)
            weights.append(model.unit / reserve_size(instance, reserves[rule]))
        else:
            columns = list(range(start, start + len(rows)))
            weights += [1.0 / _whole(instance, model, index, row) for index, row in rows]
        for index in {block for block, _ in rows}:
            inside = [
                (row, column) for (block, row), column in zip(rows, columns, strict=True) if block == index
            ]
            blocks[index] = _loosened(
                blocks[index], [row for row, _ in inside], [column for _, column in inside]
            )
        changes.append((rule, columns[:1], rows[:1]) if rule in reserves else (rule, columns, rows))
    count = len(weights)
    loosened = replace(
        model,
        value=np.concatenate([np.zeros(first), -np.array(weights)]),
        low=np.concatenate([model.low, np.zeros(count)]),
        high=np.concatenate([model.high, np.full(count, np.inf)]),
        integer=np.concatenate([model.integer, np.zeros(count, dtype=bool)]),
        rows=Rows.of(blocks),
    )
    return loosened, changes


def _whole(instance: Instance, model: Model, block: int, row: int) -> float:
    """Return of what a change of a row is looked at as a share: its bound, the budget, or one unit or award."""
    low, high = model.blocks[block].low[row], model.blocks[block].high[row]
    bound = abs(high if np.isfinite(high) else low)
    if bound > 0:
        return float(bound)
    return max(1, instance.budget) / model.unit if _counts_money(model, [(block, row)]) else 1.0


def _giving(model: Model, rows: Sequence[tuple[int, int]]) -> Model:
    """Add a column by which the rows give way, and make it as small as possible."""
    column = len(model.value)
    blocks = list(model.blocks)
    for index in {block for block, _ in rows}:
        loose = [row for block, row in rows if block == index]
        blocks[index] = _loosened(blocks[index], loose, [column] * len(loose))
    return replace(
        model,
        value=np.append(np.zeros(column), -1.0),
        low=np.append(model.low, 0.0),
        high=np.append(model.high, np.inf),
        integer=np.append(model.integer, False),
        rows=Rows.of(blocks),
    )


def _loosened(block: Block, rows: list[int], columns: list[int]) -> Block:
    sign = np.where(np.isfinite(block.high[rows]), -1.0, 1.0)
    return replace(
        block,
        row=np.concatenate([block.row, rows]),
        column=np.concatenate([block.column, columns]),
        data=np.concatenate([block.data, sign]),
    )


def _counts_money(model: Model, rows: Sequence[tuple[int, int]]) -> bool:
    """Rows of awards have coefficients of 1 alone; a row of money could only by chance."""
    return any(
        not np.all(model.blocks[block].data[model.blocks[block].row == row] == 1.0) for block, row in rows
    )
