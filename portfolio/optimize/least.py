"""The least by which rules have to give way: a search whose every answer is audited in integers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from portfolio.errors import SolverError
from portfolio.optimize.allowed import ANY, Row, still_broken
from portfolio.optimize.awards import Awards
from portfolio.optimize.broken import Broken
from portfolio.optimize.compile import closer
from portfolio.optimize.engine import Engine
from portfolio.optimize.exact import Search
from portfolio.optimize.instance import Instance
from portfolio.optimize.loosening import GAP
from portfolio.optimize.model import Model
from portfolio.optimize.vectors import Floats
from portfolio.policy import Policy, SolverSettings

NOTHING = 1e-6
"""Changes below this are rounding."""

# How much more than what is needed at least is tried, for so long each; and how long for a proof that it is the least.
_TRIES, _SECONDS_EACH = (0.1, GAP, 1e-5), 0.7


@dataclass(frozen=True)
class Case:
    """A problem without a portfolio."""

    instance: Instance
    policy: Policy
    engine: Engine
    model: Model


@dataclass(frozen=True)
class Found:
    """A portfolio for which rules give way.

    Attributes
    ----------
    decided
        The columns that say who gets what.
    size
        By how much rules give way, column by column.
    cost
        What that is in all.
    least
        No portfolio costs less.
    """

    awards: Awards
    decided: Floats
    size: Floats
    cost: float
    least: float


@dataclass(frozen=True)
class Loose:
    """A problem some of whose rules may give way.

    Attributes
    ----------
    loosen
        Adds columns by which rules give way behind those of a model, and their cost as its objective.
    rows
        The rows that give way.
    """

    case: Case
    loosen: Callable[[Model], Model]
    rows: frozenset[Row]

    @cached_property
    def model(self) -> Model:
        """The model whose rules give way."""
        return self.loosen(self.case.model)

    @property
    def first(self) -> int:
        """The first column by which a rule gives way."""
        return len(self.case.model.value)

    @property
    def weights(self) -> Floats:
        """What a unit of each column costs by which a rule gives way."""
        return -self.model.value[self.first :]

    def least(self, size: Floats | None, settings: SolverSettings) -> Found | None:
        """Return a portfolio for which rules give way as little as can be found.

        Parameters
        ----------
        size
            By how much they must give way at least; None if that is not known.
        """
        best, least = None, 0.0
        if size is not None and np.any(size > NOTHING):
            least = float(self.weights @ size)
            best = self._tried(size, settings)
            if not _close(best, least) and np.any(size <= NOTHING):
                # Only those that have to: few, and those that matter.
                some = np.where(size > NOTHING, np.inf, 0.0)
                best = _better(best, self._solved(self._bound(self.model, high=some), settings))
        if best is None:
            best = self._solved(self.model, settings)
            least = least if best is None else max(least, best.least)
        if best is None or _close(best, least, 1e-9):
            return None if best is None else replace(best, least=least)
        # That nothing less is enough takes another look.
        exact = settings.replace(gap=0.0, time_limit=min(settings.time_limit, _SECONDS_EACH))
        whole = self._solved(self.model, exact)
        least = least if whole is None else max(least, whole.least)
        best = _better(best, whole) or best
        return replace(best, least=min(least, best.cost))

    def _tried(self, size: Floats, settings: SolverSettings) -> Found | None:
        """Return a portfolio of some value for which rules give way by little more than a size; None if there is none.

        Whether there is any is found sooner than the least that rules have to give way. The value of the awards tells
        the search which of them to try.
        """
        base, best = self.case.model, None
        value = np.concatenate([base.value, np.zeros(len(size))])
        limits = settings.replace(gap=1.0, time_limit=min(settings.time_limit, _SECONDS_EACH))
        for more in _TRIES:
            high = size * (1 + more) + NOTHING
            found = self._solved(self._bound(self.model, high=high).aim(value), limits)
            if found is None:
                break
            best = found
        if best is None:
            return None
        # Those awards may need less than they were allowed.
        made = base.integer[: base.decisions]
        low, high = self.model.low.copy(), self.model.high.copy()
        low[: base.decisions] = np.where(made, best.decided, low[: base.decisions])
        high[: base.decisions] = np.where(made, best.decided, high[: base.decisions])
        return self._solved(self.model.bound(low=low, high=high), settings)

    def _bound(self, model: Model, *, high: Floats) -> Model:
        return model.bound(high=np.concatenate([model.high[: self.first], high]))

    def _solved(self, model: Model, settings: SolverSettings) -> Found | None:
        """Return the best portfolio of a model, none of whose other rules is broken; None if none was found."""
        case = self.case
        search = Search(case.engine, case.instance, self._audit, sharpen=self._sharper)
        try:
            outcome, awards = search.best(model, settings)
        except SolverError:
            return None
        if outcome.x is None:
            return None
        size = outcome.x[len(outcome.x) - len(self.weights) :]
        decided = outcome.x[: case.model.decisions]
        return Found(awards, decided, size, float(self.weights @ size), -outcome.bound)

    def _audit(self, awards: Awards) -> list[Broken]:
        case = self.case
        return still_broken(case.instance, case.policy, case.model, awards, dict.fromkeys(self.rows, ANY))

    def _sharper(self, model: Model, x: Floats, awards: Awards) -> Model | None:
        """Return a model that is exact for some awards where it took a curve for straight lines, else as it was."""
        case, lines, giving = self.case, self.case.model.lines, len(self.weights)
        again = closer(case.instance, case.policy, replace(case.model, breaks=model.breaks), awards)
        if again is None:
            return None
        loose = self.loosen(again)

        def kept(old: Floats, new: Floats) -> Floats:
            return np.concatenate([old[:lines], new[lines:-giving], old[-giving:]])

        bounds = {"low": kept(model.low, loose.low), "high": kept(model.high, loose.high)}
        cuts = model.blocks[len(case.model.blocks) :]
        return loose.bound(**bounds).aim(kept(model.value, loose.value)).add(*cuts)


def _close(best: Found | None, least: float, gap: float = GAP) -> bool:
    return best is not None and best.cost <= (1 + gap) * least + (NOTHING if gap == GAP else 0.0)


def _better(best: Found | None, found: Found | None) -> Found | None:
    if best is None or found is None:
        return found if best is None else best
    return found if found.cost < best.cost else best
