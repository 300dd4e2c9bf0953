"""The cheapest relaxation: the least change to one rule alone that lets some portfolio exist."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

import numpy as np

from portfolio.optimize.engine import Engine, Stop
from portfolio.optimize.figures import percent_below
from portfolio.optimize.instance import Instance
from portfolio.optimize.model import Block, Model
from portfolio.optimize.rows.reserves import required
from portfolio.policy import Policy, SolverSettings

# Rules whose rows count money; the others count awards.
_MONEY = ("budget", "reserve.", "pot")


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
    size = _least(engine, _giving(model, rows), policy.solver)
    if size is None:
        return None
    money = rule.startswith(_MONEY) or _counts_money(model, rows)
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


def _giving(model: Model, rows: Sequence[tuple[int, int]]) -> Model:
    """Add a column by which the rows give way, and make it as small as possible."""
    column = len(model.value)
    blocks = list(model.blocks)
    for index in {block for block, _ in rows}:
        blocks[index] = _loosened(blocks[index], [row for block, row in rows if block == index], column)
    return replace(
        model,
        value=np.append(np.zeros(column), -1.0),
        low=np.append(model.low, 0.0),
        high=np.append(model.high, np.inf),
        integer=np.append(model.integer, False),
        blocks=tuple(blocks),
    )


def _loosened(block: Block, rows: list[int], column: int) -> Block:
    sign = np.where(np.isfinite(block.high[rows]), -1.0, 1.0)
    return replace(
        block,
        row=np.concatenate([block.row, rows]),
        column=np.concatenate([block.column, np.full(len(rows), column)]),
        data=np.concatenate([block.data, sign]),
    )


def _least(engine: Engine, model: Model, settings: SolverSettings) -> float | None:
    outcome = engine.solve(model, settings.replace(gap=0.0))
    if outcome.stop is Stop.INFEASIBLE or outcome.x is None:
        return None
    return float(outcome.x[-1])


def _counts_money(model: Model, rows: Sequence[tuple[int, int]]) -> bool:
    """Rows of awards have coefficients of 1 alone; a row of money could only by chance."""
    return any(
        not np.all(model.blocks[block].data[model.blocks[block].row == row] == 1.0) for block, row in rows
    )
