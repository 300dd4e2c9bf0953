"""A decision for publication: nothing says what a proposal that was not funded asks for.

Two things would: sums that are about one or two of them, and figures that come from comparing the portfolio with
others, in which such proposals are funded. With the merits and requests of the funded, a loss gives the price of
money, and that gives a request for a merit.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from portfolio.optimize.broken import soft_rules
from portfolio.optimize.engine import Stop
from portfolio.optimize.enough import without_enough
from portfolio.optimize.figures import up_to
from portfolio.optimize.reasons import without_place
from portfolio.optimize.vectors import Bools
from portfolio.policy import Policy
from portfolio.report.stored import StoredDecision

# Of fewer, sums tell about single ones: what two ask for is no secret to either of them.
LEAST = 3
_EXACT = 1e-9


@dataclass(frozen=True)
class Sums:
    """Sums of requests that are published; what the funded ask for is known.

    Attributes
    ----------
    of
        (sums, proposals) which of the proposals that were not funded each sum adds up.
    bounded
        The same for sums of which only a bound is published. Bounds do not add up as sums do: of two that hold from
        the same side, the difference says nothing. So each is looked at by itself, beside the sums.
    """

    of: Bools
    bounded: tuple[Bools, ...] = ()

    def plus(self, of: Bools) -> Sums:
        """Return these sums and further ones."""
        return replace(self, of=np.vstack([self.of, of]))

    def bounding(self, bounded: Iterable[Bools]) -> Sums:
        """Return these sums and bounds on others."""
        return replace(self, bounded=(*self.bounded, *bounded))

    @property
    def tell(self) -> bool:
        """Whether a sum of fewer than `LEAST`, or a bound on one, follows from whatever is published."""
        return _tell(self.of) or any(_tell(np.vstack([self.of, bound])) for bound in self.bounded)


def _tell(of: Bools) -> bool:
    """Tell whether a sum of fewer than `LEAST` follows from sums, by adding and subtracting them.

    What follows is the space that the rows span. Proposals that are in the same sums cannot be told apart.
    """
    kinds, sizes = np.unique(of, axis=1, return_counts=True)
    _, lengths, axes = np.linalg.svd(kinds.astype(float), full_matrices=False)
    basis = axes[lengths > _EXACT * lengths.max(initial=1.0)]
    within = np.square(basis).sum(axis=0)
    if np.any(within[sizes < LEAST] >= 1 - _EXACT):
        return True
    # Two of a kind of their own follow together only if at least half of each does, which few can.
    alone = (sizes == 1) & (within >= 0.5 - _EXACT)
    both = 2 * basis[:, alone].T @ basis[:, alone] + np.add.outer(within[alone], within[alone])
    np.fill_diagonal(both, 0.0)
    return bool(np.any(both >= 2 - _EXACT))


def whole_demand(decisions: pl.DataFrame) -> Sums:
    """Return the sum of all that eligible proposals ask for."""
    return Sums(np.ones((1, decisions.filter(decision="not_funded").height), dtype=bool))


def published_demand(decisions: pl.DataFrame) -> Sums:
    """Return `whole_demand`, or no sum where that would tell."""
    demand = whole_demand(decisions)
    return replace(demand, of=demand.of & (not demand.tell))


def without_figures(decision: StoredDecision, decisions: pl.DataFrame) -> tuple[StoredDecision, pl.DataFrame]:
    """Return a decision without the figures that come from comparing it with other portfolios.

    These are what deciding otherwise on a proposal would lose, the merits that would have been enough, how many awards
    are worth more for the money, and prices of reserves where the value depends on requests. A bound that does not
    prove the decision the best is rounded up. The eligible demand of reserves is left out as well: the record does not
    say whose it is.
    """
    record = dict(decision.record)
    unpriced = (
        {"price": None, "price_low": None, "price_high": None} if _counts_money(decision.policy) else {}
    )
    record["reserves"] = [row | {"eligible": None} | unpriced for row in record["reserves"]]
    if decision.status is not Stop.OPTIMAL and 0 < decision.gap < np.inf:
        asked = decision.policy.solver.gap
        gap = asked if decision.gap <= asked else up_to(decision.gap, 1)
        bound = decision.value + (decision.bound - decision.value) * gap / decision.gap
        record |= {"gap": gap, "bound": bound}
    reason = pl.col("reason").map_elements(
        lambda words: without_place(without_enough(words)), return_dtype=pl.String
    )
    return replace(decision, record=record), decisions.with_columns(reason).drop("price_bound")


def rough_requests(decisions: pl.DataFrame) -> pl.DataFrame:
    """Return decisions in which those that are not funded ask for a round sum, for what only shows how large it is."""
    asked = pl.col("amount_requested").cast(pl.Float64)
    rough = asked.map_elements(lambda money: up_to(money, 1), return_dtype=pl.Float64)
    shown = pl.when(decision="funded").then(asked).otherwise(rough)
    return decisions.with_columns(shown.alias("amount_requested"))


def _counts_money(policy: Policy) -> bool:
    """Whether the value of a portfolio may depend on what its proposals ask for, and so a price as well."""
    objective = policy.objective
    cut = objective.partial is not False
    return bool(objective.exponent or objective.criterion or cut or soft_rules(policy))
