"""Reading a call: headings, cells, derived columns, the rows that are this call, and every problem at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from portfolio.call import typed
from portfolio.call.cells import Cells, Request, read_cells
from portfolio.call.check import problems_of
from portfolio.call.columns import Column, proposal_column, review_column, year_columns
from portfolio.call.conditions import evaluated, parsed, truth
from portfolio.call.headings import Find, Headings, check_mapping, match_headings
from portfolio.call.issues import PROBLEMS, SET_ASIDE, grouped, joined, no_problems, reasons
from portfolio.call.money import exponent
from portfolio.call.parse import inferred, is_missing, patient
from portfolio.call.amounts import patient_money
from portfolio.call.rules import ReadingRules, reading_rules
from portfolio.call.sheet import Sheet, Source, open_sheet
from portfolio.call.table import REVIEWS, Call
from portfolio.errors import DataError, Issue

_REVIEWS = "reviews."


@dataclass(frozen=True, slots=True)
class Table:
    """A sheet as read: typed columns under our names, the row of each record, and what is wrong with cells."""

    file: str
    frame: pl.DataFrame
    rows: pl.Series
    problems: pl.DataFrame
    left_out: frozenset[str] = frozenset()
    source: Source | None = None


def read_call(
    path: str | Path, reviews: str | Path | None = None, *, policy: Any | None = None, encoding: str | None = None
) -> Call:
    """Read proposals, and reviews if there are any.

    Parameters
    ----------
    path, reviews
        CSV, Excel (its first sheet), Parquet, or JSON as `Call.write` writes it.
    policy
        Anything with the attributes of `ReadingRules`; its defaults where there is none.
    encoding
        Of text files, where it cannot be told from the bytes.

    Returns
    -------
    Call
        Every value checked.

    Raises
    ------
    DataError
        With every problem found, unless `on_bad_rows` is ``"set_aside"`` and they concern single rows only.
    PolicyError
        If `columns`, `derive` or `only` cannot be applied to this file.
    """
    sheets = (open_sheet(path, encoding), None if reviews is None else open_sheet(reviews, encoding))
    return assemble(*sheets, reading_rules(policy))


def assemble(proposals: Sheet, reviews: Sheet | None, rules: ReadingRules) -> Call:
    """Make a call of one sheet of proposals and perhaps one of reviews."""
    ours = {name: theirs for name, theirs in rules.columns.items() if not name.startswith(_REVIEWS)}
    table = _rescued(proposals, lambda sheet: read_table(sheet, ours, rules, proposal_column, "id"))
    table = checked(table, proposal_column, rules, "id")
    graded = None if reviews is None else _reviews(reviews, rules, table)
    bad = table.problems if graded is None else pl.concat([table.problems, graded.problems])
    if bad.height and rules.on_bad_rows != "set_aside":
        told = grouped(table.problems, table.file)
        raise DataError([*told, *(grouped(graded.problems, graded.file) if graded else [])])
    return _call(table, graded, rules)


def _call(table: Table, graded: Table | None, rules: ReadingRules) -> Call:
    good = _without_bad(table)
    kept = None if graded is None else _without_bad(graded)
    aside = [reasons(table.problems, table.file)]
    if graded is not None:
        aside.append(reasons(graded.problems, graded.file))
    sources = [part.source for part in (table, graded) if part is not None and part.source is not None]
    return Call(
        frame=good.frame,
        reviews=None if kept is None else kept.frame,
        currency=rules.currency,
        rows=good.rows,
        set_aside=pl.concat([pl.DataFrame(schema=SET_ASIDE), *aside]),
        sources=tuple(sources),
    )


def _without_bad(table: Table) -> Table:
    if not table.problems.height:
        return table
    keep = pl.Series(range(table.frame.height), dtype=pl.UInt32).is_in(table.problems["position"].implode()).not_()
    return Table(table.file, table.frame.filter(keep), table.rows.filter(keep), no_problems(), source=table.source)


def _rescued(sheet: Sheet, read: Any) -> Table:
    try:
        table: Table = read(sheet)
    except pl.exceptions.PolarsError:
        if sheet.rescue is None:
            raise
        table = read(sheet.rescue())
    return table


def read_table(
    sheet: Sheet, mapping: Mapping[str, str], rules: ReadingRules, find: Find, key: str
) -> Table:
    """Type the columns of a sheet, derive further ones, and keep the rows that `only` asks for."""
    proposals = key == "id"
    check_mapping(mapping, find, "" if proposals else _REVIEWS)
    derive = rules.derive if proposals else {}
    headings = match_headings(sheet.name, sheet.headings, mapping, find, derive, key)
    known = {place: column for name, place in headings.known.items() if (column := find(name)) is not None}
    cells = read_cells(sheet, Request(known, list(headings.foreign.values()), rules.currency, rules.decimal_mark))
    names = {**headings.known, **headings.foreign}
    order = sorted(names, key=names.__getitem__)
    frame = pl.DataFrame([cells.columns[names[name]].alias(name) for name in order])
    source = None if sheet.source is None else sheet.source()
    rows = pl.int_range(sheet.first_row, sheet.first_row + frame.height, eager=True).alias("row")
    table = Table(sheet.name, frame, rows, joined(cells.problems), source=source)
    table = _without_blank(table)
    if headings.numbered:
        numbers = pl.int_range(1, table.frame.height + 1, eager=True).cast(pl.String).alias("id")
        table = _with_frame(table, table.frame.insert_column(0, numbers))
    if proposals:
        table = _with_conditions(sheet, headings, table, rules)
    return _refused_if_empty(table)


def _with_frame(table: Table, frame: pl.DataFrame, problems: Iterable[pl.DataFrame] = ()) -> Table:
    return Table(table.file, frame, table.rows, joined([table.problems, *problems]), table.left_out, table.source)


def _refused_if_empty(table: Table) -> Table:
    if not table.frame.height and not table.left_out:
        raise DataError([Issue("has no rows under its headings", "export it again", file=table.file)])
    return table


def _without_blank(table: Table) -> Table:
    blank = table.frame.select(pl.all_horizontal(pl.all().is_null() | (pl.all().cast(pl.String) == ""))).to_series() if False else table.frame.select(pl.all_horizontal(pl.all().is_null())).to_series()
    blank = blank & ~pl.Series(range(table.frame.height), dtype=pl.UInt32).is_in(table.problems["position"].implode()) if table.problems.height else blank
    return _selected(table, ~blank) if blank.any() else table


def _selected(table: Table, keep: pl.Series, left_out: frozenset[str] = frozenset()) -> Table:
    """Keep some rows, and only the problems of those."""
    moved = pl.DataFrame({"old": keep.arg_true().cast(pl.UInt32)}).with_row_index("new").with_columns(pl.col("new").cast(pl.UInt32))
    problems = table.problems.join(moved, left_on="position", right_on="old", maintain_order="left")
    problems = problems.with_columns(position="new").select(PROBLEMS.names())
    return Table(table.file, table.frame.filter(keep), table.rows.filter(keep), problems, left_out, table.source)


def _with_conditions(sheet: Sheet, headings: Headings, table: Table, rules: ReadingRules) -> Table:
    for name, sql in rules.derive.items():
        key = f"derive.{name}"
        context, expression = _context(sheet, headings, table, rules, sql, key)
        value = evaluated(context, expression, sql, key)
        series, problems = _derived(name, value, table, rules.currency)
        table = _with_frame(table, table.frame.with_columns(series.alias(name)), problems)
    if rules.only is None:
        return table
    context, expression = _context(sheet, headings, table, rules, rules.only, "only")
    keep = truth(context, expression, rules.only, "only")
    left_out = frozenset(table.frame["id"].filter(~keep).drop_nulls().to_list()) if "id" in table.frame.columns else frozenset[str]()
    return _selected(table, keep, left_out)


def _context(
    sheet: Sheet, headings: Headings, table: Table, rules: ReadingRules, sql: str, key: str
) -> tuple[pl.DataFrame, pl.Expr]:
    """Return the columns that an expression uses, money in units of the currency."""
    extra = {name: place for name, place in headings.mapped.items() if name not in table.frame.columns}
    expression = parsed(sql, key, [*table.frame.columns, *extra])
    used = set(expression.meta.root_names())
    ours = [_in_units(table.frame[name], proposal_column(name), rules.currency) for name in table.frame.columns if name in used]
    places = {place: name for name, place in extra.items() if name in used}
    cells = read_cells(sheet, Request({}, list(places), rules.currency, rules.decimal_mark)) if places else Cells()
    index = table.rows - sheet.first_row
    theirs = [cells.columns[place].gather(index).alias(name) for place, name in places.items()]
    columns = [*ours, *theirs]
    return (pl.DataFrame(columns) if columns else table.frame.select(pl.first())), expression


def _in_units(series: pl.Series, column: Column | None, currency: str) -> pl.Series:
    return series / 10 ** exponent(currency) if column is not None and column.kind == "money" else series


def _derived(name: str, value: pl.Series, table: Table, currency: str) -> tuple[pl.Series, list[pl.DataFrame]]:
    column, value = proposal_column(name), typed.plain(value)
    if column is None:
        narrowed = typed.foreign(value)
        return (inferred(narrowed) if narrowed.dtype == pl.String else narrowed), []
    if value.dtype == pl.String:
        one = Sheet(table.file, (name,), pl.LazyFrame({"0": value}), 0)
        cells = read_cells(one, Request({0: column}, [], currency, "auto"))
        series, problems = cells.columns[0], cells.problems
    else:
        converted = typed.known(column, value, currency)
        series, problems = converted["value"], []
        wrong = converted["what"].is_not_null()
        if wrong.any():
            problems = [_derived_problems(name, value, converted["what"], wrong)]
    return series, [part.with_columns(row=table.rows.gather(part["position"])) for part in problems]


def _derived_problems(name: str, value: pl.Series, what: pl.Series, wrong: pl.Series) -> pl.DataFrame:
    count = int(wrong.sum())
    return pl.DataFrame(
        {
            "position": wrong.arg_true().cast(pl.UInt32),
            "row": pl.Series([0] * count, dtype=pl.Int64),
            "id": pl.Series([None] * count, dtype=pl.String),
            "column": [name] * count,
            "value": value.filter(wrong).cast(pl.String),
            "what": what.filter(wrong),
            "hint": [f"it is computed by derive.{name}"] * count,
        },
        schema=PROBLEMS,
    )


def checked(table: Table, find: Find, rules: ReadingRules, key: str) -> Table:
    """Bring a table into its normal form and add what the bulk check finds."""
    frame = normal(table.frame, find)
    found = problems_of(frame, find, rules.currency, table.rows, key if key == "id" else "")
    problems = joined([table.problems, found, *_other_currency(table, frame, rules.currency, key)])
    order = {name: i for i, name in enumerate(frame.columns)}
    rank = pl.col("column").replace_strict(order, default=len(order), return_dtype=pl.Int64)
    problems = problems.sort(rank, "position", maintain_order=True)
    if problems.height and key in frame.columns:
        problems = problems.with_columns(id=frame[key].gather(problems["position"]))
    return Table(table.file, frame, table.rows, problems, table.left_out, table.source)


def _other_currency(table: Table, frame: pl.DataFrame, currency: str, key: str) -> list[pl.DataFrame]:
    name = next((name for name in frame.columns if name.casefold() == "currency"), "")
    if not name or key != "id" or frame[name].dtype != pl.String:
        return []
    wrong = (frame[name].str.to_uppercase() != currency).fill_null(False)
    part = frame.filter(wrong)
    hint = "a call has one currency: set `currency`, or convert the amounts"
    lines = part.select(
        position=wrong.arg_true().cast(pl.UInt32),
        row=table.rows.filter(wrong),
        id=pl.lit(None, dtype=pl.String),
        column=pl.lit(name),
        value=pl.col(name),
        what=pl.lit(f"is not in {currency}"),
        hint=pl.lit(hint),
    )
    return [lines.cast(dict(PROBLEMS))]


def normal(frame: pl.DataFrame, find: Find) -> pl.DataFrame:
    """Bring equal tables into one form: no empty texts, one kind of line end, composed ids, yearly zeros filled."""
    changes = [_normal_text(frame[name], find(name)) for name in frame.columns if frame[name].dtype == pl.String]
    frame = frame.with_columns(change for change in changes if change is not None)
    years = year_columns(frame.columns) if find("amount") is not None else []
    later = [pl.any_horizontal(pl.col(name).is_not_null() for name in years[i:]) for i in range(len(years))]
    filled = [pl.when(after).then(pl.col(name).fill_null(0)).alias(name) for name, after in zip(years, later, strict=True)]
    return frame.with_columns(filled)


def _normal_text(text: pl.Series, column: Column | None) -> pl.Series | None:
    before = text
    if (text == "").any():
        text = text.set(text == "", None)
    if text.str.contains("\r", literal=True).any():
        text = text.str.replace_all("\r\n", "\n", literal=True).str.replace_all("\r", "\n", literal=True)
    if column is not None and column.pattern and (text.str.len_bytes() != text.str.len_chars()).any():
        text = text.str.normalize("NFC")
    return None if text is before else text


def _reviews(sheet: Sheet, rules: ReadingRules, proposals: Table) -> Table:
    mapping = {name.removeprefix(_REVIEWS): theirs for name, theirs in rules.columns.items() if name.startswith(_REVIEWS)}
    table = _rescued(sheet, lambda one: read_table(one, mapping, rules, review_column, "proposal"))
    table = checked(table, review_column, rules, "proposal")
    columns = [pl.col(name) if name in table.frame.columns else pl.lit(None, dtype).alias(name) for name, dtype in REVIEWS.items()]
    table = _with_frame(table, table.frame.select(columns))
    here = proposals.frame["id"]
    out = pl.Series(list(proposals.left_out), dtype=pl.String)
    ours = ~table.frame["proposal"].is_in(out.implode()) | table.frame["proposal"].is_in(here.implode())
    table = _selected(table, ours.fill_null(True))
    return _with_frame(table, table.frame, _orphans(table, proposals))


def _orphans(table: Table, proposals: Table) -> Iterable[pl.DataFrame]:
    named = table.frame["proposal"]
    unknown = ~named.is_in(proposals.frame["id"].drop_nulls().implode())
    yield _orphan_lines(table, unknown, "is not a proposal of this call", "check the id, or leave the review out")
    if proposals.problems.height:
        bad = proposals.frame["id"].gather(proposals.problems["position"].unique()).drop_nulls()
        yield _orphan_lines(table, named.is_in(bad.implode()), "is the id of a proposal that is set aside", "")


def _orphan_lines(table: Table, mask: pl.Series, what: str, hint: str) -> pl.DataFrame:
    mask = mask.fill_null(False)
    named = table.frame["proposal"].filter(mask)
    return pl.DataFrame({"position": mask.arg_true().cast(pl.UInt32), "row": table.rows.filter(mask), "id": named, "value": named}).select(
        "position", "row", "id", column=pl.lit("proposal"), value="value", what=pl.lit(what), hint=pl.lit(hint)
    ).cast(dict(PROBLEMS))
