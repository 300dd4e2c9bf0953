"""Problems collected as rows of a table, and told as sentences: one per column and rule, not one per cell."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import polars as pl

from portfolio.errors import Issue

PROBLEMS = pl.Schema(
    {
        "position": pl.UInt32(),
        "row": pl.Int64(),
        "id": pl.String(),
        "column": pl.String(),
        "value": pl.String(),
        "what": pl.String(),
        "hint": pl.String(),
    }
)
"""One line per bad cell: its position in the frame, its row in the spreadsheet, and what is wrong with it."""

SET_ASIDE = pl.Schema(
    {"file": pl.String(), "row": pl.Int64(), "id": pl.String(), "column": pl.String(), "reason": pl.String()}
)
"""What `reasons` returns. Written out, since computing it in the import would start the threads of polars."""

SHOWN = 5


def no_problems() -> pl.DataFrame:
    """Return an empty table of problems."""
    return pl.DataFrame(schema=PROBLEMS)


def lines_of(
    wrong: pl.Series,
    rows: pl.Series,
    column: str,
    values: pl.Series,
    what: pl.Series | str,
    hint: pl.Series | str = "",
) -> pl.DataFrame:
    """Return one line for every cell of a column that is wrong; the ids are filled in later."""
    if not wrong.any():
        return no_problems()
    cells = pl.DataFrame(
        {"position": pl.int_range(len(wrong), eager=True), "row": rows, "value": values.cast(pl.String)}
    ).with_columns(
        id=pl.lit(None, dtype=pl.String),
        column=pl.lit(column),
        what=what if isinstance(what, pl.Series) else pl.lit(what),
        hint=hint if isinstance(hint, pl.Series) else pl.lit(hint),
    )
    return cells.filter(wrong.fill_null(False)).select(PROBLEMS.names()).cast(PROBLEMS)


def joined(parts: Iterable[pl.DataFrame]) -> pl.DataFrame:
    """Put tables of problems under each other; a cell keeps only the first thing that is wrong with it."""
    return pl.concat([no_problems(), *parts]).unique(
        ["position", "column"], keep="first", maintain_order=True
    )


def grouped(problems: pl.DataFrame, file: str) -> list[Issue]:
    """Tell the problems, one issue per column, rule and hint, with the first rows and values."""
    groups = problems.group_by("column", "what", "hint", maintain_order=True).agg(
        pl.len(),
        pl.col("row").head(SHOWN),
        pl.col("value").drop_nulls().unique(maintain_order=True).head(SHOWN),
        "id",
    )
    return [_issue(group, file) for group in groups.iter_rows(named=True)]


def _issue(group: dict[str, Any], file: str) -> Issue:
    rows, values, ids = group["row"], group["value"], group["id"]
    return Issue(
        what=str(group["what"]),
        hint=str(group["hint"]),
        file=file,
        column=str(group["column"]),
        values=tuple(values),
        id=(ids[0] or "") if len(ids) == 1 else "",
        rows=tuple(rows),
        count=len(ids),
    )


def reasons(problems: pl.DataFrame, file: str) -> pl.DataFrame:
    """Return what is kept about rows that are set aside: file, row, id, column, reason."""
    value = pl.when(pl.col("value").is_null()).then(pl.lit("")).otherwise(pl.format("'{}' ", pl.col("value")))
    return problems.select(
        file=pl.lit(file), row="row", id="id", column="column", reason=pl.concat_str(value, pl.col("what"))
    )
