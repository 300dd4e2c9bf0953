"""Money that counts once: which reserve the money of each award is counted for, exactly.

Whoever states several reserves wants as much of each met as can be, in the order of what comes first: those that must
not fall short, priorities, the shortfall, and prices, which are part of the value. Money that a reserve holds is not
spent, so as much has to be placed of it as the budget asks for, before anything may give way.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Hashable, Iterator, Mapping, Sequence
from fractions import Fraction

from portfolio.optimize.awards import Awards, awards_in_year
from portfolio.optimize.instance import Instance
from portfolio.optimize.overcommit import Spending
from portfolio.optimize.rows.reserves import reserve_size
from portfolio.policy import Policy, Reserve

Kind = frozenset[int]
Turn = tuple[float, float, float, int]
# All reserves that hold their money, as one.
HELD = -1
_SOURCE = "money"
_Capacity = defaultdict[Hashable, dict[Hashable, Fraction]]


def turns(
    instance: Instance,
    policy: Policy,
    awards: Awards,
    demand: Sequence[Fraction],
    room: Fraction | None = None,
) -> list[tuple[int, Fraction]]:
    """Return in which order reserves are filled, and with how much.

    Parameters
    ----------
    demand
        Per reserve, the money that it asks for.
    room
        How much may be held before anything else gives way, if not what the budget leaves.

    Returns
    -------
    list
        Pairs of a reserve, or `HELD`, and the money that it is given at most by then.
    """
    found = [
        (_turn(instance, index, reserve), index, need)
        for index, (reserve, need) in enumerate(zip(policy.reserve, demand, strict=True))
        if reserve.shortfall != "hold"
    ]
    everything = sum(
        (need for r, need in zip(policy.reserve, demand, strict=True) if r.shortfall == "hold"), Fraction(0)
    )
    if everything:
        rooms = _rooms(instance, policy, awards) if room is None else iter([((1.0, 0.0, 0.0, HELD), room)])
        found += [(turn, HELD, min(everything, everything - left)) for turn, left in rooms]
        found.append(((3.0, 0.0, 0.0, HELD), HELD, everything))
    return [(target, need) for _, target, need in sorted(found)]


def _turn(instance: Instance, index: int, reserve: Reserve) -> Turn:
    """Return when a reserve is filled that does not hold its money."""
    if reserve.priority is not None:
        # What is missed counts as a share of the reserve, so that money does most for the smallest.
        return 2, -reserve.priority, float(reserve_size(instance, reserve)), index
    if reserve.price is not None:
        return 5, -reserve.price, 0, index
    return {"fail": 0, "release": 4}[reserve.shortfall], 0, 0, index


def _rooms(instance: Instance, policy: Policy, awards: Awards) -> Iterator[tuple[Turn, Fraction]]:
    """Yield how much may be held beside the awards: at all, and before the budget gives way."""
    left, firm = Fraction(instance.budget - awards.spent), (1.0, 0.0, 0.0, HELD)
    if policy.overcommit is not None and len(instance.budgets) == 1:
        load = Spending.of(policy.overcommit).load(awards_in_year(instance, awards, 0))
        yield firm, Fraction(instance.budget) - Fraction(load)
    elif policy.overspend is not None:
        if instance.beyond[0] != float("inf"):
            yield firm, left + int(instance.beyond[0])
        yield (2.0, -float(policy.overspend.priority or 0), float(instance.budget), HELD), left
    else:
        yield firm, left


def attribute(
    supply: Mapping[Kind, int],
    demand: Sequence[Fraction],
    order: Sequence[tuple[int, Fraction]],
    held: Sequence[int] = (),
) -> list[Fraction]:
    """Attribute money to reserves so that each unit counts once and as much demand as possible is met.

    Augmenting paths of a flow from money to reserves (Edmonds & Karp 1972). What has been given in a turn is never
    reduced in a later one, which makes the first as large as it can be, then the second, and so on.

    Parameters
    ----------
    supply
        Money per set of reserves that it may count towards.
    demand
        Per reserve, the money that it asks for.
    order
        Who is given money in turn, as `turns` gives it, and up to how much.
    held
        The reserves that are `HELD` together.

    Returns
    -------
    list of Fraction
        Per reserve, what it is given; money that no reserve needs goes to the first in `order` that may have it.
    """
    capacity: _Capacity = defaultdict(dict)
    everything = Fraction(sum(supply.values()))
    for kind, money in supply.items():
        capacity[_SOURCE][kind] = Fraction(money)
        capacity[kind] = dict.fromkeys(sorted(kind), everything)
    for r in held:
        capacity[r][HELD] = demand[r]
    given: dict[int, Fraction] = defaultdict(Fraction)
    for target, most in order:
        while given[target] < most and (path := _path(capacity, target)):
            moved = min(most - given[target], *(capacity[start][end] for start, end in path))
            for start, end in path:
                capacity[start][end] -= moved
                capacity[end][start] = capacity[end].get(start, Fraction(0)) + moved
            given[target] += moved
    firsts = [r for target, _ in order for r in (held if target == HELD else (target,))]
    for kind in supply:
        first = next((r for r in firsts if r in kind), None)
        if first is not None:
            capacity[first][kind] = capacity[first].get(kind, Fraction(0)) + capacity[_SOURCE][kind]
    return [
        sum((capacity[r].get(kind, Fraction(0)) for kind in supply), Fraction(0)) for r in range(len(demand))
    ]


def _path(capacity: _Capacity, target: Hashable) -> list[tuple[Hashable, Hashable]]:
    """Find how more money can reach a target, as arcs that can take some; empty if there is no way."""
    before: dict[Hashable, Hashable] = {_SOURCE: _SOURCE}
    queue: deque[Hashable] = deque([_SOURCE])
    while queue:
        start = queue.popleft()
        for end, free in capacity[start].items():
            if free > 0 and end not in before:
                before[end] = start
                queue.append(end)
    if target not in before:
        return []
    path, end = [], target
    while end != _SOURCE:
        path.append((before[end], end))
        end = before[end]
    return path
