"""The cheapest relaxation: the least change to one rule, or to all together, that lets some portfolio exist."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction

import numpy as np

from portfolio.optimize.engine import Engine, Stop
from portfolio.optimize.figures import percent_below
from portfolio.optimize.instance import Instance
from portfolio.optimize.model import Block, Model
from portfolio.optimize.rows.reserves import required, reserve_size
from portfolio.policy import Policy, SolverSettings

# Rules whose rows count money; the others count awards.
_MONEY = ("budget", "reserve.", "pot", "stable", "exploratory")
# A relaxation is looked for to this relative gap and for so long; changes below this are rounding.
_GAP, _SECONDS, _NOTHING = 1e-3, 10.0, 1e-6


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
    outcome = engine.solve(_giving(model, rows), _effort(policy.solver))
    if outcome.stop is Stop.INFEASIBLE or outcome.x is None:
        return None
    return _said(instance, policy, model, rule, words, rows, float(outcome.x[-1]))


def relax_together(
    instance: Instance, policy: Policy, engine: Engine, model: Model, words: Mapping[str, str]
) -> list[str]:
    """Say by how much each rule gives way if all may and the changes, as shares of each rule, are least in all.

    Rules that have a price or a priority are not among them: they have given way already.

    Parameters
    ----------
    words
        The firm rules by their keys, in the funder's words.
    """
    loosened, changes = _all_giving(instance, policy, model, words)
    settings = _effort(policy.solver)
    outcome = engine.solve(_sparse(engine, loosened, len(model.value), settings), settings)
    if outcome.x is None:
        outcome = engine.solve(loosened, settings)
    if outcome.x is None:
        return []
    said = []
    for rule, columns, rows in changes:
        for column, row in zip(columns, rows, strict=True):
            if outcome.x[column] > _NOTHING:
                text = words[rule] if len(rows) == 1 else model.blocks[row[0]].text(row[1])
                said.append(_said(instance, policy, model, rule, text, [row], float(outcome.x[column])))
    return said


def _sparse(engine: Engine, loosened: Model, first: int, settings: SolverSettings) -> Model:
    """Let only those rules give way that do if proposals could be funded in parts: few, and those that matter."""
    relaxed = engine.relax(loosened, settings)
    if relaxed.x is None or not np.any(relaxed.x[first:] > _NOTHING):
        return loosened
    high = loosened.high.copy()
    high[first:] = np.where(relaxed.x[first:] > _NOTHING, np.inf, 0.0)
    return loosened.bound(high=high)


def _effort(settings: SolverSettings) -> SolverSettings:
    """Return how hard to look for a relaxation; what is found suffices in any case."""
    return settings.replace(gap=min(settings.gap, _GAP), time_limit=min(settings.time_limit, _SECONDS))


def _said(
    instance: Instance,
    policy: Policy,
    model: Model,
    rule: str,
    words: str,
    rows: Sequence[tuple[int, int]],
    size: float,
) -> str:
    link = rule.startswith(("link", "coverage"))
    limit = policy.limit[int(rule[6:-1]) - 1] if rule.startswith("limit[") else None
    if link and not all(np.all(model.blocks[block].data > 0) for block, _ in rows):
        return f"{words}: would have to be dropped"
    if limit is not None and limit.of is not None:
        column = instance.sums[int(rule[6:-1]) - 1]
        return f"{words}: would have to give way by {size * column.scale / column.unit:,.6g} of {limit.of}"
    money = rule.startswith(_MONEY) or (not link and _counts_money(model, rows))
    if not money:
        awards = int(np.ceil(size - 1e-6))
        return f"{words}: would have to give way by {awards} {'award' if awards == 1 else 'awards'}"
    minor = int(np.ceil(size * model.unit - 1e-3))
    reserve = next((reserve for reserve in policy.reserve if reserve.key == rule), None)
    if reserve is None or reserve.base == "spent":
        return f"{words}: would have to give way by {instance.money(minor)}"
    left = required(instance, reserve, 0) - minor
    share = percent_below(float(Fraction(left) / max(1, instance.budget)))
    return f"{words}: could be at most {instance.money(int(left))}, {share} of the budget"


_Change = tuple[str, list[int], list[tuple[int, int]]]


def _all_giving(
    instance: Instance, policy: Policy, model: Model, words: Mapping[str, str]
) -> tuple[Model, list[_Change]]:
    """Add a column for each row of the firm rules (one for each reserve), and make their sum, as shares, small."""
    blocks: list[Block] = list(model.blocks)
    changes: list[_Change] = []
    weights: list[float] = []
    first = len(model.value)
    reserves = {reserve.key: reserve for reserve in policy.reserve}
    for rule in words:
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
        blocks=tuple(blocks),
    )
    return loosened, changes


def _whole(instance: Instance, model: Model, block: int, row: int) -> float:
    """Return of what a change of a row is looked at as a share: its bound, or the budget or one award if that is 0."""
    low, high = model.blocks[block].low[row], model.blocks[block].high[row]
    bound = abs(high if np.isfinite(high) else low)
    if bound > 0:
        return float(bound)
    return instance.budget / model.unit if _counts_money(model, [(block, row)]) else 1.0


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
        blocks=tuple(blocks),
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
