"""Stable funding: whole, and certain in every year before anything else competes for that year's money."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from portfolio.optimize.instance import Instance
from portfolio.optimize.matrix import Block
from portfolio.optimize.rows.budgets import shares_of_year, year_name
from portfolio.optimize.rows.layout import Layout, give_way, money_softness
from portfolio.policy import Policy, Stable
from portfolio.policy.rules import exact


def firm_money(instance: Instance, stable: Stable, year: int) -> Fraction:
    """Return the money of a year that is certain, in minor units."""
    return max(Fraction(0), exact(stable.firm) * instance.budgets[year] - instance.committed[year])


def stable_rows(layout: Layout, policy: Policy) -> Iterator[Block]:
    """Yield, for each year, that stable funding fits into the money that is certain, with nothing carried on."""
    stable, instance = policy.stable, layout.instance
    if stable is None:
        return
    members, share = layout.among(instance.stable), f"{100 * stable.firm:g}%"
    for year in range(len(instance.budgets)):
        left, name = firm_money(instance, stable, year), year_name(instance, year)
        words = f"stable funding fits into {share} of the budget of year {year + 1}, less what is promised"
        weight = shares_of_year(instance, year)[layout.proposals][members]
        block = layout.one_row(("stable",), words, members, weight, high=layout.money(left), name=name)
        yield give_way(layout, block, money_softness(layout, stable, left)) if stable.soft else block
