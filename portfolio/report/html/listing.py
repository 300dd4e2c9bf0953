"""Every proposal with its reason; a reason that many share is said once, above them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from portfolio.report.html.amounts import Amounts

# Fewer proposals are not worth a heading, and might betray one of them where they are only counted.
_LEAST = 5
_DECISIONS = {"funded": "Funded", "not_funded": "Not funded", "ineligible": "Ineligible"}
_DESCRIPTION = ("title", "investigator", "institution")


@dataclass(frozen=True)
class Group:
    """Proposals that share the beginning of their reason, as much of it as many do.

    Attributes
    ----------
    reason
        What all of them share; empty for those that share none.
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
    awarding: bool
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
            found.append(Listing(heading, word == "funded", part.height, groups))
    return tuple(found)


def _groups(part: pl.DataFrame, amounts: Amounts, *, listed: bool) -> Iterator[Group]:
    reasons = [reason.split("; ") for reason in part["reason"]]
    often = Counter("; ".join(pieces[:end]) for pieces in reasons for end in range(1, len(pieces) + 1))
    least = max(_LEAST, part.height // 100)
    rows: dict[str, list[tuple[str, ...]]] = {}
    for row, pieces in zip(part.iter_rows(named=True), reasons, strict=True):
        ends = (end for end in range(len(pieces), 0, -1) if often["; ".join(pieces[:end])] >= least)
        end = next(ends, 0)
        rows.setdefault("; ".join(pieces[:end]), []).append(_row(row, "; ".join(pieces[end:]), amounts))
    for lead in sorted(rows, key=lambda lead: (not lead, -len(rows[lead]), lead)):
        yield Group(lead, len(rows[lead]), tuple(rows[lead]) if listed else ())


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
