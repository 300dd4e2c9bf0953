"""A decision for publication: nothing says what a proposal that was not funded asks for.

Two things would: sums that are about one or two of them, or near the least or the most that they can be, and figures
that come from comparing the portfolio with others, in which such proposals are funded. With the merits and requests of
the funded, a loss gives the price of money, and that gives a request for a merit.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import polars as pl

from portfolio.optimize.broken import soft_rules
from portfolio.optimize.changes import without_changes
from portfolio.optimize.engine import Stop
from portfolio.optimize.enough import without_enough
from portfolio.optimize.figures import up_to
from portfolio.optimize.reasons import without_place
from portfolio.optimize.vectors import Bools, Floats
from portfolio.policy import Policy
from portfolio.report.html.narrowed import narrowed
from portfolio.report.stored import StoredDecision

# Of fewer, sums tell about single ones: what two ask for is no secret to either of them.
LEAST = 3
ENTERS = "would_enter_without"
_EXACT = 1e-9
_PRICES = ("price", "price_low", "price_high")


@dataclass(frozen=True)
class Sums:
    """Sums of requests that are published; what the funded ask for is known.

    Attributes
    ----------
    of
        (sums, proposals) which of the proposals that were not funded each sum adds up.
    asked
        (proposals,) what these ask for.
    capped
        (groups, proposals) which of them may have a least and a most of their own, see `narrowed`.
    bounded
        The same as `of` for sums of which only a bound is published. Bounds do not add up as sums do: of two that hold
        from the same side, the difference says nothing. So each is looked at by itself, beside the sums.
    """

    of: Bools
    asked: Floats
    capped: Bools | None = None
    bounded: tuple[Bools, ...] = ()

    def plus(self, of: Bools) -> Sums:
        """Return these sums and further ones."""
        return replace(self, of=np.vstack([self.of, of]))

    def bounding(self, bounded: Iterable[Bools]) -> Sums:
        """Return these sums and bounds on others."""
        return replace(self, bounded=(*self.bounded, *bounded))

    @property
    def tell(self) -> bool:
        """Whether a sum of fewer than `LEAST`, a bound on one, or nearly a request follows from what is published."""
        # A bound may be as good as the sum: nobody knows how far from each other they are.
        published = [self.of, *(np.vstack([self.of, bound]) for bound in self.bounded)]
        return any(map(_tell, published)) or any(narrowed(of, self.asked, self.capped) for of in published)


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
    lost = decisions.filter(decision="not_funded")
    asked = lost["amount_requested"].cast(pl.Float64).to_numpy()
    schemes = lost["scheme"].drop_nulls().unique().sort() if "scheme" in lost.columns else ()
    capped = [(lost["scheme"] == scheme).fill_null(False).to_numpy() for scheme in schemes]
    groups = np.array(capped, dtype=bool).reshape(len(capped), asked.size)
    return Sums(np.ones((1, asked.size), dtype=bool), asked, groups)


def published_demand(decisions: pl.DataFrame) -> Sums:
    """Return `whole_demand`, or no sum where that would tell."""
    demand = whole_demand(decisions)
    return replace(demand, of=demand.of & (not demand.tell))


def with_entrants(decisions: pl.DataFrame, record: Mapping[str, Any]) -> pl.DataFrame:
    """Add the traits without whose reserve each proposal would be funded."""
    traits: dict[str, list[str]] = {name: [] for name in decisions["id"]}
    for row in record["reserves"]:
        for name in row["enters"] or ():
            traits[name].append(row["trait"])
    return decisions.with_columns(pl.Series(ENTERS, list(traits.values()), dtype=pl.List(pl.String)))


def price_bounds(record: Mapping[str, Any], decisions: pl.DataFrame) -> dict[str, Bools | None]:
    """Return which requests the price of each reserve bounds together, by its trait.

    With the merits of the others it says who would enter without the reserve: they fit into what those who would leave
    are awarded and what is not spent.

    Parameters
    ----------
    decisions
        As `with_entrants` gives it.

    Returns
    -------
    dict
        Masks, (n,) of the n that were not funded, in the order of the table, of each reserve that has a price; None
        where the search was cut short, so that nobody knows.
    """
    lost = decisions.filter(decision="not_funded")[ENTERS]
    return {
        row["trait"]: None if row["enters"] is None else lost.list.contains(row["trait"]).to_numpy()
        for row in record["reserves"]
        if row["enters"] is not None or any(row[key] is not None for key in _PRICES)
    }


def telling_prices(record: Mapping[str, Any], decisions: pl.DataFrame) -> set[str]:
    """Return the traits whose prices would bound what one or two proposals ask for, or may do so."""
    demand = published_demand(decisions)
    bounds = price_bounds(record, decisions)
    return {trait for trait, mask in bounds.items() if mask is None or demand.bounding([mask]).tell}


def published_bounds(record: Mapping[str, Any], decisions: pl.DataFrame) -> tuple[Bools, ...]:
    """Return the `price_bounds` that are published, since they do not tell."""
    telling = telling_prices(record, decisions)
    bounds = price_bounds(record, decisions).items()
    return tuple(mask for trait, mask in bounds if mask is not None and trait not in telling)


def without_figures(decision: StoredDecision, decisions: pl.DataFrame) -> tuple[StoredDecision, pl.DataFrame]:
    """Return a decision without the figures that come from comparing it with other portfolios.

    These are what deciding otherwise on a proposal would lose, the merits that would have been enough, how many awards
    are worth more for the money, and prices of reserves where the value depends on requests, or where they tell, see
    `telling_prices`; then reasons do not say who would be funded without the reserve. A bound that does not prove the
    decision the best is rounded up. The eligible demand of reserves is left out as well: the record does not say whose
    it is. Reserves whose price is left out are marked as ``withheld``.
    """
    record = dict(decision.record)
    rows, telling = record["reserves"], telling_prices(record, decisions) if record["reserves"] else set()
    hidden = {row["trait"] for row in rows} if _counts_money(decision.policy) else telling
    record["reserves"] = [
        row | {"eligible": None} | (_unpriced(row) if row["trait"] in hidden else {}) for row in rows
    ]
    if decision.status is not Stop.OPTIMAL and 0 < decision.gap < np.inf:
        asked = decision.policy.solver.gap
        gap = asked if decision.gap <= asked else up_to(decision.gap, 1)
        bound = decision.value + (decision.bound - decision.value) * gap / decision.gap
        record |= {"gap": gap, "bound": bound}
    traits, first = [reserve.trait for reserve in decision.policy.reserve], bool(decision.goals)

    def told(words: str) -> str:
        return without_changes(without_place(without_enough(words)), traits, telling, first=first)

    reason = pl.col("reason").map_elements(told, return_dtype=pl.String)
    return replace(decision, record=record), decisions.with_columns(reason).drop("price_bound")


def _unpriced(row: Mapping[str, Any]) -> dict[str, Any]:
    priced = any(row[key] is not None for key in _PRICES)
    return dict.fromkeys(_PRICES) | {"withheld": priced}


def without_requests(decisions: pl.DataFrame) -> pl.DataFrame:
    """Return decisions without what proposals ask for that are not funded."""
    return decisions.with_columns(pl.when(decision="funded").then("amount_requested"))


def _counts_money(policy: Policy) -> bool:
    """Whether the value of a portfolio may depend on what its proposals ask for, and so a price as well."""
    objective = policy.objective
    cut = objective.partial is not False
    return bool(objective.exponent or objective.criterion or cut or soft_rules(policy))
