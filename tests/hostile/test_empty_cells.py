"""Functions and operators of conditions say nothing of an empty cell, as in SQL, unless that is what they are for."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import date
from pathlib import Path

import polars as pl
import pytest

import portfolio as pf
from portfolio.call.conditions import evaluated, expression_of
from portfolio.call.sql import FUNCTIONS, passes_null
from tests.hostile.test_meaning import read

CELLS = {
    "t": "ab-cd",
    "n": 2,
    "a": 0.5,
    "l": ["a", "b"],
    "d": date(2020, 1, 31),
    "b": True,
}
EMPTY = {f"{name}0": pl.Series([None], dtype=pl.Series([cell]).dtype) for name, cell in CELLS.items()}
TABLE = pl.DataFrame({name: [cell] for name, cell in CELLS.items()} | EMPTY)
ARGUMENTS = (
    *("t", "n", "a", "l", "d", "b", "t n", "t t", "a n", "n n", "a a", "l t", "l n", "t n n", "t t n"),
    *("t t t", "b t t"),
)
FORMS = (
    *(
        f"{name}({', '.join(f'{{{one}}}' for one in cells.split())})"
        for name in FUNCTIONS
        for cells in ARGUMENTS
    ),
    *("EXTRACT(YEAR FROM {d})", "DATE_PART('year', {d})", "CAST({n} AS TEXT)", "TRY_CAST({n} AS DOUBLE)"),
    *("STRFTIME({d}, '%Y')", "SUBSTRING({t} FROM {n} FOR {n})", "POSITION({t} IN {t})", "TRIM('a' FROM {t})"),
    *("REPLACE({t}, 'a', 'b')", "ARRAY_TO_STRING({l}, '-')", "ROUND({a}, 1)", "TRUNC({a}, 1)"),
    *(
        f"{{n}} {sign} {{n}}"
        for sign in ("=", "==", "<>", "!=", "<", "<=", ">", ">=", "+", "-", "*", "/", "//", "%")
    ),
    *(f"{{t}} {sign} {{t}}" for sign in ("||", "=", "<>", "<")),
    *(
        f"{{t}} {sign} 'a'"
        for sign in ("~", "~*", "!~", "!~*", "~~", "~~*", "!~~", "!~~*", "^@", "LIKE", "ILIKE")
    ),
    *(
        "{n} IN (2, 3)",
        "{n} NOT IN (2, 3)",
        "{n} IN (1, {n})",
        "{n} BETWEEN {n} AND {n}",
        "NOT {b}",
        "{l}[{n}]",
    ),
    *("CONCAT_WS('-', {t}, {t})", "{b} XOR {b}", "-{n}", "{n}::TEXT", "{d} - {d}", "{d} + INTERVAL '1 day'"),
)
# What looks at empty cells: to choose, or to put together what is there.
MEANT = {"COALESCE", "CONCAT", "CONCAT_WS", "IF", "IFNULL", "NULLIF"}


def said(sql: str) -> object:
    """Return what an expression says of the one row."""
    return evaluated(TABLE, expression_of(sql, "x"), sql, "x").item()


def of_sqlite(sql: str) -> bool | None:
    """Say whether SQLite finds nothing; None where it knows no such expression."""
    known = {name: cell for name, cell in CELLS.items() if name in "tnab"}
    row = ", ".join(f"{value!r} AS {name}, NULL AS {name}0" for name, value in known.items())
    with closing(sqlite3.connect(":memory:")) as database:
        try:
            return database.execute(f"SELECT {sql} FROM (SELECT {row})").fetchone()[0] is None
        except sqlite3.Error:
            return None


def test_an_empty_cell_makes_nothing_of_every_function_and_operator() -> None:
    tried, compared = set(), set()
    for form in FORMS:
        whole = {name: name for name in CELLS}
        called = form.split("(")[0]
        try:
            if said(form.format_map(whole)) is None and called not in MEANT:
                continue
        except pf.PolicyError:
            continue
        for place in range(form.count("{")):
            pieces = form.split("}")
            sql = "}".join([*pieces[:place], pieces[place] + "0", *pieces[place + 1 :]])
            sql = sql.replace("{", "").replace("}", "")
            if called in ("GREATEST", "LEAST") and form.count("{") > 1:
                with pytest.raises(pf.PolicyError, match=r"databases understand differently\n .*COALESCE"):
                    said(sql)
                continue
            nothing = said(sql) is None
            assert nothing or called in MEANT, sql
            assert nothing or not passes_null(sql, TABLE.columns), sql
            tried.add(called)
            if (theirs := of_sqlite(sql)) is not None:
                assert theirs == nothing, sql
                compared.add(called)
    assert FUNCTIONS - tried <= {
        "DATE_PART",
        "GREATEST",
        "LEAST",
        "HOUR",
        "MINUTE",
        "SECOND",
        "PI",
        "STRPTIME",
    }
    assert len(compared) > 40


@pytest.mark.parametrize("sql", ["LEFT(title, n)", "SUBSTR(title, 1, n)", "SUBSTRING(title FROM 1 FOR n)"])
def test_the_empty_length_of_a_text_is_not_the_whole(tmp_path: Path, sql: str) -> None:
    call = read(tmp_path, "id,amount,title,n\nA,100,abc,3\nB,100,abc,\nC,100,abc,2\n")
    holds = f"{sql} = 'abc'"
    assert evaluated(call.table(), expression_of(holds, "x"), holds, "x").to_list() == [True, None, False]


UNREAD = "id,amount,organized,trl,research_type,doctorate_date\nA,100,yes,3,basic,2018-01-01\n"
BAD = "B,100,Yes!,3?,basci,vor 2018\nC,900,no,9,applied,2020-01-01\n"


@pytest.mark.parametrize(
    ("column", "sql"),
    [
        ("trl", "trl <=> 3"),
        ("trl", "3<=>+trl"),
        ("organized", "organized <=> TRUE"),
        ("research_type", "research_type <=> 'basic'"),
        ("doctorate_date", "doctorate_date <=> DATE '2018-01-01'"),
        ("trl", "LEFT('abcd', trl) = 'abc'"),
        ("trl", "SUBSTR('abcd', 1, trl) = 'abc'"),
    ],
)
@pytest.mark.parametrize("derived", [False, True])
def test_a_cell_that_cannot_be_read_is_no_empty_one(
    tmp_path: Path, column: str, sql: str, derived: bool
) -> None:
    rules = {"only": "x", "derive": {"x": sql}} if derived else {"only": sql}
    with pytest.raises(pf.DataError, match=f"row 3, column {column}"):
        read(tmp_path, UNREAD + BAD, **rules)
