"""What a reviewer model says of a call."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from portfolio.scoring.estimate import Floats
from portfolio.scoring.reviewers.votes import Votes

NORMAL_90 = 1.6448536269514722
# More digits would be those of the machine: models are solved to about ten.
MODEL_DECIMALS = 6


@dataclass(frozen=True, slots=True, eq=False)
class Calibration:
    """Merits and reviewers after calibration.

    Parameters
    ----------
    method
        As in the policy.
    votes
        What was calibrated.
    merit, sd, low, high
        Shape (proposals,), in the order of `votes.proposals`, on the funder's scale; the interval holds 90%.
    reviewers
        reviewer, severity, severity_low, severity_high; severity is how much lower a reviewer grades than
        the others, in grades.
    spread
        Standard deviations of the model, each by its name, in grades.
    notes
        What a reader must know, in sentences.
    """

    method: str
    votes: Votes
    merit: Floats
    sd: Floats
    low: Floats
    high: Floats
    reviewers: pl.DataFrame
    spread: dict[str, float]
    notes: tuple[str, ...] = ()

    def proposals(self) -> pl.DataFrame:
        """Return id, merit, merit_sd, merit_low, merit_high, sorted by id."""
        columns = {"merit": self.merit, "merit_sd": self.sd, "merit_low": self.low, "merit_high": self.high}
        shown = {name: on_file(values) for name, values in columns.items()}
        return pl.DataFrame({"id": self.votes.proposals, **shown}).fill_nan(None)


def on_file(values: Floats) -> Floats:
    """Round as results of a model are written; -0 becomes 0."""
    return np.round(values, MODEL_DECIMALS) + 0.0


def severity_frame(votes: Votes, severity: Floats, low: Floats, high: Floats) -> pl.DataFrame:
    """Return the reviewers of a calibration."""
    columns = {"severity": severity, "severity_low": low, "severity_high": high}
    shown = {name: on_file(values) for name, values in columns.items()}
    return pl.DataFrame({"reviewer": votes.reviewers, **shown}).fill_nan(None)
