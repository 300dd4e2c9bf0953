"""The rows of the files that were left out, as ``set_aside.csv`` of a decision keeps them."""

from __future__ import annotations

import polars as pl

from portfolio.call.csvfile import read_csv
from portfolio.errors import DataError
from portfolio.report.columns import SET_ASIDE
from portfolio.report.decisions import edited
from portfolio.report.stored import StoredDecision

_FILE = "set_aside.csv"


def stored_set_aside(decision: StoredDecision) -> pl.DataFrame:
    """Return the reasons for which rows were set aside, one line each.

    Raises
    ------
    DataError
        If their file is missing or was changed.
    """
    try:
        table = read_csv(decision.folder / _FILE, list(SET_ASIDE)).cast({"row": pl.Int64})
    except (OSError, pl.exceptions.PolarsError):
        raise DataError([edited("is not the table that was written with the decision", _FILE)]) from None
    number = table.select("file", "row").n_unique() if table.height else 0
    if number != decision.record.get("n_set_aside", number):
        raise DataError([edited("has not the rows that portfolio.json counts", _FILE)])
    return table
