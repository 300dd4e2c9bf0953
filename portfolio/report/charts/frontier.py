"""A frontier: what was found at each step, and above it what is proven to be out of reach."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from portfolio.analysis import Frontier, TradeOff
from portfolio.optimize.figures import figure as written
from portfolio.optimize.vectors import Bools, Floats
from portfolio.report.charts.chart import Chart
from portfolio.report.charts.tables import numbers, table_of
from portfolio.report.charts.theme import BLUE, PALE, VERMILLION, legend_above, said, share_ticks
from portfolio.report.charts.units import Unit, unit_for

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def plot_frontier(frontier: Any) -> Chart:
    """Draw a frontier: the value found, and up to the proven bound a band in which the best value lies.

    Parameters
    ----------
    frontier
        Of `frontier` or `trade_off`, or a table with the columns of `Frontier.steps` (at, value, bound) or of
        `TradeOff.points` (criterion, bound_on_criterion, value, bound).

    Returns
    -------
    Chart
        Of a frontier over a key, each step with its band; between steps nothing was solved, and lines only lead the
        eye. Of a trade-off, the band holds everywhere: the best value at each amount of the criterion lies in it.

    Raises
    ------
    DataError
        If it is no such result or table.
    """
    if isinstance(frontier, Frontier):
        return _steps(frontier.steps, frontier.over, cut=frontier.interrupted)
    if isinstance(frontier, TradeOff):
        return _trade_off(frontier.points, frontier.over, frontier.guarantee)
    table = table_of(frontier, "frontier", ["value", "bound"])
    if "criterion" in table.columns:
        return _trade_off(table_of(table, "frontier", ["bound_on_criterion"]), "the criterion", "")
    return _steps(table_of(table, "frontier", ["at"]), "the key", cut=False)


def _height(width: float) -> float:
    return max(270.0, 0.5 * width)


@dataclass(frozen=True)
class _Axis:
    """The key or criterion across: as shares in percent, or in a unit."""

    over: str
    unit: Unit | None

    @classmethod
    def of_key(cls, key: str, at: Floats) -> _Axis:
        """Take a key of the policy: those of shares are fractions, whereas a column may hold what it likes."""
        return cls(key, None) if key.endswith("share") else cls.of(key, at)

    @classmethod
    def of(cls, over: str, at: Floats) -> _Axis:
        return cls(over, unit_for(at[~np.isnan(at)].tolist()))

    @property
    def size(self) -> int:
        return 1 if self.unit is None else self.unit.size

    def label(self, axes: Axes) -> None:
        words = said(self.over, 60)
        if self.unit is None:
            share_ticks(axes.xaxis)
        elif self.unit.words:
            words += f" ({self.unit.words})"
        axes.set(xlabel=words, ylabel="Value")


def _steps(steps: pl.DataFrame, over: str, *, cut: bool) -> Chart:
    at, value, bound = (numbers(steps, name) for name in ("at", "value", "bound"))
    solved = ~np.isnan(value)
    axis = _Axis.of_key(over, at)

    def draw(figure: Figure) -> None:
        axes = figure.subplots()
        across = at / axis.size
        axes.fill_between(across, value, bound, color=PALE, linewidth=0)
        axes.vlines(across, value, bound, color=VERMILLION, linewidth=3)
        axes.plot(across, value, color=BLUE, linewidth=1, marker="o", markersize=5)
        _refused(axes, across[~solved])
        axis.label(axes)
        handles = [*_handles(band="up to the proven bound"), *_refused_handle(solved)]
        legend_above(axes, handles)

    sentences = [
        *_proof(value, bound, solved),
        "Between the steps nothing was solved; lines only lead the eye.",
    ]
    if not solved.all():
        sentences.append(f"No portfolio at {int((~solved).sum()):,} of {at.size:,} steps.")
    if cut:
        sentences.append("The search was interrupted.")
    return Chart(f"The best value over {said(over, 60)}", " ".join(sentences), _height, draw)


def _refused(axes: Axes, across: Floats) -> None:
    if across.size:
        low = np.full(across.size, 0.03)
        axes.plot(
            across, low, "x", color=VERMILLION, markeredgewidth=1.6, transform=axes.get_xaxis_transform()
        )


def _refused_handle(solved: Bools) -> Iterator[Any]:
    from matplotlib.lines import Line2D

    if not solved.all():
        style: dict[str, Any] = {"marker": "x", "linestyle": "", "color": VERMILLION, "markeredgewidth": 1.6}
        yield Line2D([], [], label="no portfolio", **style)


def _handles(band: str) -> Iterator[Any]:
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    yield Line2D([], [], color=BLUE, linewidth=1.4, marker="o", markersize=5, label="found")
    yield Patch(facecolor=PALE, edgecolor=VERMILLION, linewidth=1, label=band)


def _trade_off(points: pl.DataFrame, over: str, guarantee: str) -> Chart:
    reached, asked, value, bound = (
        numbers(points, name) for name in ("criterion", "bound_on_criterion", "value", "bound")
    )
    axis = _Axis.of(over, reached)
    edges, low, high = band_of(reached, asked, value, bound)

    def draw(figure: Figure) -> None:
        axes = figure.subplots()
        across = edges / axis.size
        for between, low_, high_ in zip(pairwise(across.tolist()), low, high, strict=True):
            axes.fill_between(between, low_, high_, color=PALE, linewidth=0)
        if low.size:
            axes.step(across, np.append(high, high[-1:]), where="post", color=VERMILLION, linewidth=1)
            axes.step(across, np.append(low, low[-1:]), where="post", color=BLUE, linewidth=1.4)
        axes.plot(reached / axis.size, value, "o", color=BLUE, markersize=5.5)
        axis.label(axes)
        legend_above(axes, list(_handles(band="up to what is proven to be out of reach")))

    sentences = [*_proof(value, bound, ~np.isnan(value)), guarantee]
    return Chart(f"Value against {said(over, 60)}", " ".join(filter(None, sentences)), _height, draw)


def band_of(reached: Floats, asked: Floats, value: Floats, bound: Floats) -> tuple[Floats, Floats, Floats]:
    """Return where the best value lies that can be had with at least so much of a criterion.

    Parameters
    ----------
    reached, asked, value, bound
        (n,) per point of a trade-off, in its order: what the portfolio has of the criterion; what was asked for, NaN
        for nothing; its value; and what no portfolio with as much as was asked for exceeds. Where less is better,
        points go down, and "at least" reads "at most".

    Returns
    -------
    edges, low, high
        (m + 1,) amounts of the criterion, and for each of the m stretches between two of them the best value found
        and the least of the bounds that hold there. At an edge itself both of its stretches hold.
    """
    down = reached.size > 1 and reached[-1] < reached[0]
    sign = -1.0 if down else 1.0
    have, need = sign * reached, np.where(np.isnan(asked), -np.inf, sign * asked)
    inside = need[(need > have[0]) & (need < have[-1])] if have.size else have
    edges = np.unique(np.concatenate([have, inside]))
    middle = (edges[:-1] + edges[1:]) / 2
    # Who asks for the middle is served by every point that has more, and bound by every one that asked for less.
    low = np.array([value[have >= at].max() for at in middle])
    high = np.array([np.nanmin(bound[need <= at], initial=np.inf) for at in middle])
    high = np.where(np.isfinite(high), high, np.nan)
    return (sign * edges)[::-1] if down else edges, low[::-1] if down else low, high[::-1] if down else high


def _proof(value: Floats, bound: Floats, solved: Bools) -> Iterator[str]:
    gaps = (bound - value)[solved]
    if not gaps.size:
        return
    if np.isnan(gaps).any():
        yield f"Nothing is proven at {int(np.isnan(gaps).sum()):,} of {gaps.size:,} points."
    if not np.isnan(gaps).all():
        widest = max(0.0, float(np.nanmax(gaps)))
        yield (
            f"The proven bound is at most {written(widest, 3)} above the value found."
            if widest > 1e-9
            else "Every value reaches its proven bound."
        )
