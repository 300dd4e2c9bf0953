"""The tables of a workbook, each with the definitions of its columns."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl

from portfolio.call.columns import DTYPES, Column, Kind
from portfolio.call.csvfile import flat, read_csv
from portfolio.call.money import exponent
from portfolio.call.parse import inferred
from portfolio.errors import DataError, Issue
from portfolio.report.columns import (
    FACTS,
    LIMITS,
    RESERVES,
    ROUNDS,
    SET_ASIDE,
    decision_column,
    scenario_column,
)
from portfolio.report.stored import StoredDecision
from portfolio.report.stored_tables import stored_set_aside
from portfolio.report.workbook.sheet import Facts, Sheet

# What a reader looks for first; the other columns follow, and the longest stands last.
_FIRST = (
    "id",
    "decision",
    "title",
    "investigator",
    "institution",
    "amount_awarded",
    "amount_requested",
    "merit",
)
_LAST = "reason"
# Their rows are proposals; a column of another sheet that is called alike is another thing.
OF_PROPOSALS = ("Awards", "Decisions")
_NEEDED = ("scenario", "status", "value", "bound", "spent")
_KINDS: Mapping[type[pl.DataType], Kind] = {pl.Int64: "integer", pl.Float64: "number", pl.Boolean: "boolean"}


def decision_sheets(decision: StoredDecision, decisions: pl.DataFrame) -> Iterator[Sheet]:
    """Yield the awards, and all decisions."""
    first = [name for name in _FIRST if name in decisions.columns]
    ordered = decisions.select(*first, pl.exclude(*first, _LAST), _LAST)
    awards = ordered.filter(pl.col("decision") == "funded").drop("decision")
    for name, table in zip(OF_PROPOSALS, (awards, ordered), strict=True):
        yield Sheet(
            name, table, tuple(decision_column(heading, decision.policy) for heading in table.columns)
        )


def rule_sheets(decision: StoredDecision) -> Iterator[Sheet]:
    """Yield the reserves, the limits and, over and above, the rounds; a sheet may be empty."""
    record, policy = decision.record, decision.policy
    # What a round of its own has left is not missing.
    reserves = [
        rule.model_dump(include=set(RESERVES))
        | report
        | {"met": None if record["rounds"] else report["delivered"] >= report["required"]}
        for rule, report in zip(policy.reserve, record["reserves"], strict=True)
    ]
    yield _sheet("Reserves", RESERVES, reserves, policy.currency)
    yield _sheet("Limits", LIMITS, record["limits"], policy.currency)
    if record["rounds"]:
        rounds = [part | {"awards": len(part["awards"])} for part in record["rounds"]]
        yield _sheet("Rounds", ROUNDS, rounds, policy.currency)


def set_aside_sheet(decision: StoredDecision) -> Sheet:
    """Return the rows that were set aside."""
    return Sheet("Set aside", stored_set_aside(decision), tuple(SET_ASIDE.values()))


def scenario_sheet(path: str | Path, decision: StoredDecision) -> Sheet:
    """Return a table of scenarios, as ``portfolio whatif --out FILE`` wrote it.

    Raises
    ------
    DataError
        If the file cannot be read, holds another table, or no scenario in it can be the decision.
    """
    file = Path(path)
    hint = "give a file that `portfolio whatif ... --out FILE` wrote"
    try:
        parquet = file.suffix.lower() == ".parquet"
        table = flat(pl.read_parquet(file)) if parquet else read_csv(file)
        missing = [name for name in _NEEDED if name not in table.columns]
        if missing:
            what = f"is not a table of scenarios: {', '.join(missing)} missing"
            raise DataError([Issue(what, hint, file=file.name)])
        table, columns = _typed(table, decision.policy.currency)
    except OSError as error:
        raise DataError([Issue(f"cannot be read: {error.strerror or error}", hint, file=str(file))]) from None
    except pl.exceptions.PolarsError as error:
        what = f"is not a table of scenarios: {str(error).splitlines()[0]}"
        raise DataError([Issue(what, hint, file=file.name)]) from None
    if not _may_hold(table, decision.record):
        what = "is about another call or other policies: no scenario has a value that this decision can have"
        raise DataError(
            [Issue(what, "ask what if of the call and the policy of the decision", file=file.name)]
        )
    return Sheet("Scenarios", table, columns)


def _may_hold(table: pl.DataFrame, record: Mapping[str, Any]) -> bool:
    """Return whether a row may be the decision: of one problem, no value exceeds a bound, whoever proved it."""
    slack = 1e-9 * max(1.0, abs(record["value"]))
    beyond = pl.col("bound") < record["value"] - slack
    if record["bound"] is not None:
        beyond |= pl.col("value") > record["bound"] + slack
    return not table.filter(pl.col("value").is_not_null(), ~beyond.fill_null(value=False)).is_empty()


def dictionary(sheets: Sequence[Sheet | Facts], currency: str, names: Callable[[str, str], str]) -> Sheet:
    """Return a row for every column of every sheet.

    Parameters
    ----------
    names
        The CommonGrants name of a column of a sheet, empty where it has none.
    """
    columns = tuple(
        Column(name, "text", meaning=said)
        for name, said in (
            ("sheet", "the sheet"),
            ("name", "name of the column"),
            ("type", "what its cells hold"),
            ("unit", "what they are counted in"),
            ("meaning", "what they mean"),
            ("common_grants", "the same in the CommonGrants protocol, where it has a place for it"),
        )
    )
    rows = [
        (
            sheet.name,
            column.name,
            column.spoken,
            _unit(column, currency),
            column.meaning,
            names(sheet.name, column.name),
        )
        for sheet in sheets
        for column in _defined(sheet)
    ]
    schema = dict.fromkeys((column.name for column in columns), pl.String())
    return Sheet("Data dictionary", pl.DataFrame(rows, schema, orient="row"), columns)


def _typed(table: pl.DataFrame, currency: str) -> tuple[pl.DataFrame, tuple[Column, ...]]:
    """Give known columns their types, and values that were set the narrowest type that holds them."""
    series, columns = [], []
    for cells in table:
        column = scenario_column(cells.name)
        if column.kind == "text":
            typed = inferred(cells, ".") if cells.dtype == pl.String else cells
            column = replace(column, kind=_KINDS.get(type(typed.dtype), "text"))
        else:
            typed = cells.cast(_dtype(column, currency))
        series.append(typed.alias(cells.name))
        columns.append(column)
    return pl.DataFrame(series), tuple(columns)


def _defined(sheet: Sheet | Facts) -> Sequence[Column]:
    return sheet.columns if isinstance(sheet, Sheet) else tuple(FACTS.values())


def _unit(column: Column, currency: str) -> str:
    return currency if column.unit == "money" else column.unit


def _sheet(name: str, known: Mapping[str, Column], rows: Sequence[Mapping[str, Any]], currency: str) -> Sheet:
    cells = {
        column.name: pl.Series(
            column.name, [_cell(row.get(column.name), column) for row in rows], _dtype(column, currency)
        )
        for column in known.values()
    }
    kept = [heading for heading, series in cells.items() if not rows or series.null_count() < len(rows)]
    return Sheet(name, pl.DataFrame([cells[one] for one in kept]), tuple(known[one] for one in kept))


def _cell(value: Any, column: Column) -> Any:
    if value is None or column.kind != "money":
        return value
    return Decimal(str(value))


def _dtype(column: Column, currency: str) -> pl.DataType:
    return pl.Decimal(38, exponent(currency)) if column.kind == "money" else DTYPES[column.kind]
