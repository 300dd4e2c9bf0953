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
        One row per proposal in the order of `ids`: id, funded_at (number of portfolios), share (of the portfolios), core
        (funded in all of them), first_at (the first that funds it), always_from (from there on all of them do), changes
        (how often the decision turns along the row; more than 1 means that it enters and leaves again), certain_at (in
        how many the decision is proven to be that of every best portfolio).
    """
    m = len(at)
    count = funded.sum(axis=0)
    # Portfolios without a break before the end.
    trailing = np.where(funded.all(axis=0), m, np.argmin(funded[::-1], axis=0))
    first, last = np.argmax(funded, axis=0), m - trailing
    steps = pl.Series("at", [*at, None], strict=False)
    return pl.DataFrame(
        {
            "id": list(ids),
            "funded_at": count,
            "share": count / m,
            "core": count == m,
            "first_at": steps.gather(np.where(count > 0, first, m)),
            "always_from": steps.gather(np.where(trailing > 0, last, m)),
            "changes": (funded[1:] != funded[:-1]).sum(axis=0),
            "certain_at": sure.sum(axis=0),
        }
    )
