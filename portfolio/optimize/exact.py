"""The best portfolio of a model whose every rule holds in integers, whatever the solver's tolerance let through."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from portfolio.errors import LimitError, SolverError
from portfolio.optimize.audit import Broken
from portfolio.optimize.clock import Deadline
from portfolio.optimize.engine import Engine, Outcome, Stop
from portfolio.optimize.instance import Bools, Floats
from portfolio.optimize.model import Block, Model, one_row
from portfolio.policy import SolverSettings

_ROUNDS = 200
Audit = Callable[[Bools], list[Broken]]


def best(
    engine: Engine, model: Model, n: int, audit: Audit, settings: SolverSettings
) -> tuple[Outcome, Bools]:
    """Solve a model until its answer passes the audit.

    A solver holds rows to a tolerance, so its answer can exceed a budget by a cent. Each combination that it lets
    through is cut off, which removes no portfolio that keeps the rules, and the model is solved again.

    Returns
    -------
    outcome, chosen
        The last outcome, and which of the n proposals are funded (none if the model is infeasible).

    Raises
    ------
    LimitError
        If time ran out before any portfolio was found.
    KeyboardInterrupt
        If the solve was interrupted before any portfolio that keeps the rules was found.
    """
    nothing = np.zeros(n, dtype=bool)
    deadline = Deadline.start(settings)
    for _ in range(_ROUNDS):
        outcome = engine.solve(model, deadline.left())
        if outcome.stop is Stop.INFEASIBLE:
            return outcome, nothing
        if outcome.x is None:
            raise LimitError(
                f"no portfolio was found within {settings.time_limit:g} seconds; raise [solver] time_limit, or relax "
                "the rules that leave little choice"
            )
        x = _whole(outcome.x, model)
        chosen = model.chosen(x, n)
        broken = audit(chosen)
        if not broken:
            return replace(outcome, x=x), chosen
        if outcome.stop is Stop.INTERRUPTED:
            raise KeyboardInterrupt
        model = model.add(*(_cut(model, x, fault) for fault in broken))
    raise SolverError(
        f"{engine.name} kept breaking a rule: {broken[0].rule} {broken[0].name}: {broken[0].what}"
    )


def _whole(x: Floats, model: Model) -> Floats:
    return np.where(model.integer, np.round(x), x)


def _cut(model: Model, x: Floats, broken: Broken) -> Block:
    """Cut off a combination that breaks a row: one of the entries that brought it there has to change.

    For ``sum a_j x_j <= b`` those with a_j > 0 that are 1, and those with a_j < 0 that are 0.
    """
    found = _violated_row(model, x, broken)
    if found is None:
        columns = np.arange(model.size)
        up = x[columns] > 0.5
    else:
        columns, push = found
        up = push > 0
        keep = (columns < model.size) & (up == (x[columns] > 0.5))
        columns, up = columns[keep], up[keep]
    data = np.where(up, -1.0, 1.0)
    return one_row(("exact",), "this combination breaks a rule", columns, data, low=1.0 - int(up.sum()))


def _violated_row(model: Model, x: Floats, broken: Broken) -> tuple[np.ndarray, Floats] | None:
    """Return the columns of the row that is broken most, and how each pushes towards the violation."""
    # Above this, rounding could have chosen the wrong row, and a cut from a row that holds would not be valid.
    tightest, found = -1e-9, None
    for block in model.blocks:
        if broken.rule not in block.rules or max(block.column, default=0) >= model.size:
            continue
        for row, name in enumerate(block.names):
            if broken.name not in {"", name}:
                continue
            entries = block.row == row
            columns, data = block.column[entries], block.data[entries]
            cap = np.isfinite(block.high[row])
            activity = data @ x[columns]
            slack = block.high[row] - activity if cap else activity - block.low[row]
            if slack < tightest:
                tightest, found = slack, (columns, data if cap else -data)
    return found
