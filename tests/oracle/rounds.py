"""Over and above: the open money first, then each reserve, then what was released, each the best given the last."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from copy import copy
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

import portfolio as pf
from oracle.facts import Facts
from oracle.partial import best_partial
from oracle.reserves import counting, required
from oracle.rows import money, over
from oracle.whole import Best, best_whole


@dataclass(frozen=True)
class Turn:
    """One round: its pot, who may win, and what was awarded before. `best` is None where too few ask for the pot."""

    pot: int
    best: Best


def best_turn(inside: Facts) -> Best:
    return best_partial(inside) if inside.cut.any() else best_whole(inside)


def turns(
    facts: Facts,
    taken: Sequence[np.ndarray] | None = None,
    best_of: Callable[[Facts], Best] = best_turn,
) -> Iterator[Turn]:
    """Yield round after round: along the awards that were `taken` in each, or along the best ones."""
    reserves = facts.policy.reserve
    pots = [int(required(facts, reserve)[0]) for reserve in reserves]
    if sum(pots) > facts.available:
        yield Turn(0, Best(None))
        return
    everyone = np.ones(facts.n, dtype=bool)
    plan: list[tuple[pf.Reserve | None, int | None, np.ndarray]] = [
        (None, facts.available - sum(pots), everyone)
    ]
    plan += [(r, pot, counting(facts, r)) for r, pot in zip(reserves, pots, strict=True)]
    if any(reserve.shortfall == "release" for reserve in reserves):
        plan.append((None, None, everyone))
    before, released = np.zeros(facts.n, dtype=np.int64), 0
    for k, (reserve, given, member) in enumerate(plan):
        pot = released if given is None else given
        asking = facts.open & ~facts.barred & facts.payable & member & (before == 0)
        if reserve is not None and reserve.shortfall == "fail" and int(facts.most[asking].sum()) < pot:
            yield Turn(pot, Best(None))
            return
        inside = _inside(facts, before, member, pot)
        best = best_of(inside)
        yield Turn(pot, best)
        now = taken[k] if taken is not None else best.amounts
        if now is None:
            return
        if reserve is None or reserve.shortfall == "release":
            released += pot - int((now - before).sum())
        before = now


def _inside(facts: Facts, before: np.ndarray, member: np.ndarray, pot: int) -> Facts:
    """Return what one round sees: awards that stay, those who may win, and a pot for the new ones."""
    inside, had = copy(facts), before > 0
    inside.open = facts.open & (member | had)
    inside.locked = facts.locked | had
    inside.cut = facts.cut & ~had
    inside.least, inside.most = np.where(had, before, facts.least), np.where(had, before, facts.most)
    inside.levels = [
        {int(before[i]): facts.share(i, int(before[i]))} if had[i] else facts.levels[i]
        for i in range(facts.n)
    ]
    inside.pots = [money(facts, "pot", over(~had), Fraction(pot), Fraction(pot))]
    return inside
