"""Who comes next when awardees decline: what is promised stays, and what is freed is spent as the rules allow."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import TypeAlias

from portfolio.call.money import to_major
from portfolio.errors import each_nearest, names_in
from portfolio.optimize import GaveWay, Portfolio, Problem, Stop
from portfolio.optimize.audit import misses
from portfolio.optimize.awards import Awards
from portfolio.optimize.broken import soft_rules
from portfolio.optimize.goals import missed_by_reserves
from portfolio.policy import Policy, Reserve
from portfolio.policy.rules import Softenable
from portfolio.policy.source import Fault

# Rules that a decline breaks give way after all those that the funder lets give way.
_LAST = 99
_GIVING = ("reserve", "limit", "coverage", "link")
PLACES = 9
_LATER = (
    "if it was called up after it and declines as well, decide again with whoever stays in must_fund and all who "
    "declined in must_not_fund: see docs/waiting-list.md"
)
_LOCKS = {"must_fund", "must_not_fund"}

# By how much each row of a rule is missed.
Missed: TypeAlias = Mapping[tuple[str, str], Fraction]


@dataclass(frozen=True, eq=False)
class Replacement:
    """Who enters when some awardees decline.

    Attributes
    ----------
    declined, entered
        Ids, sorted.
    freed, spent
        Money of the awards that were declined, and of those that enter, in units of the currency.
    lost
        Value of the decision less that of the portfolio after the replacement.
    lost_at_least
        No replacement loses less; equal to `lost` if the solver finished. Where anything comes before the value, as the
        `goals` of the portfolio say, it holds for those that do as well in that: others may lose less.
    broken
        Rules that are firm in the decision and cannot hold while the promises are kept: each is missed by as little as
        can be, as a share of itself.
    portfolio
        The portfolio after the replacement; in its problem the promises are locked in. If somebody who entered declines
        as well, it is what was decided; rules that gave way before are firm in it no more, and stand in its `gave_way`.
    """

    declined: tuple[str, ...]
    entered: tuple[str, ...]
    freed: Decimal
    spent: Decimal
    lost: float
    lost_at_least: float
    broken: tuple[GaveWay, ...]
    portfolio: Portfolio

    @property
    def rules_hold(self) -> bool:
        """Whether every rule that was firm in the decision holds; one that gave way for a decline before was not."""
        return not self.broken

    @property
    def status(self) -> Stop:
        """How the solver stopped."""
        return self.portfolio.status


def replace_decliners(portfolio: Portfolio, declined: Collection[str]) -> Replacement:
    """Return who enters when some awardees decline, all at the same time.

    All other awards are promised: they stay, with their amounts. The money that is freed, and what was not spent
    before, goes to proposals without an award so that the value is as large as possible and every rule holds, goals
    that come before the value first, as in the decision itself. A decline can break a rule that no new award mends, a
    reserve for example; such a rule gives way as little as it must, and is reported.

    Parameters
    ----------
    portfolio
        What was decided.
    declined
        Ids of one or more awardees.

    Raises
    ------
    KeyError
        If some of them have no award. Of an id that the call does not have, the nearest is named.
    PolicyError
        If reserves are over and above: rounds cannot be held again with some of the awards.
    InfeasibleError
        If the promises alone clash with rules that no award mends, such as reserves that hold back more than there is.
    LimitError
        If time ran out before any replacement was found.

    Notes
    -----
    It is solved until nothing better is possible, within the policy's limit on time: the policy's gap is a share of
    the whole portfolio, and could hide all that one award is worth.
    """
    refuse_rounds(portfolio.problem.policy)
    gone = tuple(sorted(set(names_in(declined)), key=str))
    if wrong := [*_not_awarded(portfolio, gone)]:
        raise KeyError("; ".join(wrong))
    problem, broken = _problem(portfolio, gone)
    found = problem.solve()
    freed = sum((award_of(portfolio, name) for name in gone), Decimal(0))
    # Values are sums of floats; what is left of their difference behind the ninth place is rounding.
    lost = round(portfolio.value - found.value, PLACES)
    return Replacement(
        declined=gone,
        entered=tuple(sorted(set(found.ids) - set(portfolio.ids))),
        freed=freed,
        spent=found.spent - portfolio.spent + freed,
        lost=lost,
        lost_at_least=lost if found.status is Stop.OPTIMAL else portfolio.value - found.bound,
        broken=tuple(given for given in found.gave_way if given.rule in broken),
        portfolio=found,
    )


def refuse_rounds(policy: Policy) -> None:
    """Refuse reserves over and above."""
    if policy.reserve_order == "over_and_above":
        hint = (
            "an award frees money of its own round alone, and later rounds were chosen beside it; decide again with "
            'the decliner in must_not_fund, or with reserve_order = "minimum_guarantee"'
        )
        policy.refuse([Fault(("reserve_order",), "has no waiting list", hint, policy.reserve_order)])


def award_of(portfolio: Portfolio, name: str) -> Decimal:
    """Return the money awarded to a proposal, in units of the currency."""
    instance = portfolio.problem.instance
    return to_major(int(portfolio.solution.awards.amount[instance.position[name]]), instance.currency)


def missed_by(problem: Problem, awards: Awards) -> Missed:
    """Return by how much awards miss each row of the rules of a policy; money that reserves may miss is one row.

    A lock on an awardee who declines is no rule any more, so locks are left out.
    """
    instance, policy = problem.instance, problem.policy
    found = misses(instance, policy, awards)
    rows = {(miss.rule, miss.name): miss.size for miss in found if miss.rule not in _LOCKS}
    return rows | {("shortfall", ""): missed_by_reserves(instance, policy, awards)}


def without(portfolio: Portfolio, declined: Collection[str]) -> Awards:
    """Return the awards that are left if some are declined and nobody enters."""
    instance, awards = portfolio.problem.instance, portfolio.solution.awards
    stay = awards.funded.copy()
    stay[[instance.position[name] for name in declined]] = False
    return awards.among(stay)


def _problem(portfolio: Portfolio, gone: tuple[str, ...]) -> tuple[Problem, set[str]]:
    """Return the problem of a replacement, and the firm rules that may give way in it.

    Only rules that are broken if nobody enters may: the others can hold, and so they must.
    """
    problem = portfolio.problem
    missed = missed_by(problem, without(portfolio, gone))
    broken = {rule for rule, _ in missed} - {"shortfall", *soft_rules(problem.policy)}
    changes = _giving_way(problem.policy, broken) if broken else {}
    solver = problem.policy.solver.replace(gap=0.0)
    return problem.promised(portfolio.solution.awards, gone, solver=solver, **changes), broken


def _giving_way(policy: Policy, rules: Collection[str]) -> dict[str, tuple[Softenable, ...]]:
    """Return the rules of a policy, some of which give way after all others that may."""
    return {
        kind: tuple(
            rule.replace(priority=_LAST) if _key(kind, index, rule) in rules else rule
            for index, rule in enumerate(getattr(policy, kind))
        )
        for kind in _GIVING
    }


def _key(kind: str, index: int, rule: Softenable) -> str:
    return rule.key if isinstance(rule, Reserve) else f"{kind}[{index + 1}]"


def _not_awarded(portfolio: Portfolio, names: Iterable[str]) -> Iterator[str]:
    """Say of each name that has no award whether there is such a proposal; nobody else's award is suggested."""
    awarded, instance = set(portfolio.ids), portfolio.problem.instance
    none = [name for name in names if name not in awarded]
    unknown = [name for name in none if name not in instance.position]
    if known := [name for name in none if name not in unknown]:
        yield f"{', '.join(map(repr, known))} has no award in this decision; {_LATER}"
    for name, hint in zip(unknown, each_nearest(unknown, instance.ids), strict=True):
        yield f"{name!r} is not the id of a proposal of this call; {hint}"
