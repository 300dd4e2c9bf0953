"""What an award is worth: merit above its zero, or several criteria, each with its own zero and scale."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from portfolio.errors import DataError, Issue
from portfolio.optimize.vectors import Bools, Floats
from portfolio.policy import Criterion, Policy

_MOST = 1e12
# The names by which merit is known in a table.
MERIT = ("merit", "scored_merit")


@dataclass(frozen=True)
class Worth:
    """What awards of the whole requests to n proposals are worth.

    Attributes
    ----------
    total
        (n,) the objective; the last criterion if they are looked at one after the other.
    criteria
        (criteria, n) each criterion, if they are looked at one after the other; otherwise (0, n).
    positive
        (n,) whether an award is worth anything, so that it may be made.
    needs_merit
        Whether a proposal without merit cannot be judged.
    """

    total: Floats
    criteria: Floats
    positive: Bools
    needs_merit: bool


def worth(policy: Policy, table: pl.DataFrame) -> Worth:
    """Return (merit - zero) x amount^e, or its like for the criteria of a policy; 0 where a cell is empty.

    A sum over a portfolio needs a true zero on every scale (Clemen & Smith 2009; Morton 2015).
    """
    objective = policy.objective
    criteria = objective.criterion or (Criterion(column="merit", zero=objective.zero),)
    raw = np.array([(numbers(table, c.column) - c.zero) / c.scale for c in criteria])
    plain = np.nan_to_num(raw, nan=0.0)
    for criterion, cells in zip(criteria, plain, strict=True):
        if np.abs(cells).max(initial=0.0) > _MOST:
            what = f"gives values of more than {_MOST:g}, which cannot be told from each other"
            hint = "correct the cells that are wrong, or give it a larger scale"
            raise DataError([Issue(what, hint, column=criterion.column)])
    size = _sizes(objective.exponent, table["amount"].to_numpy())
    if objective.order == "lexicographic":
        by_criterion = plain * size
        return Worth(by_criterion[-1], by_criterion, plain[0] >= 0, needs_merit(policy))
    weights = np.array([criterion.weight for criterion in criteria])
    added = weights @ plain if objective.criterion else plain[0]
    return Worth(added * size, np.zeros((0, len(size))), added >= 0, needs_merit(policy))


def needs_merit(policy: Policy) -> bool:
    """Tell whether a proposal without merit cannot be judged."""
    criteria = policy.objective.criterion
    return not criteria or any(criterion.column == "merit" for criterion in criteria)


def merit_worth(policy: Policy, table: pl.DataFrame) -> Floats:
    """Return (n,) by how much one more unit of merit raises the value of an award of the whole request."""
    objective = policy.objective
    criteria = objective.criterion or (Criterion(column="merit"),)
    slope = sum(c.weight / c.scale for c in criteria if c.column in MERIT)
    return slope * _sizes(objective.exponent, table["amount"].to_numpy())


def numbers(table: pl.DataFrame, column: str) -> Floats:
    """Return a column of numbers or booleans as floats; NaN where a cell is empty or not finite."""
    cells = table[column].cast(pl.Float64)
    found: Floats = cells.fill_null(np.nan).to_numpy()
    return np.where(np.isfinite(found), found, np.nan)


def is_numeric(table: pl.DataFrame, column: str) -> bool:
    """Tell whether the cells of a column are numbers or booleans."""
    dtype = table.schema[column]
    return dtype.is_numeric() or dtype == pl.Boolean


def _sizes(exponent: float, amount: Floats) -> Floats:
    return np.ones_like(amount, dtype=float) if exponent == 0 else np.power(amount, exponent)
