"""Codes that look like numbers, and numbers that look like codes, in the funder's own columns."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest
import xlsxwriter

import portfolio as pf
from portfolio.call import ReadingRules


def read(folder: Path, content: str, name: str = "call.csv", **rules: object) -> pf.Call:
    """Read a file with this content."""
    path = folder / name
    path.write_text(content, encoding="utf-8")
    return pf.read_call(path, policy=ReadingRules(**rules))  # type: ignore[arg-type]


@pytest.mark.parametrize("between", [" ", "\u00a0", "\u2007", "\u2009", "\u202f", "'", "\u2019"])
@pytest.mark.parametrize("mark", [".", ","])
def test_columns_of_the_funder_group_digits_as_amounts_do(tmp_path: Path, between: str, mark: str) -> None:
    rows = "A;250|000_00;12|500_50\nB;900;2|000|000\nC;900;800_5\nD;900;-1|000_25\n"
    text = "id;amount;turnover\n" + rows.replace("|", between).replace("_", mark)
    assert read(tmp_path, text).frame["turnover"].to_list() == [12500.5, 2_000_000, 800.5, -1000.25]
    assert (
        read(tmp_path, text.replace("12|500".replace("|", between), "12500")).frame["turnover"][0] == 12500.5
    )


@pytest.mark.parametrize("cell", ["12 50,50", "1 234.567,5", "044 668", "12  500", "1 2", "12 500 5"])
def test_what_is_grouped_otherwise_stays_text(tmp_path: Path, cell: str) -> None:
    call = read(tmp_path, f"id;amount;own\nA;250 000,00;{cell}\nB;900;1 500,50\n")
    assert call.frame["own"].to_list() == [cell, "1 500,50"]


@pytest.mark.parametrize(
    ("amount", "first", "between", "last", "read_as"),
    [
        ("1.500,50", "1e-05", "800", "12.500", pl.String),
        ("1.500,50", "inf", "800", "12.500", pl.String),
        ("1.500,50", "0,25", "800", "12.500", pl.Float64),
        ("1500", "inf", "800", "12.500", pl.String),
        ("1500", "12.500", "800", "0.255", pl.Float64),
        ("1500.50", "inf", "800", "12.500", pl.Float64),
        ("1.500,50", "2,50", "2,5", "12.500", pl.String),
        ("1,500.50", "2.50", "2.5", "12,500", pl.String),
        ("1,500.50", "2.50", "3.5", "12,500", pl.Float64),
        ("1500", "1E2", "1E2", "7.5", pl.Float64),
        ("1500", "1.50", "2.25", "3.125", pl.String),
    ],
)
def test_no_order_of_rows_decides_how_a_column_is_read(
    tmp_path: Path, amount: str, first: str, between: str, last: str, read_as: type[pl.DataType]
) -> None:
    cells = [first, *[between] * 1100, last]
    for rows in (cells, cells[::-1], [between, *cells[:-2], last]):
        lines = [f"P{number};{amount};{cell}\n" for number, cell in enumerate(rows)]
        call = read(tmp_path, "id;amount;turnover\n" + "".join(lines))
        assert call.frame["turnover"].dtype == read_as


@pytest.mark.parametrize(
    ("cells", "kept"),
    [
        (["1.1", "1.10", "1.2"], ["1.1", "1.10", "1.2"]),
        (["1E1", "10", "7"], ["1E1", "10", "7"]),
        (["1.5", ".5", "0.5"], ["1.5", ".5", "0.5"]),
        (["0.0", "-0.0", "1.5"], [0.0, 0.0, 1.5]),
        (["0", "0.0", "1.5"], [0.0, 0.0, 1.5]),
        (["1500.50", "0", "0.00"], [1500.5, 0.0, 0.0]),
        (["1.10", "1.20", "2.30"], [1.1, 1.2, 2.3]),
        (["2.10", "1.3", "2.11"], ["2.10", "1.3", "2.11"]),
        (["1.50", "2.5", "3"], ["1.50", "2.5", "3"]),
        (["-1.50", "2.5", "3"], ["-1.50", "2.5", "3"]),
        (["1.50", "2.25", "3"], [1.5, 2.25, 3.0]),
        (["12.50", "12", "7"], [12.5, 12.0, 7.0]),
        (["800.0", "2500.25", "12.5"], [800.0, 2500.25, 12.5]),
        (["1.5e+20", "2.5", "0.00"], [1.5e20, 2.5, 0.0]),
        (["1E2", "2E3", "1E4"], ["1E2", "2E3", "1E4"]),
        (["1E2", "7", "1.5"], [100.0, 7.0, 1.5]),
        (["1e+05", "2e+06", "1e+16"], [100_000, 2_000_000, 10**16]),
        (["1500.50", "1200.00", "1200.00"], [1500.5, 1200.0, 1200.0]),
        (["2019", "2020", "2019"], [2019, 2020, 2019]),
        (["007", "7", "8"], ["007", "7", "8"]),
    ],
)
@pytest.mark.parametrize("kind", ["csv", "late csv", "xlsx", "parquet", "json"])
def test_codes_that_are_spelled_differently_stay_apart(
    tmp_path: Path, kind: str, cells: list[str], kept: list[object]
) -> None:
    # In a file that streams, the first rows may look otherwise than the rest.
    before = cells[-1:] * (1500 if kind == "late csv" else 0)
    panels = [*before, *cells]
    frame = pl.DataFrame({"id": [f"P{i}" for i in range(len(panels))], "amount": 5, "panel": panels})
    path = tmp_path / f"call.{kind.rsplit(maxsplit=1)[-1]}"
    if path.suffix == ".csv":
        frame.write_csv(path)
    elif path.suffix == ".parquet":
        frame.write_parquet(path)
    elif path.suffix == ".json":
        path.write_text(json.dumps(frame.to_dicts()))
    else:
        with xlsxwriter.Workbook(path) as book:
            sheet = book.add_worksheet()
            for row, line in enumerate([tuple(frame.columns), *frame.rows()]):
                for place, cell in enumerate(line):
                    (sheet.write_number if isinstance(cell, int) else sheet.write_string)(row, place, cell)
    found = pf.read_call(path).frame["panel"].to_list()[len(before) :]
    assert found == kept


def test_a_code_that_ends_in_zero_is_no_other_code(tmp_path: Path) -> None:
    path = tmp_path / "call.csv"
    path.write_text("id,amount,merit,FORD\nA,100,5,2.10\nB,100,4,1.3\nC,100,3,2.11\nD,100,2,2.10\n")
    assert list(pf.read_call(path, policy=ReadingRules(only="FORD = '2.10'")).ids) == ["A", "D"]
    with pytest.raises(pf.PolicyError, match="compares a number with a text"):
        pf.read_call(path, policy=ReadingRules(only="FORD = 2.1"))


@pytest.mark.parametrize("sql", ["CAST(x AS DOUBLE) > 5", "TRY_CAST(x AS INT) > 5", "x > 5", "x IN (5, 6)"])
def test_what_may_be_thousands_is_no_number_until_the_policy_says_the_mark(tmp_path: Path, sql: str) -> None:
    text = "id,amount,x\nA,1200,12.500\nB,1000,800\nC,1000,\n"
    with pytest.raises(pf.PolicyError, match="set decimal_mark"):
        read(tmp_path, text, only=sql)
    if sql.startswith("CAST"):
        assert len(read(tmp_path, text, only=sql, decimal_mark=",")) == 2
    assert len(read(tmp_path, text, only="CAST(REPLACE(x, '.', '') AS DOUBLE) > 5")) == 2


def test_codes_become_numbers_where_the_policy_says_so(tmp_path: Path) -> None:
    text = "id,amount,x\nA,1200,2.10\nB,1000,1.3\n"
    with pytest.raises(pf.PolicyError, match=r"CAST\(x AS DOUBLE\)"):
        read(tmp_path, text, only="x > 2")
    assert list(read(tmp_path, text, only="CAST(x AS DOUBLE) > 2").ids) == ["A"]


def test_a_limit_counts_codes_apart(tmp_path: Path) -> None:
    call = read(tmp_path, "id,amount,merit,panel\nA,1,5,1.1\nB,1,4,1.10\nC,1,3,1.2\n")
    policy = pf.Policy.model_validate({"budget": 9, "limit": [{"per": "panel", "max_awards": 1}]})
    assert sorted(pf.optimize(call, policy).ids) == ["A", "B", "C"]
