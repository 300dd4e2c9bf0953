"""Reading a call: proposals, their reviews, and every problem of both at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl

from portfolio.call.columns import REVIEW_KEY, proposal_column, review_column
from portfolio.call.formats import open_sheet
from portfolio.call.headings import check_mapping
from portfolio.call.issues import SET_ASIDE, grouped, lines_of, reasons
from portfolio.call.records import Table, read_table
from portfolio.call.rules import ReadingRules, reading_rules
from portfolio.call.sheet import Sheet
from portfolio.call.table import REVIEWS, Call
from portfolio.errors import DataError, Issue


def read_call(
    path: str | Path,
    reviews: str | Path | None = None,
    *,
    policy: Any | None = None,
    encoding: str | None = None,
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
        With every problem found, unless `on_bad_rows` is ``"set_aside"``, they concern single rows only, and other
        proposals are left.
    PolicyError
        If `columns`, `derive` or `only` cannot be applied to this file.
    """
    graded = None if reviews is None else open_sheet(reviews, encoding)
    return assemble(open_sheet(path, encoding), graded, reading_rules(policy))


def assemble(proposals: Sheet, reviews: Sheet | None, rules: ReadingRules) -> Call:
    """Make a call of a sheet of proposals and perhaps one of reviews."""
    ours, theirs = _mappings(rules)
    asked = _rescued(proposals, lambda sheet: read_table(sheet, ours, rules, proposal_column, "id"))
    tables = [asked]
    if reviews is not None:
        graded = _rescued(reviews, lambda sheet: read_table(sheet, theirs, rules, review_column, "proposal"))
        tables.append(_of_this_call(graded, asked, follow=rules.on_bad_rows == "set_aside"))
    issues = [issue for table in tables for issue in grouped(table.problems, table.file)]
    if issues and rules.on_bad_rows != "set_aside":
        raise DataError(issues)
    call = _call(tables, rules.currency)
    if issues and not len(call):
        # What is wrong with their reviews follows from that, or can be mended after it.
        what, hint = "has no proposal left when rows with problems are set aside", "they are the following"
        causes = grouped(asked.problems, asked.file) or issues
        raise DataError([Issue(what, hint, file=asked.file), *causes])
    return call


def _mappings(rules: ReadingRules) -> tuple[dict[str, str], dict[str, str]]:
    """Divide the mapping into that of the proposals and that of the reviews."""
    ours = {name: heading for name, heading in rules.columns.items() if not name.startswith(REVIEW_KEY)}
    graded = {
        name.removeprefix(REVIEW_KEY): heading for name, heading in rules.columns.items() if name not in ours
    }
    check_mapping(ours, proposal_column, "")
    check_mapping(graded, review_column, REVIEW_KEY)
    return ours, graded


def _rescued(sheet: Sheet, read: Callable[[Sheet], Table]) -> Table:
    try:
        return read(sheet)
    except pl.exceptions.PolarsError:
        if sheet.rescue is None:
            raise
        return read(sheet.rescue())


def _of_this_call(reviews: Table, proposals: Table, *, follow: bool) -> Table:
    """Leave out the reviews of proposals that `only` excludes; those of unknown proposals are problems.

    With `follow`, reviews follow the bad proposals that are set aside.
    """
    columns = (
        pl.col(name) if name in reviews.frame.columns else pl.lit(None, dtype).alias(name)
        for name, dtype in REVIEWS.items()
    )
    reviews = replace(reviews, frame=reviews.frame.select(columns))
    elsewhere = pl.Series(list(proposals.left_out), dtype=pl.String)
    here = proposals.frame["id"]
    named = reviews.frame["proposal"]
    excluded = named.is_in(elsewhere.implode()) & ~named.is_in(here.implode())
    reviews = reviews.only(~excluded.fill_null(False))
    return reviews.with_problems([*_orphans(reviews, proposals, follow=follow), _repeated(reviews)])


def _orphans(reviews: Table, proposals: Table, *, follow: bool) -> Iterator[pl.DataFrame]:
    named, here = reviews.frame["proposal"], proposals.frame["id"].drop_nulls()
    cases = [(here, False, "is not a proposal of this call", "check the id, or leave the review out")]
    if follow:
        bad = proposals.problems["id"].drop_nulls()
        cases.append((bad, True, "is the id of a proposal that is set aside", ""))
    for ids, wrong, what, hint in cases:
        mask = named.is_in(ids.implode()) == wrong
        yield lines_of(mask, reviews.rows, "proposal", named, what, hint).with_columns(id="value")


def _repeated(reviews: Table) -> pl.DataFrame:
    """Find reviewers who grade one proposal on one criterion twice: one of the grades would count double."""
    grade = reviews.frame.select("proposal", "reviewer", "criterion", "panel")
    known = reviews.frame["proposal"].is_not_null() & reviews.frame["reviewer"].is_not_null()
    what, hint = "has graded this proposal on this criterion more than once", "keep one of the grades"
    found = lines_of(grade.is_duplicated() & known, reviews.rows, "reviewer", grade["reviewer"], what, hint)
    return found.with_columns(id=grade["proposal"].gather(found["position"]))


def _call(tables: list[Table], currency: str) -> Call:
    good = [table.without_bad() for table in tables]
    return Call(
        frame=good[0].frame,
        reviews=good[1].frame if len(good) > 1 else None,
        currency=currency,
        rows=good[0].rows,
        set_aside=pl.concat(
            [pl.DataFrame(schema=SET_ASIDE), *(reasons(one.problems, one.file) for one in tables)]
        ),
        sources=tuple(
            table.source.read_as(role)
            for table, role in zip(tables, ("proposals", "reviews"), strict=False)
            if table.source is not None
        ),
        decimal_mark=tables[0].mark,
        notes=tuple(note for table in tables for note in table.notes),
    )
