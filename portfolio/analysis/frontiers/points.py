"""Points of a trade-off: which of them are efficient, and what they prove about all other portfolios."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

import polars as pl

from portfolio.analysis.frontiers.core import worth_more
from portfolio.analysis.frontiers.criterion import SecondCriterion
from portfolio.optimize import Portfolio, Stop


@dataclass(frozen=True)
class Point:
    """The best portfolio with at least so much of the criterion (at most, if less is better)."""

    bound: Decimal | None
    reached: Decimal
    portfolio: Portfolio

    @property
    def proven(self) -> bool:
        """Whether no portfolio within the bound is worth more, but for the solver's rounding."""
        # A value of 0 has no relative gap, which is what the status is about.
        exact = not worth_more(self.portfolio.bound, self.portfolio.value)
        return exact or self.portfolio.status is Stop.OPTIMAL


@dataclass(frozen=True)
class Swept:
    """What a sweep has found, in its order.

    Attributes
    ----------
    beyond
        No portfolio has as much of the criterion as this; None if the search was cut short.
    unfound
        Why no point was found, for each bound that was passed over.
    """

    points: tuple[Point, ...]
    beyond: Decimal | None
    ended: str
    unfound: tuple[str, ...] = ()


def efficient(criterion: SecondCriterion, found: Sequence[Point]) -> list[Point]:
    """Drop points that another is as good as in both respects."""
    kept: list[Point] = []
    # From the largest amount of the criterion on, the value has to rise.
    for point in sorted(found, key=lambda p: (criterion.sign * p.reached, p.portfolio.value), reverse=True):
        if not kept or worth_more(point.portfolio.value, kept[-1].portfolio.value):
            kept.append(point)
    return kept[::-1]


def guaranteed(
    criterion: SecondCriterion, swept: Swept, kept: Sequence[Point]
) -> tuple[Decimal | None, float | None]:
    """Return how far a portfolio can be beyond the nearest point: in the criterion, and in value.

    What lies between the bounds of two points is worth no more than the proven bound of the first of them,
    and has at least one unit less of the criterion than the second was asked for.
    """
    if swept.beyond is None:
        return None, None
    found = swept.points
    ends = [point.bound for point in found[1:] if point.bound is not None]
    spacing, error = Decimal(0), 0.0
    for point, end in zip(found, [*ends, swept.beyond], strict=True):
        spacing = max(spacing, criterion.sign * (end - criterion.step - point.reached))
        better = (p for p in kept if criterion.sign * (p.reached - point.reached) >= 0)
        error = max(error, point.portfolio.bound - max(p.portfolio.value for p in better))
    return spacing, error


def points_table(kept: Sequence[Point]) -> pl.DataFrame:
    """Return one row per point, see `TradeOff.points`."""
    portfolios = [point.portfolio for point in kept]
    before = [portfolios[0], *portfolios]
    changes = [one.diff(two) for one, two in zip(before, portfolios, strict=False)]
    return pl.DataFrame(
        {
            "bound_on_criterion": pl.Series([point.bound for point in kept], dtype=pl.Decimal(38, 6)),
            "criterion": pl.Series([point.reached for point in kept], dtype=pl.Decimal(38, 6)),
            "value": [one.value for one in portfolios],
            "bound": [one.bound for one in portfolios],
            "gap": [one.gap for one in portfolios],
            "status": [str(one.status) for one in portfolios],
            "spent": [one.spent for one in portfolios],
            "awards": [len(one.ids) for one in portfolios],
            "lost": [portfolios[0].value - one.value for one in portfolios],
            "entered": pl.Series([list(change.entered) for change in changes], dtype=pl.List(pl.String)),
            "left": pl.Series([list(change.left) for change in changes], dtype=pl.List(pl.String)),
        }
    )
