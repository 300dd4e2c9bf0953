"""Parts of a policy that can be left out by themselves, and whether the others can hold together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from portfolio.errors import SolverError
from portfolio.optimize.allowed import ANY, Row, row_of, still_broken
from portfolio.optimize.awards import Awards
from portfolio.optimize.broken import Broken
from portfolio.optimize.compile import closer
from portfolio.optimize.engine import Stop
from portfolio.optimize.exact import Search
from portfolio.optimize.instance import Instance
from portfolio.optimize.least import Case
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
        if not len(block):
            # Nothing that this rule could be broken by: it has no part in any clash.
            continue
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
    """Whether sets of rules can hold together, each set looked at once and every answer audited in integers.

    Attributes
    ----------
    known
        What was found for each set; None where that could not be told in time.
    """

    case: Case
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
        """Tell whether some portfolio satisfies the kept rules; None where that could not be told in time."""
        key = frozenset(kept)
        if key not in self.known:
            self.known[key] = self._solve(kept)
        return self.known[key]

    def _solve(self, kept: Sequence[Atom]) -> bool | None:
        case = self.case
        some = self._some(case.model, kept)
        if np.any(some.low > some.high):
            return False
        if not some.blocks:
            return True
        free = dict.fromkeys(self._left_out(kept), ANY)

        # A solver lets rules through that clash by a coin.
        def audit(awards: Awards) -> list[Broken]:
            return still_broken(case.instance, case.policy, case.model, awards, free)

        def sharpen(model: Model, _: object, awards: Awards) -> Model | None:
            again = closer(case.instance, case.policy, replace(case.model, breaks=model.breaks), awards)
            return None if again is None else self._some(again, kept).add(*model.blocks[len(some.blocks) :])

        search = Search(case.engine, case.instance, audit, sharpen=sharpen)
        try:
            outcome, _ = search.best(some, effort(case.policy.solver))
        except SolverError:
            return None
        return outcome.stop is not Stop.INFEASIBLE

    def _some(self, model: Model, kept: Sequence[Atom]) -> Model:
        """Return a model with the kept rules alone, and no objective."""
        rows = self._rows(kept)
        blocks = [_only(block, rows[index]) for index, block in enumerate(model.blocks) if index in rows]
        locked = {atom.lock for atom in kept if atom.lock is not None}
        free = np.array([column not in locked for column in range(len(model.value))], dtype=bool)
        free &= np.arange(len(model.value)) < model.size
        low, high = np.where(free, 0.0, model.low), np.where(free, 1.0, model.high)
        return model.ruled(*blocks).bound(low=low, high=high).aim(np.zeros_like(model.value))

    def _rows(self, kept: Sequence[Atom]) -> dict[int, list[int] | None]:
        """Return the blocks that are kept, and which rows of each; None for all of them."""
        keys = {atom.key for atom in kept}
        single = _single(self.case.model, self.case.policy)
        rows: dict[int, list[int] | None] = {
            index: None
            for index, block in enumerate(self.case.model.blocks)
            if index not in single and set(block.rules) <= keys
        }
        for atom in kept:
            if atom.block >= 0:
                rows[atom.block] = None if atom.row is None else [*(rows.get(atom.block) or []), atom.row]
        return rows

    def _left_out(self, kept: Sequence[Atom]) -> Iterator[Row]:
        """Yield what an audit calls the rows that are not kept."""
        rows, whole = self._rows(kept), {atom.key for atom in kept if atom.block < 0}
        for index, names in enumerate(self._names):
            mine = rows.get(index, [])
            there = set(range(len(names))) if mine is None else set(mine)
            for row in set(range(len(names))) - there:
                # A reserve counts in each of its rows, of which those with others are not kept without them.
                yield from (name for name in names[row] if name[0] not in whole)
        case, locked = self.case, {(atom.key, atom.lock) for atom in kept}
        for atom in locks(case.instance, case.policy, case.model):
            if (atom.key, atom.lock) not in locked:
                yield atom.key, case.instance.ids[case.model.proposals[atom.lock]], ""

    @cached_property
    def _names(self) -> list[list[list[Row]]]:
        """What an audit calls each row of each block: one name for each of its rules."""
        instance, policy, model = self.case.instance, self.case.policy, self.case.model
        return [
            [
                [row_of(instance, policy, model, rule, (index, row)) for rule in block.rules]
                for row in range(len(block) if block.rules else 0)
            ]
            for index, block in enumerate(model.blocks)
        ]


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
