"""Deciding again from the recorded policy and the inputs, and comparing what is found with what a record says."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from portfolio.errors import InfeasibleError, LimitError
from portfolio.optimize import Portfolio, Price, ReservePrice, Stop, price_reserves
from portfolio.optimize.figures import at_most, figure
from portfolio.optimize.value import size_of_values
from portfolio.optimize.words import none_is
from portfolio.report.verify.check import Check

# Values are added up from floats, and a solver that stopped by itself may be off by its rounding.
_ROUNDING = 1e-6
_NAMED = 5


def decided_again(found: Portfolio, prices: Sequence[ReservePrice]) -> Iterator[Check]:
    """Solve the problem of a decision again, and compare goals, rounds, value, bound, awards and prices of reserves.

    A record claims that nothing is worth more than its bound. One portfolio that is worth more and keeps every rule
    shows that this is false; that none is found shows no more than the search of that solver does.

    Parameters
    ----------
    found
        The decision as the record has it, its rules added up again.
    prices
        The prices of reserves in the record.
    """
    try:
        again = found.problem.afresh().solve()
    except InfeasibleError as error:
        clash = "; ".join(error.conflict)
        yield Check("solve", False, f"deciding again finds that no portfolio keeps the rules: {clash}")
        return
    except LimitError as error:
        yield Check("solve", None, f"deciding again found nothing in time: {error}")
        return
    if again.status is Stop.INTERRUPTED:
        yield Check("solve", None, "deciding again was interrupted")
        return
    faults, beyond = _before_the_value(found, again)
    if not faults and not beyond:
        faults = list(_worth(found, again))
    words = "; ".join(faults) or f"decided again by {again.solution.solver}: {_words(found, again, beyond)}"
    yield Check("solve", not faults, words)
    if prices and not faults and not beyond:
        yield _priced(found, prices, again)


def _before_the_value(found: Portfolio, again: Portfolio) -> tuple[list[str], str]:
    """Return what was found to be false of goals and rounds, and from where on the two cannot be compared."""
    for goal, other in zip(found.goals, again.goals, strict=True):
        if _above(other.value, goal.bound):
            best = f"{figure(other.value)} can be reached, and the record says at most {at_most(goal.bound)}"
            return [f"{goal.name}: {best}"], ""
        if _above(goal.value, other.value) or _above(other.value, goal.value):
            return [], f"{goal.name} is {figure(other.value)} there and {figure(goal.value)} here"
    size = size_of_values(again.problem.instance)
    for part, one in zip(found.rounds, again.rounds, strict=True):
        if _above(one.value, part.bound, size):
            best = f"awards worth {figure(one.value)} were found, and the record says at most {at_most(part.bound)}"
            return [f"round {part.name}: {best}"], ""
        if set(part.awards) != set(one.awards):
            return [], f"round {part.name} funds others there, which later rounds follow from"
    return [], ""


def _worth(found: Portfolio, again: Portfolio) -> Iterator[str]:
    size = size_of_values(again.problem.instance)
    if _above(again.value, found.bound, size):
        yield (
            f"a portfolio worth {figure(again.value, 10)} was found, and the record says that {none_is(found)} is "
            f"worth more than {at_most(found.bound, 10)}: {_changes(found, again)}"
        )
    if _above(found.value, again.bound, size):
        yield (
            f"{none_is(again)} is worth more than {at_most(again.bound, 10)} by this search, but the decision is worth "
            f"{figure(found.value, 10)}: this is a bug of ours or of the solver"
        )


def _words(found: Portfolio, again: Portfolio, beyond: str) -> str:
    """Say what was found where nothing of the record was shown to be false."""
    if beyond:
        return f"the two can be compared up to there only: {beyond}; nothing better than the record says was found"
    limit = f" ({again.status}: it ended early)" if again.status.cut_short else ""
    bound = (
        f"{none_is(again)} is worth more than {at_most(again.bound)}"
        if math.isfinite(again.bound)
        else "no bound"
    )
    if again.ids == found.ids and again.spent == found.spent:
        return f"the same awards, worth {figure(again.value)}; {bound}{limit}"
    return (
        f"other awards, worth {figure(again.value)} instead of {figure(found.value)}, within the bound of the record; "
        f"{bound}{limit}; {_changes(found, again)}"
    )


def _changes(found: Portfolio, again: Portfolio) -> str:
    change = found.diff(again)
    named = [
        f"{verb} {', '.join(ids[:_NAMED])}{f' and {len(ids) - _NAMED:,} more' if len(ids) > _NAMED else ''}"
        for verb, ids in (("it adds", change.entered), ("it leaves out", change.left))
        if ids
    ]
    return " and ".join(named) or "it awards other amounts"


def _priced(found: Portfolio, prices: Sequence[ReservePrice], again: Portfolio) -> Check:
    """Check that the prices of reserves can be those of the record, and who enters and leaves."""
    mine = {price.rule: price for price in price_reserves(again)}
    pairs = [(price, mine[price.rule]) for price in prices if price.rule in mine]
    faults = [fault for price, other in pairs if (fault := _false(price, other, again))]
    if faults:
        return Check("solve reserves", False, "; ".join(faults))
    left = [price.rule for price in prices if price.rule not in mine or _unknown(mine[price.rule])]
    if left:
        why = "deciding again without them was interrupted, or found nothing in time"
        return Check("solve reserves", None, f"{', '.join(left)}: {why}")
    # With whole awards, who enters and leaves is known to be worth the price, whoever else may be.
    whole = found.problem.instance.sizes.whole_only and not found.rounds
    other_ones = [] if whole else [price.rule for price, other in pairs if _others(price, other, again)]
    if other_ones:
        what = "not compared, since another portfolio is found without them"
        return Check("solve reserves", None, f"{', '.join(other_ones)}: {what}")
    early = [f"{price.rule} ({price.stop})" for price in mine.values() if price.stop and price.stop.cut_short]
    ended = f"; the search without these ended early: {', '.join(early)}" if early else ""
    return Check("solve reserves", True, f"their prices lie in the ranges of both searches{ended}")


def _false(price: ReservePrice, other: ReservePrice, again: Portfolio) -> str:
    """Say why a price of the record cannot be true, by the range that this search proves."""
    size = _size_of_prices(again)
    if not _meet(price, other, size):
        return f"{price.rule}: between {_range(other)} by this search, {_range(price)} by the record"
    if price.found is not None and not _meet(_around(price.found, again), other, size):
        return f"{price.rule}: between {_range(other)} by this search, {price.found:g} by the record"
    return ""


def _others(price: ReservePrice, other: ReservePrice, again: Portfolio) -> bool:
    """Whether the record has another price than was found here, or others who enter and leave."""
    if price.found is None or other.found is None:
        return price.found is not other.found
    if not _meet(_around(price.found, again), _around(other.found, again), _size_of_prices(again)):
        return True
    finished = price.finished and other.finished
    return finished and (set(price.entered), set(price.left)) != (set(other.entered), set(other.left))


def _around(found: float, again: Portfolio) -> Price:
    """Return what the true price can be if this one was found: both values may miss the best by the gap."""
    miss = again.policy.solver.gap * (abs(again.value) + abs(again.value + found))
    return Price(found=found, low=found - miss, high=found + miss)


def _unknown(price: ReservePrice) -> bool:
    """Whether deciding again says nothing of a price: whoever interrupts wants an end, not a comparison."""
    return price.found is None or price.stop is Stop.INTERRUPTED


def _size_of_prices(again: Portfolio) -> float:
    """Return what prices are told apart by: they are differences of values."""
    return min(1.0, max(size_of_values(again.problem.instance), abs(again.value)))


def _meet(one: Price, other: Price, size: float) -> bool:
    return not (_above(_low(one), _high(other), size) or _above(_low(other), _high(one), size))


def _low(price: Price) -> float:
    return -math.inf if price.low is None else price.low


def _high(price: Price) -> float:
    return math.inf if price.high is None else price.high


def _range(price: Price) -> str:
    return f"{_low(price):g} and {_high(price):g}"


def _above(one: float, other: float, size: float = 1.0) -> bool:
    return one > other + _ROUNDING * max(size, abs(one))
