"""Every proposal with its reason; a reason that many share is said once, above them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from portfolio.report.html.amounts import Amounts

# As few proposals as that are not worth a heading, and as many of them do not betray one of them.
_LEAST = 5
_DECISIONS = {"funded": "Funded", "not_funded": "Not funded", "ineligible": "Ineligible"}
_DESCRIPTION = ("title", "investigator", "institution")


@dataclass(frozen=True)
class Group:
    """Proposals that share the first part of their reason.

    Attributes
    ----------
    reason
        The part that all of them share; empty for those that share none.
    number
        How many there are; `rows` is empty where they are only counted.
    rows
        Proposal, description, requested, awarded, merit, the rest of the reason.
    """

    reason: str
    number: int
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Listing:
    """All proposals of one decision: funded, not funded or ineligible."""

    heading: str
    number: int
    groups: tuple[Group, ...]


def listings_of(decisions: pl.DataFrame, amounts: Amounts, *, anonymous: bool) -> tuple[Listing, ...]:
    """Return every proposal, in the order of ids within what is decided and why.

    Parameters
    ----------
    decisions
        The table of the decision.
    anonymous
        Whether those that are not funded are only counted.
    """
    found = []
    for word, heading in _DECISIONS.items():
        part = decisions.filter(decision=word)
        if part.height:
            groups = tuple(_groups(part, amounts, listed=word == "funded" or not anonymous))
            found.append(Listing(heading, part.height, groups))
    return tuple(found)


def _groups(part: pl.DataFrame, amounts: Amounts, *, listed: bool) -> Iterator[Group]:
    split = [reason.partition("; ") for reason in part["reason"]]
    often = Counter(lead for lead, _, _ in split)
    shared = [lead for lead, number in often.most_common() if number >= _LEAST]
    rows: dict[str, list[tuple[str, ...]]] = {lead: [] for lead in [*shared, ""]}
    for row, (lead, _, rest) in zip(part.iter_rows(named=True), split, strict=True):
        alone = lead not in rows
        rows["" if alone else lead].append(_row(row, row["reason"] if alone else rest, amounts))
    for lead, members in rows.items():
        if members:
            yield Group(lead, len(members), tuple(members) if listed else ())


def _row(row: Mapping[str, Any], reason: str, amounts: Amounts) -> tuple[str, ...]:
    merit = row["merit"]
    return (
        row["id"],
        row.get("title") or "",
        ", ".join(row[name] for name in _DESCRIPTION[1:] if row.get(name)),
        amounts(row["amount_requested"]),
        amounts(row["amount_awarded"]) if row["decision"] == "funded" else "",
        "" if merit is None else f"{merit:.2f}",
        reason,
    )
