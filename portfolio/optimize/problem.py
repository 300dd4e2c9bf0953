"""The decision problem: a call and a policy."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from portfolio.call import Call
from portfolio.optimize.checks import Finding, findings
from portfolio.optimize.compile import compile_model
from portfolio.optimize.conflict import refuse_contradicting_locks
from portfolio.optimize.engines import engine_for
from portfolio.optimize.instance import Instance, prepare
from portfolio.optimize.model import Model
from portfolio.optimize.portfolio import Portfolio
from portfolio.optimize.pulp_engine import to_pulp
from portfolio.optimize.rounds import solve_over_and_above
from portfolio.optimize.solution import Solution
from portfolio.optimize.solve import solve_guaranteed
from portfolio.optimize.tree import tree
from portfolio.policy import Policy

if TYPE_CHECKING:
    import pulp


@dataclass(frozen=True)
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

    @cached_property
    def instance(self) -> Instance:
        """The call seen through the policy, as arrays in the order of ids.

        Raises
        ------
        PolicyError
            If the policy does not fit the call.
        """
        return prepare(self.call, self.policy)

    @cached_property
    def model(self) -> Model:
        """The linear model: arrays, and the rule or proposal behind each row and column."""
        return compile_model(self.instance, self.policy)

    def check(self) -> tuple[Finding, ...]:
        """Return what can be seen to be wrong or odd before solving: fact, likely cause, way forward."""
        return findings(self.instance, self.policy)

    def solve(self) -> Portfolio:
        """Find the best portfolio that keeps every rule.

        Raises
        ------
        InfeasibleError
            If there is none, with a smallest set of rules that clash.
        LimitError
            If none was found in the time given.
        """
        return Portfolio(self, self._solution())

    def replace(self, **changes: Any) -> Problem:
        """Return the problem with some keys of the policy changed."""
        return Problem(self.call, self.policy.replace(**changes))

    def to_pulp(self) -> tuple[pulp.LpProblem, dict[str, pulp.LpVariable]]:
        """Write the problem for PuLP, to add rules of one's own.

        Returns
        -------
        problem
            Minimises the negated value; ``problem.solve()`` runs PuLP's default solver.
        variables
            Per id of a proposal that may be funded, its 0/1 variable.
        """
        problem, variables = to_pulp(self.model)
        ids = [self.instance.ids[position] for position in self.model.proposals.tolist()]
        return problem, dict(zip(ids, variables, strict=False))

    def __str__(self) -> str:
        return tree(self.instance, self.policy)

    def __repr__(self) -> str:
        return str(self)

    def _solution(self) -> Solution:
        refuse_contradicting_locks(self.instance, self.policy)
        engine = engine_for(self.policy.solver)
        if self.policy.reserve_order == "over_and_above":
            return solve_over_and_above(self.instance, self.policy, engine)
        return solve_guaranteed(self.instance, self.policy, engine)


def optimize(call: Call, policy: Policy) -> Portfolio:
    """Find the best portfolio of a call under a policy; see `Problem.solve`."""
    return Problem(call, policy).solve()


__all__ = ["Problem", "optimize"]
