"""A decision for publication: nothing names a proposal that was not funded."""

from __future__ import annotations

import re
from collections.abc import Mapping, Set
from dataclasses import replace
from typing import Any

import polars as pl

from portfolio.report.stored import StoredDecision

HIDDEN = "(not published)"
_QUOTED = re.compile(r"'([^']*)'")
_NAMING = ("id", "title", "investigator")


def without_names(
    decision: StoredDecision, decisions: pl.DataFrame
) -> tuple[StoredDecision, pl.DataFrame, frozenset[str]]:
    """Return a decision in which the proposals that were not funded go by numbers, and the names that it hides.

    They are numbered in the order of their merit, so that a number tells nothing that is not shown beside it: no place
    among ids, and no row of a file. Their names are ids, titles and investigators, unless a funded proposal has the
    same. Notes that mention one are left out.
    """
    order = ["merit", "amount_requested", "id"]
    lost = decisions.filter(pl.col("decision") != "funded").sort(order, descending=True, nulls_last=True)
    won = decisions.filter(decision="funded")
    naming = [name for name in _NAMING if name in decisions.columns]
    names = {cell for name in naming for cell in lost[name].drop_nulls()}
    names -= {cell for name in naming for cell in won[name].drop_nulls()}
    numbers = {cell: f"not funded {place}" for place, cell in enumerate(lost["id"], start=1)}
    shown = decisions.with_columns(
        pl.col("id").replace(numbers),
        *(pl.when(decision="funded").then(pl.col(name)).alias(name) for name in naming if name != "id"),
    )
    record = {key: hide(value, names) for key, value in decision.record.items() if key != "policy"}
    record["policy"] = decision.record["policy"]
    record["notes"] = [note for note in record.get("notes", ()) if not any(name in note for name in names)]
    return replace(decision, record=record), shown, frozenset(names)


def hide(value: Any, names: Set[str]) -> Any:
    """Return plain data in which texts that are a name, or quote one as a condition does, are not shown."""
    match value:
        case Mapping():
            return {key: hide(item, names) for key, item in value.items()}
        case list() | tuple():
            return [hide(item, names) for item in value]
        case str() if names and (value in names or not names.isdisjoint(_QUOTED.findall(value))):
            return HIDDEN
        case _:
            return value
