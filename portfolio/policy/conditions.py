"""The conditions of a policy, evaluated on the table of a call."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import polars as pl

from portfolio.call.amounts import Mark
from portfolio.call.columns import nearest_column
from portfolio.call.conditions import expression_of, parsed, truth
from portfolio.errors import PolicyError
from portfolio.policy.source import Fault, Path, dotted


def evaluate(
    table: pl.DataFrame,
    conditions: Mapping[Path, str],
    mark: Mark | None = None,
    mapped: Mapping[str, str] | None = None,
) -> tuple[dict[Path, npt.NDArray[np.bool_]], list[Fault]]:
    """Evaluate SQL WHERE expressions on every row of a table.

    Parameters
    ----------
    table
        One row per proposal, n rows; money in units of the currency.
    conditions
        The key of the policy at which each condition stands, and the condition.
    mark
        The decimal mark of the file, see `Call.decimal_mark`.
    mapped
        The headings of `[columns]` by our names, for the hint at a column that is not known.

    Returns
    -------
    masks
        Per condition, n booleans; where a condition is null it is false.
    faults
        One for each condition that cannot be evaluated.
    """
    masks: dict[Path, npt.NDArray[np.bool_]] = {}
    faults: list[Fault] = []
    for path, sql in conditions.items():
        key = dotted(path)
        try:
            masks[path] = truth(
                table, parsed(sql, key, table.columns, mapped or {}), sql, key, mark
            ).to_numpy()
        except PolicyError as error:
            faults += [Fault(path, issue.what, issue.hint, issue.value) for issue in error.issues]
    return masks, faults


def columns_in(sql: str) -> list[str]:
    """Return the columns that a condition uses; none if it is not SQL."""
    try:
        return expression_of(sql, "").meta.root_names()
    except PolicyError:
        return []


def unknown_column(table: pl.DataFrame, path: Path, name: str, mapped: Mapping[str, str]) -> Fault:
    """Return the fault of a rule that names a column which the call does not have."""
    return Fault(path, "is not a column of the call", nearest_column(name, table.columns, mapped), name)
