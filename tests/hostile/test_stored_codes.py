"""Codes and days that a program keeps as numbers or days of its own."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import xlsxwriter

import portfolio as pf
from portfolio.call import ReadingRules
from tests.hostile.test_typed_meaning import repacked


@pytest.mark.parametrize("kind", ["xlsx", "parquet", "frame"])
def test_numbers_alone_are_codes_as_they_are_beside_texts(tmp_path: Path, kind: str) -> None:
    columns = {"fields": [1.1, 2.0, None], "bottlenecks": [101, 102, None], "field": [1.1, 2.0, None]}
    call = typed_file(tmp_path, kind, columns)
    assert call.frame["fields"].to_list() == [["1.1"], ["2"], None]
    assert call.frame["bottlenecks"].to_list() == [["101"], ["102"], None]
    assert call.frame["field"].to_list() == ["1.1", "2", None]
    with pytest.raises(pf.DataError, match="'1', '2' must be one of woman, man or other"):
        typed_file(tmp_path, kind, {"gender": [1, 2, None]})
    words = {"gender": "CASE gender WHEN '1' THEN 'woman' ELSE 'man' END"}
    assert typed_file(tmp_path, kind, {"gender": [1, 2, 2]}, derive=words).frame["gender"].to_list() == [
        "woman",
        "man",
        "man",
    ]


@pytest.mark.parametrize("kind", ["xlsx", "parquet", "frame"])
@pytest.mark.parametrize(
    ("columns", "hint"),
    [
        (
            {"fields": [date(2026, 1, 1), None, None]},
            "a code such as 1.1 or 1:01: format the column as text",
        ),
        (
            {"gender": [date(2026, 1, 1), None, None]},
            "a code such as 1.1 or 1:01: format the column as text",
        ),
        ({"birth_date": [43132, None, None]}, "DATE '1899-12-30' + CAST(day_number AS INT)"),
        ({"birth_date": [43132.5, None, None]}, "DATE '1899-12-30' + CAST(day_number AS INT)"),
        ({"birth_date": [20180201, None, None]}, "STRPTIME(birth_date, '%Y%m%d')"),
        ({"early_career": [2, None, None]}, "yes"),
    ],
)
def test_what_programs_made_of_codes_and_days_comes_with_a_hint(
    tmp_path: Path, kind: str, columns: dict[str, list[Any]], hint: str
) -> None:
    with pytest.raises(pf.DataError) as error:
        typed_file(tmp_path, kind, columns)
    assert hint in error.value.issues[0].hint


def test_the_hint_for_a_day_as_a_number_works() -> None:
    days = {"birth_date": "DATE '1899-12-30' + CAST(day_number AS INT) * INTERVAL '1 day'"}
    frame = pl.DataFrame({"id": ["A"], "amount": [1], "day_number": [43132]})
    assert pf.Call.from_frame(frame, rules=ReadingRules(derive=days))["A"].birth_date == date(2018, 2, 1)


@pytest.mark.parametrize("number", [27, 28, 29, 30, 31, 36, 50, 51, 54, 57, 58])
def test_days_in_the_formats_of_east_asia_are_days(tmp_path: Path, number: int) -> None:
    days = [date(2018, 2, 1), date(2018, 2, 2)]
    path = in_format(tmp_path, number)
    assert pf.read_call(path).frame["birth_date"].to_list() == days
    assert pf.read_call(path).frame["own"].to_list() == days
    # A format of that number that the file has a code for is what it says.
    code = f'<numFmts count="1"><numFmt numFmtId="{number}" formatCode="0"/></numFmts><fonts'.encode()
    repacked(path, "styles", lambda xml: xml.replace(b"<fonts", code, 1))
    with pytest.raises(pf.DataError, match=r"'43133\.0' must be a date"):
        pf.read_call(path)


@pytest.mark.parametrize("number", [32, 33, 34, 35, 52, 53, 55, 56])
def test_formats_that_are_times_in_some_languages_are_no_days(tmp_path: Path, number: int) -> None:
    with pytest.raises(pf.DataError, match=r"'43133\.0' must be a date"):
        pf.read_call(in_format(tmp_path, number))


def in_format(folder: Path, number: int) -> Path:
    """Write days as numbers in a format that the file has no code for."""
    path = folder / "call.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet, look = book.add_worksheet(), book.add_format({"num_format": number})
        sheet.write_row(0, 0, ["id", "amount", "birth_date", "own"])
        for row, day in enumerate([43132, 43133]):
            sheet.write_row(row + 1, 0, [str(row), 1])
            sheet.write_row(row + 1, 2, [day, day], look)
    return path


def typed_file(folder: Path, kind: str, columns: dict[str, list[Any]], **rules: Any) -> pf.Call:
    """Read a file of typed cells."""
    frame = pl.DataFrame({"id": ["A", "B", "C"], "amount": [1, 2, 3], **columns})
    if kind == "frame":
        return pf.Call.from_frame(frame, rules=ReadingRules(**rules))
    path = folder / f"call.{kind}"
    frame.write_parquet(path) if kind == "parquet" else frame.write_excel(path)
    return pf.read_call(path, policy=ReadingRules(**rules))
