"""What would end a clash of rules: for each of them the least change that is enough by itself, and for all together."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np

from portfolio.optimize.atoms import Atom, Checks
from portfolio.optimize.compile import compile_model
from portfolio.optimize.least import Case
from portfolio.optimize.loosening import Loosened, loosen
from portfolio.optimize.model import Model
from portfolio.optimize.relaxation import Change, Together, cheapest_relaxation, relax_together, said_of
from portfolio.optimize.room import unpayable
from portfolio.optimize.rows.budgets import year_name

_Way = TypeVar("_Way", Change, Together)


@dataclass(frozen=True)
class Way:
    """What ends a clash: the rule's key, or "" of what must or must not be funded, and what it would take."""

    atom: Atom
    words: str


def ways_out(case: Case, core: Sequence[Atom], atoms: Sequence[Atom], checks: Checks) -> list[Way]:
    """Say for each clashing rule what changing it alone would take, where that is enough."""
    ways = list[Way]()
    for atom in core:
        if atom.lock is None:
            ways += _relaxed(case, atom)
        elif checks.decided([other for other in atoms if other != atom]):
            ways.append(Way(atom, f"{atom.words}: would have to be dropped"))
    ways += _wholes(case, [atom for atom in core if atom.row is not None], atoms, ways)
    for atom in atoms:
        # A larger budget may be a way out by requests that no smaller one could pay, and that no clash is about.
        if (
            atom.key == "budget"
            and atom not in core
            and _wider(case, _more(case, [_year(case, atom)], math.inf))
        ):
            ways += _relaxed(case, atom)
    return ways


def _wholes(case: Case, rows: Sequence[Atom], atoms: Sequence[Atom], ways: Sequence[Way]) -> Iterator[Way]:
    """Yield what whole rules would take, where no clashing row of theirs is enough by itself."""
    alone = {way.atom.block for way in ways if way.atom in rows}
    for atom in atoms:
        if atom.block in {row.block for row in rows} - alone:
            yield from _relaxed(case, atom)


def _relaxed(case: Case, atom: Atom) -> Iterator[Way]:
    """Yield the cheapest relaxation of a rule or a row of it, if relaxing it alone is enough."""
    rows = list(_rows(case, atom))
    if atom.key == "budget":
        change = _of_budget(case, rows, _year(case, atom))
    else:
        change = cheapest_relaxation(case, atom.key, rows)
    if change is not None:
        yield Way(atom, said_of(case, atom.key, atom.words, rows, change))


def _rows(case: Case, atom: Atom) -> Iterator[tuple[int, int]]:
    """Yield the rows that give way with a rule or a row of it."""
    for index, block in enumerate(case.model.blocks):
        if index == atom.block:
            yield from ((index, row) for row in (range(len(block)) if atom.row is None else [atom.row]))
        elif atom.key not in block.rules:
            continue
        elif atom.block < 0 or (atom.key == "budget" and _year_of(case, block.names[0]) is None):
            # A reserve counts in each of its rows; what is held over all years is held of the budget of any.
            yield index, 0


def _of_budget(case: Case, rows: Sequence[tuple[int, int]], year: int | None) -> Change | None:
    """Return by how much a budget has to be exceeded."""
    return _widened(
        case,
        lambda one: cheapest_relaxation(one, "budget", rows),
        lambda size: _more(case, [year], size),
        lambda change: change.size,
    )


def together(case: Case, loosened: Loosened, words: Mapping[str, str]) -> Together | None:
    """Say by how much each rule gives way if all may."""

    def search(one: Case) -> Together | None:
        loose = loosened if one is case else loosen(one.instance, one.policy, one.engine, one.model, words)
        return relax_together(one, loose, words)

    return _widened(case, search, lambda cost: _worth(case, loosened, cost), lambda found: found.cost)


def _widened(
    case: Case,
    search: Callable[[Case], _Way | None],
    more: Callable[[float], Sequence[float]],
    size: Callable[[_Way], float],
) -> _Way | None:
    """Return the least of a search, which looks at what only larger budgets could pay as well.

    Parameters
    ----------
    more
        What each year may get beyond its budget where no more than a size is spent on it.
    size
        By how much rules give way in what was found.
    """
    best, looked_at = search(case), case
    while True:
        wider = _wider(case, more(math.inf if best is None else size(best)))
        if wider is None or _same(wider, looked_at):
            return best
        found, looked_at = search(wider), wider
        if found is None:
            return None if best is None else replace(best, least=0.0)
        if best is None or size(found) < size(best):
            best = found
        best = replace(best, least=found.least)


def with_all(case: Case) -> Case:
    """Return the problem with all that may be funded if there is money: then budgets themselves leave out the rest."""
    wider = _wider(case, [math.inf for _ in case.instance.budgets])
    return case if wider is None else wider


def _wider(case: Case, more: Sequence[float]) -> Case | None:
    """Return the problem with what could be paid if there were so much more money in each year; None if it is none."""
    instance, policy = case.instance, case.policy
    room = [
        sum(sums) - committed
        for *sums, committed in zip(instance.budgets, instance.beyond, more, instance.committed, strict=True)
    ]
    least = instance.freely.least
    over = unpayable(policy, instance.amount, instance.by_year, least, room, instance.carry)
    dear = instance.wanted & ~instance.payable & ~over.any(axis=1) & ~instance.open
    larger = instance.freely is not instance.sizes and any(more)
    if not dear.any() and not larger:
        return None
    wider = replace(instance, open=instance.open | dear, sizes=instance.freely if larger else instance.sizes)
    model = compile_model(wider, policy)
    # Goals that stand before the value, and rounds, are rows of the columns that there were.
    return replace(case, instance=wider, model=model) if _alike(model, case.model) else None


def _same(wider: Case, other: Case) -> bool:
    same_sizes = wider.instance.sizes is other.instance.sizes
    return same_sizes and bool(np.array_equal(wider.instance.open, other.instance.open))


def _alike(model: Model, other: Model) -> bool:
    rules, others = ([block.rules for block in one.blocks if block.rules] for one in (model, other))
    return rules == others


def _more(case: Case, years: Sequence[int | None], size: float) -> list[float]:
    return [size if year in years else 0.0 for year in range(len(case.instance.budgets))]


def _worth(case: Case, loosened: Loosened, cost: float) -> list[float]:
    """Return what each year may get beyond its budget for no more than a cost."""
    more = _more(case, [], 0.0)
    for rule, columns, rows in loosened.changes:
        for column, (block, row) in zip(columns, rows, strict=True):
            year = _year_of(case, case.model.blocks[block].names[row]) if rule == "budget" else None
            if year is not None:
                more[year] = cost * case.model.unit / -float(loosened.model.value[column])
    return more


def _year(case: Case, atom: Atom) -> int | None:
    return _year_of(case, case.model.blocks[atom.block].names[0])


def _year_of(case: Case, name: str) -> int | None:
    """Return the year of a row of the budget; None for that of all years."""
    names = [year_name(case.instance, year) for year in range(len(case.instance.budgets))]
    return names.index(name) if name in names else None
