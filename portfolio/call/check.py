"""The bulk check: every bound, vocabulary and rule of the pydantic models, on whole columns at once.

It refuses the same rows for the same reasons as `Proposal.model_validate`, because both read one definition.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import reduce

import polars as pl

from portfolio.call.columns import YEARLY, Column, year_columns
from portfolio.call.issues import grouped, joined, lines_of
from portfolio.call.money import exponent
from portfolio.call.proposal import RULES
from portfolio.call.shares import FIELDS, contradictions
from portfolio.call.value import EMPTY, FINITE, MISSING, PATTERNS, bound, one_of
from portfolio.call.words import RECODED
from portfolio.errors import Issue

COMPUTED = "it is computed by derive.{0}"
TWICE = "is used more than once"
_SHARES = "write 1.1: 60%; 2.3: 40%, or 1.1: 3; 2.3: 2, or 1.1;2.3 for equal parts; no field has a colon in its name"

_PERCENT = 'if all of them are percentages, say in [derive] of the policy: {0} = "{0} / 100"'


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that may be wrong with a column: the rows for which `broken` is true."""

    column: str
    broken: pl.Expr
    what: str
    hint: str = ""


def check_rows(
    frame: pl.DataFrame, find: Callable[[str], Column | None], currency: str, key: str = "id", file: str = ""
) -> list[Issue]:
    """Check a typed frame.

    Parameters
    ----------
    frame
        Known columns in the types of a call, money in minor units.
    find
        `proposal_column` or `review_column`.
    currency
        Of the money.
    key
        The column that must be unique; empty for none.
    file
        Named in the issues.

    Returns
    -------
    list of Issue
        One per column and rule; rows counted as in a spreadsheet with the heading in row 1.
    """
    rows = pl.Series("row", range(2, frame.height + 2), dtype=pl.Int64)
    return grouped(problems_of(frame, find, currency, rows, key), file)


def problems_of(
    frame: pl.DataFrame,
    find: Callable[[str], Column | None],
    currency: str,
    rows: pl.Series,
    key: str,
    derived: Collection[str] = (),
) -> pl.DataFrame:
    """Return one line per bad cell of a typed frame; those of `derived` columns are not what stands in a file."""
    findings = list(_findings(frame.columns, find, currency))
    broken = frame.select(
        finding.broken.fill_null(False).any().alias(str(i)) for i, finding in enumerate(findings)
    )
    bad = [finding for i, finding in enumerate(findings) if broken[str(i)].item()] if frame.height else []
    if key in frame.columns and frame[key].n_unique() < frame.height - max(0, frame[key].null_count() - 1):
        again = pl.col(key).is_duplicated() & pl.col(key).is_not_null()
        bad.append(Finding(key, again, TWICE, "every proposal needs an id of its own"))
    found = [
        lines_of(
            frame.select(finding.broken).to_series(),
            rows,
            finding.column,
            _shown(frame[finding.column], find(finding.column), currency),
            finding.what,
            COMPUTED.format(finding.column) if finding.column in derived else finding.hint,
        )
        for finding in bad
    ]
    if FIELDS in frame.columns and find(FIELDS) is not None:
        what = contradictions(frame[FIELDS])
        found.append(lines_of(what.is_not_null(), rows, FIELDS, frame[FIELDS].list.join(";"), what, _SHARES))
    return joined(found)


def _shown(values: pl.Series, column: Column | None, currency: str) -> pl.Series:
    if column is not None and column.is_list:
        return values.list.join(";")
    if column is not None and column.kind == "money":
        return _major(values, currency)
    return values.cast(pl.String)


def _major(values: pl.Series, currency: str) -> pl.Series:
    places = exponent(currency)
    frame = values.to_frame("minor")
    whole = (pl.col("minor").abs() // 10**places).cast(pl.String)
    part = (pl.col("minor").abs() % 10**places).cast(pl.String).str.zfill(places)
    sign = pl.when(pl.col("minor") < 0).then(pl.lit("-")).otherwise(pl.lit(""))
    cents = pl.when(pl.col("minor") % 10**places != 0).then(pl.lit(".") + part).otherwise(pl.lit(""))
    return frame.select(pl.concat_str(sign, whole, cents if places else pl.lit(""))).to_series()


def _findings(names: Sequence[str], find: Callable[[str], Column | None], currency: str) -> Iterator[Finding]:
    fields: dict[str, list[Finding]] = {}
    for name in names:
        column = find(name)
        if column is not None:
            fields[name] = list(_field_findings(column, currency))
            yield from fields[name]
    if find("amount") is not None:
        yield from _rule_findings(fields)


def _field_findings(column: Column, currency: str) -> Iterator[Finding]:
    cell, name = pl.col(column.name), column.name
    if not column.nullable:
        yield Finding(name, cell.is_null(), MISSING)
    if column.is_list:
        for what, broken in _item_rules(column, pl.element(), 1):
            yield Finding(name, cell.list.eval(broken).list.any(), what)
        return
    if column.kind == "number":
        yield Finding(name, ~cell.is_finite(), FINITE)
    unit = 10 ** exponent(currency) if column.kind == "money" else 1
    chance = column.kind == "number" and column.le == 1
    hints = {bound("le", 1): _PERCENT.format(name)} if chance else {}
    if column.choices:
        hints[one_of(column.choices)] = RECODED.format(name, column.choices[0])
    for what, broken in _item_rules(column, cell, unit):
        yield Finding(name, broken, what, hints.get(what, ""))


def _item_rules(column: Column, cell: pl.Expr, unit: int) -> Iterator[tuple[str, pl.Expr]]:
    finite = cell.is_finite() if column.kind == "number" else pl.lit(True)
    if column.ge is not None:
        yield bound("ge", column.ge), finite & (cell < _scaled(column.ge, unit))
    if column.le is not None:
        yield bound("le", column.le), finite & (cell > _scaled(column.le, unit))
    if column.choices:
        yield one_of(column.choices), ~cell.is_in(list(column.choices))
    if column.nonempty:
        yield EMPTY, cell == ""
    if column.pattern:
        yield PATTERNS[column.pattern], ~cell.str.contains(column.pattern)


def _scaled(limit: object, unit: int) -> pl.Expr:
    return pl.lit(limit * unit if isinstance(limit, int) else limit)


def _rule_findings(fields: dict[str, list[Finding]]) -> Iterator[Finding]:
    years = year_columns(fields)
    for rule in RULES:
        first, last = rule.columns
        parts = years if last == YEARLY else [last]
        if first in fields and parts and set(parts) <= fields.keys():
            broken = rule.broken(pl.col(first), _together(parts))
            sound = [~finding.broken.fill_null(False) for name in (first, *parts) for finding in fields[name]]
            yield Finding(parts[0], reduce(lambda all_, one: all_ & one, sound, broken), rule.what)


def _together(parts: Sequence[str]) -> pl.Expr:
    if len(parts) == 1:
        return pl.col(parts[0])
    known = pl.any_horizontal(pl.col(name).is_not_null() for name in parts)
    return pl.when(known).then(pl.sum_horizontal(parts, ignore_nulls=True))
