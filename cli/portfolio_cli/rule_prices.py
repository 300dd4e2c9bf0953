"""What every rule of a policy costs, as a table."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console

from portfolio.optimize import RulePrice
from portfolio.report import price_in_words
from portfolio_cli.terminal import add_row, table

_NAMED = 6


def show_rule_prices(prices: Sequence[RulePrice], console: Console) -> None:
    """Show the value that is lost to each rule, in all and at the margin, and who would be funded without it."""
    numbers = ("value lost", "of one unit more")
    shown = table("What each rule costs", "rule", *numbers, "funded without it", numbers=numbers)
    for price in prices:
        lost = "cannot be left out" if price.rule == "budget" else price_in_words(price)
        marginal = "" if price.marginal is None else f"{price.marginal:.3g}"
        add_row(shown, f"{price.rule}: {price.words}", lost, marginal, _funded(price))
    console.print(shown)


def _funded(price: RulePrice) -> str:
    return _names(price.entered) if price.finished or price.rule == "budget" else "not known"


def _names(ids: Sequence[str]) -> str:
    more = len(ids) - _NAMED
    return ", ".join(ids[:_NAMED]) + (f" and {more:,} more" if more > 0 else "")
