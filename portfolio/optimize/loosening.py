"""Models in which firm rules may give way, for a price that makes them do so by as little as they can."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

import numpy as np

from portfolio.optimize.engine import Engine, Outcome
from portfolio.optimize.instance import Instance
from portfolio.optimize.matrix import Block, Rows
from portfolio.optimize.model import Model
from portfolio.optimize.rows.limits import Bound, bounds
from portfolio.optimize.rows.reserves import reserve_size
from portfolio.policy import Policy, SolverSettings

# Rules whose rows count money; those of links and coverage count awards, and limits say what they count.
_MONEY = ("budget", "reserve.", "pot", "stable", "exploratory")
# What explains a clash is looked for to this relative gap and for so long.
GAP, _SECONDS = 1e-3, 3.0

Change = tuple[str, list[int], list[tuple[int, int]]]
"""A rule, columns by which it gives way, and the row of each: index of the block, row within the block."""


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
    changes: Sequence[Change]
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
        loosened, changes = all_giving(instance, policy, model, some)
        found = Loosened(loosened, changes, engine.relax(loosened, effort(policy.solver)))
        if found.relaxed.x is not None:
            break
    return found


def effort(settings: SolverSettings) -> SolverSettings:
    """Return how hard to look for an explanation; what is found suffices in any case."""
    return settings.replace(gap=min(settings.gap, GAP), time_limit=min(settings.time_limit, _SECONDS))


def counts_money(instance: Instance, policy: Policy, model: Model, block: int) -> bool:
    """Tell whether the rows of a block count money; otherwise they count awards, or a column."""
    rule = model.blocks[block].rules[0]
    bound = bound_of(instance, policy, model, block)
    return rule.startswith(_MONEY) if bound is None else bound.of in {"money", "spent"}


def bound_of(instance: Instance, policy: Policy, model: Model, block: int) -> Bound | None:
    """Return the bound of a limit that a block is; None if it belongs to another rule."""
    rule = model.blocks[block].rules[0]
    if not rule.startswith("limit["):
        return None
    # Each bound of a limit brings one block.
    before = sum(rule in other.rules for other in model.blocks[:block])
    index = int(rule[6:-1]) - 1
    return list(bounds(instance, index, policy.limit[index]))[before]


def all_giving(
    instance: Instance, policy: Policy, model: Model, rules: Collection[str]
) -> tuple[Model, list[Change]]:
    """Add a column for each row of the firm rules (one for each reserve), and make their sum, as shares, small."""
    blocks: list[Block] = list(model.blocks)
    changes: list[Change] = []
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
            weights += [1.0 / _whole(instance, policy, model, index, row) for index, row in rows]
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


def _whole(instance: Instance, policy: Policy, model: Model, block: int, row: int) -> float:
    """Return of what a change of a row is looked at as a share: its bound, the budget, or one unit or award."""
    low, high = model.blocks[block].low[row], model.blocks[block].high[row]
    bound = abs(high if np.isfinite(high) else low)
    if bound > 0:
        return float(bound)
    money = counts_money(instance, policy, model, block)
    return max(1, instance.budget) / model.unit if money else 1.0


def giving(model: Model, rows: Sequence[tuple[int, int]]) -> Model:
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
