"""A fair lottery with rules: every draw is a portfolio that keeps the budget, the reserves and every other rule."""

from __future__ import annotations

import math
from collections.abc import Collection

import numpy as np

from portfolio.analysis.lottery.feasible import Feasible, feasible
from portfolio.analysis.lottery.leximin import Leximin, Watch, leximin, unwatched
from portfolio.analysis.lottery.lottery import Lottery
from portfolio.analysis.lottery.tickets import TICKETS, as_tickets
from portfolio.analysis.lottery.tied import tied_by_interval
from portfolio.optimize import Problem, Stop
from portfolio.optimize.clock import Deadline


def fair_lottery(
    problem: Problem,
    tied: Collection[str] | None = None,
    accepted: Collection[str] = (),
    *,
    tolerance: float = 1e-3,
    watch: Watch = unwatched,
) -> Lottery:
    """Return the lottery that makes the smallest chance among the tied as large as it can be, then the next smallest.

    It draws one of several portfolios. Each keeps every rule, funds the accepted and nobody who is rejected, and is
    full: no single proposal of the lottery could be added to it. Among the tied no value decides.

    Parameters
    ----------
    problem
        The call and the policy. Its time limit is that of the lottery.
    tied
        Ids of those that are drawn; without them, those whose interval of merit holds their funding line, see `tied`.
    accepted
        Ids of those that are funded in any case, if `tied` is given.
    tolerance
        A chance is settled if no more than this could be gained; in probability.
    watch
        Called with the number of chances that are settled, and the chance of the step.

    Raises
    ------
    PolicyError
        If the policy is none that one can draw under, with every reason.
    DataError
        If a name is no proposal, or of one that cannot be funded, or nobody is tied.
    InfeasibleError
        If the rules cannot be kept with these proposals.
    LimitError
        If time ran out before any portfolio was found.
    """
    stop = Stop.OPTIMAL
    if tied is None:
        known = tied_by_interval(problem)
        tied, accepted, stop = known.tied, known.accepted, known.stop
    deadline = Deadline.start(problem.policy.solver)
    among = feasible(problem, accepted, tied)
    return _lottery(among, leximin(among, tolerance, deadline, watch), stop)


def _lottery(among: Feasible, found: Leximin, tied: Stop) -> Lottery:
    weights = as_tickets(found.probabilities, 1)
    used = weights > 0
    portfolios, weights = found.portfolios[used], weights[used]
    # The order decides which numbers stand for which portfolio, so it is one that does not depend on the search.
    order = np.lexsort(portfolios.T[::-1])
    portfolios, weights = portfolios[order], weights[order]
    tickets = weights @ portfolios
    smallest = int(tickets[among.tied].min()) / TICKETS
    proof: dict[str, float | str | None] = {
        "smallest_chance": smallest,
        "bound": max(found.bound, smallest),
        "gap": found.gap if math.isfinite(found.gap) else None,
        "status": str(found.stop),
    }
    if tied.cut_short:
        proof["groups"] = str(tied)
    ids = among.instance.ids
    return Lottery("fair", ids, tickets, among.tied, portfolios, weights, None, proof)
