"""Apply an early-career rule to every proposal of a call.

Months are counted by the calendar: k months have passed when the day of the month comes round, or, where a
month is too short for it, with the first day of the next (a doctorate of 29 February is not ten years old on
28 February, and is more than ten years old on 1 March).
"""

from __future__ import annotations

from datetime import date

import numpy as np
import numpy.typing as npt
import polars as pl

from portfolio.scoring.career_rules import EarlyCareerRule, EarlyCareerSettings
from portfolio.scoring.columns import numbers, series

Months = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]


def early_career(frame: pl.DataFrame, settings: EarlyCareerSettings | None) -> pl.Series:
    """Return, per proposal, true, false, or null where the data that the rule needs is missing.

    A value in the column `early_career` decides; else the rule does, if there is one. Where an answer follows
    from the data that is there (too many years for anybody, whatever the prior awards), it is given although
    other data is missing. Extensions that are missing count as 0 months. A day of counting after `on` is no:
    the career that the rule counts has not begun.
    """
    stated = series(frame, "early_career", pl.Boolean)
    if settings is None:
        return stated
    ruled = by_rule(frame, settings.resolved, settings.on)
    return pl.select(pl.coalesce(stated, ruled)).to_series().alias("early_career")


def by_rule(frame: pl.DataFrame, rule: EarlyCareerRule, on: date) -> pl.Series:
    """Return what the rule alone says; see `early_career`."""
    starts = pl.DataFrame([series(frame, name, pl.Date).alias(name) for name in rule.counted_from])
    start = starts.select(pl.max_horizontal(pl.all())).to_series().alias("start")
    months, days = _passed(start, on)
    begun = (months > 0) | ((months == 0) & (days >= 0))
    early_enough = _within(months, days, rule, _extension(frame, rule), series(frame, "gender", pl.String))
    late_enough = _after(months, days, 12 * rule.min_years, rule.includes_min)
    known = start.is_not_null()
    dated = pl.select(pl.when(known).then(early_enough & pl.Series(begun & late_enough))).to_series()
    if not rule.disqualified_by_prior_award:
        return dated
    return dated & ~series(frame, "prior_major_award", pl.Boolean)


def _passed(start: pl.Series, on: date) -> tuple[Months, Months]:
    """Count months from `start` to `on`, and days beyond them (below 0: the last month is not complete)."""
    filled = start.fill_null(on)
    months = (
        12 * (on.year - filled.dt.year().to_numpy().astype(np.int64))
        + on.month
        - filled.dt.month().to_numpy()
    )
    return months.astype(np.int64), (on.day - filled.dt.day().to_numpy().astype(np.int64))


def _after(months: Months, days: Months, limit: int | Months, inclusive: bool) -> Flags:
    """Say whether at least (or, exclusively, more than) `limit` months have passed."""
    beyond = days >= 0 if inclusive else days > 0
    return np.asarray((months > limit) | ((months == limit) & beyond), dtype=np.bool_)


def _extension(frame: pl.DataFrame, rule: EarlyCareerRule) -> Months:
    """Add up the months of every extension, each up to its allowance."""
    total = np.zeros(frame.height, dtype=np.int64)
    for name, allowance in rule.allowances.items():
        given = np.maximum(0.0, np.nan_to_num(numbers(frame, name)))
        total += (given if isinstance(allowance, str) else np.minimum(given, allowance)).astype(np.int64)
    return total


def _within(
    months: Months, days: Months, rule: EarlyCareerRule, extension: Months, gender: pl.Series
) -> pl.Series:
    """Say whether no more than the allowed time has passed; null where that hangs on an unknown gender."""
    answers = {
        years: pl.Series(~_after(months, days, 12 * years + extension, not rule.includes_max))
        for years in rule.limits
    }
    shortest, longest = answers[rule.limits[0]], answers[rule.limits[-1]]
    if not isinstance(rule.max_years, dict):
        return shortest
    decided = pl.select(pl.when(shortest == longest).then(shortest)).to_series()
    for name, years in rule.max_years.items():
        decided = pl.select(
            pl.when((gender == name).fill_null(False)).then(answers[years]).otherwise(decided)
        ).to_series()
    return decided
