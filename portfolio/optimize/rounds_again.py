"""Rounds over and above, looked at again: their pots, who may have money of each, and what each has spent."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from portfolio.call.money import to_major
from portfolio.errors import InfeasibleError
from portfolio.optimize.awards import Awards
from portfolio.optimize.instance import Instance
from portfolio.optimize.rounds import LEFT_OVER, Pot, last_pot, pots
from portfolio.optimize.solution import Round
from portfolio.optimize.value import portfolio_value, size_of_values
from portfolio.policy import Policy

# Values are added up from floats.
_SAME = 1e-9


def wrong_rounds(instance: Instance, policy: Policy, awards: Awards, rounds: Sequence[Round]) -> list[str]:
    """Return what does not follow from the policy and the awards in what is said of the rounds, in words.

    Pots, the money that was left to the last round, and the sums of each round are added up again in minor units;
    every award must be of a proposal that may have the money of its round, and be in one round alone.
    """
    if policy.reserve_order != "over_and_above":
        return ["the policy has no rounds"] if rounds else []
    try:
        expected = list(pots(instance, policy))
    except InfeasibleError as error:
        return [str(error)]
    return list(_wrong(instance, policy, awards, rounds, expected))


def _wrong(
    instance: Instance, policy: Policy, awards: Awards, rounds: Sequence[Round], expected: list[Pot]
) -> Iterator[str]:
    seen, released = np.zeros(len(instance.ids), dtype=bool), 0
    if any(reserve.shortfall == "release" for reserve in policy.reserve):
        expected.append(last_pot(instance, 0))
    names, said = [pot.name for pot in expected], [part.name for part in rounds]
    if names != said:
        yield f"the rounds should be {', '.join(names)}, not {', '.join(said)}"
        return
    for pot, part in zip(expected, rounds, strict=True):
        mine = np.isin(instance.ids, part.awards) & awards.funded
        if int(mine.sum()) != len(part.awards) or (mine & seen).any():
            yield f"{part.name}: names what is not funded, or was funded before"
        elif part.awards != tuple(instance.ids[index] for index in np.flatnonzero(mine).tolist()):
            yield f"{part.name}: its awards are not in the order of the call"
        for index in np.flatnonzero(mine & ~pot.member).tolist():
            yield f"{part.name}: {instance.ids[index]} may not have this money"
        seen |= mine
        money = released if pot.name == LEFT_OVER else pot.money
        spent = awards.among(mine).spent
        if spent > money:
            yield f"{part.name}: {instance.money(spent)} spent of {instance.money(money)}"
        released += money - spent if pot.releases else 0
        stated = (to_major(money, instance.currency), to_major(spent, instance.currency))
        if stated != (part.pot, part.spent):
            yield f"{part.name}: the money is {stated[0]}, of which {stated[1]} are spent"
        value = portfolio_value(instance, policy, awards.among(seen))
        same = _SAME * max(size_of_values(instance), abs(value))
        if abs(value - part.value) > same:
            yield f"{part.name}: the awards up to this round are worth {value:g}, not {part.value:g}"
        if part.bound < part.value - same:
            yield f"{part.name}: is worth {part.value:g}, more than its bound of {part.bound:g}"
    for index in np.flatnonzero(awards.funded & ~seen).tolist():
        yield f"{instance.ids[index]} is funded in no round"
