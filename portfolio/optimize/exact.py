"""The best portfolio of a model whose every rule holds in integers, whatever the solver's tolerance let through."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from portfolio.errors import LimitError, SolverError
from portfolio.optimize.awards import Awards
from portfolio.optimize.broken import Broken
from portfolio.optimize.clock import Deadline
from portfolio.optimize.engine import Engine, Outcome, Stop, Watch, unwatched
from portfolio.optimize.instance import Instance
from portfolio.optimize.matrix import Block, one_row
from portfolio.optimize.model import Model
from portfolio.optimize.vectors import Floats, Integers
from portfolio.policy import SolverSettings

_ROUNDS = 200
# What a solver may miss a row by, in units of the model, where awards are put into coins; more if that is not enough.
_MARGINS = (0.0, 3e-9, 1e-7, 3e-6)
# How many awards are tried one by one, a coin apart.
_ONE_BY_ONE = 10
Audit = Callable[[Awards], list[Broken]]
Sharpen = Callable[[Model, Floats, Awards], Model | None]


@dataclass(frozen=True)
class Search:
    """How a model is solved until its answer is exact.

    Attributes
    ----------
    audit
        Returns the rules that some awards break.
    sharpen
        Returns a closer model where a solution shows that curves were taken for straight lines; None if it is close
        enough.
    prices
        Duals to start from.
    known
        An answer that keeps the rules, in case that none is found in time.
    """

    engine: Engine
    instance: Instance
    audit: Audit
    watch: Watch = unwatched
    sharpen: Sharpen = lambda model, x, awards: None
    prices: Floats | None = None
    known: tuple[Outcome, Awards] | None = None

    def best(self, model: Model, settings: SolverSettings) -> tuple[Outcome, Awards]:
        """Solve a model until its answer passes the audit.

        A solver holds rows to a tolerance, so its answer can exceed a budget by a cent. Each combination that it lets
        through is cut off, which removes no portfolio that keeps the rules, and the model is solved again.

        Returns
        -------
        outcome, awards
            The last outcome, and who is funded (nobody if the model is infeasible).

        Raises
        ------
        LimitError
            If time ran out before any portfolio was found.
        KeyboardInterrupt
            If the solve was interrupted before any portfolio that keeps the rules was found.
        """
        deadline, closest, lost = Deadline.start(settings), self.known, -math.inf
        for _ in range(_ROUNDS):
            outcome = self.engine.solve(model, deadline.left(), self.watch, _fitting(self.prices, model))
            outcome = _not_beyond(outcome, lost)
            if outcome.stop is Stop.INFEASIBLE and self.known is not None:
                # What is known keeps every rule, so the solver is wrong: tolerances are no proof.
                return replace(self.known[0], stop=Stop.GAP), self.known[1]
            if outcome.stop is Stop.INFEASIBLE:
                return outcome, Awards.none(len(self.instance.ids))
            if outcome.x is None:
                if closest is not None and closest is self.known:
                    return replace(closest[0], stop=outcome.stop), closest[1]
                if closest is not None:
                    return closest
                raise _nothing_found(outcome.stop, settings)
            x = _whole(outcome.x, model)
            awards, broken = self.in_coins(model, x, deadline)
            sharper = self.sharpen(model, x, awards)
            if not broken:
                closest = replace(outcome, x=x), awards
                if sharper is None or outcome.stop.cut_short:
                    return closest
            elif outcome.stop is Stop.INTERRUPTED:
                if closest is None:
                    raise KeyboardInterrupt
                return replace(closest[0], stop=outcome.stop), closest[1]
            if sharper is None and any(_of_other_sizes(model, x, fault) for fault in broken):
                # What is cut off may have been the best.
                lost = max(lost, outcome.bound)
            model = sharper or model.add(*(_cut(model, x, fault) for fault in broken))
        if closest is not None:
            return closest
        raise SolverError(
            f"{self.engine.name} kept breaking a rule: {broken[0].rule} {broken[0].name}: {broken[0].what}"
        )

    def in_coins(self, model: Model, x: Floats, deadline: Deadline) -> tuple[Awards, list[Broken]]:
        """Return the awards of a solution in whole minor units, and what they break.

        Rounding to the nearest may break a rule by a coin; then rounding down or up may do, or a coin more or less for
        one award, where others have to stay. If not, the same proposals are funded with all rules on money tighter by
        half a coin for each award that had to be rounded, so that rounding cannot break them.
        """
        broken: list[Broken] = []
        for margin in _MARGINS:
            for rounding in (np.rint, np.ceil, np.floor):
                # Reductions are rounded: up is an award rounded down.
                awards = model.awards(self.instance, x, rounding)
                broken = self.audit(awards)
                if not broken or model.integer[: model.decisions].all():
                    return awards, broken
            for other in _a_coin_apart(model, self.instance, x):
                if not self.audit(other):
                    return other, []
            fixed = np.where(model.integer, x, model.low), np.where(model.integer, x, model.high)
            by = (0.5 * _rounded(model, x) + 0.01) / model.unit + margin
            tight = _tightened(model.bound(low=fixed[0], high=fixed[1]), by)
            outcome = self.engine.solve(tight, deadline.left())
            if outcome.x is None:
                break
            x = _whole(outcome.x, model)
        return awards, broken


def _not_beyond(outcome: Outcome, lost: float) -> Outcome:
    """Return an outcome that claims nothing about what was cut off, which may be worth as much as `lost`."""
    if lost <= outcome.bound or outcome.x is None:
        return outcome
    stop = Stop.GAP if outcome.stop is Stop.OPTIMAL else outcome.stop
    return replace(outcome, bound=lost, stop=stop, relaxed=None)


def _nothing_found(stop: Stop, settings: SolverSettings) -> LimitError:
    limit, key = "in time", "time_limit"
    if stop is Stop.NODE_LIMIT:
        limit, key = f"within {settings.nodes} nodes", "nodes"
    hint = f"raise [solver] {key}, or relax the rules that leave little choice"
    return LimitError(f"no portfolio was found {limit}; {hint}", stop)


def _fitting(prices: Floats | None, model: Model) -> Floats | None:
    """Return prices with zeros for rows that were added since."""
    if prices is None:
        return None
    rows = sum(len(block) for block in model.blocks)
    return np.concatenate([prices, np.zeros(max(0, rows - len(prices)))])[:rows]


def _whole(x: Floats, model: Model) -> Floats:
    return np.where(model.integer, np.round(x), x)


def _a_coin_apart(model: Model, instance: Instance, x: Floats) -> Iterator[Awards]:
    """Yield the awards of a solution with a coin less or more for one of those that are cut in part."""
    nearest, steps = model.awards(instance, x), slice(model.size, model.decisions)
    parts = np.where(model.integer[steps], 0.0, model.reductions)
    most = np.bincount(model.owner, model.high[steps] * parts, minlength=model.size)
    for place in np.unique(model.owner[x[steps] * parts > 0.0])[:_ONE_BY_ONE]:
        row = model.proposals[place]
        top = instance.sizes.top[row]
        for coin in (-1, 1):
            amount = nearest.amount.copy()
            amount[row] += coin
            if nearest.funded[row] and top - most[place] <= amount[row] <= top:
                yield Awards(nearest.funded, amount)


def _rounded(model: Model, x: Floats) -> int:
    """Count the reductions that are no whole number of minor units."""
    money = x[model.size : model.decisions] * model.reductions
    return int(np.count_nonzero(np.abs(money - np.rint(money)) > 1e-9))


def _tightened(model: Model, by: float) -> Model:
    """Tighten every row in which an award can be cut in part by an amount of money."""
    parts = np.flatnonzero(~model.integer[model.size : model.decisions]) + model.size
    blocks = []
    for block in model.blocks:
        rows = np.zeros(len(block), dtype=bool)
        rows[block.row[np.isin(block.column, parts)]] = bool(block.rules) and not block.rules[0].startswith(
            "goal "
        )
        change = np.where(rows, by, 0.0)
        blocks.append(replace(block, low=block.low + change, high=block.high - change))
    return model.ruled(*blocks)


def _cut(model: Model, x: Floats, broken: Broken) -> Block:
    """Cut off a combination that breaks a row: one of the entries that brought it there has to change.

    For ``sum a_j x_j <= b`` those with a_j > 0 that are 1, and those with a_j < 0 that are 0.
    """
    found = _violated_row(model, x, broken)
    if found is None:
        columns = np.flatnonzero(model.integer[: model.decisions])
        up = x[columns] > 0.5
    else:
        columns, push = found
        up = push > 0
        keep = up == (x[columns] > 0.5)
        columns, up = columns[keep], up[keep]
    data = np.where(up, -1.0, 1.0)
    return one_row(("exact",), "this combination breaks a rule", columns, data, low=1.0 - int(up.sum()))


def _of_other_sizes(model: Model, x: Floats, broken: Broken) -> bool:
    """Whether the same proposals may keep the rules with awards of other sizes, which a cut does not look at."""
    return not model.integer[: model.decisions].all() and _violated_row(model, x, broken) is None


def _violated_row(model: Model, x: Floats, broken: Broken) -> tuple[Integers, Floats] | None:
    """Return the columns of the row that is broken most, and how each pushes towards the violation."""
    # Above this, rounding could have chosen the wrong row, and a cut from a row that holds would not be valid.
    tightest, found = -1e-9, None
    decided = np.zeros(len(model.value), dtype=bool)
    decided[: model.decisions] = model.integer[: model.decisions]
    for block in model.blocks:
        if broken.rule not in block.rules or not decided[block.column].all():
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
