"""The charts of the report, as SVG that is inert by itself."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import polars as pl
from markupsafe import Markup

from portfolio.report.charts import Chart, plot_funding_line, plot_money, plot_plane
from portfolio.report.html.certainty import DRAWN
from portfolio.report.html.withheld import without_requests
from portfolio.report.stored import StoredDecision

_NARROW = 358


@dataclass(frozen=True)
class Drawing:
    """A chart as SVG, drawn for broad pages and for narrow screens."""

    broad: Markup
    narrow: Markup

    @classmethod
    def of(cls, chart: Chart) -> Drawing:
        """Draw a chart; what it draws is inert by itself, so that nothing is escaped again."""
        return cls(Markup(chart.svg()), Markup(chart.svg(_NARROW)))


def charts_of(
    decision: StoredDecision, decisions: pl.DataFrame, *, anonymous: bool, lined: bool
) -> Mapping[str, Drawing]:
    """Return the charts of the money, the funding line and, where a proposal is on it, the paradigm plane.

    Parameters
    ----------
    anonymous
        Whether the plane does not show how large proposals are that were not funded.
    lined
        Whether to draw the funding line.

    Raises
    ------
    PortfolioError
        If matplotlib is not installed.
    """
    record, traits = decision.record, decision.policy.traits.values()
    money = plot_money(
        record["reserves"],
        budget=record["budget"],
        spent=record["spent"],
        currency=record["currency"],
        rounds=bool(decision.rounds),
    )
    plane = plot_plane(
        without_requests(decisions) if anonymous else decisions,
        risk_threshold=_threshold("risk", traits),
        horizon_threshold=_threshold("horizon_years", traits),
        currency=record["currency"],
    )
    placed = decisions.filter(pl.col("risk").is_not_null(), pl.col("horizon_years").is_not_null()).height
    drawn = decisions if DRAWN in decisions.columns else None
    line = plot_funding_line(decisions, budget=record["budget"], certainty=drawn)
    drawings = {"money": (money, True), "line": (line, lined), "plane": (plane, placed)}
    return {name: Drawing.of(chart) for name, (chart, shown) in drawings.items() if shown}


def _threshold(column: str, conditions: Iterable[str]) -> float | None:
    """Return where the first trait begins that is nothing but a least value of a column."""
    for condition in conditions:
        found = re.fullmatch(rf"\s*{column}\s*>=?\s*(\d+(?:\.\d+)?)\s*", condition)
        if found:
            return float(found[1])
    return None
