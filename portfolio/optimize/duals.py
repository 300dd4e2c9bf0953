"""What the prices of a relaxation say: per rule, per row, and per proposal."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from portfolio.optimize.awards import Awards
from portfolio.optimize.engine import Outcome
from portfolio.optimize.goals import kept_goals
from portfolio.optimize.instance import Instance
from portfolio.optimize.lagrangian import Priced, price
from portfolio.optimize.matrix import Block
from portfolio.optimize.model import Model
from portfolio.optimize.rows.budgets import year_name
from portfolio.optimize.solution import RowKey
from portfolio.optimize.vectors import Bools, Floats
from portfolio.policy import Policy


def shadow_prices(model: Model, relaxed: Outcome) -> dict[str, float]:
    """Add up the duals of the rows of each rule, in value per minor unit (or per award) of the rule's bound.

    They are below zero for a floor and above for a cap. A rule that is both asks for one unit more by a higher floor
    and a lower cap: what the two lose adds up, below zero as for a floor.
    """
    if relaxed.duals is None:
        return {}
    floors: dict[str, float] = defaultdict(float)
    caps: dict[str, float] = defaultdict(float)
    start = 0
    for block in model.blocks:
        duals = relaxed.duals[start : start + len(block)]
        start += len(block)
        prices = floors if np.any(np.isfinite(block.low)) else caps
        for rule in block.rules:
            prices[rule] += float(duals.sum()) / _unit(model, rule)
    return {**floors, **caps} | {rule: floors[rule] - caps[rule] for rule in floors.keys() & caps.keys()}


def year_price(model: Model, instance: Instance, prices: Mapping[RowKey, float], year: int) -> float:
    """Return the value that one more minor unit in the budget of a year brings: it is in that of all years as well."""
    # The row of all years has no name.
    rows = {year_name(instance, year), ""}
    found = (dual for (rules, _, name), dual in prices.items() if "budget" in rules and name in rows)
    return math.fsum(found) / _unit(model, "budget")


def _unit(model: Model, rule: str) -> int:
    return model.unit if rule.startswith(("budget", "reserve.")) else 1


def keyed_prices(model: Model, relaxed: Outcome) -> dict[RowKey, float]:
    """Return the duals that are not 0 by what their rows are about, so that they fit a similar model."""
    duals = np.zeros(0) if relaxed.duals is None else relaxed.duals
    found: dict[RowKey, float] = {}
    for start, which, block in _blocks(model):
        part = duals[start : start + len(block)]
        for row in np.flatnonzero(part).tolist():
            found[block.rules, which, str(block.names[row])] = float(part[row])
    return found


def prices_of(model: Model, prices: Mapping[RowKey, float]) -> Floats:
    """Return (rows,) the duals of a similar model for the rows of this one; 0 for rows that it did not have."""
    duals = np.zeros(sum(len(block) for block in model.blocks))
    of_block: dict[tuple[tuple[str, ...], int], dict[str, float]] = defaultdict(dict)
    for (rules, which, name), dual in prices.items():
        of_block[rules, which][name] = dual
    for start, which, block in _blocks(model):
        known = of_block.get((block.rules, which))
        if known:
            duals[start : start + len(block)] = [known.get(str(name), 0.0) for name in block.names]
    return duals


def row_keys(model: Model) -> set[RowKey]:
    """Return what the rows of a model are about: the keys that prices of it may have."""
    return {(block.rules, which, str(name)) for _, which, block in _blocks(model) for name in block.names}


def _blocks(model: Model) -> Iterator[tuple[int, int, Block]]:
    """Yield each block with its first row, and with how many blocks of the same rules stand before it."""
    start, seen = 0, Counter[tuple[str, ...]]()
    for block in model.blocks:
        yield start, seen[block.rules], block
        seen[block.rules] += 1
        start += len(block)


def margins(model: Model, priced: Priced | None, chosen: Bools, value: float) -> Floats:
    """Return proven lower bounds on the value lost by deciding each proposal the other way.

    With U the bound at the prices and d_i the reduced cost, no portfolio that funds i is worth more than
    U + min(d_i, 0), and none that does not more than U - max(d_i, 0) (Nemhauser & Wolsey 1988, II.5.2).
    """
    lost = np.full(len(chosen), np.nan)
    if priced is not None:
        reduced = priced.reduced[: model.size]
        against = np.where(chosen[model.proposals], np.maximum(reduced, 0), np.maximum(-reduced, 0))
        lost[model.proposals] = np.maximum(0.0, value - priced.bound + against)
    return lost


def margins_beside_goals(
    instance: Instance,
    policy: Policy,
    model: Model,
    awards: Awards,
    best: Sequence[float],
    prices: Mapping[RowKey, float],
    value: float,
) -> Floats:
    """Return `margins` among the portfolios that do as well in what comes before the value.

    They follow from what a record keeps, to the last bit, so that whoever reads it back says the same.

    Parameters
    ----------
    model
        Of the rules alone.
    best
        What was reached of each goal.
    """
    kept = model.add(*kept_goals(instance, policy, model, awards, best))
    return margins(kept, price(kept.arrays, prices_of(kept, prices)), awards.funded, value)
