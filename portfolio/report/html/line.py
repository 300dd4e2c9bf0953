"""The line of merit alone, and the proposals near it with what is known of their certainty."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np
import polars as pl

from portfolio.analysis.funding_line import sides
from portfolio.call.money import exponent
from portfolio.optimize.figures import at_least, figure, percent
from portfolio.optimize.vectors import Bools
from portfolio.report.html.certainty import DRAWN

SIDE, LOST = "side_of_the_line", "otherwise loses"
_WORDS = {1: "above the line", 0: "at the line", -1: "below the line"}
_SHOWN = 40
_DRAWS = (
    "Borderline are the proposals that were funded in more than 5% and in less than 95% of the draws of what the "
    "scores may truly be; the least certain come first."
)
_INTERVALS = (
    "Borderline are the proposals whose 90% interval of merit holds the merit at the line: the grades do not tell on "
    "which side they are. The nearest come first."
)
_NEAREST = "No interval of merit is known: these are only the nearest to the line, and nothing says how sure they are."


@dataclass(frozen=True)
class Line:
    """Where merit alone would draw the line, and who is near it.

    Attributes
    ----------
    merit
        Of the last proposal that is not below the line; None if there is none.
    above, at
        How many are above the line, and how many of the merit of the line merit alone does not tell apart.
    passed_over, lifted
        How many above the line are not funded, and how many funded are below it.
    criterion
        What makes a proposal borderline.
    borderline
        How many there are; `rows` has the first of them, with cells under `head`.
    """

    merit: str | None
    above: int
    at: int
    passed_over: int
    lifted: int
    criterion: str
    borderline: int
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def with_line(decisions: pl.DataFrame, budget: Decimal, currency: str) -> pl.DataFrame:
    """Add the side of the funding line, see `sides`; null without a place in the ranking."""
    coins, most = (
        pl.col("amount_requested") * 10 ** exponent(currency),
        int(budget * 10 ** exponent(currency)),
    )
    payable = pl.col("merit").is_not_null() & (pl.col("amount_requested") <= budget)
    ranked = decisions.filter(payable, pl.col("decision") != "ineligible")
    amount = ranked.select(coins.cast(pl.Int64)).to_series().to_numpy()
    found = sides(ranked["merit"].to_numpy(), amount, most)
    placed = ranked.select("id", pl.Series(SIDE, found.astype(np.int8)))
    return decisions.join(placed, on="id", how="left", maintain_order="left")


def line_of(decisions: pl.DataFrame) -> Line:
    """Return the line of merit alone and the borderline.

    Parameters
    ----------
    decisions
        As `with_line` gives it, with or without the columns of `with_certainty`. Without ``price_bound`` nothing is
        said of what deciding otherwise would lose.
    """
    ranked, funded = decisions.filter(pl.col(SIDE).is_not_null()), pl.col("decision") == "funded"
    last = ranked.filter(pl.col(SIDE) >= 0).select(pl.col("merit").min()).item()
    criterion, found = _borderline(ranked, last)
    rows = tuple(_row(row) for row in found.head(_SHOWN).iter_rows(named=True))
    lost = [LOST] if "price_bound" in decisions.columns else []
    drawn = ["funded in the draws (95% interval)"] if DRAWN in decisions.columns else []
    return Line(
        merit=None if last is None else figure(last, 4),
        above=ranked.filter(pl.col(SIDE) > 0).height,
        at=ranked.filter(pl.col(SIDE) == 0).height,
        passed_over=ranked.filter(pl.col(SIDE) > 0, ~funded).height,
        lifted=ranked.filter(pl.col(SIDE) < 0, funded).height,
        criterion=criterion,
        borderline=found.height,
        head=("proposal", "decision", "by merit alone", "merit", "90% interval", *lost, *drawn),
        rows=rows,
    )


def line_bounds(decisions: pl.DataFrame) -> tuple[Bools, ...]:
    """Return which requests the line bounds together, of the proposals that were not funded.

    Above the line they fit into the budget beside what the funded ask for; with the first below they do not. The first
    below alone tells nothing more than the money that was not spent, unless somebody below it was funded. Who has a
    merit and yet no place asks for more than the whole budget.

    Parameters
    ----------
    decisions
        As `with_line` gives it.

    Returns
    -------
    tuple
        Masks, (n,) of the n that were not funded, in the order of the table; each of at least one.
    """
    lost, side = decisions.filter(decision="not_funded"), pl.col(SIDE)
    above = lost.select(side.fill_null(-1) > 0).to_series().to_numpy()
    lifted = decisions.filter(side < 0, pl.col("decision") == "funded").height
    placeless = lost.select(side.is_null() & pl.col("merit").is_not_null()).to_series().to_numpy()
    alone = np.eye(lost.height, dtype=bool)[placeless]
    if not above.any() and not lifted:
        return tuple(alone)
    level = decisions.filter(side <= 0)["merit"].max()
    first = lost.select(pl.col("merit").is_in([level]).fill_null(False)).to_series().to_numpy()
    # Of equal merits at the line, all do not fit into what is left above it; of those below it, none does by itself.
    beyond = first[None, :] if (decisions[SIDE] == 0).any() else np.eye(lost.height, dtype=bool)[first]
    bounds = (above, *(above | more for more in beyond), *alone)
    return tuple(mask for mask in bounds if mask.any())


def _borderline(ranked: pl.DataFrame, last: float | None) -> tuple[str, pl.DataFrame]:
    if DRAWN in ranked.columns:
        found = ranked.filter(label="borderline").sort((pl.col(DRAWN) - 0.5).abs(), "id")
        return _DRAWS, found
    near = ranked.sort((pl.col("merit") - (last or 0.0)).abs(), "id")
    if last is None:
        return "Merit alone would fund none.", near.head(0)
    if not {"merit_low", "merit_high"} <= set(ranked.columns):
        return _NEAREST, near.head(_SHOWN)
    # Lists of merits may be exact: then they are on the side on which they stand.
    return _INTERVALS, near.filter((pl.col("merit_low") <= last) & (pl.col("merit_high") >= last))


def _row(row: Mapping[str, Any]) -> tuple[str, ...]:
    low, high = row.get("merit_low"), row.get("merit_high")
    cells: tuple[str, ...] = (
        row["id"],
        row["decision"].replace("_", " "),
        _WORDS[row[SIDE]],
        f"{row['merit']:.2f}",
        "" if low is None or high is None else f"{low:.2f} to {high:.2f}",
    )
    if "price_bound" in row:
        loss = row["price_bound"]
        cells += ("" if loss is None else f"at least {at_least(loss, 3)}",)
    if DRAWN not in row:
        return cells
    unsure = "" if row["settled"] else ", more draws could change the label"
    return (
        *cells,
        f"{percent(row[DRAWN], 0)} ({100 * row['share_low']:.0f} to {100 * row['share_high']:.0f}%){unsure}",
    )
