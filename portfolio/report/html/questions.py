"""What a panel or an applicant may ask about: scores that contradict themselves, and rows that were set aside."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from portfolio.report.stored import StoredDecision
from portfolio.report.stored_tables import stored_set_aside

_SHOWN = 500
_FILE = "set_aside.csv"


@dataclass(frozen=True)
class Rows:
    """Rows of a table under their headings; there are `number`, of which the first stand here."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    number: int


def conflicts_of(decisions: pl.DataFrame, *, anonymous: bool) -> Rows:
    """Return how often which rows of the table of basic and applied research contradict each other, and for whom.

    For publication only the funded are listed: a number would say the merit of the others.
    """
    listed = pl.col("id").filter(decision="funded") if anonymous else pl.col("id")
    head = ("contradiction", "proposals", "of them funded", "which of these" if anonymous else "which")
    if "conflicts" not in decisions.columns:
        return Rows(head, (), 0)
    told = (
        decisions.drop_nulls("conflicts")
        .with_columns(pl.col("conflicts").str.split("; "))
        .explode("conflicts")
    )
    found = (
        told.group_by("conflicts")
        .agg(pl.len().alias("n"), (pl.col("decision") == "funded").sum().alias("won"), listed)
        .sort(["n", "conflicts"], descending=[True, False])
    )
    rows = tuple(
        (words, f"{number:,}", f"{won:,}", _listed(ids)) for words, number, won, ids in found.iter_rows()
    )
    return Rows(head, rows, decisions["conflicts"].count())


def set_aside_of(decision: StoredDecision, *, anonymous: bool) -> Rows:
    """Return the rows of the files that were left out, or only how many for which column.

    Raises
    ------
    DataError
        If the table of these rows is missing or was changed.
    """
    table = stored_set_aside(decision).cast(pl.String).fill_null("")
    number = table.select("file", "row").n_unique() if table.height else 0
    if anonymous:
        counts = table.group_by("file", "column").agg(pl.len()).sort("file", "column")
        rows = tuple((file, column, f"{n:,}") for file, column, n in counts.iter_rows())
        return Rows(("file", "column", "reasons"), rows, number)
    return Rows(tuple(table.columns), tuple(table.head(_SHOWN).iter_rows()), number)


def _listed(ids: list[str], most: int = 12) -> str:
    return ", ".join(ids[:most]) + (f" and {len(ids) - most:,} more" if len(ids) > most else "")
