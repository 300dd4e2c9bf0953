"""How much the chances change when one score changes a little (after Goldberg, Fanti & Shah 2026).

A lottery is to make less of differences that mean nothing. Whether it does shows when the interval of one proposal is
moved by a small step: its own chance changes, and so do those of others. A rule that draws a line changes a chance from
0 to 1 at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np
import polars as pl

from portfolio.analysis.lottery.line import funding_line
from portfolio.analysis.lottery.merit import merit_chances
from portfolio.analysis.parallel import each
from portfolio.optimize.vectors import Floats


def top_chances(low: Floats, high: Floats, places: int) -> Floats:
    """Return 1 for the k proposals with the highest middles of their intervals, the first of equal ones, else 0."""
    best = np.argsort(-(low + high) / 2, kind="stable")[:places]
    return np.isin(np.arange(len(low)), best).astype(float)


def line_chances(low: Floats, high: Floats, places: int) -> Floats:
    """Return the chances of the SNSF's rule, with the middles of the intervals as expected ranks."""
    return funding_line(-(low + high) / 2, -high, -low, places).chances


def _merit(low: Floats, high: Floats, places: int) -> Floats:
    return merit_chances(low, high, places).chances


RULES = {"top": top_chances, "bayes": line_chances, "merit": _merit}


def smoothness(
    ids: Sequence[str], low: Floats, high: Floats, places: int, step: float, *, jobs: int | None = None
) -> pl.DataFrame:
    """Move the interval of each proposal up by a step, and return what becomes of the chances under three rules.

    Parameters
    ----------
    ids
        n names.
    low, high
        (n,) ends of the intervals of quality; more is better.
    places
        How many win.
    step
        By how much both ends move, in units of the scores.
    jobs
        How many proposals are looked at at a time.

    Returns
    -------
    DataFrame
        id, rule (``top``: the best k; ``bayes``: a line and a random group; ``merit``), chance, own_change of that
        chance, moved: half the sum of all changes without sign, which is the number of places that change hands.
    """
    work = partial(_moved, np.asarray(low, dtype=float), np.asarray(high, dtype=float), places, step)
    order = sorted(range(len(ids)), key=lambda index: ids[index])
    rows = [row for found in each(work, order, jobs=jobs) for row in found]
    columns = {
        "index": pl.Int64,
        "rule": pl.String,
        "chance": pl.Float64,
        "own_change": pl.Float64,
        "moved": pl.Float64,
    }
    frame = pl.DataFrame(rows, schema=columns, orient="row")
    named = pl.Series("id", [ids[index] for index in frame["index"].to_list()], dtype=pl.String)
    return frame.select(named, pl.exclude("index"))


def _moved(
    low: Floats, high: Floats, places: int, step: float, index: int
) -> list[tuple[int, str, float, float, float]]:
    shift = np.where(np.arange(len(low)) == index, step, 0.0)
    rows = []
    for name, rule in RULES.items():
        before, after = rule(low, high, places), rule(low + shift, high + shift, places)
        change = after - before
        own, moved = float(change[index]), 0.5 * float(np.abs(change).sum())
        rows.append((index, name, float(before[index]), own, moved))
    return rows
