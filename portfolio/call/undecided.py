"""Rows of which nobody can know whether `only` holds, because a cell that decides cannot be read.

Amounts, numbers, days and truths that cannot be read are empty cells to an expression. Texts stand as the file writes
them until they are checked, and so do truths and lists under a heading that is mapped: to a comparison, a word that
nobody can read would be just another word. What is struck through or raised can be read, and nobody knows it either.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

import polars as pl

from portfolio.call.amounts import Mark
from portfolio.call.behind import Behind, column_behind
from portfolio.call.check import problems_of
from portfolio.call.columns import proposal_column
from portfolio.call.conditions import condition, evaluated
from portfolio.call.headings import Headings
from portfolio.call.issues import joined
from portfolio.call.lists import listed_otherwise
from portfolio.call.normal import normal
from portfolio.call.sql_tree import read_as_days
from portfolio.call.value import MISSING

_TEXTS = ("text", "word", "words", "tags")


@dataclass(frozen=True, slots=True)
class Step:
    """An expression of the policy, and the columns that it looks at; `name` is what it derives."""

    name: str
    sql: str
    expression: pl.Expr
    context: pl.DataFrame


def unread_texts(
    frame: pl.DataFrame, rows: pl.Series, names: Collection[str], currency: str, derived: Collection[str]
) -> pl.DataFrame:
    """Return one line for each cell of these columns that stands there as a text, and that the check will refuse."""
    known = [column for name in frame.columns if name in names and (column := proposal_column(name))]
    cells = normal(frame.select(one.name for one in known if one.kind in _TEXTS), proposal_column)
    found = problems_of(cells, proposal_column, currency, rows, "", derived)
    lines = joined([found, *listed_otherwise(cells, proposal_column, rows)])
    return lines.filter(pl.col("what") != MISSING)


def hidden_cells(
    problems: pl.DataFrame, steps: Iterable[Step], headings: Headings, height: int, mark: Mark | None
) -> dict[str, pl.Series]:
    """Return, for each column, which cells nobody knows, though something stands in them.

    What is derived of such a cell is not known either, if it would be empty without it. A column that is derived in
    the place of another settles the cells of that one, as the file writes them, for whoever looked at those.
    """
    steps = list(steps)
    derived = {step.name for step in steps}
    columns = list(dict.fromkeys(problems["column"]))
    wrong = {name: _rows(problems, [name], height) for name in columns}
    hidden = {name: mask for name, mask in wrong.items() if name not in derived}
    for step in steps:
        unknown = [wrong[step.name]] if step.name in wrong else []
        if unread := hidden_in(step, hidden, headings, derived):
            value = evaluated(
                step.context, step.expression, step.sql, f"derive.{step.name}", mark, unread=unread
            )
            unknown.append(value.is_null())
        if unknown:
            hidden[step.name] = unknown[0] | unknown[-1]
    return hidden


def hidden_in(
    step: Step, hidden: Mapping[str, pl.Series], headings: Headings, derived: Collection[str]
) -> dict[str, pl.Series]:
    """Return which cells of some columns, or of those that their headings are mapped to, nobody knows.

    Days that an expression reads by a form of its own are known to it, though not to us.
    """
    found: dict[str, pl.Series] = {}
    days = read_as_days(step.expression)
    for name in step.context.columns:
        if name in days:
            continue
        column = None if name in hidden else column_behind(name, headings)
        # A heading stands for what is in the file, which is derived anew and no word of ours.
        ours = column.name if column is not None and column.name not in derived else name
        if ours in hidden:
            found[name] = hidden[ours]
    return found


def open_rows(
    step: Step,
    problems: pl.DataFrame,
    unread: Mapping[str, pl.Series],
    headings: Headings,
    behind: Behind,
    mark: Mark | None,
) -> pl.Series:
    """Say of which rows a condition may be true: where it is, and where a cell that it looks at cannot be read.

    It is false all the same if it would be null of an empty cell, and is false: another cell has decided.
    """
    value = condition(step.context, step.expression, step.sql, "only", mark, unread=unread)
    used = behind.with_derived("", step.expression, headings, step.sql)
    bad = _rows(problems, used.columns[""], len(value))
    return value.fill_null(False) | (bad if "" in used.lenient else bad & value.is_null())


def _rows(problems: pl.DataFrame, names: Iterable[str], height: int) -> pl.Series:
    bad = problems.filter(pl.col("column").is_in(list(names)))["position"]
    return pl.int_range(height, dtype=pl.UInt32, eager=True).is_in(bad.implode())
