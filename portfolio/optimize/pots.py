"""Over and above: which money each proposal could have, and where too little of it is left."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from portfolio.call.money import to_minor
from portfolio.optimize.instance import Instance
from portfolio.optimize.rounds import LEFT_OVER, Pot, last_pot, pots
from portfolio.optimize.solution import Round
from portfolio.optimize.subsets import subsets
from portfolio.optimize.vectors import Bools
from portfolio.policy import Policy


def pots_of(instance: Instance, policy: Policy, rounds: Sequence[Round]) -> list[Pot]:
    """Return the pot of each round, with who may have its money; none without rounds."""
    if not rounds:
        return []
    every = [*pots(instance, policy), last_pot(instance, 0)]
    return every[: len(rounds)]


def exhausted(instance: Instance, policy: Policy, rounds: Sequence[Round]) -> Iterator[tuple[str, Bools]]:
    """Yield pots in words, and (n,) to which proposals they are open that need more than is left of any of them.

    What a round has left to the last one counts there alone.
    """
    handed_on = bool(rounds) and rounds[-1].name == LEFT_OVER
    kept = [
        (pot, to_minor(part.pot - part.spent, instance.currency))
        for pot, part in zip(pots_of(instance, policy, rounds), rounds, strict=True)
        if pot.name == LEFT_OVER or not (handed_on and pot.releases)
    ]
    needs = instance.sizes.least
    kinds, kind_of = subsets((pot.member for pot, _ in kept), len(needs))
    for kind, places in enumerate(kinds):
        mine = [kept[place] for place in places]
        if not mine:
            continue
        most = max(left for _, left in mine)
        what = "its pot" if len(mine) == 1 else "each of its pots"
        each = ", ".join(f"{pot.name}: {instance.money(left)} left" for pot, left in mine)
        yield f"{what} ({each})", (kind_of == kind) & (needs > most)


def listed_rounds(names: Sequence[str]) -> str:
    """Name rounds: the round open; the rounds open, reserve.young and left over."""
    if len(names) == 1:
        return f"the round {names[0]}"
    return f"the rounds {', '.join(names[:-1])} and {names[-1]}"
