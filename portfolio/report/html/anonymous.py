"""A decision for publication: nothing names a proposal that was not funded."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Set
from dataclasses import replace
from typing import Any

import polars as pl

from portfolio.optimize.fits import conditions
from portfolio.optimize.rows.limits import group_name
from portfolio.policy import Policy
from portfolio.policy.conditions import columns_in
from portfolio.report.stored import StoredDecision

HIDDEN = "(not published)"
_QUOTED = re.compile(r"'((?:[^']|'')*)'")
_MORE = re.compile(r" and [\d,]+ more$")
_BLANKED = ("id", "title", "investigator")
_NAMING = (*_BLANKED, "institution")
# Whatever is asked of these, few proposals answer it; an institution may be that of many.
_TELLING = frozenset({*_BLANKED, "abstract"})


def without_names(
    decision: StoredDecision, decisions: pl.DataFrame
) -> tuple[StoredDecision, pl.DataFrame, frozenset[str]]:
    """Return a decision in which the proposals that were not funded go by numbers, and the names that it hides.

    Only those that are ranked by merit have a number, in the order of their merit, so that it tells nothing that is
    not shown beside it: no place among ids, no row of a file, and no merit of somebody who has no place in the ranking.
    Rows and equal merits are in the order of a fingerprint of all that is known of a proposal, so that no order gives
    away an id, nor ties what stands in one table or chart to a number in another. Their names are ids, titles,
    investigators and institutions, unless a funded proposal has the same; and the conditions that look at what names a
    proposal, for there are too many ways to write a name in one. Notes that mention one are left out.
    """
    lost = decisions.filter(pl.col("decision") != "funded")
    prints = [hashlib.sha256(repr(row).encode()).hexdigest() for row in lost.iter_rows()]
    lost = lost.sort(pl.Series(prints, dtype=pl.String))
    won = decisions.filter(decision="funded")
    naming = [name for name in _NAMING if name in decisions.columns]
    cells = {name: set(lost[name].drop_nulls()) - set(won[name].drop_nulls()) for name in naming}
    telling = _TELLING | {name for name in naming if cells[name]} if lost.height else frozenset()
    asked = _about(decision.policy, telling)
    names = set(asked).union(*cells.values())
    ranked = lost.filter(decision="not_funded").drop_nulls("merit")
    ranked = ranked.sort("merit", descending=True, maintain_order=True)
    numbers = {cell: f"not funded {place}" for place, cell in enumerate(ranked["id"], start=1)}
    reason = pl.col("reason")
    for condition in asked:
        reason = reason.str.replace_all(condition, HIDDEN, literal=True)
    shown = pl.concat([won.sort("id"), lost]).with_columns(
        pl.col("id").replace(dict.fromkeys(lost["id"], HIDDEN) | numbers),
        *(
            pl.when(decision="funded").then(pl.col(name)).alias(name)
            for name in naming
            if name in _BLANKED[1:]
        ),
        reason,
    )
    record = {key: hide(value, names) for key, value in decision.record.items() if key != "policy"}
    record["policy"] = decision.record["policy"]
    record["notes"] = [note for note in record.get("notes", ()) if not any(name in note for name in names)]
    return replace(decision, record=record), shown, frozenset(names)


def _about(policy: Policy, columns: Set[str]) -> list[str]:
    """Return the conditions and expressions of a policy that look at some columns, and the groups named after them.

    The longest come first, so that what is a part of another does not cut it.
    """
    # Rules that read a file may name a column by its heading, or by what was derived from it.
    known = {heading.strip().casefold() for name, heading in policy.columns.items() if name in columns}
    known |= columns
    found = set()
    for name, sql in policy.derive.items():
        if name.casefold() in known or _reads(sql, known):
            known.add(name.casefold())
            found.add(sql)
    asked = [sql for _, sql in conditions(policy)] + ([policy.only] if policy.only else [])
    found |= {sql for sql in asked if _reads(sql, known)}
    found |= {group_name(limit) for limit in policy.limit if limit.where in found}
    return sorted(found, key=lambda text: (-len(text), text))


def _reads(sql: str, columns: Set[str]) -> bool:
    return any(name.strip().casefold() in columns for name in columns_in(sql))


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
