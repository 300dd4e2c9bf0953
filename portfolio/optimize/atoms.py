"""Parts of a policy that can be left out by themselves, and whether the others can hold together."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from portfolio.optimize.engine import Engine, Stop
from portfolio.optimize.instance import Instance
from portfolio.optimize.loosening import effort
from portfolio.optimize.matrix import Block
from portfolio.optimize.model import Model
from portfolio.optimize.rows.reserves import reserve_words
from portfolio.policy import Policy


@dataclass(frozen=True)
class Atom:
    """A rule that can be left out by itself: a rule of the policy, one row of it, or one lock.

    Attributes
    ----------
    key
        The rule's key.
    row
        The row within the rule's block; None for the whole rule.
    lock
        The column that is locked, if it is a lock.
    """

    key: str
    words: str
    block: int = -1
    row: int | None = None
    lock: int | None = None


def locks(instance: Instance, policy: Policy, model: Model) -> Iterable[Atom]:
    """Yield what must and must not be funded."""
    column = {instance.ids[position]: index for index, position in enumerate(model.proposals.tolist())}
    for name in policy.must_fund:
        yield Atom("must_fund", f"{name} must be funded", lock=column[name])
    for name in policy.must_not_fund:
        if name in column:
            yield Atom("must_not_fund", f"{name} must not be funded", lock=column[name])


def rules(instance: Instance, policy: Policy, model: Model) -> Iterable[Atom]:
    """Yield the rules of the policy."""
    seen: set[str] = set()
    reserves = {reserve.key: reserve for reserve in policy.reserve}
    for index, block in enumerate(model.blocks):
        if len(block.rules) == 1 and block.rules[0] not in reserves:
            # A rule of the policy may bring several blocks; each can be left out by itself.
            each = block.words.replace("{name}", f"(each of {len(block)})")
            yield Atom(block.rules[0], block.text(0) if len(block) == 1 else each, block=index)
        for rule in block.rules:
            if rule in reserves and rule not in seen:
                seen.add(rule)
                yield Atom(rule, reserve_words(instance, reserves[rule]))


def split(model: Model, atom: Atom) -> list[Atom]:
    """Split a rule for many values into its rows; rows that are all said in the same words are one rule."""
    if atom.block < 0 or len(model.blocks[atom.block]) == 1 or "{name}" not in model.blocks[atom.block].words:
        return [atom]
    block = model.blocks[atom.block]
    return [replace(atom, words=block.text(row), row=row) for row in range(len(block))]


@dataclass
class Checks:
    """Whether sets of rules can hold together, each set looked at once.

    Attributes
    ----------
    known
        What was found for each set; None where time ran out.
    """

    model: Model
    policy: Policy
    engine: Engine
    known: dict[frozenset[Atom], bool | None] = field(default_factory=dict)

    def feasible(self, kept: Sequence[Atom]) -> bool:
        """Tell whether some portfolio satisfies the kept rules; undecided within the time limit counts as feasible.

        A set that is found to clash clashes for certain, then; it may only be larger than it had to be.
        """
        return self.decided(kept) is not False

    def smallest(self, core: Sequence[Atom]) -> bool:
        """Verify that whichever rule of a clashing set is left out, the others hold together."""
        return all(self.decided([atom for atom in core if atom is not left_out]) for left_out in core)

    def decided(self, kept: Sequence[Atom]) -> bool | None:
        """Tell whether some portfolio satisfies the kept rules; None where time ran out."""
        key = frozenset(kept)
        if key not in self.known:
            self.known[key] = self._solve(kept)
        return self.known[key]

    def _solve(self, kept: Sequence[Atom]) -> bool | None:
        model = self.model
        reserves = {atom.key for atom in kept}
        rows: dict[int, list[int] | None] = {}
        for atom in kept:
            if atom.block >= 0:
                rows[atom.block] = None if atom.row is None else [*(rows.get(atom.block) or []), atom.row]
        single = _single(model, self.policy)
        blocks = [
            _only(block, rows[index]) if index in rows else block
            for index, block in enumerate(model.blocks)
            if index in rows or (index not in single and set(block.rules) <= reserves)
        ]
        locked = {atom.lock for atom in kept if atom.lock is not None}
        free = np.array([column not in locked for column in range(len(model.value))], dtype=bool)
        proposal = np.arange(len(model.value)) < model.size
        low = np.where(free & proposal, 0.0, model.low)
        high = np.where(free & proposal, 1.0, model.high)
        if np.any(low > high):
            return False
        if not blocks:
            return True
        some = model.ruled(*blocks).bound(low=low, high=high).aim(np.zeros_like(model.value))
        outcome = self.engine.solve(some, effort(self.policy.solver))
        return False if outcome.stop is Stop.INFEASIBLE else True if outcome.x is not None else None


def _single(model: Model, policy: Policy) -> set[int]:
    reserves = {reserve.key for reserve in policy.reserve}
    return {
        i for i, block in enumerate(model.blocks) if len(block.rules) == 1 and block.rules[0] not in reserves
    }


def _only(block: Block, rows: list[int] | None) -> Block:
    if rows is None:
        return block
    renumber = np.full(len(block), -1)
    renumber[rows] = np.arange(len(rows))
    keep = renumber[block.row] >= 0
    return replace(
        block,
        names=[block.names[row] for row in rows],
        row=renumber[block.row[keep]],
        column=block.column[keep],
        data=block.data[keep],
        low=block.low[rows],
        high=block.high[rows],
    )
