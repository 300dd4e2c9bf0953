"""Calls whose truth is known: grades made by the very model, on a scale too long to be cut."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from scoring.cases import Table

from portfolio.scoring import ReviewSettings
from portfolio.scoring.reviewers import Votes, read_votes

LONG = ReviewSettings(best=100, worst=-100)
SIX = ReviewSettings(best=6, worst=1)


@dataclass(frozen=True)
class Made:
    """A call, the merit of each proposal and how much lower each reviewer grades, both sorted by name."""

    call: Table
    merit: np.ndarray
    severity: np.ndarray


def made(
    rng: np.random.Generator,
    n: int,
    m: int,
    each: int,
    *,
    sds: tuple[float, float, float] = (1.0, 0.5, 0.5),
    slopes: tuple[float, float] = (1.0, 1.0),
) -> Made:
    """Make a call of n proposals, each graded by `each` of m reviewers; sds: proposals, reviewers, noise."""
    merit = 4.0 + sds[0] * rng.standard_normal(n)
    severity = sds[1] * rng.standard_normal(m)
    slope = rng.uniform(*slopes, m)
    rows = [
        (
            f"p{i:04d}",
            f"r{j:03d}",
            None,
            4.0 + slope[j] * (merit[i] - 4.0) - severity[j] + sds[2] * rng.standard_normal(),
        )
        for i in range(n)
        for j in rng.choice(m, each, replace=False)
    ]
    return Made(call_of(rows), merit, severity)


def call_of(rows: list[tuple[str, str, str | None, float]]) -> Table:
    """A call of rows proposal, reviewer, panel, score."""
    schema = {"proposal": pl.String, "reviewer": pl.String, "panel": pl.String, "score": pl.Float64}
    reviews = pl.DataFrame(rows, schema=schema, orient="row")
    return Table(reviews.select(id=pl.col("proposal").unique().sort()), reviews)


def votes_of(*rows: tuple[str, str, float], settings: ReviewSettings = LONG) -> Votes:
    """Votes of rows proposal, reviewer, score."""
    return read_votes(call_of([(p, r, None, s) for p, r, s in rows]), settings)


def table_of(grades: list[list[float]]) -> Votes:
    """Votes of a full table: a row per proposal, a column per reviewer."""
    return votes_of(*((f"p{i}", f"r{j}", g) for i, row in enumerate(grades) for j, g in enumerate(row)))


def shuffled(call: Table, seed: int) -> Table:
    """The same call with its rows in another order."""
    return Table(
        call.frame.sample(fraction=1, shuffle=True, seed=seed),
        call.reviews.sample(fraction=1, shuffle=True, seed=seed + 1),
    )
