"""A decision at a glance: the money, the proof, what each reserve got, and what was left out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from portfolio.optimize.words import gap_in_words, rules_in_words
from portfolio.shown import Outline

if TYPE_CHECKING:
    from portfolio.optimize.portfolio import Portfolio

# More than these are a table, which `Portfolio.limits` is.
_MOST_LIMITS = 5


def overview(portfolio: Portfolio) -> Outline:
    """Return what a person wants to know first of a decision."""
    currency, n = portfolio.problem.call.currency, len(portfolio.problem.instance.ids)
    heads = {
        "proof": [gap_in_words(portfolio)],
        "reserves": list(_reserves(portfolio)),
        "rounds": [
            f"{part.name}: {currency} {part.spent:,} of {part.pot:,}, {len(part.awards):,} awards"
            for part in portfolio.rounds
        ],
        "limits reached": list(_limits(portfolio)),
        "rules": rules_in_words(portfolio),
        "left out": list(_left_out(portfolio)),
    }
    # These are said only where there is something to say.
    optional = {"rounds", "rules", "left out"}
    return Outline(
        f"Portfolio: {len(portfolio.ids):,} of {n:,} proposals, "
        f"{currency} {portfolio.spent:,} of {portfolio.budget:,}",
        {head: items for head, items in heads.items() if items or head not in optional},
    )


def _reserves(portfolio: Portfolio) -> Iterator[str]:
    currency = portfolio.problem.call.currency
    short = "left over" if portfolio.rounds else "missing"
    for report in portfolio.reserves:
        end = "met" if report.met else f"{report.required - report.delivered:,} {short}"
        yield f"{report.trait}: {currency} {report.delivered:,} of {report.required:,}: {end}"


def _limits(portfolio: Portfolio) -> Iterator[str]:
    reached = [report for report in portfolio.limits if report.binding]
    yield from (f"{report.name}: {report.bound}" for report in reached[:_MOST_LIMITS])
    if len(reached) > _MOST_LIMITS:
        yield f"and {len(reached) - _MOST_LIMITS:,} more"


def _left_out(portfolio: Portfolio) -> Iterator[str]:
    ineligible = sum(bool(reason) for reason in portfolio.problem.instance.ineligible)
    if ineligible:
        yield f"{ineligible:,} proposal{' is' if ineligible == 1 else 's are'} ineligible"
    aside = portfolio.problem.call.set_aside.select("file", "row").n_unique()
    if aside:
        yield f"{aside:,} row{' of the files was' if aside == 1 else 's of the files were'} set aside"
