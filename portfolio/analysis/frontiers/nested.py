"""Which proposals are funded all along a row of portfolios, and from where on."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

import numpy as np
import polars as pl

from portfolio.optimize import Portfolio
from portfolio.optimize.vectors import Bools

# Losses are proven in floats.
_NOTHING = 1e-9


def certain(portfolio: Portfolio) -> Bools:
    """Return (n,) whether every best portfolio of the problem decides on a proposal as this one does.

    So it is where deciding otherwise is proven to lose something, see `Solution.margins`.
    """
    margins = np.nan_to_num(portfolio.solution.margins)
    return np.asarray(margins > _NOTHING * max(1.0, abs(portfolio.value)))


def column_of(at: Sequence[Decimal | float | None]) -> pl.Series:
    """Return what portfolios are for as a column: of decimals if all of them are, otherwise of floats."""
    there = [value for value in at if value is not None]
    if there and all(isinstance(value, Decimal) for value in there):
        return pl.Series("at", at)
    return pl.Series("at", [None if value is None else float(value) for value in at], dtype=pl.Float64)


def nested(ids: Sequence[str], at: Sequence[Decimal | float], funded: Bools, sure: Bools) -> pl.DataFrame:
    """Say of each of n proposals at which of m portfolios it is funded.

    Parameters
    ----------
    at
        (m,) what the portfolios are for, rising.
    funded, sure
        (m, n) who is funded, and whether every best portfolio decides so.

    Returns
    -------
    DataFrame
        One row per proposal in the order of `ids`: id, funded_at (number of portfolios), share (of the
        portfolios), core (funded in all of them), first_at (the first that funds it), always_from (from there
        on all of them do), changes (how often the decision turns along the row; more than 1 means that it
        enters and leaves again), certain_at (in how many the decision is proven to be that of every best
        portfolio).
    """
    m, count = len(at), funded.sum(axis=0)
    # A row of nobody at either end lets every run have an end, and no portfolio at all be a row of none.
    nobody = np.zeros((1, funded.shape[1]), dtype=bool)
    trailing = np.argmin(np.vstack([funded[::-1], nobody]), axis=0)
    first, last = np.argmax(np.vstack([funded, ~nobody]), axis=0), m - trailing
    steps = column_of([*at, None])
    return pl.DataFrame(
        {
            "id": list(ids),
            "funded_at": count,
            "share": count / max(1, m),
            "core": (count == m) & (m > 0),
            "first_at": steps.gather(first),
            "always_from": steps.gather(last),
            "changes": (funded[1:] != funded[:-1]).sum(axis=0),
            "certain_at": sure.sum(axis=0),
        }
    )
