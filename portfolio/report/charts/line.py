"""Around the funding line: who is just above and just below, how sure that is, and what was decided."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from portfolio.analysis.funding_line import sides
from portfolio.optimize import Portfolio
from portfolio.optimize.figures import figure as rounded
from portfolio.report.charts.chart import Chart
from portfolio.report.charts.tables import decimal, decisions_of, numbers, table_of
from portfolio.report.charts.theme import (
    BLUE,
    DECISIONS,
    GRID,
    INK,
    PALE,
    legend_above,
    letters,
    mark_handle,
    said,
    share_ticks,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_ROW, _AROUND = 19, 110
# The smallest coins of any currency are thousandths.
_COINS, _MONEY = 1000, pl.Decimal(38, 3)


def plot_funding_line(
    decisions: Any, *, budget: Any | None = None, certainty: Any | None = None, around: int = 15
) -> Chart:
    """Draw the proposals around the funding line in the order of their merit, with what was decided on each.

    Parameters
    ----------
    decisions
        A `Portfolio`, or a table with the columns of `Portfolio.to_frame`: id, decision, merit, amount_requested, and
        with merit_low and merit_high the interval of the merit.
    budget
        In units of the currency, over all years; a `Portfolio` brings its own.
    certainty
        `Robustness`, or a table with its columns id, funded_share and label: how often each proposal is funded where
        others had graded, and which are borderline.
    around
        How many proposals to show on either side of the line.

    Returns
    -------
    Chart
        The line lies where the budget is spent if merit alone decides: requests are funded in full from the top, and
        the first that can no longer be paid ends it. Where the money ends among equal merits, merit alone does not
        tell them apart; they stand at the line, in a band. In bold, with an arrow: whom `certainty` calls borderline;
        without it, those above the line who are not funded, and those below it who are. Equal merits are in the order
        of ids. Ineligible proposals, those without merit and those that ask for more than the budget have no place in
        the order; they are counted in the caption.

    Raises
    ------
    DataError
        If `decisions` or `certainty` is no such table.
    ValueError
        If `around` is below 1, or a table comes without `budget`.
    """
    if around < 1:
        raise ValueError("around must be at least 1")
    if isinstance(decisions, Portfolio):
        budget = decisions.budget
    if budget is None:
        raise ValueError("budget must be given with a table: the line lies where the money is spent")
    table = decisions_of(decisions, ["merit", "amount_requested"])
    ranked = _ranked(table)
    if certainty is not None:
        ranked = _with_certainty(ranked, certainty)
    most, merited = int(_COINS * decimal(budget)), ranked.height
    ranked = ranked.filter(pl.col("_coins") <= most)
    found = sides(ranked["_merit"].to_numpy(), ranked["_coins"].to_numpy(), most)
    ranked = ranked.with_columns(_side=pl.Series(found))
    above, at = int((found == 1).sum()), int((found == 0).sum())
    # Of many equals at the line, only the first are shown.
    first, last = max(0, above - around), min(ranked.height, above + (at if at <= around else 0) + around)
    shown = ranked[first:last]
    bold = _named(shown, sure=certainty is not None)

    def draw(figure: Figure) -> None:
        if certainty is None:
            axes = figure.subplots()
        else:
            axes, beside = figure.subplots(1, 2, sharey=True, width_ratios=[3, 1])
            _certainty(beside, numbers(shown, "funded_share"))
        _merits(axes, shown, bold)
        for panel in figure.axes:
            if at:
                panel.axhspan(above - first - 0.5, min(above + at, last) - first - 0.5, color=PALE, zorder=0)
            else:
                panel.axhline(above - first - 0.5, color=INK, linewidth=1.2, linestyle=(0, (4, 3)))
            panel.tick_params(axis="y", length=0)
            panel.grid(visible=False, axis="y")
        axes.set_ylim(max(1, shown.height) - 0.4, -0.6)
        marks = [mark for name, mark in DECISIONS.items() if (shown["decision"] == name).any()]
        legend_above(axes, [mark_handle(mark) for mark in marks])

    unseen = pl.concat([ranked[:first], ranked[last:]])
    sentences = [
        *_sentences(ranked, unseen, len(bold), sure=certainty is not None),
        *_without_place(table.height - merited, merited - ranked.height),
    ]
    return Chart(
        "Around the funding line",
        " ".join(sentences),
        lambda width: _AROUND + _ROW * max(1, shown.height),
        draw,
    )


def _ranked(table: pl.DataFrame) -> pl.DataFrame:
    """Return those who have a place in the order of merit, the best first."""
    return (
        table.with_columns(
            _merit=pl.Series(numbers(table, "merit")).fill_nan(None),
            _coins=_coins(table),
        )
        .filter(pl.col("_merit").is_not_null(), pl.col("decision").cast(pl.String) != "ineligible")
        .with_columns(pl.col("id").cast(pl.String))
        .sort("_merit", "id", descending=[True, False])
    )


def _coins(table: pl.DataFrame) -> pl.Series:
    """Return the requests in thousandths: exactly, unless they come as binary floats."""
    floats, cells = pl.Series(numbers(table, "amount_requested")), table["amount_requested"]
    exact = cells.dtype.is_decimal() or cells.dtype.is_integer()
    major = (cells if exact else floats.fill_nan(0)).cast(_MONEY).fill_null(0)
    return (major * _COINS).cast(pl.Int64)


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
        funded = shown["decision"].cast(pl.String) == "funded"
        chosen = (funded & (shown["_side"] < 0)) | (~funded & (shown["_side"] > 0))
    return set(np.flatnonzero(chosen.to_numpy()).tolist())


def _merits(axes: Axes, shown: pl.DataFrame, bold: set[int]) -> None:
    rows, merit = np.arange(shown.height), shown["_merit"].to_numpy()
    most = letters(axes.get_figure(root=True), most=24)
    for name, mark in DECISIONS.items():
        here = (shown["decision"] == name).to_numpy()
        if {"merit_low", "merit_high"} <= set(shown.columns):
            low, high = (numbers(shown, f"merit_{end}")[here] for end in ("low", "high"))
            axes.hlines(rows[here], low, high, color=mark.colour, linewidth=1.6, alpha=0.55)
        axes.plot(merit[here], rows[here], mark.shape, color=mark.colour, markersize=6.5)
    axes.set_yticks(
        rows, [f"{'▸ ' if row in bold else ''}{said(name, most)}" for row, name in enumerate(shown["id"])]
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


def _sentences(ranked: pl.DataFrame, unseen: pl.DataFrame, bold: int, *, sure: bool) -> Iterator[str]:
    above, at = ((ranked["_side"] == side).sum() for side in (1, 0))
    if at:
        merit = rounded(ranked.filter(_side=0)["_merit"][0], 4)
        yield f"Merit alone would fund those above the band ({above:,}), until the budget is spent."
        yield f"It ends among the {at:,} of merit {merit}, in the band, whom merit does not tell apart."
    else:
        yield f"Merit alone would fund those above the dashed line ({above:,}), until the budget is spent."
    why = "borderline" if sure else "decided otherwise than merit alone would"
    yield f"In bold: {why} ({bold:,})." if bold else f"None shown is {why}."
    if {"merit_low", "merit_high"} <= set(ranked.columns):
        yield "Lines: the interval of the merit."
    places = {1: "above", 0: "at the line", -1: "below"}
    counted = ((int((unseen["_side"] == side).sum()), words) for side, words in places.items())
    hidden = [f"{count:,} {words}" for count, words in counted if count]
    if hidden:
        yield f"Not shown: {', '.join(hidden)}."


def _without_place(unfit: int, beyond: int) -> Iterator[str]:
    """Say how many have no place in the order: as ineligible or without merit, and for what they ask for."""
    if unfit:
        yield f"{unfit:,} ineligible or without merit {'has' if unfit == 1 else 'have'} no place in the order."
    if beyond:
        ask, have = ("asks", "has") if beyond == 1 else ("ask", "have")
        yield f"{beyond:,} {ask} for more than the whole budget and {have} no place in the order."
