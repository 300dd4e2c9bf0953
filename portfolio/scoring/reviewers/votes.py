"""One vote per proposal and reviewer, on a higher-is-better scale, in an order that no file decides."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl
from scipy import sparse

from portfolio.errors import DataError, Issue, PolicyError
from portfolio.scoring.columns import Scorable
from portfolio.scoring.estimate import Floats
from portfolio.scoring.merit import Codes, read_grades, refuse_unknown_criteria, voices
from portfolio.scoring.settings import ReviewSettings

# Weighted averages of the same grades may differ behind these digits.
_DIGITS = 12


@dataclass(frozen=True, slots=True, eq=False)
class Votes:
    """The votes of a call, sorted by the ids of proposals, then by the names of reviewers.

    Parameters
    ----------
    proposal, reviewer, panel
        Codes, shape (votes,).
    grade
        Shape (votes,): a reviewer's weighted average over criteria, turned so that higher is better.
    proposals, reviewers, panels
        The names that the codes stand for, sorted; every proposal and every reviewer has a vote.
    rows
        Row of each proposal in the call.
    lowest, highest
        The ends of the scale.
    """

    proposal: Codes
    reviewer: Codes
    panel: Codes
    grade: Floats
    proposals: pl.Series
    reviewers: pl.Series
    panels: pl.Series
    rows: Codes
    lowest: float
    highest: float

    def __len__(self) -> int:
        return self.grade.size

    @property
    def n(self) -> int:
        """How many proposals have a vote."""
        return self.proposals.len()

    @property
    def m(self) -> int:
        """How many reviewers there are."""
        return self.reviewers.len()

    @property
    def span(self) -> float:
        """The length of the scale."""
        return self.highest - self.lowest

    def matrix(self) -> sparse.csr_array:
        """Return who graded what: shape (n, m), 1 where there is a vote."""
        return sparse.csr_array((np.ones(len(self)), (self.proposal, self.reviewer)), shape=(self.n, self.m))

    def alike(self, *, panels: bool) -> list[Codes]:
        """Return the proposals that have the same grades from the same reviewers, as groups of two and more.

        Parameters
        ----------
        panels
            Whether the grades must be of the same panels too.
        """
        return _alike(self.proposal, self.reviewer, self.grade, *([self.panel] if panels else []))

    def reviewers_alike(self) -> list[Codes]:
        """Return the reviewers who gave the same grades to the same proposals, as groups of two and more."""
        return _alike(self.reviewer, self.proposal, self.grade)

    def take(self, chosen: npt.NDArray[np.bool_]) -> Votes:
        """Return some of the votes, with only their proposals, reviewers and panels."""
        coded = [
            np.unique(codes[chosen], return_inverse=True)
            for codes in (self.proposal, self.reviewer, self.panel)
        ]
        (p, proposal), (r, reviewer), (k, panel) = coded
        return Votes(
            proposal,
            reviewer,
            panel,
            self.grade[chosen],
            self.proposals.gather(p),
            self.reviewers.gather(r),
            self.panels.gather(k),
            self.rows[p],
            self.lowest,
            self.highest,
        )


def read_votes(call: Scorable, settings: ReviewSettings) -> Votes:
    """Return the votes of a call.

    Raises
    ------
    PolicyError
        If a weight names a criterion that no review has, or panels are asked for and reviews have none.
    DataError
        If a grade is outside the scale, there is no grade at all, or a grade has no reviewer.
    """
    reviews = call.reviews
    if reviews is None:
        raise DataError([Issue("needs reviews, and the call has none", "Give the file of reviews.")])
    reviews = _with_panels(reviews, settings)
    grades = read_grades(call.frame, reviews, settings)
    weights = settings.weights or dict.fromkeys(grades.criteria, 1.0)
    refuse_unknown_criteria(weights, grades.criteria, "reviews.weights")
    row, who, average = voices(grades, weights)
    _refuse_nothing(row, grades.reviewers.gather(who))
    grade = average if settings.best > settings.worst else settings.best + settings.worst - average
    found = np.unique(row)
    ids = call.frame.get_column("id").cast(pl.String).gather(found)
    rank = ids.rank("ordinal").cast(pl.Int64).to_numpy() - 1
    rows = found[np.argsort(rank)]
    proposal = rank[np.searchsorted(found, row)]
    order = np.lexsort((who, proposal))
    reviewers, reviewer = np.unique(who[order], return_inverse=True)
    names = grades.reviewers.gather(reviewers)
    proposals = ids.sort()
    panels, panel = _panels(reviews, proposals.gather(proposal[order]), names.gather(reviewer))
    return Votes(
        proposal[order],
        reviewer,
        panel,
        grade[order],
        proposals,
        names,
        panels,
        rows,
        settings.lowest,
        settings.highest,
    )


def _alike(of: Codes, *what: Codes | Floats) -> list[Codes]:
    """Return the codes of which all of this is the same, as groups of two and more."""
    columns = [np.round(column, _DIGITS) for column in what]
    order = np.lexsort((*reversed(columns), of))
    ends = np.cumsum(np.bincount(of))[:-1]
    told = zip(*(np.split(column[order], ends) for column in columns), strict=True)
    groups: dict[tuple[bytes, ...], list[int]] = {}
    for code, parts in enumerate(told):
        groups.setdefault(tuple(part.tobytes() for part in parts), []).append(code)
    return [np.array(group) for group in groups.values() if len(group) > 1]


def _with_panels(reviews: pl.DataFrame, settings: ReviewSettings) -> pl.DataFrame:
    """Return the reviews with a column panel without gaps, and reviewers named by panel where that is asked for."""
    has = "panel" in reviews.columns and reviews.get_column("panel").null_count() < reviews.height
    per_panel = settings.reviewer_ids == "panel"
    asked = {
        "reviews.reviewer_ids": per_panel,
        "reviews.bayes.panels": settings.method == "bayes" and settings.bayes.panels != "together",
    }
    if not has and any(asked.values()):
        hint = 'Add a column panel to the reviews, or map yours: [columns] "reviews.panel" = ...'
        what = "asks for panels, and the reviews have none"
        raise PolicyError([Issue(what, hint, column=key) for key, wanted in asked.items() if wanted])
    panel = pl.col("panel").cast(pl.String).fill_null("") if has else pl.lit("")
    reviews = reviews.with_columns(panel.alias("panel"), pl.col("proposal", "reviewer").cast(pl.String))
    if not per_panel:
        return reviews
    named = pl.when(pl.col("reviewer").is_not_null()).then(pl.format("{} / {}", "panel", "reviewer"))
    return reviews.with_columns(named.alias("reviewer"))


def _panels(reviews: pl.DataFrame, proposal: pl.Series, reviewer: pl.Series) -> tuple[pl.Series, Codes]:
    """Return the names of the panels and the panel of each vote, the first by name if it has several."""
    first = (
        reviews.drop_nulls("score")
        .group_by("proposal", pl.col("reviewer").fill_null(""))
        .agg(pl.col("panel").min())
    )
    votes = pl.DataFrame({"proposal": proposal, "reviewer": reviewer})
    panel = votes.join(first, on=["proposal", "reviewer"], how="left", maintain_order="left").get_column(
        "panel"
    )
    names = panel.unique().sort()
    return names, panel.rank("dense").cast(pl.Int64).to_numpy() - 1


def _refuse_nothing(row: Codes, reviewer: pl.Series) -> None:
    if not row.size:
        hint = "Look at the column score, and at the weights of criteria."
        raise DataError([Issue("hold no grade that counts", hint, "reviews")])
    unnamed = int((reviewer == "").sum())
    if unnamed:
        hint = (
            "Name every reviewer, or choose method = 'mean': who cannot be told apart cannot be calibrated."
        )
        raise DataError([Issue("is missing", hint, "reviews", "reviewer", count=unnamed)])
