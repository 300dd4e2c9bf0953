"""The decision problem: a call and a policy."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from portfolio.call import Call
from portfolio.call.requests import with_requests
from portfolio.optimize.awards import Awards
from portfolio.optimize.checks import findings
from portfolio.optimize.compile import compile_model
from portfolio.optimize.conflict import refuse_contradicting_locks
from portfolio.optimize.engine import Watch, unwatched
from portfolio.optimize.engines import engine_for
from portfolio.optimize.finding import Finding
from portfolio.optimize.fits import fractions
from portfolio.optimize.instance import Instance
from portfolio.optimize.model import Model
from portfolio.optimize.portfolio import Portfolio
from portfolio.optimize.prepare import Scored, prepare, score_call
from portfolio.optimize.relaxed import Relaxed, relax_guaranteed
from portfolio.optimize.rounds import solve_over_and_above
from portfolio.optimize.solution import RowKey, Solution
from portfolio.optimize.solve import solve_guaranteed
from portfolio.optimize.tree import tree
from portfolio.optimize.vectors import Floats
from portfolio.policy import Policy
from portfolio.shown import rich_text

if TYPE_CHECKING:
    import pulp
    from rich.text import Text


# What scores depend on.
_SCORING = ("reviews", "scoring", "early_career")
_RULES = ("reserve", "limit", "coverage", "link")
# What changes nothing in the arrays of an instance.
_BESIDE = {"reserve", "reserve_accounting", "reserve_order", "solver"}


@dataclass(frozen=True, eq=False)
class _Known:
    """What is known from a similar problem: scores, arrays, and prices of rows."""

    scored: Scored | None = None
    instance: Instance | None = None
    prices: Mapping[RowKey, float] | None = None


@dataclass(frozen=True, eq=False)
class Problem:
    """Which proposals of a call to fund under a policy.

    Parameters
    ----------
    call
        What was asked for.
    policy
        What the funder wants.

    Examples
    --------
    >>> import portfolio as pf
    >>> problem = pf.Problem(pf.simulate_call(60, reviews_per_proposal=0).call, pf.Policy(budget=5_000_000))
    >>> problem.solve().spent <= 5_000_000
    True
    """

    call: Call
    policy: Policy
    _known: _Known = field(default_factory=_Known, repr=False, compare=False)

    @cached_property
    def _scored(self) -> Scored:
        return self._known.scored or score_call(self.call, self.policy)

    @property
    def _prices(self) -> Mapping[RowKey, float] | None:
        """Prices of rows from which a similar problem may start: of this one once it is solved."""
        known: Mapping[RowKey, float] | None = self.__dict__.get("_last", self._known.prices)
        return known

    @cached_property
    def instance(self) -> Instance:
        """The call seen through the policy, as arrays in the order of ids.

        Raises
        ------
        PolicyError
            If the policy does not fit the call.
        """
        if self._known.instance is not None:
            self.policy.refuse(list(fractions(self.policy, self.call.currency)))
            return self._known.instance
        return prepare(self._scored, self.policy)

    @cached_property
    def model(self) -> Model:
        """The linear model: arrays, and the rule or proposal behind each row and column."""
        return compile_model(self.instance, self.policy)

    def check(self) -> tuple[Finding, ...]:
        """Return what can be seen to be wrong or odd before solving: fact, likely cause, way forward."""
        return findings(self.instance, self.policy)

    def solve(self, watch: Watch = unwatched, near: Portfolio | None = None) -> Portfolio:
        """Find the best portfolio that keeps every rule.

        Parameters
        ----------
        watch
            Called with a `Stage` (name, value, bound, gap) as soon as each is reached: goals that come before the
            value, the ``bound`` of the relaxation, the ``first`` portfolio with its proven gap, the ``proof``.
        near
            A decision on the same proposals. Where its awards keep every rule and are proven to be within the gap
            asked for, they are the answer, and the answer is never worth less than they are. Not used where awards
            may be cut, nor over and above, where each round is the best by itself.

        Raises
        ------
        InfeasibleError
            If there is none, with a smallest set of rules that clash.
        LimitError
            If none was found in the time given.
        ValueError
            If `near` is a decision on other proposals.
        """
        if near is not None and near.problem.instance.ids != self.instance.ids:
            raise ValueError("near is a decision on other proposals; give one on this call")
        solution = self._solution(watch, near)
        # What is known now makes the next solve of a similar problem quicker; it does not change what is found.
        self.__dict__["_last"] = solution.prices
        return Portfolio(self, solution)

    def relax(self) -> Relaxed:
        """Solve without whole numbers: a bound on the value of every portfolio, and no decision.

        Goals that come before the value are reached by whole proposals first, as in `solve`.

        Raises
        ------
        PolicyError
            If reserves are over and above: rounds have no relaxation.
        InfeasibleError
            If proposals funded in parts cannot keep the rules either, with a smallest set of rules that clash.
        LimitError
            If the time was over before.
        """
        refuse_contradicting_locks(self.instance, self.policy)
        engine = engine_for(self.policy.solver)
        relaxed = relax_guaranteed(self.instance, self.policy, engine, self._known.prices)
        self.__dict__["_last"] = relaxed.prices
        return relaxed

    def replace(self, **changes: Any) -> Problem:
        """Return the problem with some keys of the policy changed.

        Once this problem is solved, the other starts from its prices, and scores that do not change are not made again.
        """
        return self.under(self.policy.replace(**changes))

    def under(self, policy: Policy) -> Problem:
        """Return the problem of the same call under another policy; what does not change is not made again."""
        changes = {
            key for key in type(policy).model_fields if getattr(policy, key) != getattr(self.policy, key)
        }
        scored = self.__dict__.get("_scored", self._known.scored) if changes.isdisjoint(_SCORING) else None
        instance = self.__dict__.get("instance") if changes <= _BESIDE else None
        # Where rules come or go, prices move too far for the old ones to be of help.
        rules = all(len(getattr(policy, key)) == len(getattr(self.policy, key)) for key in _RULES)
        return Problem(self.call, policy, _Known(scored, instance, self._prices if rules else None))

    def afresh(self) -> Problem:
        """Return the problem without prices of earlier solves; scores and arrays are not made again."""
        scored, instance = (self.__dict__.get(name) for name in ("_scored", "instance"))
        known = _Known(scored or self._known.scored, instance or self._known.instance)
        return Problem(self.call, self.policy, known)

    def after(self, other: Problem) -> Problem:
        """Return the problem with the prices of a similar one that was solved or relaxed, to start from."""
        return Problem(self.call, self.policy, _Known(self._scored, self.instance, other._prices))

    def rescored(self, columns: Mapping[str, Floats | pl.Series]) -> Problem:
        """Return the problem with other scores, everything else equal; conditions that use them are looked at again.

        Parameters
        ----------
        columns
            Per column of the scores (``merit``, ``risk``, ...), (n,) numbers or words in the order of ids.
        """
        named = {prefix + name: values for name, values in columns.items() for prefix in ("", "scored_")}
        table = self._scored.table
        fitting = {name: values for name, values in named.items() if name in table.columns}
        changed = table.with_columns(*pl.DataFrame(fitting).fill_nan(None))
        return Problem(
            self.call,
            self.policy,
            _Known(replace(self._scored, table=changed), None, self._prices),
        )

    def asking(self, amounts: Mapping[str, int]) -> Problem:
        """Return the problem with other requests, everything else equal; each is spread over the years as before.

        Parameters
        ----------
        amounts
            Request in minor units per id.
        """
        scored = self._scored
        call = replace(scored.call, frame=with_requests(scored.call.frame, amounts))
        money = call.table().select(name for name in call.money if "amount" in name)
        return Problem(
            call,
            self.policy,
            _Known(replace(scored, call=call, table=scored.table.with_columns(money)), None, self._prices),
        )

    def promised(self, awards: Awards, but: Collection[str] = (), **changes: Any) -> Problem:
        """Return the problem in which awards are promised: they stay as they are, and others may join them.

        Parameters
        ----------
        awards
            What was decided on this problem.
        but
            Ids of awardees who decline: they are not funded.
        changes
            Keys of the policy that change as well, none of which says who may be funded or what it is worth: rules
            that give way, and the solver.
        """
        instance, gone = self.instance, set(but)
        names = [instance.ids[index] for index in np.flatnonzero(awards.funded).tolist()]
        stay = awards.funded & ~np.isin(np.array(instance.ids), list(gone))
        policy = self.policy.replace(
            must_fund=tuple(name for name in names if name not in gone),
            must_not_fund=(*self.policy.must_not_fund, *sorted(gone)),
            **changes,
        )
        # Who may be funded does not change: those who stay could be already.
        sizes = instance.sizes.fixed(stay, awards.amount)
        instance = replace(instance, sizes=sizes, freely=instance.freely.fixed(stay, awards.amount))
        return Problem(self.call, policy, _Known(self._known.scored, instance))

    def to_pulp(self) -> tuple[pulp.LpProblem, dict[str, pulp.LpVariable]]:
        """Write the problem for PuLP, to add rules of one's own.

        Returns
        -------
        problem
            Minimises the negated value; ``problem.solve()`` runs PuLP's default solver.
        variables
            Per id of a proposal that may be funded, its 0/1 variable.
        """
        from portfolio.optimize.pulp_engine import to_pulp

        problem, variables = to_pulp(self.model)
        ids = [self.instance.ids[position] for position in self.model.proposals.tolist()]
        return problem, dict(zip(ids, variables, strict=False))

    def __str__(self) -> str:
        return str(tree(self.instance, self.policy))

    def __repr__(self) -> str:
        return str(self)

    def __rich__(self) -> Text:
        return rich_text(self)

    def _repr_html_(self) -> str:
        return tree(self.instance, self.policy).html()

    def _solution(self, watch: Watch, near: Portfolio | None) -> Solution:
        refuse_contradicting_locks(self.instance, self.policy)
        engine = engine_for(self.policy.solver)
        if self.policy.reserve_order == "over_and_above":
            return solve_over_and_above(self.instance, self.policy, engine, watch)
        awards = None if near is None else near.solution.awards
        return solve_guaranteed(self.instance, self.policy, engine, watch, self._known.prices, awards)


def optimize(call: Call, policy: Policy) -> Portfolio:
    """Find the best portfolio of a call under a policy; see `Problem.solve`."""
    return Problem(call, policy).solve()
