"""What would end a clash of rules: for each of them the least change that is enough by itself."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from portfolio.optimize.atoms import Atom, Checks, split
from portfolio.optimize.compile import compile_model
from portfolio.optimize.engine import Engine
from portfolio.optimize.instance import Instance
from portfolio.optimize.model import Model
from portfolio.optimize.relaxation import cheapest_relaxation
from portfolio.policy import Policy


@dataclass(frozen=True)
class Case:
    """A problem without a portfolio."""

    instance: Instance
    policy: Policy
    engine: Engine
    model: Model

    def relaxed(self, atom: Atom) -> str | None:
        """Return the cheapest relaxation of a rule or a row of it; None where relaxing it alone is not enough."""
        if atom.block < 0:
            rows = [(index, 0) for index, block in enumerate(self.model.blocks) if atom.key in block.rules]
        elif atom.row is None:
            rows = [(atom.block, row) for row in range(len(self.model.blocks[atom.block]))]
        else:
            rows = [(atom.block, atom.row)]
        named = atom.key, atom.words
        return cheapest_relaxation(self.instance, self.policy, self.engine, self.model, named, rows)

    def with_the_dear(self) -> Case | None:
        """Return the problem with those that a larger budget could pay; None if there are none."""
        dear = self.instance.eligible & self.instance.unpayable.any(axis=1) & ~self.instance.open
        if not dear.any():
            return None
        instance = replace(self.instance, open=self.instance.open | dear)
        model = compile_model(instance, self.policy)
        # Goals that stand before the value are rows of the columns that there were.
        return replace(self, instance=instance, model=model) if _alike(model, self.model) else None


def _alike(model: Model, other: Model) -> bool:
    return [block.rules for block in model.blocks] == [block.rules for block in other.blocks]


def ways_out(case: Case, core: Sequence[Atom], atoms: Sequence[Atom], checks: Checks) -> list[str]:
    """Say for each clashing rule what changing it alone would take, where that is enough."""
    ways = list[str]()
    for atom in core:
        if atom.lock is None:
            way = case.relaxed(atom)
        else:
            ends = checks.decided([other for other in atoms if other != atom])
            way = f"{atom.words}: would have to be dropped" if ends else None
        ways += [] if way is None else [way]
    ways += _wholes(case, [atom for atom in core if atom.row is not None], atoms, ways)
    wider = case.with_the_dear()
    if wider is not None and not any(atom.key == "budget" for atom in core):
        years = [part for atom in atoms if atom.key == "budget" for part in split(wider.model, atom)]
        ways += filter(None, map(wider.relaxed, years))
    return ways


def _wholes(case: Case, rows: Sequence[Atom], atoms: Sequence[Atom], ways: Sequence[str]) -> Iterator[str]:
    """Yield what whole rules would take, where no clashing row of theirs is enough by itself."""
    alone = {atom.block for atom in rows if any(way.startswith(f"{atom.words}: ") for way in ways)}
    for atom in atoms:
        if atom.block in {row.block for row in rows} - alone:
            way = case.relaxed(atom)
            if way is not None:
                yield way
