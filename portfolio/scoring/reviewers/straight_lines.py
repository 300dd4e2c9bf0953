"""Least-squares calibration: each reviewer uses the scale along a rising straight line of their own.

Tan, Wu, Bei & Xu (2021), Least Square Calibration for Peer Reviews, NeurIPS 34, with linear scoring
functions: find qualities x_i and, per reviewer, the inverse of the scoring function, p_j y - q_j, that leave
the least noise::

    minimise    sum over votes of (p_j y_ij - q_j - x_i)^2
    subject to  p_j >= 0.1 (a better grade means more),  mean of p_j over reviewers = 1

The mean of the slopes fixes the unit, as in Roos, Rothe & Scheuermann (2011, AAAI 25:255). What the noise
leaves open stays as it was: the mean of all grades, and the slope of a reviewer who always gave the same
grade.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt
import polars as pl
from scipy import sparse

from portfolio.errors import DataError, Issue, SolverError
from portfolio.scoring.estimate import Floats
from portfolio.scoring.merit import count_and_deviation
from portfolio.scoring.reviewers.calibration import NORMAL_90, Calibration, on_file, severity_frame
from portfolio.scoring.reviewers.equations import conjugate_gradients
from portfolio.scoring.reviewers.groups import refuse_separate_groups
from portfolio.scoring.reviewers.mixed_model import refuse_too_few
from portfolio.scoring.reviewers.votes import Votes

LEAST_SLOPE = 0.1
_MOST_ROUNDS = 200


def least_squares(votes: Votes) -> Calibration:
    """Calibrate by least squares.

    Merit is the mean of a proposal's calibrated grades, and its standard error theirs, as for the plain mean;
    with one grade it is unknown and the interval is the whole scale.

    Raises
    ------
    DataError
        If the proposals fall into groups that no reviewer joins, all grades are the same, or there are fewer
        grades than unknowns: one per proposal and two per reviewer.
    """
    refuse_separate_groups(votes, "least_squares")
    refuse_too_few(votes, "least_squares")
    if len(votes) < votes.n + 2 * votes.m:
        what = (
            f"are too few for method = 'least_squares': {len(votes):,} grades for {votes.n:,} proposals and two "
            f"numbers for each of {votes.m:,} reviewers"
        )
        raise DataError([Issue(what, "Choose method = 'severity', 'bayes' or 'mean'.", "reviews")])
    slope, calibrated = fit_lines(votes)
    count, deviation = count_and_deviation(votes.proposal, calibrated, votes.n)
    quality = np.bincount(votes.proposal, calibrated, minlength=votes.n) / count
    sd = deviation / np.sqrt(count)
    margin = np.where(count > 1, NORMAL_90 * sd, votes.span)
    merit, low, high = (
        np.clip(quality + shift, votes.lowest, votes.highest) for shift in (0.0, -margin, margin)
    )
    noise = calibrated - quality[votes.proposal]
    free = len(votes) - votes.n - 2 * votes.m + 2
    return Calibration(
        "least_squares",
        votes,
        merit,
        sd,
        low,
        high,
        _reviewers(votes, slope, quality),
        {"residual": float(np.sqrt(np.sum(noise**2) / free))},
    )


def fit_lines(votes: Votes) -> tuple[Floats, Floats]:
    """Return the slope of each reviewer, shape (m,), and the calibrated grade of each vote, shape (votes,).

    For given slopes that are free, everything but the qualities is eliminated, and the qualities solve a linear
    system. Slopes that would fall below the least are held there, and let go when that lowers the noise (a
    primal-dual active set: Hintermueller, Ito & Kunisch 2002, SIAM J. Optim. 13:865).
    """
    lines = _Lines.of(votes)
    held = np.zeros(votes.m, dtype=np.bool_)
    for _ in range(_MOST_ROUNDS):
        quality, slope, pull = lines.solve(held)
        next_held = lines.varied & np.where(held, pull <= 0.0, slope < LEAST_SLOPE)
        if np.array_equal(next_held, held):
            shift = lines.mean(quality)
            calibrated = slope[votes.reviewer] * lines.aside + shift[votes.reviewer]
            return slope, calibrated + (np.mean(votes.grade) - np.mean(calibrated))
        held = next_held
    raise SolverError(
        "least-squares calibration found no end; please report this, and use method = 'severity'"
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Lines:
    """The least-squares problem: grades aside from their reviewer's mean, and sums over votes as matrices."""

    aside: Floats
    who: sparse.csr_array
    who_turned: sparse.csr_array
    graded: sparse.csr_array
    graded_turned: sparse.csr_array
    n_proposal: Floats
    n_reviewer: Floats
    energy: Floats
    varied: npt.NDArray[np.bool_]

    @classmethod
    def of(cls, votes: Votes) -> Self:
        count = np.bincount(votes.reviewer, minlength=votes.m).astype(np.float64)
        mean = np.bincount(votes.reviewer, votes.grade, minlength=votes.m) / count
        aside = votes.grade - mean[votes.reviewer]
        energy = np.bincount(votes.reviewer, aside**2, minlength=votes.m)
        who = votes.matrix()
        graded = sparse.csr_array((aside, (votes.proposal, votes.reviewer)), shape=who.shape)
        per_proposal = np.bincount(votes.proposal, minlength=votes.n).astype(np.float64)
        varied = energy > 1e-12 * votes.span**2
        turned = sparse.csr_array(who.T), sparse.csr_array(graded.T)
        return cls(aside, who, turned[0], graded, turned[1], per_proposal, count, energy, varied)

    def mean(self, quality: Floats) -> Floats:
        """Return the mean quality of what each reviewer graded."""
        return np.asarray(self.who_turned @ quality / self.n_reviewer)

    def solve(self, held: npt.NDArray[np.bool_]) -> tuple[Floats, Floats, Floats]:
        """Return qualities, slopes, and how much each held slope would rather be larger (up to its scale)."""
        free = self.varied & ~held
        inverse = np.divide(1.0, self.energy, out=np.zeros_like(self.energy), where=free)
        fixed = np.where(held, LEAST_SLOPE, np.where(free, 0.0, 1.0))
        due = float(fixed.size - np.sum(fixed))
        weight = float(np.sum(inverse))
        ray = (self.graded @ inverse)[:, None]

        def apply(x: Floats) -> Floats:
            along = inverse[:, None] * (self.graded_turned @ x)
            within = self.who @ ((self.who_turned @ x) / self.n_reviewer[:, None])
            spread = self.n_proposal[:, None] * x - within - self.graded @ along
            return np.asarray(spread + ray * (np.sum(along, axis=0) / weight))

        right = ray * (due / weight) + (self.graded @ fixed)[:, None]
        quality = conjugate_gradients(apply, right, self.n_proposal[:, None])[:, 0]
        projected = self.graded_turned @ quality
        multiplier = (due - float(np.sum(inverse * projected))) / weight
        slope = np.where(free, inverse * (projected + multiplier), fixed)
        return quality, slope, projected + multiplier - self.energy * slope


def _reviewers(votes: Votes, slope: Floats, quality: Floats) -> pl.DataFrame:
    """Return severity, the mean distance of a reviewer's grades below the qualities, and the slope."""
    below = quality[votes.proposal] - votes.grade
    count, deviation = count_and_deviation(votes.reviewer, below, votes.m)
    severity = np.bincount(votes.reviewer, below, minlength=votes.m) / count
    margin = NORMAL_90 * deviation / np.sqrt(count)
    frame = severity_frame(votes, severity, severity - margin, severity + margin)
    return frame.with_columns(slope=pl.Series(on_file(slope)))
