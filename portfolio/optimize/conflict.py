"""Why no portfolio exists: a smallest set of the funder's rules that clash."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

import numpy as np

from portfolio.errors import InfeasibleError
from portfolio.optimize.broken import soft_rules
from portfolio.optimize.checks import findings
from portfolio.optimize.engine import Engine, Stop
from portfolio.optimize.instance import Instance
from portfolio.optimize.model import Block, Model
from portfolio.optimize.relaxation import Loosened, cheapest_relaxation, effort, loosen, relax_together
from portfolio.optimize.rows.reserves import reserve_words
from portfolio.policy import Policy

# Prices below this are rounding; rules give way in shares of themselves, so that prices are about 1.
_NO_PRICE = 1e-9


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


def refuse_contradicting_locks(instance: Instance, policy: Policy) -> None:
    """Refuse locks that no solver is needed to see through.

    Raises
    ------
    InfeasibleError
        If a proposal must be funded and must not, or must be funded and cannot be.
    """
    for name in sorted(set(policy.must_fund)):
        if name in policy.must_not_fund:
            raise InfeasibleError(
                [f"{name} must be funded", f"{name} must not be funded"], "Remove one of the two."
            )
        reason = instance.ineligible[instance.position[name]]
        if reason:
            raise InfeasibleError([f"{name} must be funded", f"{name} {reason}"], "Remove it from must_fund.")


def explain_infeasible(instance: Instance, policy: Policy, engine: Engine, model: Model) -> InfeasibleError:
    """Return the error that names a smallest clashing set of rules.

    The set is found by QuickXplain (Junker 2004) among the rules that a linear program shows to clash, first over
    whole rules and then over their rows; that any member left out lets the others hold is verified at the end.
    """
    atoms = [*_locks(instance, policy, model), *_rules(instance, policy, model)]
    soft = set(soft_rules(policy))
    if np.isfinite(instance.most):
        # How far the budget may give way is firm.
        soft.discard("budget")
    firm = {atom.key: atom.words for atom in atoms if atom.lock is None and atom.key not in soft}
    loosened = loosen(instance, policy, engine, model, firm)
    checks = Checks(model, policy, engine)
    core = _smallest(_suspects(atoms, model, loosened), checks, atoms)
    fine = [part for atom in core for part in _split(model, atom)]
    if len(fine) > len(core):
        core = _smallest(_suspects(fine, model, loosened), checks, fine)
    ways = [way for atom in core if (way := _way(instance, policy, engine, model, atom))]
    found = [str(finding) for finding in findings(instance, policy) if finding.fatal]
    hints = ["Removing any one of them ends this clash; another may stand behind it."]
    if not checks.smallest(core):
        hints = ["Time ran out before it was certain that none of them could be left out of this list."]
    if ways:
        hints.append("What changing one rule alone would take; a rule that is not listed cannot do it alone:")
        hints += [f"  - {way}" for way in ways]
    together = relax_together(instance, policy, engine, model, loosened, firm)
    if not set(together) <= set(ways):
        hints.append(
            "Changing all rules together as little as can be, each as a share of itself, would take:"
        )
        hints += [f"  - {way}" for way in together]
    return InfeasibleError([atom.words for atom in core], "\n".join([*hints, *found]))


def _way(instance: Instance, policy: Policy, engine: Engine, model: Model, atom: Atom) -> str | None:
    """Return the cheapest relaxation of a rule; None for a lock, and where relaxing it alone is not enough."""
    if atom.lock is not None:
        return None
    if atom.block < 0:
        rows = [(index, 0) for index, block in enumerate(model.blocks) if atom.key in block.rules]
    elif atom.row is None:
        rows = [(atom.block, row) for row in range(len(model.blocks[atom.block]))]
    else:
        rows = [(atom.block, atom.row)]
    return cheapest_relaxation(instance, policy, engine, model, (atom.key, atom.words), rows)


def quickxplain(atoms: Sequence[Atom], feasible: Callable[[list[Atom]], bool]) -> list[Atom]:
    """Return a minimal subset of the atoms that is infeasible, in the order given; all atoms together must be.

    About ``k log(n / k)`` checks for k clashing atoms among n (Junker, AAAI 2004).
    """

    def search(background: list[Atom], grew: bool, candidates: list[Atom]) -> list[Atom]:
        if grew and not feasible(background):
            return []
        if len(candidates) == 1:
            return candidates
        half = len(candidates) // 2
        first, second = candidates[:half], candidates[half:]
        of_second = search(background + first, bool(first), second)
        of_first = search(background + of_second, bool(of_second), first)
        return of_first + of_second

    if not atoms or not feasible([]):
        return []
    return search([], False, list(atoms))


def _smallest(suspects: Sequence[Atom], checks: Checks, atoms: Sequence[Atom]) -> list[Atom]:
    """Return a smallest clashing set among the suspects, or among all rules if those alone do not clash.

    That all of them clash is known, though it may be by a coin that no solver sees: then all of them are needed.
    """
    return quickxplain(atoms if checks.feasible(suspects) else suspects, checks.feasible)


def _suspects(atoms: Sequence[Atom], model: Model, loosened: Loosened) -> list[Atom]:
    """Return the rules that have a price where all give way as little as they must: those clash by themselves.

    The prices prove that rules have to give way (Farkas 1902), and prove nothing about the others. All rules are
    returned where whole numbers alone make them clash.
    """
    duals, reduced = loosened.relaxed.duals, loosened.relaxed.reduced_costs
    if duals is None or reduced is None:
        return list(atoms)
    starts = np.cumsum([0, *(len(block) for block in model.blocks)])
    priced = [np.abs(duals[start:end]) > _NO_PRICE for start, end in pairwise(starts.tolist())]

    def suspect(atom: Atom) -> bool:
        if atom.lock is not None:
            return bool(abs(reduced[atom.lock]) > _NO_PRICE)
        if atom.row is not None:
            return bool(priced[atom.block][atom.row])
        mine = [atom.block] if atom.block >= 0 else range(len(priced))
        return any(priced[index].any() for index in mine if atom.key in model.blocks[index].rules)

    return [atom for atom in atoms if suspect(atom)]


def _locks(instance: Instance, policy: Policy, model: Model) -> Iterable[Atom]:
    column = {instance.ids[position]: index for index, position in enumerate(model.proposals.tolist())}
    for name in policy.must_fund:
        yield Atom("must_fund", f"{name} must be funded", lock=column[name])
    for name in policy.must_not_fund:
        if name in column:
            yield Atom("must_not_fund", f"{name} must not be funded", lock=column[name])


def _rules(instance: Instance, policy: Policy, model: Model) -> Iterable[Atom]:
    seen: set[str] = set()
    reserves = {reserve.key: reserve for reserve in policy.reserve}
    for index, block in enumerate(model.blocks):
        if len(block.rules) == 1 and block.rules[0] not in reserves:
            # A rule of the policy may bring several blocks; each can be left out by itself.
            yield Atom(block.rules[0], block.text(0) if len(block) == 1 else block.words, block=index)
        for rule in block.rules:
            if rule in reserves and rule not in seen:
                seen.add(rule)
                yield Atom(rule, reserve_words(instance, reserves[rule]))


def _split(model: Model, atom: Atom) -> list[Atom]:
    """Split a rule for many values into its rows."""
    if atom.block < 0 or len(model.blocks[atom.block]) == 1:
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
        return self._decide(kept) is not False

    def smallest(self, core: Sequence[Atom]) -> bool:
        """Verify that whichever rule of a clashing set is left out, the others hold together."""
        return all(self._decide([atom for atom in core if atom is not left_out]) for left_out in core)

    def _decide(self, kept: Sequence[Atom]) -> bool | None:
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
