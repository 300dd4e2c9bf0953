"""The ways from grades to merits side by side, and which awards hang on the choice."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import get_args

import numpy as np
import polars as pl

from portfolio.errors import DataError, PolicyError
from portfolio.scoring.columns import Scorable
from portfolio.scoring.estimate import Floats
from portfolio.scoring.merit import merit
from portfolio.scoring.reviewers.bayesian import BayesianRanking, bayes
from portfolio.scoring.reviewers.methods import Method, calibrate, names_that_restart
from portfolio.scoring.reviewers.reliability import panel_reliability
from portfolio.scoring.reviewers.reviewer_table import reviewer_table
from portfolio.scoring.reviewers.votes import Votes, read_votes
from portfolio.scoring.settings import ReviewSettings

METHODS: tuple[Method, ...] = get_args(Method)


@dataclass(frozen=True, slots=True, eq=False)
class Comparison:
    """One call by every method.

    Parameters
    ----------
    k
        How many would be funded if rank alone decided.
    proposals
        id, then merit_*, rank_* and top_* of each method, expected_rank with its intervals and chance_of_best of the
        Bayesian model, and depends: whether the methods disagree on the best k. Sorted by the rank of the mean,
        then id. A rank is that of the merit (of the expected rank for bayes), 1 the best, equal merits sharing the
        smallest; top is yes, no, or tie where equal merits lie across the line.
    agreement
        method, other, rank_correlation (Spearman), same_top: how many are among the best k for sure by both.
    reviewers
        As `reviewer_table`, with the severity of each model that could be fitted.
    reliability
        As `panel_reliability`.
    refused
        Why a method could not be used, by its name.
    notes
        What else a reader must know, in sentences.
    """

    k: int
    proposals: pl.DataFrame
    agreement: pl.DataFrame
    reviewers: pl.DataFrame
    reliability: pl.DataFrame
    refused: Mapping[str, str]
    notes: tuple[str, ...]

    @property
    def methods(self) -> tuple[str, ...]:
        """The methods that could be used, the plain mean first."""
        return ("mean", *(name for name in METHODS if name not in self.refused))

    @property
    def dependent(self) -> pl.DataFrame:
        """The proposals whose place among the best k depends on the method."""
        return self.proposals.filter("depends")


def compare_methods(call: Scorable, settings: ReviewSettings, k: int | None = None) -> Comparison:
    """Compare all methods on one call.

    Parameters
    ----------
    k
        How many would be funded; a third of the proposals with a grade if it is not given.

    Raises
    ------
    PolicyError, DataError
        If the reviews cannot be used by any method.
    ValueError
        If k is not between 1 and the number of proposals with a grade.
    """
    votes = read_votes(call, settings.replace(method="bayes"))
    line = max(1, votes.n // 3) if k is None else k
    if not 1 <= line <= votes.n:
        raise ValueError(
            f"k must be between 1 and {votes.n:,}, the number of proposals with a grade, and is {line:,}"
        )
    plain = merit(call, settings).get_column("merit").to_numpy()[votes.rows]
    frame = pl.DataFrame({"id": votes.proposals, **_ranked("mean", plain, plain, line)})
    reviewers = reviewer_table(votes)
    refused: dict[str, str] = {}
    notes = list(names_that_restart(votes, settings))
    for method in METHODS:
        try:
            columns, severity, said = _by(method, votes, settings, line)
        except (DataError, PolicyError) as error:
            refused[method] = "; ".join(f"{issue.where}: {issue.what}" for issue in error.issues)
            continue
        frame = frame.with_columns(**columns)
        reviewers = reviewers.with_columns(severity)
        notes += said
    tops = [name for name in frame.columns if name.startswith("top_")]
    apart = pl.any_horizontal(pl.col(name) != pl.col("top_mean") for name in tops)
    frame = frame.with_columns(apart.alias("depends")).sort("rank_mean", "id")
    return Comparison(
        line, frame, _agreement(frame, tops), reviewers, panel_reliability(votes), refused, tuple(notes)
    )


def _by(
    method: Method, votes: Votes, settings: ReviewSettings, k: int
) -> tuple[dict[str, pl.Series], list[pl.Series], tuple[str, ...]]:
    """Return the columns of a method for proposals and reviewers, and what it says."""
    ranking: BayesianRanking | None = bayes(votes, settings.bayes) if method == "bayes" else None
    found = ranking.calibration if ranking else calibrate(votes, settings, method)
    shown = found.proposals()
    merits = shown.get_column("merit").to_numpy()
    order, more = merits, {}
    if ranking:
        by_id = ranking.ranks.join(ranking.chance_of_best(k), on="id").sort("id").drop("id", "pcer", "sucra")
        order = -by_id.get_column("expected_rank").to_numpy()
        more = {column.name: column for column in by_id}
    severity = found.reviewers.get_column("severity")
    # With a fit per panel a reviewer who sits in several has several severities, and none of them is the one.
    known = found.reviewers.height == votes.m
    own = severity if known else pl.Series([None] * votes.m, dtype=pl.Float64)
    return {**_ranked(method, merits, order, k), **more}, [own.alias(f"severity_{method}")], found.notes


def _ranked(method: str, merits: Floats, order: Floats, k: int) -> dict[str, pl.Series]:
    """Return merit, rank and place among the best k; `order` decides, larger is better."""
    rank = pl.Series(np.round(-order, 9)).rank("min").cast(pl.Int64)
    tied = pl.Series(np.round(-order, 9)).rank("max").cast(pl.Int64)
    top = pl.select(
        pl.when(tied <= k).then(pl.lit("yes")).when(rank <= k).then(pl.lit("tie")).otherwise(pl.lit("no"))
    )
    return {
        f"merit_{method}": pl.Series(np.round(merits, 6)),
        f"rank_{method}": rank,
        f"top_{method}": top.to_series(),
    }


def _agreement(frame: pl.DataFrame, tops: list[str]) -> pl.DataFrame:
    names = [name.removeprefix("top_") for name in tops]
    rows = []
    for number, one in enumerate(names):
        for other in names[number + 1 :]:
            both = (pl.col(f"top_{one}") == "yes") & (pl.col(f"top_{other}") == "yes")
            correlation = pl.corr(pl.col(f"rank_{one}").rank(), pl.col(f"rank_{other}").rank())
            value, same = frame.select(correlation.alias("r"), both.sum().alias("s")).row(0)
            known = value is not None and np.isfinite(value)
            rows.append((one, other, round(value, 6) if known else None, same))
    schema = {"method": pl.String, "other": pl.String, "rank_correlation": pl.Float64, "same_top": pl.Int64}
    return pl.DataFrame(rows, schema=schema, orient="row")
