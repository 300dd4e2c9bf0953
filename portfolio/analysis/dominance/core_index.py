"""How sure every proposal is to be funded, whatever the scores and weights turn out to be (core index)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import polars as pl

from portfolio.analysis.dominance.information import Information, intervals
from portfolio.analysis.dominance.labels import Labelled, label
from portfolio.analysis.dominance.listing import list_non_dominated, listable
from portfolio.analysis.dominance.region import Region
from portfolio.optimize import Problem
from portfolio.optimize.vectors import Bools, Floats

# From so many partial portfolios on, all of them take more than a minute to compare.
_MOST = 20_000


@dataclass(frozen=True, eq=False)
class CoreIndex:
    """Which proposals are in all, in some and in none of the non-dominated portfolios.

    Attributes
    ----------
    table
        One row per proposal, sorted by id. Columns: id, label (``core``: in all of them, ``exterior``: in none,
        ``borderline``: in some; ``unknown``: not decided in time), index (the share of all non-dominated portfolios
        that hold it; null if they were not all listed), central (whether it is in the best at the centre of what is
        known).
    portfolios
        (N, n) booleans: all non-dominated portfolios if `complete`, otherwise those found.
    complete
        Whether these are all of them.
    settled
        Whether no label is ``unknown``.
    ended
        Why they are not all there, or labels are unknown; empty otherwise.
    """

    table: pl.DataFrame
    portfolios: Bools
    complete: bool
    settled: bool
    ended: str

    def ids(self, label: str) -> tuple[str, ...]:
        """Return the ids of a label, sorted."""
        return tuple(self.table.filter(pl.col("label") == label)["id"].to_list())


def core_index(
    problem: Problem,
    information: Information,
    *,
    most: int = _MOST,
    watch: Callable[[str], None] = lambda step: None,
) -> CoreIndex:
    """Find the core index of every proposal under incomplete information.

    Parameters
    ----------
    problem
        What is to be decided. ``[solver] time_limit`` is for all labels together; every search is proven to the end.
    information
        How far scores and weights may be off. Rules that look at scores (eligibility, the objective's zero, a
        reserve's least merit) see those of the call.
    most
        List the non-dominated portfolios only while no more than so many (partial) ones have to be kept.
    watch
        Called with the name of each step.

    Raises
    ------
    PolicyError
        If the value of a portfolio is not the sum of what its awards are worth.
    DataError
        If the information does not fit the call or the policy.
    InfeasibleError, LimitError
        If there is no portfolio at all, or none was found in time.

    Notes
    -----
    One portfolio dominates another if it is worth at least as much for all scores in their intervals and all
    weights, and more for some. CI_i = |{p in P_N : i in p}| / |P_N| over the set P_N of feasible portfolios that
    none dominates (Liesio, Mild & Salo 2007, European Journal of Operational Research 181(3), 1488-1505). Narrower
    intervals or weights inside the old ones leave core and exterior proposals what they are, as long as the new
    domain has a point inside the old one (the same, Corollary 1).
    """
    known = intervals(problem, information)
    region = Region.of(problem, known)
    labelled = label(region, watch)
    portfolios, ended = None, labelled.ended
    if not ended and not listable(region):
        ended = "rules that may give way, so the labels are proven but their shares are not counted"
    elif not ended:
        watch("Listing the non-dominated portfolios")
        try:
            portfolios = list_non_dominated(region, labelled, most)
            ended = "" if portfolios is not None else f"there are more than {most:,} to keep on the way"
        except KeyboardInterrupt:
            ended = "it was interrupted"
    listed = labelled.witnesses if portfolios is None else portfolios
    index = None if portfolios is None else portfolios.mean(axis=0)
    return CoreIndex(
        _table(region, labelled, index), listed, portfolios is not None, not labelled.ended, ended
    )


def _table(region: Region, labelled: Labelled, index: Floats | None) -> pl.DataFrame:
    label = np.full(len(labelled.settled), "unknown", dtype=object)
    label[labelled.settled & labelled.always] = "core"
    label[labelled.settled & labelled.never] = "exterior"
    label[~labelled.always & ~labelled.never] = "borderline"
    return pl.DataFrame(
        {
            "id": list(region.instance.ids),
            "label": label.tolist(),
            "index": pl.Series([None] * len(label) if index is None else index.tolist(), dtype=pl.Float64),
            "central": labelled.witnesses[0].tolist(),
        }
    )
