"""Merit from reviews: one number per proposal on a higher-is-better scale, with its standard error.

For a proposal, merit is the weighted mean over criteria of the mean over reviewers. Grades that are missing
are left out, and the weights are renormalised over the criteria that have a grade. Reviewers' stated
confidence does not weigh: it says more about the reviewer than about the proposal, and would let the bold
decide.

`merit_sd` is the standard error of the mean of the reviewers' own weighted averages: their standard deviation
(with n - 1) over the root of n. The interval is merit plus or minus 1.645 standard errors (90% of a normal
distribution), within the scale; with fewer than two reviewers it is the whole scale, since one voice says
nothing about the spread.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from portfolio.errors import DataError, Issue, PolicyError, each_nearest
from portfolio.scoring.columns import Scorable, numbers
from portfolio.scoring.estimate import NINETY_PERCENT, Floats, rounded
from portfolio.scoring.settings import ReviewSettings

Codes = npt.NDArray[np.int64]

DEFAULT_CRITERION = "overall"
MERIT_COLUMNS = ("merit", "merit_sd", "merit_low", "merit_high")


@dataclass(frozen=True, slots=True, eq=False)
class Grades:
    """Grades in a fixed order, as codes: four arrays of one length, and the names that the codes stand for.

    Sorted by proposal, reviewer, criterion and score, and summed in that order, so that sums do not depend on
    the order of the file.
    """

    proposal: Codes
    reviewer: Codes
    criterion: Codes
    score: Floats
    proposals: int
    criteria: tuple[str, ...]
    reviewers: pl.Series


def merit(call: Scorable, settings: ReviewSettings | None) -> pl.DataFrame:
    """Return merit, merit_sd, merit_low, merit_high, n_reviews and disagreement, a row per proposal.

    From the reviews if the call has any, else from its columns merit, merit_sd, merit_low and merit_high,
    else null. `disagreement` is the standard deviation of the reviewers' averages (with n - 1), in units of
    the scale.

    Raises
    ------
    PolicyError
        If there are reviews and no settings, or a weight names a criterion that no review has.
    DataError
        If a grade is outside the scale, or the call has both reviews and merits.
    """
    if call.reviews is None:
        return _merit_from_columns(call.frame)
    if settings is None:
        hint = "Add [reviews] with the best and the worst grade: they give the scale and its direction."
        raise PolicyError([Issue("is missing, and the call has reviews", hint, column="reviews")])
    _refuse_both(call.frame)
    grades = read_grades(call.frame, call.reviews, settings)
    weights = settings.weights or dict.fromkeys(grades.criteria, 1.0)
    refuse_unknown_criteria(weights, grades.criteria, "reviews.weights")
    return merit_from_grades(grades, weights, settings)


def feasibility(call: Scorable, settings: ReviewSettings | None, criteria: tuple[str, ...]) -> Floats | None:
    """Return the mean feasibility rating, 0 the worst grade and 1 the best; None if no criterion is named.

    Raises
    ------
    PolicyError
        If criteria are named that no review has, or the call has no reviews at all.
    """
    if not criteria:
        return None
    if call.reviews is None or settings is None:
        hint = "Give the reviews, or leave feasibility empty."
        raise PolicyError(
            [Issue("names criteria of reviews, and the call has none", hint, column="scoring.feasibility")]
        )
    grades = read_grades(call.frame, call.reviews, settings)
    refuse_unknown_criteria(dict.fromkeys(criteria, 1.0), grades.criteria, "scoring.feasibility")
    mean = criteria_mean(grades, dict.fromkeys(criteria, 1.0))
    return (mean - settings.worst) / (settings.best - settings.worst)


def read_grades(frame: pl.DataFrame, reviews: pl.DataFrame, settings: ReviewSettings) -> Grades:
    """Return the grades of the proposals in the frame; missing grades are left out."""
    criterion = (
        pl.col("criterion").cast(pl.String) if "criterion" in reviews.columns else pl.lit(None, pl.String)
    )
    score = pl.col("score").cast(pl.Float64).fill_nan(None)
    table = (
        reviews.select(
            "proposal", "reviewer", criterion.fill_null(DEFAULT_CRITERION).alias("criterion"), score
        )
        .drop_nulls("score")
        .with_columns(pl.col("proposal").cast(pl.String), pl.col("reviewer").cast(pl.String).fill_null(""))
    )
    codes = pl.col("reviewer", "criterion").rank("dense").cast(pl.Int64) - 1
    _refuse_outside(table, settings)
    criteria = tuple(table.get_column("criterion").unique().sort())
    reviewers = table.get_column("reviewer").unique().sort()
    order = ["row", "reviewer", "criterion", "score"]
    coded = (
        table.with_columns(codes)
        .join(frame.select(pl.col("id").alias("proposal")).with_row_index("row"), on="proposal")
        .sort(order)
    )
    row, reviewer, code = (coded.get_column(name).to_numpy().astype(np.int64) for name in order[:3])
    scores = coded.get_column("score").to_numpy()
    return Grades(row, reviewer, code, scores, frame.height, criteria, reviewers)


def merit_from_grades(grades: Grades, weights: Mapping[str, float], settings: ReviewSettings) -> pl.DataFrame:
    """Return the columns of `merit` for grades on the scale of the settings."""
    low, high = settings.lowest, settings.highest
    raw = np.clip(criteria_mean(grades, weights), low, high)
    center = raw if settings.best > settings.worst else settings.best + settings.worst - raw
    count, deviation = reviewers_spread(grades, weights)
    error = np.divide(deviation, np.sqrt(count), out=np.full(grades.proposals, np.nan), where=count > 1)
    margin = np.where(np.isnan(error), high - low, NINETY_PERCENT * error)
    known = np.nan_to_num(center, nan=low)
    columns = {
        "merit": center,
        "merit_sd": error,
        "merit_low": np.where(np.isnan(center), low, np.maximum(low, known - margin)),
        "merit_high": np.where(np.isnan(center), high, np.minimum(high, known + margin)),
        "disagreement": deviation,
    }
    table = pl.DataFrame({name: rounded(values) for name, values in columns.items()}).fill_nan(None)
    return table.insert_column(4, pl.Series("n_reviews", count.astype(np.int64)))


def criteria_mean(grades: Grades, weights: Mapping[str, float]) -> Floats:
    """Return the weighted mean over criteria of the mean over reviewers, NaN where there is no grade."""
    total, present = np.zeros(grades.proposals), np.zeros(grades.proposals)
    for code, name in enumerate(grades.criteria):
        weight = weights.get(name, 0.0)
        mine = grades.criterion == code
        count = np.bincount(grades.proposal[mine], minlength=grades.proposals)
        added = np.bincount(grades.proposal[mine], grades.score[mine], minlength=grades.proposals)
        total += weight * np.divide(added, count, out=np.zeros(grades.proposals), where=count > 0)
        present += np.where(count > 0, weight, 0.0)
    mean: Floats = np.divide(total, present, out=np.full(grades.proposals, np.nan), where=present > 0)
    return mean


def reviewers_spread(grades: Grades, weights: Mapping[str, float]) -> tuple[Floats, Floats]:
    """Return, per proposal, the number of reviewers and the standard deviation (n - 1) of their own averages.

    The deviation is NaN with fewer than two.
    """
    proposal, _, average = voices(grades, weights)
    return count_and_deviation(proposal, average, grades.proposals)


def voices(grades: Grades, weights: Mapping[str, float]) -> tuple[Codes, Codes, Floats]:
    """Return each reviewer's own average of each proposal, the weighted mean of that reviewer's grades.

    Three arrays of one length: the proposal, the reviewer and the average, sorted by the first two.
    """
    weight = np.array([weights.get(name, 0.0) for name in grades.criteria])[grades.criterion]
    used = weight > 0
    proposal, reviewer = grades.proposal[used], grades.reviewer[used]
    weight, score = weight[used], grades.score[used]
    new = np.ones(proposal.size, dtype=np.bool_)
    new[1:] = (proposal[1:] != proposal[:-1]) | (reviewer[1:] != reviewer[:-1])
    voice = np.cumsum(new) - 1
    average = np.bincount(voice, weight * score) / np.bincount(voice, weight)
    return proposal[new], reviewer[new], average


def count_and_deviation(group: Codes, values: Floats, groups: int) -> tuple[Floats, Floats]:
    """Return the size of each group and the standard deviation (n - 1) in it, NaN with fewer than two."""
    count = np.bincount(group, minlength=groups).astype(np.float64)
    mean = np.divide(
        np.bincount(group, values, minlength=groups), count, out=np.zeros(groups), where=count > 0
    )
    squares = np.bincount(group, (values - mean[group]) ** 2, minlength=groups)
    return count, np.sqrt(np.divide(squares, count - 1, out=np.full(groups, np.nan), where=count > 1))


def refuse_unknown_criteria(weights: Mapping[str, float], known: tuple[str, ...], key: str) -> None:
    """Raise PolicyError for every criterion that no review has, with the nearest that one has."""
    unknown = [name for name in weights if name not in known]
    if unknown:
        what = "is not a criterion of the reviews"
        hints = zip(unknown, each_nearest(unknown, known), strict=True)
        raise PolicyError([Issue(what, hint, column=key, value=name) for name, hint in hints])


def _merit_from_columns(frame: pl.DataFrame) -> pl.DataFrame:
    """Take merit as given; an interval that is not given is made from merit_sd, and else stays null."""
    given = pl.DataFrame({name: numbers(frame, name) for name in MERIT_COLUMNS}).fill_nan(None)
    margin = NINETY_PERCENT * pl.col("merit_sd")
    return given.with_columns(
        pl.col("merit_low").fill_null(pl.col("merit") - margin),
        pl.col("merit_high").fill_null(pl.col("merit") + margin),
        n_reviews=pl.lit(None, pl.Int64),
        disagreement=pl.lit(None, pl.Float64),
    )


def _refuse_both(frame: pl.DataFrame) -> None:
    given = int(np.count_nonzero(~np.isnan(numbers(frame, "merit"))))
    if given:
        hint = (
            "Remove the column merit, or leave out the reviews: which of the two decides is not ours to say."
        )
        raise DataError([Issue("is given, and so are reviews", hint, column="merit", count=given)])


def _refuse_outside(table: pl.DataFrame, settings: ReviewSettings) -> None:
    outside = table.filter(~pl.col("score").is_between(settings.lowest, settings.highest))
    found = outside.group_by("score").agg(pl.len(), pl.col("proposal").min()).sort("score")
    what = f"must be between {settings.lowest:g} and {settings.highest:g}, the scale of the policy"
    hint = "Correct the grade, or best and worst under [reviews]."
    if outside.height:
        raise DataError(
            Issue(what, hint, "reviews", "score", f"{score:g}", proposal, count=count)
            for score, count, proposal in found.iter_rows()
        )
