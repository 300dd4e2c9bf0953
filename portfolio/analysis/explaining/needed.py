"""What it would take: the merit, or the request, at which a proposal that is not funded would be."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise

from portfolio.analysis.explaining.inclusion import Inclusion
from portfolio.analysis.parallel import each
from portfolio.analysis.verdict import goals_of, order_of, verdict
from portfolio.call.money import to_major
from portfolio.errors import InfeasibleError, LimitError
from portfolio.optimize import Portfolio, Problem, Stop
from portfolio.optimize.unmoved import chosen_first, falls_with_the_request, moved_by_merit
from portfolio.optimize.worth import merit_worth

# Requests are looked at down to this share of what is asked for.
_FINEST = 1e-3
_LATE = "time ran out before it was found out"
_UNKNOWN = "no portfolio was found that has it, and none was proven impossible"


@dataclass(frozen=True, kw_only=True)
class MeritNeeded:
    """The smallest merit at which a proposal would be funded, everything else equal.

    Attributes
    ----------
    now
        Its merit.
    low, high
        Below `low` it is proven to be in no best portfolio, above `high` to be in every one. `high` is infinite where
        no merit is proven to be enough.
    highest
        The highest merit there is, that of the best grade; None where merits are not made of grades.
    """

    now: float
    low: float
    high: float
    highest: float | None = None

    @property
    def exact(self) -> bool:
        """Whether both are the same figure, for all that can be printed."""
        return self.high - self.low <= 1e-6 * max(1.0, abs(self.high))


@dataclass(frozen=True, kw_only=True)
class RequestNeeded:
    """How much less a proposal would have to ask for to be funded, everything else equal.

    Attributes
    ----------
    now
        Its request, in units of the currency.
    enough
        The largest request that was found at which it is proven to be in every best portfolio; None if there is none.
    too_much
        A request from which on, up to its own, it is proven to be in no best portfolio; None where nothing is proven
        of requests that were not tried.
    """

    now: Decimal
    enough: Decimal | None
    too_much: Decimal | None

    @property
    def less(self) -> float | None:
        """The share by which the request has to fall; None if no request is known to be enough."""
        return None if self.enough is None else float(1 - self.enough / self.now)


@dataclass(frozen=True, kw_only=True)
class Needed:
    """What it would take to fund one proposal.

    Attributes
    ----------
    merit, request
        Either alone is enough; None where there is no such figure, and `notes` says why.
    """

    id: str
    merit: MeritNeeded | None = None
    request: RequestNeeded | None = None
    notes: tuple[str, ...] = ()


def needed(portfolio: Portfolio, answers: Sequence[Inclusion], *, jobs: int | None = 1) -> tuple[Needed, ...]:
    """Return the smallest merit, and the largest request, at which proposals would be funded, everything else equal.

    Parameters
    ----------
    portfolio
        A decision.
    answers
        What `inclusion` says of proposals that it does not fund; of others nothing is needed.
    jobs
        How many are worked on at a time; it does not change the answer.

    Returns
    -------
    tuple
        One answer per proposal that is not funded; after an interrupt, of those that were there before it.

    Notes
    -----
    The value of a proposal rises with its merit by the same sum in every portfolio that funds it, so that it is in
    every best one as soon as the rise exceeds its price of inclusion. Where a higher merit passes the `min_merit` of a
    reserve, the price is looked for again from there. The request is searched by halving, each time solving with the
    proposal locked in. See docs/mathematics.md, section 8.
    """
    asked = [answer for answer in answers if not answer.funded]
    found: list[Needed] = []
    with suppress(KeyboardInterrupt):
        found.extend(each(_Ask(portfolio), asked, jobs=jobs))
    return tuple(found)


@dataclass(frozen=True)
class _Ask:
    """Finds what one proposal would need."""

    portfolio: Portfolio

    def __call__(self, answer: Inclusion) -> Needed:
        index = self.portfolio.problem.instance.position[answer.id]
        why = _no_figure(self.portfolio, answer, index)
        if why:
            return Needed(id=answer.id, notes=why)
        try:
            return self._found(answer, index)
        except LimitError:
            return Needed(id=answer.id, notes=(_LATE,))

    def _found(self, answer: Inclusion, index: int) -> Needed:
        problem, policy = self.portfolio.problem, self.portfolio.problem.policy
        notes = []
        merit = request = None
        if moved := _merit_moves(problem, index):
            notes.append(f"no figure for merit: {moved}")
        else:
            merit = _merit(self.portfolio, answer, index)
        if policy.objective.partial is not False:
            notes.append("no figure for the request: awards may be smaller than what is asked for")
        elif problem.instance.value[index] < 0:
            notes.append("it is worth less than nothing, whatever it asks for")
        else:
            request = _request(self.portfolio, answer, index)
        return Needed(id=answer.id, merit=merit, request=request, notes=tuple(notes))


def _no_figure(portfolio: Portfolio, answer: Inclusion, index: int) -> tuple[str, ...]:
    """Say why nothing can be found out, if so."""
    problem = portfolio.problem
    if problem.instance.ineligible[index] or answer.id in problem.policy.must_not_fund:
        return answer.because
    if problem.policy.reserve_order == "over_and_above":
        return ("over and above, every round depends on those before it",)
    if problem.policy.objective.order == "lexicographic":
        return ("criteria are looked at one after the other",)
    return (_LATE if answer.stop is not None else _UNKNOWN,) if answer.found is None else ()


def _merit_moves(problem: Problem, index: int) -> str:
    """Say why a higher merit does not raise the value alone; empty if it does."""
    instance, policy = problem.instance, problem.policy
    if not merit_worth(policy, instance.table)[index]:
        return "its value does not depend on it"
    if chosen_first(instance, policy, index):
        return "the exploratory pool chooses first, by the same merit"
    key = moved_by_merit(policy)
    return f"{key} depends on merit as well" if key else ""


def _merit(portfolio: Portfolio, answer: Inclusion, index: int) -> MeritNeeded:
    """Walk up the merits, with a new price wherever the proposal starts to count towards another reserve."""
    now = float(portfolio.problem.instance.merit[index])
    low = high = math.inf
    for start, end, with_it in _stretches(portfolio, answer, index, now):
        order = order_of(goals_of(with_it), goals_of(portfolio))
        if order == "worse":
            continue
        # The proposal is worth nothing below its zero, whatever the others are worth.
        begin = max(start, _zero(with_it, index, start))
        below = above = begin
        if order != "better":
            least, most = _slopes(with_it, index)
            below = max(begin, start + (portfolio.value - with_it.bound) / most)
            above = max(begin, start + (portfolio.bound - with_it.value) / least)
        low = min(low, begin if order == "unknown" else below) if below < end else low
        if above < end and order != "unknown":
            high = above
            break
    problem = portfolio.problem
    grades = problem.policy.reviews if problem.instance.graded else None
    return MeritNeeded(now=now, low=low, high=high, highest=None if grades is None else grades.highest)


def _stretches(
    portfolio: Portfolio, answer: Inclusion, index: int, now: float
) -> Iterator[tuple[float, float, Portfolio]]:
    """Yield the merits between which it counts towards the same reserves, and the best portfolio at their lower end."""
    problem = portfolio.problem
    lines = {
        reserve.min_merit
        for reserve in problem.policy.reserve
        if reserve.min_merit is not None
        and reserve.min_merit > now
        and problem.instance.traits[reserve.trait][index]
    }
    locked = _locked(portfolio, answer)
    for start, end in pairwise([now, *sorted(lines), math.inf]):
        raised = problem.instance.merit.copy()
        raised[index] = start
        try:
            if start > now:
                yield start, end, _uninterrupted(locked.rescored({"merit": raised}).solve())
            elif answer.other is not None:
                yield start, end, answer.other
        except InfeasibleError:
            continue


def _locked(portfolio: Portfolio, answer: Inclusion) -> Problem:
    if answer.other is not None:
        return answer.other.problem
    policy = portfolio.problem.policy
    return portfolio.problem.replace(must_fund=(*policy.must_fund, answer.id))


def _slopes(with_it: Portfolio, index: int) -> tuple[float, float]:
    """Return by how much a unit of merit raises the value at least and at most, given the sizes an award may have."""
    instance, policy = with_it.problem.instance, with_it.problem.policy
    worth = float(merit_worth(policy, instance.table)[index])
    if instance.sizes.whole_only:
        return worth, worth
    at_top = instance.sizes.shares(instance.amount, instance.sizes.top)[index]
    as_awarded = instance.sizes.shares(instance.amount, with_it.solution.awards.amount)[index]
    # A level may bring nothing, and then no merit is known to be enough.
    return max(worth * float(as_awarded), 1e-300), worth * float(max(at_top, as_awarded))


def _zero(with_it: Portfolio, index: int, merit: float) -> float:
    """Return the merit at which an award is worth nothing."""
    instance, policy = with_it.problem.instance, with_it.problem.policy
    if not policy.objective.criterion:
        return policy.objective.zero
    return merit - float(instance.value[index] / merit_worth(policy, instance.table)[index])


def _request(portfolio: Portfolio, answer: Inclusion, index: int) -> RequestNeeded:
    """Halve the requests between one that is enough and one that is not."""
    problem, locked = portfolio.problem, _locked(portfolio, answer)
    asked = int(problem.instance.amount[index])
    finest = max(1, round(_FINEST * asked))
    refused = asked if verdict(answer.other, portfolio) is False else None
    # One coin is tried first, since nothing else is likely to be enough if that is not.
    enough, not_enough, tried = 0, asked, 1
    while tried < not_enough:
        better = verdict(_asking(locked, answer.id, tried), portfolio)
        if better is True:
            enough = tried
        else:
            not_enough = tried
            refused = tried if better is False and refused is not None else refused
        if not enough or not_enough - enough <= finest:
            break
        tried = (enough + not_enough) // 2
    currency = problem.call.currency
    proven = refused is not None and falls_with_the_request(problem.instance, problem.policy, index)
    return RequestNeeded(
        now=to_major(asked, currency),
        enough=to_major(enough, currency) if enough else None,
        too_much=to_major(refused, currency) if proven and refused is not None else None,
    )


def _asking(locked: Problem, name: str, amount: int) -> Portfolio | None:
    """Return the best portfolio with a proposal that asks for so much; None if no portfolio has it."""
    try:
        return _uninterrupted(locked.asking({name: amount}).solve())
    except InfeasibleError:
        return None


def _uninterrupted(portfolio: Portfolio) -> Portfolio:
    """Pass an interrupt on, so that what follows is not asked for."""
    if portfolio.status is Stop.INTERRUPTED:
        raise KeyboardInterrupt
    return portfolio
