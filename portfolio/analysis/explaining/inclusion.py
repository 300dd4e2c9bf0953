"""What deciding single proposals the other way would cost, and who would enter and leave."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from portfolio.analysis.parallel import each
from portfolio.errors import InfeasibleError, LimitError, names_in, nearest
from portfolio.optimize import GoalChange, Portfolio, Price, Stop
from portfolio.optimize.prices import goals_lost, price_between


@dataclass(frozen=True, kw_only=True)
class Inclusion(Price):
    """What it costs to decide one proposal the other way, everything else as good as possible.

    `found`, `low` and `high` are value lost: the price of inclusion of a proposal that is not funded, the replacement
    cost (Cabeza & Moilanen 2006) of one that is. Infinite where no portfolio that keeps the rules decides otherwise.

    Attributes
    ----------
    id, funded
        The proposal, and whether it is funded now.
    entered, left
        Who else is funded then, and who is not any more.
    goals
        What comes before the value and is reached less well then. Where there is anything, it decides before the value.
    gained
        What comes before the value and would be reached better, by a proposal that is not funded since it is worth
        less than nothing.
    because
        Why it cannot be decided the other way, in the funder's words: rules that clash, or a decision of the policy.
    stop
        How the solver stopped; None if it was not needed.
    other
        The best portfolio found with the proposal decided the other way.
    """

    id: str
    funded: bool
    entered: tuple[str, ...] = ()
    left: tuple[str, ...] = ()
    goals: tuple[GoalChange, ...] = ()
    gained: tuple[GoalChange, ...] = ()
    because: tuple[str, ...] = ()
    stop: Stop | None = None
    other: Portfolio | None = None


def inclusion(
    portfolio: Portfolio,
    ids: Sequence[str],
    *,
    jobs: int | None = 1,
    progress: Callable[[str], None] = lambda id: None,
) -> tuple[Inclusion, ...]:
    """Solve the problem again with each proposal locked in, or out if it is funded.

    Parameters
    ----------
    portfolio
        A decision.
    ids
        Proposals of its call.
    jobs
        How many are solved at a time, see `portfolio.analysis.parallel`; it does not change the answer.
    progress
        Called with each id as soon as its answer is there.

    Returns
    -------
    tuple
        One answer per id, in the order of the ids; after an interrupt, of those that were there before it.

    Raises
    ------
    KeyError
        If there is no such proposal; the nearest id is named.

    Notes
    -----
    With values V and V' and bounds U and U' (of the decision, and with the proposal decided the other way) the loss
    found is V - V', and the true one lies between V - U' and U - V'. Locks are those of the policy: a locked proposal
    may be worth less than nothing.
    """
    position = portfolio.problem.instance.position
    ids = names_in(ids)
    for name in ids:
        if name not in position:
            raise KeyError(f"{name!r} is not the id of a proposal of this call; {nearest(name, position)}")
    # What all of them share is made once, before threads look for it.
    _ = portfolio.problem.instance, portfolio.ids
    answers = each(_Ask(portfolio), ids, jobs=jobs)
    return tuple(_until_interrupted(answers, progress))


def _until_interrupted(answers: Iterator[Inclusion], progress: Callable[[str], None]) -> Iterator[Inclusion]:
    try:
        for answer in answers:
            progress(answer.id)
            yield answer
            if answer.stop is Stop.INTERRUPTED:
                return
    except KeyboardInterrupt:
        return


@dataclass(frozen=True)
class _Ask:
    """Decides one proposal the other way."""

    portfolio: Portfolio

    def __call__(self, name: str) -> Inclusion:
        portfolio = self.portfolio
        problem, index = portfolio.problem, portfolio.problem.instance.position[name]
        funded = bool(portfolio.solution.chosen[index])
        policy = problem.policy
        if problem.instance.ineligible[index]:
            return _impossible(name, funded, (problem.instance.ineligible[index],))
        if name in policy.must_fund or name in policy.must_not_fund:
            words = f"the policy says that it must {'' if funded else 'not '}be funded"
            return _impossible(name, funded, (words,))
        if not problem.instance.payable[index]:
            return _impossible(name, funded, ("it could not be paid even if nothing else were funded",))
        key = "must_not_fund" if funded else "must_fund"
        locked = problem.replace(**{key: (*getattr(policy, key), name)})
        margin = _margin(portfolio, index)
        try:
            other = locked.solve()
        except InfeasibleError as error:
            return _clash(name, funded, error.conflict)
        except LimitError:
            return Inclusion(id=name, funded=funded, found=None, low=margin, high=None, stop=Stop.TIME_LIMIT)
        price, change = price_between(other, portfolio), portfolio.diff(other)
        if margin is not None and price.low is not None and price.high is not None:
            price = Price(found=price.found, low=max(price.low, min(margin, price.high)), high=price.high)
        return Inclusion(
            **vars(price),
            id=name,
            funded=funded,
            entered=tuple(one for one in change.entered if one != name),
            left=tuple(one for one in change.left if one != name),
            goals=goals_lost(other, portfolio),
            gained=goals_lost(portfolio, other),
            stop=other.status,
            other=other,
        )


def _clash(name: str, funded: bool, conflict: tuple[str, ...]) -> Inclusion:
    """Return what follows from rules that clash once a proposal is locked.

    They hold without the lock, so a clash that does not need it, such as one with a goal that was reached to the coin,
    proves nothing.
    """
    lock = f"{name} must {'not ' if funded else ''}be funded"
    if lock in conflict:
        return _impossible(name, funded, tuple(words for words in conflict if words != lock))
    return Inclusion(id=name, funded=funded, found=None, low=None, high=None, because=conflict)


def _margin(portfolio: Portfolio, index: int) -> float | None:
    """Return the lower bound that the relaxation proves; with goals before the value it is of another problem."""
    margin = float(portfolio.solution.margins[index])
    return None if portfolio.goals or math.isnan(margin) else margin


def _impossible(name: str, funded: bool, because: tuple[str, ...]) -> Inclusion:
    infinite = math.inf
    return Inclusion(id=name, funded=funded, found=infinite, low=infinite, high=infinite, because=because)
