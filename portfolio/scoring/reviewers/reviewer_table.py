"""What a programme officer should know of each reviewer, without any model: compared with the others' grades."""

from __future__ import annotations

import numpy as np
import polars as pl

from portfolio.scoring.estimate import Floats
from portfolio.scoring.merit import Codes, count_and_deviation
from portfolio.scoring.reviewers.calibration import NORMAL_90, on_file
from portfolio.scoring.reviewers.votes import Votes

_LEAST_FOR_AGREEMENT = 3


def reviewer_table(votes: Votes) -> pl.DataFrame:
    """Return a row per reviewer, sorted by name.

    Columns:

    - reviewer, n_reviews, n_shared: proposals graded, and those that others graded too;
    - mean_grade, sd_grade: of the reviewer's own grades, higher is better;
    - below_others, with _low and _high: how much lower than the mean of the others on the same proposals, with the
      interval of 90% of a normal distribution; null with fewer than two shared proposals (the mean: none);
    - agreement: correlation of the reviewer's grades with the others' means, from -1 to 1; null with fewer than three
      shared proposals, or where one side does not vary.
    """
    count, own_sd = count_and_deviation(votes.reviewer, votes.grade, votes.m)
    per_proposal = np.bincount(votes.proposal, minlength=votes.n)[votes.proposal]
    shared = per_proposal > 1
    total = np.bincount(votes.proposal, votes.grade, minlength=votes.n)[votes.proposal]
    who, own = votes.reviewer[shared], votes.grade[shared]
    others = (total[shared] - own) / (per_proposal[shared] - 1)
    n_shared, sd = count_and_deviation(who, others - own, votes.m)
    below = _mean(who, others - own, n_shared)
    margin = NORMAL_90 * sd / np.sqrt(np.maximum(n_shared, 1))
    columns = {
        "mean_grade": np.bincount(votes.reviewer, votes.grade, minlength=votes.m) / count,
        "sd_grade": own_sd,
        "below_others": below,
        "below_others_low": below - margin,
        "below_others_high": below + margin,
        "agreement": _correlation(who, own, others, n_shared, votes.span),
    }
    return pl.DataFrame(
        {
            "reviewer": votes.reviewers,
            "n_reviews": count.astype(np.int64),
            "n_shared": n_shared.astype(np.int64),
            **{name: on_file(values) for name, values in columns.items()},
        }
    ).fill_nan(None)


def _mean(group: Codes, values: Floats, count: Floats) -> Floats:
    total = np.bincount(group, values, minlength=count.size)
    return np.asarray(np.divide(total, count, out=np.full(count.size, np.nan), where=count > 0))


def _correlation(group: Codes, one: Floats, other: Floats, count: Floats, span: float) -> Floats:
    """Return the correlation within each group, NaN with fewer than three pairs or without variation."""
    a, b = (values - _mean(group, values, count)[group] for values in (one, other))
    cross, left, right = (np.bincount(group, x, minlength=count.size) for x in (a * b, a * a, b * b))
    tiny = 1e-12 * span**2
    usable = (count >= _LEAST_FOR_AGREEMENT) & (left > tiny) & (right > tiny)
    return np.asarray(np.divide(cross, np.sqrt(left * right), out=np.full(count.size, np.nan), where=usable))
