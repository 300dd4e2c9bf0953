"""From a sheet to a table of this call: typed, with derived columns, without the rows that are another call's."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import reduce
from operator import and_

import polars as pl

from portfolio.call.amounts import Mark
from portfolio.call.behind import Behind, column_behind, is_as_read
from portfolio.call.cells import Cells, Request, read_cells
from portfolio.call.check import COMPUTED, problems_of
from portfolio.call.columns import Column, proposal_column
from portfolio.call.conditions import evaluated, parsed, truth
from portfolio.call.currencies import TEXTS, headed_otherwise, other_currencies
from portfolio.call.headings import Find, Headings, match_headings
from portfolio.call.issues import PROBLEMS, grouped, joined
from portfolio.call.lists import listed_otherwise
from portfolio.call.money import exponent, fractions, in_units
from portfolio.call.normal import normal, worded
from portfolio.call.rules import ReadingRules
from portfolio.call.sheet import Sheet, Source, sheet_of
from portfolio.call.sql import conjuncts
from portfolio.call.summands import Summands
from portfolio.call.twice import days_read_twice, truths_turned
from portfolio.call.undecided import Step, hidden_cells, hidden_in, open_rows, unread_texts
from portfolio.call.written import as_written, quoted
from portfolio.errors import DataError, Issue, PolicyError


@dataclass(frozen=True, slots=True)
class Table:
    """A sheet as read: typed columns under our names, the row of each record, and what is wrong with cells.

    `left_out` holds the ids of the rows that `only` excludes; `mark` is the decimal mark, None if nothing tells it;
    `notes` are those of the sheet.
    """

    file: str
    frame: pl.DataFrame
    rows: pl.Series
    problems: pl.DataFrame
    left_out: frozenset[str] = frozenset()
    source: Source | None = None
    mark: Mark | None = None
    notes: tuple[str, ...] = ()

    def with_problems(self, problems: Iterable[pl.DataFrame]) -> Table:
        """Return the table with further problems."""
        return replace(self, problems=joined([self.problems, *problems]))

    def only(self, keep: pl.Series) -> Table:
        """Return some of the rows, and only the problems of those."""
        kept = pl.DataFrame({"position": keep.arg_true().cast(pl.UInt32)}).with_row_index("new")
        moved = self.problems.join(kept, on="position", maintain_order="left")
        problems = moved.with_columns(position="new").select(PROBLEMS.names()).cast(PROBLEMS)
        return replace(self, frame=self.frame.filter(keep), rows=self.rows.filter(keep), problems=problems)

    def without_bad(self) -> Table:
        """Return the rows that have no problem."""
        if not self.problems.height:
            return self
        places = pl.int_range(self.frame.height, dtype=pl.UInt32, eager=True)
        return self.only(~places.is_in(self.problems["position"].implode()))


def read_table(sheet: Sheet, mapping: Mapping[str, str], rules: ReadingRules, find: Find, key: str) -> Table:
    """Type the columns of a sheet, derive further ones, keep the rows that `only` asks for, and check them.

    Raises
    ------
    DataError
        For what is wrong with the file as a whole.
    PolicyError
        For a derived column or a condition that cannot be evaluated.
    """
    proposals = key == "id"
    headings = match_headings(
        sheet.name, sheet.headings, mapping, find, rules.derive if proposals else {}, key, sheet.elsewhere
    )
    table = _without_blank_rows(_typed(sheet, headings, rules, find))
    if headings.numbered:
        numbers = pl.int_range(1, table.frame.height + 1, eager=True).cast(pl.String).alias("id")
        # A column of the file that is called id is another one, and is kept.
        own = table.frame.rename({"id": "file_id"}) if "id" in table.frame.columns else table.frame
        table = replace(table, frame=own.insert_column(0, numbers))
    if not table.frame.height:
        raise DataError([Issue("has no rows under its headings", "export it again", file=table.file)])
    if proposals:
        table = _with_conditions(sheet, headings, table, rules)
        if sheet.source is not None:
            # Conditions may have read columns again, after the fingerprint was taken.
            sheet.source()
    checked = _checked(table, find, rules.currency, key, rules.derive if proposals else ())
    places = {
        name: place for name, place in headings.known.items() if not proposals or name not in rules.derive
    }
    return replace(checked, problems=quoted(checked.problems, sheet, places, find))


def _typed(sheet: Sheet, headings: Headings, rules: ReadingRules, find: Find) -> Table:
    known = {place: column for name, place in headings.known.items() if (column := find(name)) is not None}
    issues = [
        issue
        for place, column in known.items()
        for issue in headed_otherwise(sheet.name, column, sheet.headings[place], rules.currency)
    ]
    if issues:
        raise DataError(issues)
    request = Request(known, list(headings.foreign.values()), rules.currency, rules.decimal_mark)
    cells = read_cells(sheet, request)
    names = {place: name for name, place in {**headings.known, **headings.foreign}.items()}
    frame = pl.DataFrame([cells.columns[place].alias(names[place]) for place in sorted(names)])
    source = None if sheet.source is None else sheet.source()
    return Table(
        sheet.name,
        frame,
        sheet.rows(frame.height),
        joined(cells.problems),
        source=source,
        mark=cells.mark,
        notes=sheet.notes,
    )


def _without_blank_rows(table: Table) -> Table:
    blank = table.frame.select(pl.all_horizontal(pl.all().is_null())).to_series()
    if not blank.any():
        return table
    places = pl.int_range(table.frame.height, dtype=pl.UInt32, eager=True)
    return table.only(~blank | places.is_in(table.problems["position"].implode()))


def _with_conditions(sheet: Sheet, headings: Headings, table: Table, rules: ReadingRules) -> Table:
    first, behind, summands = table, Behind(), Summands()
    steps: list[Step] = []
    for name, sql in rules.derive.items():
        key = f"derive.{name}"
        behind = replace(behind, coded=name if first.frame.schema.get(name) == pl.Boolean else "")
        context, expression = _context(sheet, headings, table, first.frame, rules, behind, sql, key)
        with _naming_cells(first, behind, expression, headings, sql):
            value = evaluated(context, expression, sql, key, table.mark, rows=table.rows)
        steps.append(Step(name, sql, expression, context))
        coded = behind.coded in behind.as_written(expression, headings)
        days = days_read_twice(first.frame, first.rows, context, headings, behind, sql, key, expression)
        first = first.with_problems(days)
        behind = behind.with_used(key, expression, headings).with_derived(name, expression, headings, sql)
        summands = summands.with_derived(name, expression)
        # What was wrong with a column that does not matter any more, unless some expression looks at its cells.
        table = replace(table, problems=table.problems.filter(pl.col("column") != name))
        table = _with_derived(table, name, value, rules)
        if coded:
            turned, lines = truths_turned(first.frame[name], table.frame[name], table.rows, context[name])
            frame = table.frame.with_columns(pl.when(~turned).then(name))
            table = replace(table.with_problems([lines]), frame=frame)
    if issues := list(summands.headed_otherwise(sheet, headings, rules.currency)):
        raise DataError(issues)
    table = table.with_problems(
        summands.shown_otherwise(sheet, headings, first.frame, table.rows, rules.currency)
    )
    if rules.only is None:
        return table.with_problems([behind.unsettled(first.problems)])
    behind = replace(behind, coded="")
    context, expression = _context(sheet, headings, table, first.frame, rules, behind, rules.only, "only")
    with _naming_cells(first, behind, expression, headings, rules.only):
        keep = truth(context, expression, rules.only, "only", table.mark, table.rows)
    days = days_read_twice(first.frame, first.rows, context, headings, behind, rules.only, "only", expression)
    first = first.with_problems(days)
    behind = behind.with_used("only", expression, headings)
    table = table.with_problems([behind.unsettled(first.problems)])
    used = behind.with_derived("", expression, headings, rules.only).columns[""]
    texts = unread_texts(table.frame, table.rows, used, rules.currency, rules.derive)
    problems = joined([table.problems, texts])
    if problems.height:
        of_file = table.problems.filter(~pl.col("column").is_in(list(rules.derive)))
        hidden = hidden_cells(joined([texts, of_file]), steps, headings, table.frame.height, table.mark)
        unread = hidden_in(Step("only", rules.only, expression, context), hidden, headings, rules.derive)
        parts = [
            Step("", part, parsed(part, "only", context.columns), context) for part in conjuncts(rules.only)
        ]
        may = reduce(
            and_, (open_rows(part, problems, unread, headings, behind, table.mark) for part in parts)
        )
        # The check looks at the rows that are kept alone: what is wrong with a list, others may tell.
        kept = texts["position"].is_in((may & ~keep).arg_true().implode())
        table, keep = table.with_problems([texts.filter(kept)]), keep | may
    left_out = table.frame["id"].filter(~keep).drop_nulls() if "id" in table.frame.columns else ()
    # What a word means, others of its column may tell that are left out.
    whole = replace(table, frame=worded(table.frame, proposal_column))
    return replace(whole.only(keep), left_out=frozenset(left_out))


@contextmanager
def _naming_cells(
    first: Table, behind: Behind, expression: pl.Expr, headings: Headings, sql: str
) -> Iterator[None]:
    """Let what is wrong with an expression name the cells that it looks at and that cannot be read.

    A percentage in a column of numbers is why somebody took these for texts.
    """
    try:
        yield
    except PolicyError as error:
        used = behind.with_derived("", expression, headings, sql).columns[""]
        cells = first.problems.filter(pl.col("column").is_in(list(used)))
        raise PolicyError([*error.issues, *grouped(cells, first.file)]) from None


def _context(
    sheet: Sheet,
    headings: Headings,
    table: Table,
    file: pl.DataFrame,
    rules: ReadingRules,
    behind: Behind,
    sql: str,
    key: str,
) -> tuple[pl.DataFrame, pl.Expr]:
    """Return the columns that an expression uses, money in units of the currency, and the expression.

    A heading that is mapped stands for the column of the file, as it was before another was derived in its place:
    numbers, money and days as we read them, the others as they are written. So are days that STRPTIME reads, but for
    those that are days in the file already, and codes in columns of true and false.
    """
    ours = table.frame
    mapped = {name: place for name, place in headings.mapped.items() if name not in ours.columns}
    expression = parsed(sql, key, [*ours.columns, *mapped])
    used = set(expression.meta.root_names())
    itself = behind.as_written(expression, headings)
    used -= itself.keys()
    columns = [
        _in_units(ours[name], proposal_column(name), rules.currency) for name in ours.columns if name in used
    ]
    written, texts = {}, set()
    for heading in mapped.keys() & used:
        column = column_behind(heading, headings)
        if column is not None and is_as_read(column):
            columns.append(_in_units(file[column.name], column, rules.currency).alias(heading))
        else:
            written[heading] = mapped[heading]
            if column is not None and column.kind in TEXTS:
                texts.add(mapped[heading])
    mark = table.mark or rules.decimal_mark
    request = Request({}, list(written.values()), rules.currency, mark, frozenset(texts))
    cells = read_cells(sheet, request) if written else Cells()
    index = table.rows - sheet.first_row
    columns += [cells.columns[place].gather(index).alias(name) for name, place in written.items()]
    columns += [as_written(sheet, place).gather(index).alias(name) for name, place in itself.items()]
    return pl.DataFrame(columns) if columns else ours.select(pl.first()), expression


def _in_units(series: pl.Series, column: Column | None, currency: str) -> pl.Series:
    return in_units(series, currency) if column is not None and column.kind == "money" else series


def _with_derived(table: Table, name: str, value: pl.Series, rules: ReadingRules) -> Table:
    """Read a derived column as if it stood in the file."""
    column = proposal_column(name)
    if column is not None and column.kind == "date" and value.dtype == pl.Datetime(time_zone=None):
        # What the policy reads as a day with a time is that day.
        value = value.dt.date()
    sheet = replace(sheet_of(table.file, (name,), value.to_frame()), places=table.rows)
    known = {} if column is None else {0: column}
    cells = read_cells(sheet, Request(known, [] if known else [0], rules.currency, rules.decimal_mark))
    computed, places = COMPUTED.format(name), exponent(rules.currency)
    rounded = pl.lit(f"{computed}: ROUND(..., {places}) rounds it")
    hint = pl.when(pl.col("what") == fractions(rules.currency)).then(rounded).otherwise(pl.lit(computed))
    problems = [part.with_columns(hint=hint) for part in cells.problems]
    frame = table.frame.with_columns(cells.columns[0].alias(name))
    return replace(table, frame=frame, problems=joined([table.problems, *problems]))


def _checked(table: Table, find: Find, currency: str, key: str, derived: Collection[str]) -> Table:
    """Bring a table into its normal form and add what the bulk check finds."""
    frame = normal(table.frame, find)
    found = problems_of(frame, find, currency, table.rows, key if key == "id" else "", derived)
    other = other_currencies(frame, table.rows, currency) if key == "id" else []
    problems = joined([table.problems, found, *other, *listed_otherwise(frame, find, table.rows)])
    if problems.height:
        rank = pl.col("column").replace_strict(
            {name: i for i, name in enumerate(frame.columns)}, return_dtype=pl.Int64
        )
        problems = problems.sort(rank, "position", maintain_order=True)
        problems = problems.with_columns(id=frame[key].gather(problems["position"]))
    return replace(table, frame=frame, problems=problems)
