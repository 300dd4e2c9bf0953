"""The ways from votes to merits, by their names in the policy."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

import numpy as np
import polars as pl

from portfolio.scoring.columns import Scorable
from portfolio.scoring.merit import MERIT_COLUMNS
from portfolio.scoring.reviewers.bayesian import BayesianRanking, bayes
from portfolio.scoring.reviewers.calibration import Calibration
from portfolio.scoring.reviewers.mixed_model import severity
from portfolio.scoring.reviewers.straight_lines import least_squares
from portfolio.scoring.reviewers.votes import Votes, read_votes
from portfolio.scoring.settings import ReviewSettings

Method = Literal["severity", "bayes", "least_squares"]


def calibrate(votes: Votes, settings: ReviewSettings, method: Method) -> Calibration:
    """Calibrate votes by one of the methods; what it refuses is said where it is defined."""
    if method == "severity":
        return severity(votes)
    return least_squares(votes) if method == "least_squares" else bayes(votes, settings.bayes).calibration


def calibrated_merit(
    call: Scorable, settings: ReviewSettings, method: Method, plain: pl.DataFrame
) -> tuple[pl.DataFrame, tuple[str, ...]]:
    """Replace plain means by calibrated merits, and say what must be known of them.

    Parameters
    ----------
    plain
        What `merit` returns; its column merit is kept as merit_mean. A proposal without a vote keeps its row.
    """
    votes = read_votes(call, settings)
    found = calibrate(votes, settings, method)
    columns = []
    for name in MERIT_COLUMNS:
        values = plain.get_column(name).to_numpy().copy()
        values[votes.rows] = found.proposals().get_column(name).to_numpy()
        columns.append(pl.Series(name, values).fill_nan(None))
    kept = plain.get_column("merit").alias("merit_mean")
    return plain.with_columns(*columns, kept), (*names_that_restart(votes, settings), *found.notes)


def rank_proposals(call: Scorable, settings: ReviewSettings) -> BayesianRanking:
    """Rank the proposals of a call by the Bayesian model, whatever the method of the settings.

    Raises
    ------
    PolicyError, DataError
        As `read_votes` and `bayes`.
    """
    votes = read_votes(call, settings.replace(method="bayes"))
    found = bayes(votes, settings.bayes)
    notes = (*names_that_restart(votes, settings), *found.calibration.notes)
    return replace(found, calibration=replace(found.calibration, notes=notes))


def names_that_restart(votes: Votes, settings: ReviewSettings) -> tuple[str, ...]:
    """Return a note if reviewers' names seem to start again in every panel, while they are read as persons.

    They seem to if most names sit in several panels, and yet no proposal was graded by two panels.
    """
    pairs = pl.DataFrame({"reviewer": votes.reviewer, "proposal": votes.proposal, "panel": votes.panel})
    panels = pairs.group_by("reviewer").agg(pl.col("panel").n_unique())["panel"].to_numpy()
    several = pairs.group_by("proposal").agg(pl.col("panel").n_unique())["panel"].max()
    if settings.reviewer_ids == "panel" or several != 1 or 2 * int(np.sum(panels > 1)) <= panels.size:
        return ()
    return (
        f"{int(np.sum(panels > 1)):,} of {panels.size:,} reviewers' names occur in several panels and are taken for "
        "the same persons. If names start again in every panel, set reviews.reviewer_ids = 'panel'.",
    )
