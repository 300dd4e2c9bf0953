"""The decision on one page: money, awards, reserves, limits that are reached, and what was proven."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

import polars as pl

from portfolio.optimize import Price
from portfolio.optimize.words import chosen_in_words, gap_in_words, price_in_words, rules_in_words
from portfolio.report.html.amounts import Amounts, percent
from portfolio.report.html.anonymous import HIDDEN
from portfolio.report.html.withheld import whole_demand
from portfolio.report.stored import StoredDecision

_MOST_LIMITS = 40


@dataclass(frozen=True)
class Overview:
    """What a council needs to see.

    Attributes
    ----------
    facts
        Pairs: what, how much.
    cut_short
        Whether the search ended before the gap asked for was proven.
    pool
        Whether money is kept for an exploratory pool.
    reserves, rounds, limits
        Rows of tables.
    more_limits
        Limits that are reached and not among the rows.
    """

    facts: tuple[tuple[str, str], ...]
    chosen: str
    proof: str
    cut_short: bool
    reserves: tuple[Mapping[str, str], ...]
    pool: bool
    order: str
    rounds: tuple[tuple[str, str, str, str], ...]
    rules: tuple[str, ...]
    limits: tuple[tuple[str, str, str, str], ...]
    more_limits: int


def overview_of(
    decision: StoredDecision, decisions: pl.DataFrame, amounts: Amounts, *, anonymous: bool
) -> Overview:
    """Return what stands on the first page.

    Parameters
    ----------
    anonymous
        Whether demand is that of eligible proposals alone, as in every table of groups, and left out where it would
        tell what one or two ask for.
    """
    record, policy = decision.record, decision.policy
    gave_way = {(given.rule, name) for given in decision.gave_way for name in given.names}
    binding = [entry for entry in record["limits"] if entry["binding"]]
    order = f"{policy.reserve_order} / {policy.reserve_accounting}" if policy.reserve else ""
    return Overview(
        facts=tuple(_facts(decision, decisions, amounts, anonymous=anonymous)),
        chosen=chosen_in_words(decision),
        proof=gap_in_words(decision),
        cut_short=decision.status.cut_short,
        reserves=tuple(
            _reserve(entry, amounts, rounds=bool(decision.rounds), anonymous=anonymous)
            for entry in record["reserves"]
        ),
        pool=policy.exploratory is not None,
        order=order.replace("_", " "),
        rounds=tuple(
            (part.name, amounts(part.pot), amounts(part.spent), f"{len(part.awards):,}")
            for part in decision.rounds
        ),
        rules=tuple(rules_in_words(_published(decision) if anonymous else decision)),
        limits=tuple(
            (
                entry["limit"],
                entry["name"],
                entry["bound"],
                f"{entry['delivered']:,}"
                + ("; the limit gave way" if (entry["limit"], entry["name"]) in gave_way else ""),
            )
            for entry in binding[:_MOST_LIMITS]
        ),
        more_limits=max(0, len(binding) - _MOST_LIMITS),
    )


def _published(decision: StoredDecision) -> StoredDecision:
    """Return a decision without figures that are about what proposals ask for.

    The best of a goal is that of another portfolio, and may be a sum of what its proposals ask for. What the
    exploratory pool has left may be too little for the only one in it that was not funded.
    """
    pool = decision.record.get("exploratory")
    hidden: dict[str, Any] = {
        "goals": [],
        "exploratory": None if pool is None else dict(pool) | {"spent": None},
    }
    return replace(decision, record=dict(decision.record) | hidden)


def _facts(
    decision: StoredDecision, decisions: pl.DataFrame, amounts: Amounts, *, anonymous: bool
) -> Iterator[tuple[str, str]]:
    record, promised = decision.record, sum(decision.policy.commitments)
    budget, spent = Decimal(str(record["budget"])), Decimal(str(record["spent"]))
    number, awards = decisions.height, record["n_awards"]
    currency = amounts.currency
    available = "what is available" if promised else "the budget"
    yield "Budget", f"{currency} {amounts(budget + promised)}"
    if promised:
        yield "Promised already", f"{currency} {amounts(promised)}"
        yield "Available", f"{currency} {amounts(budget)}"
    yield "Awarded", f"{currency} {amounts(spent)} ({percent(spent, budget)} of {available})"
    left = budget - spent
    beyond = "Promised" if decision.policy.overcommit else "Spent"
    yield ("Not spent" if left >= 0 else f"{beyond} beyond {available}"), f"{currency} {amounts(abs(left))}"
    yield "Awards", f"{awards:,} of {number:,} proposals ({percent(awards, number)})"
    asking = decisions.filter(pl.col("decision") != "ineligible") if anonymous else decisions
    if not (anonymous and whole_demand(decisions).tell):
        asked = sum(asking["amount_requested"], Decimal(0))
        by = "Asked for by the eligible" if anonymous else "Asked for"
        yield by, f"{currency} {amounts(asked)}, of which {percent(spent, asked)} is awarded"
    out = decisions.filter(decision="ineligible").height
    yield "Not judged", f"{out:,} ineligible, {record.get('n_set_aside', 0):,} rows of the files set aside"


def _reserve(
    entry: Mapping[str, Any], amounts: Amounts, *, rounds: bool, anonymous: bool
) -> Mapping[str, str]:
    price = Price(found=entry["price"], low=entry["price_low"], high=entry["price_high"])
    none = HIDDEN if entry.get("withheld") else "not priced"
    required, delivered = Decimal(str(entry["required"])), Decimal(str(entry["delivered"]))
    return {
        "trait": entry["trait"],
        "required": amounts(required),
        "delivered": amounts(delivered),
        "eligible": HIDDEN if anonymous else amounts(entry["eligible"]),
        "price": none if price.found is None and price.low is None else price_in_words(price),
        # What a round of its own has left is not missing.
        "met": amounts(required - delivered)
        if rounds
        else "yes"
        if delivered >= required
        else f"no: {amounts(required - delivered)} short",
    }
