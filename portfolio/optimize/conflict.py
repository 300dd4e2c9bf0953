"""Why no portfolio exists: a smallest set of the funder's rules that clash."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np

from portfolio.errors import InfeasibleError
from portfolio.optimize.atoms import Atom, Checks, locks, rules, split
from portfolio.optimize.broken import soft_rules
from portfolio.optimize.checks import findings
from portfolio.optimize.engine import Engine
from portfolio.optimize.finding import Finding
from portfolio.optimize.instance import Instance
from portfolio.optimize.least import Case
from portfolio.optimize.loosening import Loosened, loosen
from portfolio.optimize.model import Model
from portfolio.optimize.ways import together, ways_out, with_all
from portfolio.policy import Policy

TOGETHER = "Changing all rules together"
"""How the words begin for what several rules take at a time, where no single one is meant."""

# Prices below this are rounding; rules give way in shares of themselves, so that prices are about 1.
_NO_PRICE = 1e-9


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
    case = Case(instance, policy, engine, model)
    atoms = _atoms(case)
    soft = set(soft_rules(policy))
    if np.isfinite(instance.most):
        # How far the budget may give way is firm.
        soft.discard("budget")
    firm = {atom.key: atom.words for atom in atoms if atom.lock is None and atom.key not in soft}
    loosened = _loosened(case, firm)
    every = with_all(case)
    core, verified = _core(every, loosened if every is case else _loosened(every, firm))
    # Of what a budget leaves out nothing can be locked in that model, and groups have fewer members there.
    known = [atom for one in core for atom in _same(one, every.model, atoms, model)]
    ways = ways_out(case, known, atoms, Checks(case))
    hints = ["Removing any one of them ends this clash; another may stand behind it."]
    if not verified:
        hints = [
            "Whether all of them are needed for this clash could not be told in time: some may have no part in it."
        ]
    if ways:
        hints.append("What changing one rule alone would take, where that was found to be enough:")
        hints += [f"  - {way.words}" for way in ways]
    both = together(case, loosened, firm)
    alone = {way.words for way in ways}
    if both is not None and not any(set(both.lines(needed=one)) <= alone for one in (True, False)):
        hints.append(f"{TOGETHER} {both.words}, each as a share of itself, would take:")
        hints += [f"  - {way}" for way in both.said]
    told = {way.atom.key for way in ways} | set(both.rules if both is not None else ())
    found = _seen(findings(instance, policy), told)
    return InfeasibleError([atom.words for atom in core], "\n".join([*hints, *found]))


def _seen(found: Iterable[Finding], told: Collection[str]) -> Iterator[str]:
    """Yield what was seen before solving, and no more than its cause of a rule that a figure is told for.

    What was seen counts demand blindly to all other rules, so that its way forward may not be enough.
    """
    for one in found:
        if one.fatal and not set(told) & set(one.about):
            yield str(one)
        elif one.fatal and one.known:
            of = f", {one.group}" if one.group else ""
            yield f"{' and '.join(one.about)}{of}: {one.cause}"


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


def _atoms(case: Case) -> list[Atom]:
    parts = case.instance, case.policy, case.model
    return [*locks(*parts), *rules(*parts)]


def _loosened(case: Case, firm: Mapping[str, str]) -> Loosened:
    return loosen(case.instance, case.policy, case.engine, case.model, firm)


def _core(every: Case, loosened: Loosened) -> tuple[list[Atom], bool]:
    """Return a smallest clashing set, and whether it was verified that each of its rules is needed.

    It is looked for among all that may be funded if there is money, also what no budget could pay: a rule that only
    such a request would keep clashes with the budget that leaves it out, and not by itself.
    """
    checks, atoms = Checks(every), _atoms(every)
    core = _smallest(_suspects(atoms, every.model, loosened), checks, atoms)
    fine = [part for atom in core for part in split(every.model, atom)]
    if len(fine) > len(core):
        core = _smallest(_suspects(fine, every.model, loosened), checks, fine)
    return core, checks.smallest(core)


def _same(atom: Atom, of: Model, atoms: Sequence[Atom], model: Model) -> Iterator[Atom]:
    """Yield what an atom of one model is in another, of which these are all atoms; nothing if it is not there.

    Both have the same rules in the same order, while blocks of no rule, such as those of the chances of success, may
    be fewer where there are fewer columns.
    """
    if atom.lock is not None or atom.block < 0:
        yield from (other for other in atoms if (other.key, other.words) == (atom.key, atom.words))
        return
    place = _ruled(of).index(atom.block)
    at = _ruled(model)[place]
    block = model.blocks[at]
    if atom.row is not None:
        rows = (row for row in range(len(block)) if block.text(row) == atom.words)
        yield from (replace(atom, block=at, row=row) for row in rows)
    elif len(block):
        yield replace(atom, block=at)


def _ruled(model: Model) -> list[int]:
    return [index for index, block in enumerate(model.blocks) if block.rules]


def _smallest(suspects: Sequence[Atom], checks: Checks, atoms: Sequence[Atom]) -> list[Atom]:
    """Return a smallest clashing set among the suspects, or among all rules if those alone do not clash.

    That all of them clash is known. Prices show no clash by a coin: then it is looked for among all of them.
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
