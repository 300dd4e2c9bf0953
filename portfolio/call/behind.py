"""What derived columns and `only` are made of: columns of the file, as we read them or as they are written."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

import polars as pl

from portfolio.call.columns import Column, proposal_column
from portfolio.call.currencies import RAISED_TEXT, STRUCK_THROUGH
from portfolio.call.headings import Headings
from portfolio.call.sql import passes_null
from portfolio.call.sql_tree import read_as_days, read_as_texts

_AS_READ = ("money", "integer", "number", "date")


@dataclass(frozen=True, slots=True)
class Behind:
    """The columns of the file that derived ones are made of, and which of those may be known without them.

    `seen` are the columns of the file that an expression has looked at, and `read` those that it took as we read
    them, each with the first such expression: to it a column that is derived in their place later is none. `coded`
    is the column of true and false, if any, that is being derived of its own words.
    """

    columns: Mapping[str, frozenset[str]] = field(default_factory=dict)
    lenient: frozenset[str] = frozenset()
    read: Mapping[str, str] = field(default_factory=dict)
    seen: frozenset[str] = frozenset()
    coded: str = ""

    def with_derived(self, name: str, expression: pl.Expr, headings: Headings, sql: str) -> Behind:
        """Return the same with a further derived column."""
        # How a cell is written is known, whether we can read it or not.
        written = self.as_written(expression, headings)
        roots = [one for one in dict.fromkeys(expression.meta.root_names()) if one not in written]
        used = self._ours(roots, headings)
        columns = frozenset[str]().union(used, *(self.columns.get(one, ()) for one in used))
        lenient = not passes_null(sql, expression.meta.root_names()) or not self.lenient.isdisjoint(used)
        kept = self.lenient | {name} if lenient else self.lenient - {name}
        return replace(self, columns={**self.columns, name: columns}, lenient=kept)

    def with_used(self, key: str, expression: pl.Expr, headings: Headings) -> Behind:
        """Return the same with the cells that an expression looks at."""
        written = self.as_written(expression, headings)
        roots = [one for one in expression.meta.root_names() if one not in self.columns]
        read = (
            one
            for one in roots
            if one not in written and (one not in headings.mapped or is_as_read(column_behind(one, headings)))
        )
        used = dict.fromkeys(self._ours(read, headings), key)
        return replace(self, read=used | dict(self.read), seen=self.seen.union(self._ours(roots, headings)))

    def as_written(self, expression: pl.Expr, headings: Headings) -> dict[str, int]:
        """Return the place of each column that an expression takes as it is written, and not as we read it.

        Those are columns of days that it reads by a form of its own, with STRPTIME, and `coded` where it takes that for
        texts.
        """
        places = {**headings.mapped, **headings.known}
        days = (name for name in read_as_days(expression) if _kind_of(name, headings) == "date")
        codes = {self.coded} & read_as_texts(expression) if self.coded else ()
        return {name: places[name] for name in (*days, *codes) if name in places and name not in self.columns}

    def unsettled(self, problems: pl.DataFrame) -> pl.DataFrame:
        """Return which problems of the columns, as they were first read, are those of an expression as well."""
        # How a cell is read anew does not undo how it looks.
        looks = pl.col("what").is_in([STRUCK_THROUGH, RAISED_TEXT]) & pl.col("column").is_in(list(self.seen))
        hints = {
            name: f"{key} uses this cell itself and not what derive.{name} makes of it: write {name} in {key}, "
            f"and derive.{name} before it"
            for name, key in self.read.items()
            if name in self.columns and name not in self.columns[name]
        }
        hint = pl.col("column").replace_strict(hints, default=pl.col("hint"), return_dtype=pl.String)
        used = pl.col("column").is_in(list(self.read)) | ~pl.col("column").is_in(list(self.columns))
        return problems.filter(used | looks).with_columns(hint=hint if hints else pl.col("hint"))

    def _ours(self, used: Iterable[str], headings: Headings) -> list[str]:
        """Return the columns that an expression uses, under our names where their headings are mapped."""
        names = {place: name for name, place in headings.known.items()}
        return [
            names[headings.mapped[one]] if one in headings.mapped and one not in self.columns else one
            for one in used
        ]


def column_behind(name: str, headings: Headings) -> Column | None:
    """Return the column of ours that a name of ours or a mapped heading stands for."""
    names = {place: ours for ours, place in headings.known.items()}
    return proposal_column(names[headings.mapped[name]] if name in headings.mapped else name)


def _kind_of(name: str, headings: Headings) -> str:
    column = column_behind(name, headings)
    return "" if column is None else column.kind


def is_as_read(column: Column | None) -> bool:
    """Whether a mapped heading stands for the cells as we read them; others are as they are written."""
    return column is not None and column.kind in _AS_READ
