"""Around the funding line: who is just above and just below, how sure that is, and what was decided."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from portfolio.report.charts.chart import Chart
from portfolio.report.charts.tables import decisions_of, numbers, table_of
from portfolio.report.charts.theme import (
    BLUE,
    DECISIONS,
    GRID,
    INK,
    legend_above,
    mark_handle,
    said,
    share_ticks,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_ROW, _AROUND = 19, 110


def plot_funding_line(decisions: Any, *, certainty: Any | None = None, around: int = 15) -> Chart:
    """Draw the proposals around the funding line in the order of their merit, with what was decided on each.

    Parameters
    ----------
    decisions
        A `Portfolio`, or a table with the columns of `Portfolio.to_frame`: id, decision, merit, and with merit_low and
        merit_high the interval of the merit.
    certainty
        `Robustness`, or a table with its columns id, funded_share and label: how often each proposal is funded where
        others had graded, and which are borderline.
    around
        How many proposals to show on either side of the line.

    Returns
    -------
    Chart
        The line lies below as many proposals as there are awards: those above it would be funded if merit alone
        decided on as many awards. In bold, with an arrow: whom `certainty` calls borderline; without it, on whom the
        decision is another than merit alone would give. Equal merits are in the order of ids. Ineligible proposals
        and those without merit have no place in the order; they are counted in the caption.

    Raises
    ------
    DataError
        If `decisions` or `certainty` is no such table.
    ValueError
        If `around` is below 1.
    """
    if around < 1:
        raise ValueError("around must be at least 1")
    table = decisions_of(decisions, ["merit"])
    ranked = (
        table.with_columns(_merit=pl.Series(numbers(table, "merit")).fill_nan(None))
        .filter(pl.col("_merit").is_not_null(), pl.col("decision").cast(pl.String) != "ineligible")
        .with_columns(pl.col("id").cast(pl.String))
        .sort("_merit", "id", descending=[True, False])
    )
    if certainty is not None:
        ranked = _with_certainty(ranked, certainty)
    line = int((ranked["decision"] == "funded").sum())
    first, last = max(0, line - around), min(ranked.height, line + around)
    shown = ranked[first:last].with_columns(_above=pl.int_range(first, last) < line)
    bold = _named(shown, sure=certainty is not None)

    def draw(figure: Figure) -> None:
        if certainty is None:
            axes = figure.subplots()
        else:
            axes, beside = figure.subplots(1, 2, sharey=True, width_ratios=[3, 1])
            _certainty(beside, numbers(shown, "funded_share"))
        _merits(axes, shown, bold)
        for panel in figure.axes:
            panel.axhline(line - first - 0.5, color=INK, linewidth=1.2, linestyle=(0, (4, 3)))
            panel.tick_params(axis="y", length=0)
            panel.grid(visible=False, axis="y")
        axes.set_ylim(max(1, shown.height) - 0.4, -0.6)
        marks = [mark for name, mark in DECISIONS.items() if (shown["decision"] == name).any()]
        legend_above(axes, [mark_handle(mark) for mark in marks])

    sentences = _sentences(table, ranked, (first, last, line), len(bold), sure=certainty is not None)
    return Chart(
        "Around the funding line",
        " ".join(sentences),
        lambda width: _AROUND + _ROW * max(1, shown.height),
        draw,
    )


def _with_certainty(ranked: pl.DataFrame, certainty: Any) -> pl.DataFrame:
    found = getattr(certainty, "proposals", certainty)
    sure = table_of(found, "certainty", ["id", "funded_share", "label"]).select(
        pl.col("id").cast(pl.String), "funded_share", "label"
    )
    kept = ranked.drop("funded_share", "label", strict=False)
    return kept.join(sure, on="id", how="left", maintain_order="left")


def _named(shown: pl.DataFrame, *, sure: bool) -> set[int]:
    """Return the rows that stand out."""
    if sure:
        chosen = (shown["label"].cast(pl.String) == "borderline").fill_null(False)
    else:
        chosen = (shown["decision"] == "funded") != shown["_above"]
    return set(np.flatnonzero(chosen.to_numpy()).tolist())


def _merits(axes: Axes, shown: pl.DataFrame, bold: set[int]) -> None:
    rows, merit = np.arange(shown.height), shown["_merit"].to_numpy()
    for name, mark in DECISIONS.items():
        here = (shown["decision"] == name).to_numpy()
        if {"merit_low", "merit_high"} <= set(shown.columns):
            low, high = (numbers(shown, f"merit_{end}")[here] for end in ("low", "high"))
            axes.hlines(rows[here], low, high, color=mark.colour, linewidth=1.6, alpha=0.55)
        axes.plot(merit[here], rows[here], mark.shape, color=mark.colour, markersize=6.5)
    axes.set_yticks(
        rows, [f"{'▸ ' if row in bold else ''}{said(name, 24)}" for row, name in enumerate(shown["id"])]
    )
    for row, label in enumerate(axes.get_yticklabels()):
        label.set_fontweight("bold" if row in bold else "normal")
    axes.set_xlabel("Merit")


def _certainty(axes: Axes, share: Any) -> None:
    rows = np.arange(share.size)
    axes.barh(rows, np.ones(share.size), 0.55, color=GRID)
    axes.barh(rows, share, 0.55, color=BLUE)
    axes.set(xlim=(0, 1), xticks=[0, 0.5, 1], xlabel="Draws funded")
    share_ticks(axes.xaxis)
    axes.tick_params(axis="y", labelleft=False)


def _sentences(
    table: pl.DataFrame, ranked: pl.DataFrame, window: tuple[int, int, int], bold: int, *, sure: bool
) -> Iterator[str]:
    first, last, line = window
    yield f"Above the dashed line are as many proposals as there are awards ({line:,})."
    why = "borderline" if sure else "decided otherwise than merit alone would"
    yield f"In bold: {why} ({bold:,})." if bold else f"None shown is {why}."
    if {"merit_low", "merit_high"} <= set(ranked.columns):
        yield "Lines: the interval of the merit."
    unseen = [f"{first:,} above" * bool(first), f"{ranked.height - last:,} below" * (last < ranked.height)]
    if any(unseen):
        yield f"Not shown: {' and '.join(filter(None, unseen))}."
    without = table.height - ranked.height
    if without:
        yield f"{without:,} ineligible or without merit {'has' if without == 1 else 'have'} no place in the order."
