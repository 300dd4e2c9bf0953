"""Rules that awards break, and how far those that may give way do."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from portfolio.optimize.rows.coverage import coverage_key
from portfolio.optimize.rows.limits import limit_key
from portfolio.optimize.rows.links import link_key
from portfolio.policy import Policy
from portfolio.policy.rules import Softenable


@dataclass(frozen=True)
class Broken:
    """A rule that the awards break.

    Attributes
    ----------
    size, whole
        How far it is missed and what that is looked at as a share of: in units of the currency or of the column that is
        limited, or in awards.
    """

    rule: str
    name: str
    what: str
    size: Fraction = Fraction(1)
    whole: float = 1.0


@dataclass(frozen=True)
class Given:
    """How far rules may give way.

    Attributes
    ----------
    shortfall
        Money in minor units that reserves with ``release`` or ``hold`` may miss together.
    levels
        Per priority, the shares of themselves by which rules may be missed, added up.
    """

    shortfall: Fraction = Fraction(0)
    levels: Mapping[int, float] = field(default_factory=dict)


def soft_rules(policy: Policy) -> dict[str, Softenable]:
    """Return the rules that may give way, by their keys."""
    found: dict[str, Softenable] = {reserve.key: reserve for reserve in policy.reserve}
    found |= {limit_key(index): limit for index, limit in enumerate(policy.limit)}
    found |= {coverage_key(index): coverage for index, coverage in enumerate(policy.coverage)}
    found |= {link_key(index): link for index, link in enumerate(policy.link)}
    tables = {"budget": policy.overspend, "stable": policy.stable, "exploratory": policy.exploratory}
    found |= {key: rule for key, rule in tables.items() if rule is not None}
    return {key: rule for key, rule in found.items() if rule.soft}


def all_rules(policy: Policy) -> str:
    """Return what to call the rules that awards keep: those that may give way may have done so."""
    gives = soft_rules(policy) or any(reserve.shortfall != "fail" for reserve in policy.reserve)
    return "firm rule" if gives else "rule"


def levels_missed(rules: Mapping[str, Softenable], soft: Iterable[Broken]) -> dict[int, float]:
    """Return, per priority, the shares of themselves by which rules are missed, added up."""
    missed: dict[int, float] = {}
    for broken in soft:
        priority = rules[broken.rule].priority
        if priority is not None:
            missed[priority] = missed.get(priority, 0.0) + float(broken.size) / broken.whole
    return missed
