"""A decision for publication: nothing names a proposal that was not funded."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Set
from dataclasses import replace
from typing import Any

import polars as pl

from portfolio.report.stored import StoredDecision

HIDDEN = "(not published)"
_QUOTED = re.compile(r"'((?:[^']|'')*)'")
_MORE = re.compile(r" and [\d,]+ more$")
_NAMING = ("id", "title", "investigator")


def without_names(
    decision: StoredDecision, decisions: pl.DataFrame
) -> tuple[StoredDecision, pl.DataFrame, frozenset[str]]:
    """Return a decision in which the proposals that were not funded go by numbers, and the names that it hides.

    They are numbered in the order of their merit, so that a number tells nothing that is not shown beside it: no place
    among ids, and no row of a file. Equal merits are in the order of a fingerprint of all that is known of them, and
    the rows in that of the new ids, so that no order gives away the old. Their names are ids, titles and investigators,
    unless a funded proposal has the same. Notes that mention one are left out.
    """
    lost = decisions.filter(pl.col("decision") != "funded")
    prints = [hashlib.sha256(repr(row).encode()).hexdigest() for row in lost.iter_rows()]
    lost = lost.sort("merit", pl.Series(prints, dtype=pl.String), descending=True, nulls_last=True)
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
    return replace(decision, record=record), shown.sort("id"), frozenset(names)


def hide(value: Any, names: Set[str]) -> Any:
    """Return plain data in which texts that are a name, list it, or quote it as a condition does, are not shown."""
    match value:
        case Mapping():
            return {key: hide(item, names) for key, item in value.items()}
        case list() | tuple():
            return [hide(item, names) for item in value]
        case str() if names and (value in names or _lists(value, names) or _quotes(value, names)):
            return HIDDEN
        case _:
            return value


def _lists(text: str, names: Set[str]) -> bool:
    """Whether a text lists a name among others, as rules do that are about several proposals."""
    inside = not names.isdisjoint(_MORE.sub("", text).split(", "))
    return inside or any(name in text for name in names if ", " in name)


def _quotes(condition: str, names: Set[str]) -> bool:
    """Whether a condition quotes a name, in whatever case, or a pattern that stands for a part of one."""
    quoted = {text.replace("''", "'").casefold() for text in _QUOTED.findall(condition)}
    if not quoted:
        return False
    known = {name.casefold() for name in names}
    parts = {text.strip("%") for text in quoted if "%" in text} - {""}
    return not known.isdisjoint(quoted) or any(part in name for part in parts for name in known)
