"""The requests as a whole: whether they look like single units, and others in their place."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import polars as pl

from portfolio.call.columns import year_columns
from portfolio.call.money import exponent

_SMALL = 1_000
"""Units of the currency below which few calls have the middle of what is asked of them."""


def small_middle(requests: npt.NDArray[np.int64], currency: str) -> int | None:
    """Return the middle request if it is below 1,000 units of the currency, as it is where amounts are in thousands.

    Parameters
    ----------
    requests
        (n,) requests in minor units; those of 0 ask for nothing and do not count.
    currency
        Of the money.

    Returns
    -------
    int or None
        In minor units, the lower one of two in the middle.
    """
    asked = np.sort(requests[requests > 0])
    middle = int(asked[(len(asked) - 1) // 2]) if len(asked) else None
    return middle if middle is not None and middle < _SMALL * 10 ** exponent(currency) else None


def with_requests(frame: pl.DataFrame, amounts: Mapping[str, int]) -> pl.DataFrame:
    """Return proposals with other requests.

    The years of a request keep their shares of it, to the minor unit: the first k years get the whole part of theirs
    together, so that all of them add up to the request. The least that makes sense is never more than the request.

    Parameters
    ----------
    frame
        Proposals, money in minor units.
    amounts
        Request in minor units per id.
    """
    years = year_columns(frame.columns)
    place = {name: row for row, name in enumerate(frame["id"].to_list())}
    columns = {name: frame[name].to_list() for name in ("amount", *years)}
    for name, amount in amounts.items():
        row = place[name]
        asked, before, given = columns["amount"][row], 0, 0
        for year in years:
            before += columns[year][row] or 0
            part = before * amount // asked if asked else 0
            columns[year][row], given = part - given, part
        columns["amount"][row] = amount
    made = frame.with_columns(pl.Series(name, cells, dtype=pl.Int64) for name, cells in columns.items())
    if "min_amount" not in frame.columns:
        return made
    # Null stays null: such a proposal is funded whole.
    least = pl.when(pl.col("min_amount").is_not_null()).then(pl.min_horizontal("min_amount", "amount"))
    return made.with_columns(least.alias("min_amount"))
