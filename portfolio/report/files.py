"""The files of a decision, each written whole or not at all."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import polars as pl

from portfolio.call.csvfile import write_csv
from portfolio.call.files import atomic_write, together
from portfolio.optimize import Portfolio, ReservePrice
from portfolio.report.decisions import decisions_of
from portfolio.report.layout import as_json
from portfolio.report.record import as_record


def write_decision(
    portfolio: Portfolio, directory: str | Path, prices: Sequence[ReservePrice] = ()
) -> tuple[Path, ...]:
    """Write ``awards.csv``, ``decisions.csv``, ``set_aside.csv`` and ``portfolio.json`` into a folder.

    The same decision gives the same bytes. Existing files of these names are replaced, each at once,
    when all are complete, the record last.

    Raises
    ------
    OSError
        If the folder cannot be written to.
    """
    folder = Path(directory)
    folder.mkdir(parents=True, exist_ok=True)
    decisions = decisions_of(portfolio, prices)
    awards = awards_table(decisions)
    record = as_json(as_record(portfolio, prices))
    tables = {
        "awards.csv": awards,
        "decisions.csv": decisions,
        "set_aside.csv": portfolio.problem.call.set_aside,
    }
    with together():
        for name, table in tables.items():
            with atomic_write(folder / name) as temporary:
                write_csv(table, temporary)
        with atomic_write(folder / "portfolio.json") as temporary:
            temporary.write_bytes(record.encode())
    return tuple(folder / name for name in (*tables, "portfolio.json"))


def awards_table(decisions: pl.DataFrame) -> pl.DataFrame:
    """Return what ``awards.csv`` holds of the table of all decisions."""
    return decisions.filter(pl.col("decision") == "funded").select("id", "amount_awarded", "merit")
