"""Scenarios as tables: one row per scenario, and one row per proposal over all of them."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import polars as pl

from portfolio.analysis.sweeps.scenario_rows import ScenarioRow
from portfolio.call.money import exponent
from portfolio.optimize import Portfolio, Relaxed
from portfolio.optimize.instance import Instance

_ALWAYS, _NEVER = 1 - 1e-9, 1e-9


def scenario_table(rows: Sequence[ScenarioRow], instance: Instance) -> pl.DataFrame:
    """Return one row per scenario; the columns are those of `WhatIf.scenarios`."""
    money, base = pl.Decimal(38, exponent(instance.currency)), rows[0]
    keys = list(dict.fromkeys(key for row in rows for key in row.values))
    traits = list(dict.fromkeys(reserve.trait for row in rows for reserve in row.reserves))
    low, high = zip(*(_between(row, base) for row in rows), strict=True)
    moved = [_moved(row, base) for row in rows]
    columns: list[pl.Series] = [
        pl.Series("scenario", [row.name for row in rows]),
        *(_setting(rows, key) for key in keys),
        pl.Series("status", [row.status for row in rows]),
        *(
            pl.Series(key, [getattr(row, key) for row in rows], pl.Float64)
            for key in ("value", "bound", "gap")
        ),
        pl.Series("spent", [row.spent for row in rows], money),
        pl.Series("awards", [row.awards for row in rows], pl.Int64),
        pl.Series("value_change", [_change(row, base) for row in rows], pl.Float64),
        pl.Series("value_change_low", low, pl.Float64),
        pl.Series("value_change_high", high, pl.Float64),
    ]
    for place, name in enumerate(("entered", "left")):
        sides = [None if pair is None else pair[place] for pair in moved]
        columns.append(pl.Series(name, [None if ids is None else len(ids) for ids in sides], pl.Int64))
        columns.append(pl.Series(f"{name}_ids", sides, pl.List(pl.String)))
    columns += [
        pl.Series(name, [list(getattr(row, name)) for row in rows], pl.List(pl.String))
        for name in ("goals", "gave_way")
    ]
    for trait in traits:
        found = [next((one for one in row.reserves if one.trait == trait), None) for row in rows]
        for name, dtype in (("required", money), ("delivered", money), ("shadow_price", pl.Float64)):
            cells = [None if one is None else getattr(one, name) for one in found]
            columns.append(pl.Series(f"reserve.{trait}.{name}", cells, dtype))
    columns.append(pl.Series("reason", [row.reason for row in rows]))
    return pl.DataFrame(columns)


def proposal_table(
    rows: Sequence[ScenarioRow], instance: Instance, base: Portfolio | Relaxed | None
) -> pl.DataFrame:
    """Return one row per proposal; the columns are those of `WhatIf.proposals`."""
    feasible = [row for row in rows[1:] if row.feasible]
    before = np.zeros(len(instance.ids))
    for name, share in rows[0].shares.items():
        before[instance.position[name]] = share
    changes: dict[int, list[float]] = {}
    for row in feasible:
        for name, share in row.shares.items():
            changes.setdefault(instance.position[name], []).append(share)
    count = len(feasible)
    funded, entered, left = before.copy(), np.zeros(len(before), int), np.zeros(len(before), int)
    for index, shares in changes.items():
        same = before[index] * (count - len(shares))
        funded[index] = math.fsum([same, *shares]) / count
        entered[index] = sum(share > before[index] for share in shares)
        left[index] = sum(share < before[index] for share in shares)
    stability = np.where(funded >= _ALWAYS, "always", np.where(funded <= _NEVER, "never", "depends"))
    decided = base.to_frame()["decision"] if isinstance(base, Portfolio) else [None] * len(before)
    frame = pl.DataFrame(
        {
            "id": pl.Series(instance.ids, dtype=pl.String),
            "base": pl.Series(decided, dtype=pl.String),
            "funded_share": funded,
            "scenarios": pl.Series([count] * len(before), dtype=pl.Int64),
            "entered": entered,
            "left": left,
            "stability": stability.tolist(),
        }
    )
    if not count:
        # Without a scenario that has a portfolio nothing is known.
        unknown = {"funded_share": pl.Float64, "stability": pl.String}
        frame = frame.with_columns(pl.lit(None, dtype).alias(name) for name, dtype in unknown.items())
    return frame


def _setting(rows: Sequence[ScenarioRow], key: str) -> pl.Series:
    """Return the values of a key: numbers if all of them are, otherwise words."""
    cells: list[Any] = [row.values.get(key) for row in rows]
    given = [cell for cell in cells if cell is not None]
    if all(isinstance(cell, int) for cell in given):
        return pl.Series(key, cells, pl.Int64)
    if all(isinstance(cell, int | float) for cell in given):
        return pl.Series(key, cells, pl.Float64)
    return pl.Series(key, [None if cell is None else str(cell) for cell in cells], pl.String)


def _change(row: ScenarioRow, base: ScenarioRow) -> float | None:
    if row.value is None or base.value is None or not row.comparable:
        return None
    return row.value - base.value


def _between(row: ScenarioRow, base: ScenarioRow) -> tuple[float | None, float | None]:
    """Return between what the difference of the two best values lies: each best is between value and bound."""
    change = _change(row, base)
    if change is None or row.value is None or base.value is None or not (row.proven and base.proven):
        return None, None
    low = None if base.bound is None else row.value - base.bound
    return low, None if row.bound is None else row.bound - base.value


def _moved(row: ScenarioRow, base: ScenarioRow) -> tuple[list[str], list[str]] | None:
    """Return who enters and who leaves; None without two decisions to compare."""
    if row is base or row.awards is None or base.awards is None:
        return None
    return sorted(_sided(row, 1.0)), sorted(_sided(row, 0.0))


def _sided(row: ScenarioRow, share: float) -> Iterator[str]:
    return (name for name, found in row.shares.items() if found == share)
