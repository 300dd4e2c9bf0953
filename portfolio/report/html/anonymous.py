"""A decision for publication: nothing names a proposal that was not funded."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Set
from dataclasses import replace
from typing import Any

import polars as pl

from portfolio.optimize.fits import conditions
from portfolio.optimize.rows.coverage import coverage_key
from portfolio.optimize.rows.limits import group_name, limit_key
from portfolio.policy import Policy
from portfolio.policy.conditions import columns_in
from portfolio.report.html.withheld import LEAST
from portfolio.report.stored import StoredDecision

HIDDEN = "(not published)"
_QUOTED = re.compile(r"'((?:[^']|'')*)'")
_MORE = re.compile(r" and [\d,]+ more$")
_BLANKED = ("id", "title", "investigator")
_NAMING = (*_BLANKED, "institution")
# Whatever is asked of these, few proposals answer it; an institution may be that of many.
_TELLING = frozenset({*_BLANKED, "abstract"})
# These hold kinds of research, of people or of places, which many share; any other column may hold names.
_KINDS = frozenset(
    {"field", "fields", "scheme", "research_type", "driver", "bottlenecks", "expected_outputs"}
    | {"paradigm", "quadrant", "region", "gender", "early_career"}
)


def without_names(
    decision: StoredDecision, decisions: pl.DataFrame
) -> tuple[StoredDecision, pl.DataFrame, frozenset[str]]:
    """Return a decision in which the proposals that were not funded go by numbers, and the names that it hides.

    Only those that are ranked by merit have a number, in the order of their merit, so that it tells nothing that is
    not shown beside it: no place among ids, no row of a file, and no merit of somebody who has no place in the ranking.
    Rows and equal merits are in the order of a fingerprint of all that is known of a proposal, so that no order gives
    away an id, nor ties what stands in one table or chart to a number in another. Their names are ids, titles,
    investigators and institutions, unless a funded proposal has the same; and the conditions that look at what names a
    proposal, for there are too many ways to write a name in one. Notes that mention one are left out. For groups of
    rules see `_without_groups`.
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
    grouped = _without_groups(decision.record, decision.policy, decisions)
    record = {key: hide(value, names) for key, value in grouped.items() if key != "policy"}
    record["policy"] = decision.record["policy"]
    record["notes"] = [note for note in record.get("notes", ()) if not any(name in note for name in names)]
    return replace(decision, record=record), shown, frozenset(names)


def _without_groups(record: Mapping[str, Any], policy: Policy, decisions: pl.DataFrame) -> dict[str, Any]:
    """Return a record in which rules name a group of a column only where that names nobody who was not funded.

    Such a group holds an award, as the record says; or its column is one of `_KINDS` that the policy does not make
    itself, and the table of decisions does not show it to be one of few proposals. What has no name stands last: its
    place would say between which names its own is. Links give way only for groups that have awards.
    """
    columns = {limit_key(index): limit.per for index, limit in enumerate(policy.limit)}
    columns |= {coverage_key(index): rule.per for index, rule in enumerate(policy.coverage)}
    made = {name.strip().casefold() for name in (*policy.derive, *policy.traits)}
    few = {name: _few(decisions, name) for name in _KINDS - made}
    held = {(row["limit"], row["name"]) for row in record["limits"] if row["delivered"]}
    held |= {(row["coverage"], row["tag"]) for row in record.get("chances", ()) if row["chance"]}

    def named(rule: str, name: str) -> str:
        column = columns.get(rule)
        kind = column in few and name not in few[column]
        return name if column is None or kind or (rule, name) in held else HIDDEN

    def rows(key: str, rule: str, group: str) -> list[dict[str, Any]]:
        found = [row | {group: named(row[rule], row[group])} for row in record.get(key, ())]
        order = {name: place for place, name in enumerate(dict.fromkeys(row[rule] for row in found))}
        return sorted(found, key=lambda row: (order[row[rule]], row[group] == HIDDEN))

    gave_way = [
        row | {"names": sorted((named(row["rule"], name) for name in row["names"]), key=HIDDEN.__eq__)}
        for row in record.get("gave_way", ())
    ]
    limits, chances = rows("limits", "limit", "name"), rows("chances", "coverage", "tag")
    return dict(record) | {"limits": limits, "chances": chances, "gave_way": gave_way}


def _few(decisions: pl.DataFrame, column: str) -> Set[str]:
    """Return the groups of a column that hold no award, and fewer than three proposals."""
    if column not in decisions.columns:
        return frozenset()
    groups = decisions.group_by(pl.col(column).cast(pl.String).alias("group")).agg(
        (pl.col("decision") == "funded").any().alias("won"), pl.len().alias("n")
    )
    return set(groups.filter(~pl.col("won"), pl.col("n") < LEAST)["group"].drop_nulls())


def _about(policy: Policy, columns: Set[str]) -> list[str]:
    """Return the conditions and expressions of a policy that look at some columns, and the groups named after them.

    The longest come first, so that what is a part of another does not cut it.
    """
    # Rules that read a file may name a column by its heading, or by what was derived from it.
    known = {heading.strip().casefold() for name, heading in policy.columns.items() if name in columns}
    known |= columns
    told: dict[str, str] = {}
    # A column may be derived from one that is derived again behind it: until nothing is added.
    while more := {
        name: sql
        for name, sql in policy.derive.items()
        if name not in told and (name.casefold() in known or _reads(sql, known))
    }:
        known |= {name.casefold() for name in more}
        told |= more
    found = set(told.values())
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
