"""Small calls, and strategies for rows of evidence."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import polars as pl
from hypothesis import strategies as st

from portfolio.scoring.paradigm import POSITIONS

SCHEMA = {
    "id": pl.String,
    "research_type": pl.String,
    "driver": pl.String,
    "success_probability": pl.Float64,
    "trl": pl.Int64,
    "years_to_outcome": pl.Float64,
    "expected_outputs": pl.List(pl.String),
    "bottlenecks": pl.List(pl.String),
}
REVIEWS = {"proposal": pl.String, "reviewer": pl.String, "criterion": pl.String, "score": pl.Float64}


@dataclass(frozen=True)
class Table:
    """What scoring needs of a call."""

    frame: pl.DataFrame
    reviews: pl.DataFrame | None = None


def proposals(*rows: dict[str, object]) -> Table:
    """A call of proposals with some evidence each, named p0, p1, ..."""
    filled = [{**dict.fromkeys(SCHEMA), "id": f"p{i}", **row} for i, row in enumerate(rows)]
    return Table(pl.DataFrame(filled, schema=SCHEMA))


def graded(ids: str, *grades: tuple[str, str, str | None, float | None]) -> Table:
    """A call of proposals with one-letter ids, and grades (proposal, reviewer, criterion, score)."""
    reviews = pl.DataFrame(grades, schema=REVIEWS, orient="row")
    return Table(pl.DataFrame({"id": list(ids)}, schema={"id": pl.String}), reviews)


def person(**columns: object) -> pl.DataFrame:
    """A frame of one person."""
    dates = dict.fromkeys(("doctorate_date", "clinical_training_end", "birth_date"), pl.Date)
    flags = {"prior_major_award": pl.Boolean, "early_career": pl.Boolean}
    types = dates | flags | {"gender": pl.String}
    return pl.DataFrame(
        {"id": ["p"]} | {k: pl.Series([v], dtype=types.get(k, pl.Int64)) for k, v in columns.items()}
    )


NEW_YEAR_2026 = date(2026, 1, 1)
NEW_YEAR_2027 = date(2027, 1, 1)


def _words(name: str) -> st.SearchStrategy[str]:
    return st.sampled_from(list(POSITIONS[name]))


EVIDENCE = {
    "research_type": _words("research_type"),
    "driver": _words("driver"),
    "success_probability": st.floats(0, 1),
    "trl": st.integers(1, 9),
    "years_to_outcome": st.floats(0, 200),
    "expected_outputs": st.lists(_words("expected_outputs"), min_size=1, max_size=4),
}
ROWS = st.fixed_dictionaries({}, optional=EVIDENCE)
FULL_ROWS = st.fixed_dictionaries(EVIDENCE)
CALLS = st.lists(ROWS, min_size=1, max_size=6)
