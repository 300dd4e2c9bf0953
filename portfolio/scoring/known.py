"""What is known of a proposal: a score that rests on no evidence is a middle that nobody stated."""

from __future__ import annotations

import polars as pl

from portfolio.scoring.estimate import BASE

# The scores that have a middle. Of the others what is not known is empty.
MIDDLE = ("risk", "ambiguity", "horizon", "horizon_years", "basicness")


def silent(scores: pl.DataFrame) -> pl.DataFrame:
    """Return where there is no evidence of the scores in `MIDDLE`: columns of booleans.

    Parameters
    ----------
    scores
        Columns of scores that are null where there is no evidence.
    """
    return scores.select(pl.col(MIDDLE).is_null())


def with_middles(scores: pl.DataFrame, years: float) -> pl.DataFrame:
    """Return scores in which the middle of everything stands where there is no evidence: 0.5, or so many years."""
    middles = {name: years if name == "horizon_years" else BASE for name in MIDDLE}
    return scores.with_columns(pl.col(name).fill_null(middle) for name, middle in middles.items())


def without_middles(scores: pl.DataFrame, silent: pl.DataFrame) -> pl.DataFrame:
    """Return scores that are null where there is no evidence; the ends of the intervals stay.

    A risk that may be anything may be high.
    """
    return scores.with_columns(scores[name].set(where, None) for name, where in silent.to_dict().items())
