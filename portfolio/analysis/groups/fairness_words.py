"""What the fairness monitor says in words: differences that are more than chance, and never a cause."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import polars as pl

from portfolio.optimize.figures import percent

_HOLDS = 0.05


def statements(rows: pl.DataFrame, proposals: int, awards: int, comparisons: int) -> Iterator[str | None]:
    """Yield a sentence for each row whose interval of the difference excludes 0, None for the others.

    Parameters
    ----------
    proposals, awards
        Of the whole call.
    comparisons
        How many are made in all.
    """
    for row in rows.iter_rows(named=True):
        excludes = row["difference"] is not None and not row["difference_low"] <= 0 <= row["difference_high"]
        yield _statement(row, proposals, awards, comparisons) if excludes else None


def _statement(row: dict[str, Any], proposals: int, awards: int, comparisons: int) -> str:
    others, theirs = proposals - row["proposals"], awards - row["awards"]
    low, high = sorted(abs(row[f"difference_{side}"]) for side in ("low", "high"))
    word = "more" if row["difference"] > 0 else "fewer"
    if comparisons == 1:
        among = "It is the only comparison made."
    elif row["p_holm"] < _HOLDS:
        among = f"It stands when all {comparisons:,} comparisons are allowed for."
    else:
        among = f"Among {comparisons:,} comparisons it may well be chance."
    return (
        f"{row['column']}, {row['group']}: {row['awards']:,} of {row['proposals']:,} proposals were funded "
        f"({percent(row['success_rate'])}), of all others {theirs:,} of {others:,} ({percent(theirs / others)}): "
        f"{100 * abs(row['difference']):.1f} percentage points {word} "
        f"(95% interval {100 * low:.1f} to {100 * high:.1f}). {among}"
    )
