"""Whether how a search is said to have ended fits its value and its bound."""

from __future__ import annotations

import math
from collections.abc import Iterator

from portfolio.optimize import Stop
from portfolio.policy import Policy

# Values are added up from floats; a solver that stopped by itself may be off by its rounding.
SAME, ROUNDING = 1e-7, 1e-6
# A gap below this is none.
_EXACT = 1e-9


def ended(
    what: str, value: float, bound: float, stop: Stop, gap: float, cost: float = 0.0, size: float = 1.0
) -> Iterator[str]:
    """Yield what cannot be true; a gap is a share of what awards are worth before the `cost` of rules that gave way.

    Parameters
    ----------
    size
        Of values, see `size_of_values`.
    """
    if bound < value - tolerance(value, size):
        yield f"{what} is worth {value:g}, more than its bound of {bound:g}"
    allowed = {Stop.OPTIMAL: 0.0, Stop.GAP: gap}.get(stop, math.inf)
    # Where what gave way costs far more than awards are worth, a solver tells no smaller part of the whole apart.
    apart = (allowed + ROUNDING) * max(abs(value + cost), SAME * size) + 2 * _EXACT * abs(value)
    if bound - value > apart:
        yield f"{what} is called {stop}, with a bound of {bound:g} above {value:g}"


def gap_of(policy: Policy) -> float:
    """Return the gap within which a proof to the gap has to be; coins of awards that are cut may add to it."""
    return math.inf if policy.objective.partial is True else policy.solver.gap


def tolerance(value: float, size: float = 1.0) -> float:
    """Return how much two values may differ that were added up from floats."""
    return SAME * max(size, abs(value))


def told_early(
    what: str, value: float, bound: float, stop: Stop, gap: float, cost: float = 0.0
) -> Iterator[str]:
    """Yield where more was proven than a search that ended so has proven, as `how_it_stopped` names its end.

    That holds for the value, where no search for a goal before it was cut short, and for rounds. Goals keep the end of
    their own last search, which may be cut short after another one has proven enough.
    """
    allowed = gap if stop.cut_short else 0.0 if stop is Stop.GAP else -math.inf
    if bound - value <= max(allowed, _EXACT) * (1 - ROUNDING) * abs(value + cost) and allowed >= 0:
        proven = f"within the gap of {gap:g} that was asked for" if bound > value else "its value"
        yield f"{what} is called {stop}, though its bound of {bound:g} is {proven}"
