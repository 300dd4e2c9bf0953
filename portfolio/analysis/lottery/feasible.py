"""The portfolios that a lottery may draw: all that keep every rule, fund the accepted and nobody who is rejected."""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from portfolio.analysis.lottery.refusals import refuse_unfit
from portfolio.errors import DataError, Issue, each_nearest, names_in
from portfolio.optimize.audit import broken_rules
from portfolio.optimize.awards import Awards
from portfolio.optimize.broken import Broken, Given
from portfolio.optimize.compile import closer, compile_model
from portfolio.optimize.conflict import refuse_contradicting_locks
from portfolio.optimize.engine import Engine, Outcome, Stop
from portfolio.optimize.engines import engine_for
from portfolio.optimize.exact import Search
from portfolio.optimize.goals import goals, reached
from portfolio.optimize.instance import Instance
from portfolio.optimize.model import Model
from portfolio.optimize.solve import solve_guaranteed
from portfolio.optimize.vectors import Bools, Floats
from portfolio.policy import Policy, SolverSettings

if TYPE_CHECKING:
    from portfolio.optimize import Problem


@dataclass(frozen=True, eq=False)
class Found:
    """The answer to one search.

    Parameters
    ----------
    funded
        (n,) a portfolio that keeps every rule.
    bound
        No portfolio is worth more at the prices that were asked for.
    stop
        How the search stopped.
    """

    funded: Bools
    bound: float
    stop: Stop


@dataclass(frozen=True, eq=False)
class Feasible:
    """The set of portfolios of a lottery.

    Parameters
    ----------
    instance, policy
        With the accepted locked in and the rejected closed; every award is the largest that the policy allows.
    tied
        (n,) who is drawn.
    first
        Some portfolio of the set.
    """

    instance: Instance
    policy: Policy
    tied: Bools
    first: Bools
    _model: Model
    _given: Given
    _engine: Engine

    def best(self, prices: Floats, settings: SolverSettings) -> Found:
        """Find the portfolio whose tied proposals have the largest sum of prices, and fill it up.

        Parameters
        ----------
        prices
            (n,) at least 0; only those of the tied count.
        """
        value = np.zeros(len(self._model.value))
        value[: self._model.size] = np.where(self.tied, prices, 0.0)[self._model.proposals]
        known = Outcome(Stop.TIME_LIMIT, np.zeros(0), -math.inf, math.inf), self.awards(self.first)
        search = Search(self._engine, self.instance, self._broken, sharpen=self._closer, known=known)
        outcome, awards = search.best(self._model.aim(value), settings)
        return Found(self.filled(awards.funded, prices), outcome.bound, outcome.stop)

    def awards(self, funded: Bools) -> Awards:
        """Return the awards of a portfolio."""
        return Awards.of(self.instance, funded)

    def broken(self, funded: Bools) -> list[Broken]:
        """Return the rules that a portfolio breaks, added up in integers."""
        return self._broken(self.awards(funded))

    def _broken(self, awards: Awards) -> list[Broken]:
        return broken_rules(self.instance, self.policy, awards, self._given)

    def _closer(self, model: Model, x: Floats, awards: Awards) -> Model | None:
        return closer(self.instance, self.policy, model, awards)

    def filled(self, funded: Bools, prices: Floats) -> Bools:
        """Add every tied proposal that still fits, those of the highest price first, and then by id.

        What is added may make room for what did not fit before it, as a prerequisite does.
        """
        funded, order, added = funded.copy(), np.argsort(-prices, kind="stable"), True
        while added:
            added = False
            for index in order[self._payable(funded)[order]].tolist():
                added |= self._add(funded, index)
        return funded

    def addable(self, funded: Bools) -> list[int]:
        """Return which tied proposals could each be added to a portfolio; none if it is full."""
        candidates = np.flatnonzero(self._payable(funded)).tolist()
        return [index for index in candidates if self._add(funded.copy(), index)]

    def _payable(self, funded: Bools) -> Bools:
        """Return which of the tied the money that is left would pay: most of them need no look at the rules."""
        top = self.instance.sizes.top
        return self.tied & ~funded & (top <= self.instance.most - int(top[funded].sum()))

    def _add(self, funded: Bools, index: int) -> bool:
        """Add a proposal in place if the money and the rules allow it."""
        if not self._payable(funded)[index]:
            return False
        funded[index] = True
        funded[index] = not self.broken(funded)
        return bool(funded[index])


def feasible(problem: Problem, accepted: Collection[str], tied: Collection[str]) -> Feasible:
    """Return the portfolios that fund the accepted, some of the tied, and nobody else.

    Goals that come before the value (shortfalls of reserves with ``release`` or ``hold``, rules that give way by
    priority) are reached first, once; every portfolio of the set reaches them as well.

    Raises
    ------
    PolicyError
        If the policy is none that one can draw under, with every reason.
    DataError
        If a name is no proposal, or of one that cannot be funded.
    InfeasibleError
        If the rules cannot be kept with these proposals.
    """
    refuse_unfit(problem.policy)
    accepted, tied = set(names_in(accepted)), set(names_in(tied))
    _refuse_names(problem, accepted, tied)
    locked = problem.replace(must_fund=tuple(sorted({*problem.policy.must_fund, *accepted})))
    mine = np.isin(np.array(locked.instance.ids, dtype=object), [*locked.policy.must_fund, *tied])
    instance = _whole_awards(replace(locked.instance, open=locked.instance.open & mine))
    refuse_contradicting_locks(instance, locked.policy)
    engine = engine_for(locked.policy.solver)
    solution = solve_guaranteed(instance, locked.policy, engine)
    model, given = with_goals(instance, locked.policy, solution.awards)
    drawn = np.isin(np.array(instance.ids, dtype=object), list(tied))
    return Feasible(instance, locked.policy, drawn, solution.chosen, model, given, engine)


def with_goals(instance: Instance, policy: Policy, awards: Awards) -> tuple[Model, Given]:
    """Return the model in which the goals before the value are kept as far as some awards reach them."""
    model, given = compile_model(instance, policy), Given(levels={})
    for goal in goals(instance, policy, model):
        row, given = reached(instance, policy, model, goal, given, awards)
        model = model.add(row)
    return model, given


def _whole_awards(instance: Instance) -> Instance:
    """Take away the ways to cut awards: who wins gets the largest award that the policy allows."""
    none = np.zeros(0)
    sizes = replace(
        instance.sizes, owner=none.astype(np.int64), money=none, share=none, whole=none.astype(bool)
    )
    return replace(instance, sizes=sizes, freely=sizes)


def _refuse_names(problem: Problem, accepted: Collection[str], tied: Collection[str]) -> None:
    instance, issues = problem.instance, []
    barred = set(problem.policy.must_not_fund)
    locked = set(problem.policy.must_fund)
    names = sorted({*accepted, *tied}, key=str)
    unknown = [name for name in names if name not in instance.position]
    for name, hint in zip(unknown, each_nearest(unknown, instance.ids), strict=True):
        issues.append(Issue("is not a proposal of this call", hint, value=str(name)))
    for name in names:
        if name not in instance.position:
            continue
        index = instance.position[name]
        why = instance.ineligible[index]
        if name in barred:
            issues.append(Issue("is in must_not_fund", "take it out of one of the two lists", id=name))
        elif not instance.open[index]:
            what = (
                f"cannot be funded: {why}"
                if why
                else "cannot be funded: it is worth nothing or costs too much"
            )
            issues.append(Issue(what, "leave it out of the lottery", id=name))
        elif name in tied and (name in accepted or name in locked):
            issues.append(Issue("is both accepted and in the lottery", "say which of the two", id=name))
    if not tied:
        issues.append(
            Issue("nobody is tied, so there is nothing to draw", "fund the best portfolio as it is")
        )
    if issues:
        raise DataError(issues)
