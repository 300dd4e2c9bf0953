"""The paradigm plane: risk across, horizon up, and what was decided."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from portfolio.optimize import Portfolio
from portfolio.optimize.vectors import Bools, Floats
from portfolio.report.charts.chart import Chart
from portfolio.report.charts.tables import decisions_of, numbers
from portfolio.report.charts.theme import DECISIONS, INK, Mark, legend_above, mark_handle, said
from portfolio.report.charts.units import unit_for

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_NEEDED = ("amount_requested", "risk", "horizon_years")
# Areas in square points: the smallest is still seen, and the largest hides little, also where there are thousands.
_SMALLEST, _LARGEST, _STEP = 12.0, 420.0, 1.5
_MANY = 200
_NOTHING = "No proposal has both a risk and a horizon."


def plot_plane(
    decisions: Any,
    *,
    risk_threshold: float | None = None,
    horizon_threshold: float | None = None,
    currency: str = "",
) -> Chart:
    """Draw the paradigm plane: each proposal at its risk and horizon, with its size and its decision.

    Parameters
    ----------
    decisions
        A `Portfolio`, or a table with the columns of `Portfolio.to_frame`: id, decision, amount_requested, risk and
        horizon_years.
    risk_threshold, horizon_threshold
        Where a trait of the policy begins, drawn as a line: risk from 0 to 1, horizon in years.
    currency
        Of the amounts; that of the call where a `Portfolio` is given.

    Returns
    -------
    Chart
        The area of a point is in proportion to the amount requested, rounded to the nearest of a scale of which each
        step is a half larger than the one before, and not below a smallest that can be seen. Points are not moved
        apart; where several lie, the colour is darker. Proposals without risk or horizon are counted in the caption.

    Raises
    ------
    DataError
        If `decisions` is no such table.
    """
    table = decisions_of(decisions, _NEEDED)
    if isinstance(decisions, Portfolio):
        currency = decisions.problem.call.currency
    risk, horizon, amount = (numbers(table, name) for name in ("risk", "horizon_years", "amount_requested"))
    known = ~(np.isnan(risk) | np.isnan(horizon))
    decision = table["decision"].cast(pl.String).to_numpy()
    areas = _areas(amount)

    def draw(figure: Figure) -> None:
        axes = figure.subplots()
        _lines(axes, risk_threshold, horizon_threshold)
        for area in np.unique(areas[known])[::-1]:
            # The funded are fewer, and lie on top.
            for name, mark in reversed(DECISIONS.items()):
                here = known & (areas == area) & (decision == name)
                _points(axes, risk[here], horizon[here], area, mark, crowded=amount.size > _MANY)
        axes.set(xlabel="Risk: likely to fall short of its outcome", ylabel="Horizon: years to the outcome")
        axes.set_xlim(-0.03, 1.03)
        axes.margins(y=0.07)
        if known.any():
            axes.set_ylim(bottom=min(0.0, axes.get_ylim()[0]))
        else:
            axes.set_yticks([])
            axes.text(0.5, 0.5, _NOTHING, ha="center", color=INK, transform=axes.transAxes)
        legend_above(
            axes, [mark_handle(mark) for name, mark in DECISIONS.items() if (decision == name).any()]
        )

    caption = " ".join(_sentences(decision, known, amount, currency, (risk_threshold, horizon_threshold)))
    return Chart("Risk and horizon of the proposals", caption, _height, draw)


def _height(width: float) -> float:
    return max(300.0, 0.6 * width)


def _areas(amount: Floats) -> Floats:
    """Return the area of each point: in proportion to the amount, in steps of a half."""
    largest = np.nanmax(amount, initial=0.0)
    if largest <= 0:
        return np.full(amount.size, 4 * _SMALLEST)
    most = max(5 * _SMALLEST, _LARGEST * min(1.0, (_MANY / amount.size) ** 0.5))
    share = np.clip(np.nan_to_num(amount) / largest, _SMALLEST / most, 1.0)
    steps = np.round(np.log(share) / np.log(_STEP))
    areas: Floats = np.maximum(_SMALLEST, most * _STEP**steps)
    return areas


def _points(axes: Axes, risk: Floats, horizon: Floats, area: float, mark: Mark, *, crowded: bool) -> None:
    if not risk.size:
        return
    from matplotlib.colors import to_rgba

    # In an order that says nothing: that of the table may tell which proposal a point is.
    order = np.lexsort((horizon, risk))
    # Where points lie on each other their insides add up, and each keeps its outline.
    axes.plot(
        risk[order],
        horizon[order],
        mark.shape,
        markerfacecolor=to_rgba(mark.colour, 0.2 if crowded else 0.3),
        markeredgecolor=mark.colour,
        markersize=float(np.sqrt(area)),
        markeredgewidth=0.6 if crowded else 0.9,
        clip_on=False,
    )


def _lines(axes: Axes, risk: float | None, horizon: float | None) -> None:
    style: dict[str, Any] = {"color": INK, "linewidth": 1, "linestyle": (0, (4, 3)), "zorder": 1}
    if risk is not None:
        axes.axvline(risk, **style)
    if horizon is not None:
        axes.axhline(horizon, **style)


def _sentences(
    decision: Any, known: Bools, amount: Floats, currency: str, thresholds: tuple[float | None, float | None]
) -> Iterator[str]:
    counted = ((int(((decision == name) & known).sum()), mark.words) for name, mark in DECISIONS.items())
    shown = ", ".join(f"{count:,} {words}" for count, words in counted if count)
    yield f"{int(known.sum()):,} proposals{f': {shown}' if shown else ''}."
    largest = float(np.nanmax(amount[known], initial=0.0))
    if largest > 0:
        figure = unit_for([largest], said(currency, 12)).in_full(largest)
        untold = ", and the smallest where none is told" if np.isnan(amount[known]).any() else ""
        yield f"The area of a point is the amount requested, at most {figure}{untold}; darker where several lie."
    lines = [
        words.format(limit)
        for words, limit in zip(("a risk of {:g}", "{:g} years"), thresholds, strict=True)
        if limit is not None
    ]
    if lines:
        yield f"Dashed: {' and '.join(lines)}."
    hidden = int((~known).sum())
    if hidden:
        yield f"{hidden:,} without a known risk or horizon {'is' if hidden == 1 else 'are'} not shown."
