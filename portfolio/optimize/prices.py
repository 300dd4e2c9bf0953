"""What a rule costs: the value lost against the same problem without it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

from portfolio.call.money import exponent
from portfolio.errors import InfeasibleError, LimitError
from portfolio.optimize.audit import broken_rules
from portfolio.optimize.clock import ended_together
from portfolio.optimize.engine import Stop
from portfolio.optimize.portfolio import Portfolio
from portfolio.optimize.removals import Removal, removals
from portfolio.optimize.solution import ReachedGoal

# What goals reach is added up in floating-point numbers.
_ROUNDING = 1e-7


@dataclass(frozen=True, kw_only=True)
class Price:
    """A difference between the values of two problems, of which one may do less than the other.

    Attributes
    ----------
    found
        Difference of the two values found; None where there is none, infinite where only one problem has a portfolio.
    low, high
        The true difference is proven to lie between them; None where nothing is proven.
    """

    found: float | None
    low: float | None
    high: float | None

    @property
    def exact(self) -> bool:
        """Whether the proven range is a single figure, for all that can be printed."""
        if self.low is None or self.high is None:
            return False
        return self.low == self.high or self.high - self.low <= 1e-6 * max(1.0, self.high)


@dataclass(frozen=True, kw_only=True)
class GoalChange:
    """A goal that comes before the value and is reached less well: by how much, in the unit of `ReachedGoal`."""

    name: str
    lost: float


@dataclass(frozen=True, kw_only=True)
class RulePrice(Price):
    """The price of one rule: the value lost against the same problem without it.

    Attributes
    ----------
    rule, words
        Its key (``reserve.high_risk``, ``limit[1]``) and what it says.
    marginal
        Value lost for each further unit of the currency (or award) that the rule asks for, in all groups and years that
        it holds for, by a higher floor and a lower cap, from the relaxation; for the budget, the value that a further
        unit brings. None where there is no such figure.
    entered, left
        Who is funded only without the rule, and who only with it; nobody unless the search was `finished`.
    goals
        What comes before the value and is reached less well with the rule.
    stop
        How the solver stopped without the rule; None if it was not asked, or found that nothing keeps the other rules.
    """

    rule: str
    words: str = ""
    marginal: float | None = None
    entered: tuple[str, ...] = ()
    left: tuple[str, ...] = ()
    goals: tuple[GoalChange, ...] = ()
    stop: Stop | None = None

    @property
    def finished(self) -> bool:
        """Whether what was asked for was proven without the rule; if not, nothing is said of who would be funded."""
        return self.stop in {Stop.OPTIMAL, Stop.GAP}


@dataclass(frozen=True, kw_only=True)
class ReservePrice(RulePrice):
    """The price of one reserve."""

    @property
    def trait(self) -> str:
        """The trait for which money is held back."""
        return self.rule.removeprefix("reserve.")


def price_reserves(
    portfolio: Portfolio, progress: Callable[[str], None] = lambda trait: None
) -> tuple[ReservePrice, ...]:
    """Solve the problem again without each reserve in turn.

    Parameters
    ----------
    portfolio
        The decision whose reserves are priced.
    progress
        Called with the name of each trait before its reserve is left out.

    Returns
    -------
    tuple
        One price per reserve; an interrupt ends it with the reserve that it met, whose `stop` says so.
    """
    problem = portfolio.problem
    reserves = [one for one in removals(problem.instance, problem.policy) if one.rule.startswith("reserve.")]
    with ended_together():
        priced = _priced(portfolio, reserves, lambda rule: progress(rule.removeprefix("reserve.")))
        return tuple(ReservePrice(**vars(price)) for price in priced)


def price_rules(
    portfolio: Portfolio, progress: Callable[[str], None] = lambda rule: None
) -> tuple[RulePrice, ...]:
    """Solve the problem again without each rule in turn: value lost, at the margin and in all.

    Rules are reserves, limits, links, coverage, stable funding, the exploratory pool, eligibility and locks. One table
    of the policy is left out at a time, so that what two rules cost together is not the sum of their prices. The budget
    cannot be left out and has a price at the margin only.

    Parameters
    ----------
    portfolio
        The decision whose rules are priced.
    progress
        Called with the key of each rule before it is left out.

    Returns
    -------
    tuple
        The budget, then one price per rule in the order of the policy; an interrupt ends it with the rule that it met,
        whose `stop` says so.
    """
    problem = portfolio.problem
    budget = RulePrice(
        rule="budget", words="the budget", found=None, low=None, high=None, marginal=_marginal(portfolio)
    )
    with ended_together():
        return budget, *_priced(portfolio, removals(problem.instance, problem.policy), progress)


def price_between(restricted: Portfolio, free: Portfolio) -> Price:
    """Return the value lost by a problem that may do less than another, as far as it is proven.

    With values V and V' and bounds U and U' (restricted and free), the loss found is V' - V, and the true one lies
    between V' - U and U' - V. Over and above, nothing is proven across rounds.
    """
    found = free.value - restricted.value
    if restricted.rounds or free.rounds:
        return Price(found=found, low=None, high=None)
    low, high = free.value - restricted.bound, free.bound - restricted.value
    if reaches(restricted, free):
        # What is possible with less freedom is possible with more, so nothing can be gained.
        low, found = max(0.0, low), max(0.0, found)
    return Price(found=found, low=low, high=max(low, high))


def reaches(portfolio: Portfolio, other: Portfolio) -> bool:
    """Tell whether the awards of a portfolio keep the rules of another problem and reach its goals before the value."""
    problem = other.problem
    kept = not broken_rules(problem.instance, problem.policy, portfolio.solution.awards, other.solution.given)
    return kept and not goals_lost(portfolio, other)


def goals_lost(portfolio: Portfolio, other: Portfolio) -> tuple[GoalChange, ...]:
    """Return the goals before the value of another problem that a portfolio reaches less well than they must be."""
    mine = {goal.name: goal for goal in portfolio.goals}
    may_lose = {c.column: c.may_lose for c in other.problem.policy.objective.criterion}
    changes = []
    for goal in other.goals:
        if goal.name in mine:
            least = goal.value - may_lose.get(goal.name, 0.0) * abs(goal.value)
            lost = least - _reached(mine[goal.name], goal.name in may_lose)
            if lost > _ROUNDING * max(1.0, abs(least)):
                changes.append(GoalChange(name=goal.name, lost=lost))
    return tuple(changes)


def _reached(goal: ReachedGoal, criterion: bool) -> float:
    """Return what is reached in the end where later goals may cost something, else the best."""
    return goal.delivered if criterion else goal.value


def _priced(
    portfolio: Portfolio, rules: Iterable[Removal], progress: Callable[[str], None]
) -> Iterator[RulePrice]:
    """Yield the price of one rule after the other; an interrupt ends it."""
    for removal in rules:
        try:
            progress(removal.rule)
            price = _price(portfolio, removal)
        except KeyboardInterrupt:
            price = _no_figure(portfolio, removal, Stop.INTERRUPTED)
        yield price
        if price.stop is Stop.INTERRUPTED:
            return


def _price(portfolio: Portfolio, removal: Removal) -> RulePrice:
    try:
        without = portfolio.problem.replace(**removal.changes).solve()
    except LimitError:
        return _no_figure(portfolio, removal, Stop.TIME_LIMIT)
    except InfeasibleError:
        # Where goals were reached to the coin, a search may miss what there is; no figure then.
        return _no_figure(portfolio, removal)
    price = RulePrice(
        **vars(price_between(portfolio, without)),
        rule=removal.rule,
        words=removal.words,
        marginal=_marginal(portfolio, removal),
        goals=goals_lost(portfolio, without),
        stop=without.status,
    )
    if not price.finished:
        # A better portfolio, which that search would have come to, may fund others.
        return price
    change = portfolio.diff(without)
    return replace(price, entered=change.entered, left=change.left)


def _no_figure(portfolio: Portfolio, removal: Removal, stop: Stop | None = None) -> RulePrice:
    marginal = _marginal(portfolio, removal)
    return RulePrice(
        rule=removal.rule, words=removal.words, found=None, low=None, high=None, marginal=marginal, stop=stop
    )


def _marginal(portfolio: Portfolio, removal: Removal | None = None) -> float | None:
    """Return the shadow price of a rule, or of the budget, per unit in which people count."""
    rule, unit = ("budget", "money") if removal is None else (removal.rule, removal.unit)
    dual = portfolio.solution.shadow_prices.get(rule)
    if dual is None or not unit:
        return None
    if unit == "awards":
        return abs(dual)
    problem = portfolio.problem
    # The duals of limits are per unit of the model, those of the budget and of reserves per minor unit.
    counted = problem.model.unit if rule.startswith("limit") else 1
    return float(abs(dual) * 10 ** exponent(problem.call.currency) / counted)
