"""The balance: each group's share of what is asked for beside its share of what is awarded."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from portfolio.report.charts.chart import Chart
from portfolio.report.charts.tables import numbers, table_of
from portfolio.report.charts.theme import (
    BLUE,
    INK,
    MUTED,
    VERMILLION,
    Mark,
    legend_above,
    letters,
    mark_handle,
    said,
    share_ticks,
)

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_NEEDED = ("column", "group", "proposals", "awards", "share_of_demand", "share_of_awards")
_DEMAND, _AWARDS = (
    Mark("share of the money asked for", VERMILLION, "D"),
    Mark("of the money awarded", BLUE, "o"),
)
_ROW, _AROUND = 26, 96


def plot_balance(balance: Any) -> Chart:
    """Draw, for each group, its share of the money asked for and its share of the money awarded.

    Parameters
    ----------
    balance
        As `balance` returns it: column, group, proposals, awards, share_of_demand, share_of_awards.

    Raises
    ------
    DataError
        If `balance` is no such table.

    Notes
    -----
    A difference is no proof of a cause, and shares of a few proposals move by chance; `fairness` gives the intervals.
    """
    table = table_of(balance, "balance", _NEEDED)
    demand, awards = numbers(table, "share_of_demand"), numbers(table, "share_of_awards")
    groups = table["group"].to_list()
    counts = [f"{won:,} of {asked:,}" for won, asked in table.select("awards", "proposals").iter_rows()]

    def draw(figure: Figure) -> None:
        axes = figure.subplots()
        rows = np.arange(len(groups))
        axes.hlines(rows, np.fmin(demand, awards), np.fmax(demand, awards), color=MUTED, linewidth=1.2)
        for shares, mark, size in ((demand, _DEMAND, 6.5), (awards, _AWARDS, 7.5)):
            axes.plot(shares, rows, mark.shape, color=mark.colour, markersize=size, clip_on=False)
        axes.set_yticks(rows, [said(group, letters(figure)) for group in groups])
        axes.set_ylim(len(groups) - 0.4, -0.6)
        axes.set_xlim(left=0)
        share_ticks(axes.xaxis)
        axes.set_xlabel("Share of the money")
        axes.tick_params(axis="y", length=0)
        beside = axes.secondary_yaxis("right")
        beside.set_yticks(rows, counts, color=INK)
        beside.tick_params(length=0)
        beside.spines["right"].set_visible(False)
        legend_above(axes, [mark_handle(_DEMAND), mark_handle(_AWARDS)])

    column = ", ".join(
        said(name.replace("_", " "), 40) for name in table["column"].unique(maintain_order=True)
    )
    return Chart(
        f"Demand and awards by {column}" if column else "Demand and awards",
        "To the right: awards of eligible proposals. Shares of few proposals move by chance.",
        lambda width: _AROUND + _ROW * max(1, len(groups)),
        draw,
    )
