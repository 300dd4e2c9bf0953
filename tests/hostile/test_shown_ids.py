"""Numbers of a workbook that are texts of ours: what their format shows is read, or refused where it is not certain."""

from __future__ import annotations

from datetime import date, time
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import portfolio as pf
from portfolio.call import ReadingRules
from portfolio.call.xlsxtexts import UNCLEAR, WRITTEN, ZERO, as_text, in_full
from tests.hostile.test_typed_meaning import workbook

# What Excel shows of 7, 110 and 1234567.
CLEAR = {
    "00000": ["00007", "00110", "1234567"],
    '"P-"000': ["P-007", "P-110", "P-1234567"],
    '"P-"General': ["P-7", "P-110", "P-1234567"],
    "[$P-409]000": ["P007", "P110", "P1234567"],
    r"000\-000": ["000-007", "000-110", "1234-567"],
    "000-00-000": ["000-00-007", "000-00-110", "012-34-567"],
    r"0\.0": ["0.7", "11.0", "123456.7"],
    '"0"0': ["07", "0110", "01234567"],
    '0" A"': ["7 A", "110 A", "1234567 A"],
    "[Red]0000_-": ["0007", "0110", "1234567"],
    "0####": ["00007", "00110", "1234567"],
    '0#" "##" "##': ["00 00 07", "00 01 10", "123 45 67"],
    "#0000": ["0007", "0110", "1234567"],
    "00000;-00000;00000;@": ["00007", "00110", "1234567"],
    r"[<=99999]00000;00000\-0000": ["00007", "00110", "00123-4567"],
    "000;-000": ["007", "110", "1234567"],
    "(0)": ["(7)", "(110)", "(1234567)"],
}
SAME = [
    "General", "0", "@", "#", "??0", "#,##0", "0.00", "#,##0.00", "0.00E+00", "##0.0E+0", "# ?/?", r"#\ ##0", "#'##0",
    "#’##0", "#,##0_);[Red](#,##0)", r'_-* #,##0\ _€_-;\-* #,##0\ _€_-;_-* "-"??\ _€_-;_-@_-', "[Red]0", "[$-409]0",
    "0;@", ";;;", "yyyy-mm-dd", 'yyyy"年"m"月"', "[h]:mm", "mm:ss.0",
]  # fmt: skip
ODD = [
    '"P-"#', "0%", "0,", "0,,", '#,##0 "EUR"', "[<10]000;0", "0;[>5]00", "0,000", "00.0", '"yes"', '"x"@', "000;;",
    "$0", "0€", r"#\-##0", r"#\.0", "000/000", "0*x", '00";"0', "0‰",
]  # fmt: skip


@pytest.mark.parametrize("code", CLEAR)
def test_literals_and_zeros_make_one_text_of_a_whole_number(code: str) -> None:
    (form,) = as_text(code)
    numbers = pl.Series([7, 110, 1234567, None, -7])
    for cells in (numbers, numbers.cast(pl.Float64), numbers.cast(pl.String)):
        assert in_full(form.removeprefix(WRITTEN), cells).to_list() == [*CLEAR[code], None, None]
    assert in_full(ZERO, pl.Series([0.0, 7.5, 123456789012345.0])).to_list() == ["0", None, "123456789012345"]


def test_other_formats_change_nothing_or_are_not_clear() -> None:
    assert [code for code in SAME if as_text(code)] == []
    assert [code for code in ODD if as_text(code) != {UNCLEAR}] == []


@pytest.mark.parametrize("other", [12, "B-1"])
@pytest.mark.parametrize("column", ["id", "field", "investigator", "institution", "bottlenecks", "fields"])
def test_an_id_is_what_people_see(tmp_path: Path, column: str, other: object) -> None:
    path = numbered(tmp_path, column, [7, other], '"P-"000')
    call = pf.read_call(path)
    expected = ["P-007", "P-012" if other == 12 else other]
    found = call.frame[column].to_list()
    assert found == ([[one] for one in expected] if column in ("bottlenecks", "fields") else expected)


def test_a_condition_sees_what_people_see(tmp_path: Path) -> None:
    path = numbered(tmp_path, "field", [7, 12], "00000")
    assert list(pf.read_call(path, policy=ReadingRules(only="field = '00007'")).ids) == ["A"]


@pytest.mark.parametrize("code", ['"P-"#', "0%", "0,", "0,000", '#,##0 "EUR"'])
@pytest.mark.parametrize("column", ["id", "field", "bottlenecks"])
def test_an_id_that_is_shown_as_a_text_that_is_not_certain_is_refused(
    tmp_path: Path, column: str, code: str
) -> None:
    with pytest.raises(
        pf.DataError, match=rf"row 4, column {column}.*its format shows as another text\s+.*=TEXT\("
    ):
        pf.read_call(numbered(tmp_path, column, [12, 7], code, row=2))


@pytest.mark.parametrize("cell", [-7, 7.5])
@pytest.mark.parametrize("other", [12, "B-1"])
def test_only_whole_numbers_have_zeros_before_them(tmp_path: Path, cell: float, other: object) -> None:
    with pytest.raises(pf.DataError, match=r"row 3, column field.*its format shows as another text"):
        pf.read_call(numbered(tmp_path, "field", [cell, other], "000"))


def test_zeros_before_an_amount_change_nothing(tmp_path: Path) -> None:
    path = workbook(
        tmp_path,
        [["id", "amount", "own"], ["A", 300, 7]],
        {(1, 1): {"num_format": "00000"}, (1, 2): {"num_format": "00000"}},
    )
    assert pf.read_call(path).frame.select("amount", "own").row(0) == (30000, "00007")


@pytest.mark.parametrize("code", ['"P-"000', '"P-"0'])
def test_a_heading_of_texts_stands_for_what_people_see(tmp_path: Path, code: str) -> None:
    seen = "P-007" if "000" in code else "P-7"
    for cells in ([7, 12], [7, "X-1"]):
        path = workbook(
            tmp_path,
            [["Antrag", "amount"], *([cell, 1] for cell in cells)],
            {(1, 0): {"num_format": code}, (2, 0): {"num_format": code}},
        )
        rules = ReadingRules(columns={"id": "Antrag"}, only=f"Antrag = '{seen}'")
        assert list(pf.read_call(path, policy=rules).ids) == [seen]


@pytest.mark.parametrize(
    "cells", [[1234, 20144], [1234, "2A123"], [1234, None], [1234, "94305"], [1234, "00001"]]
)
def test_a_column_of_codes_is_what_people_see(tmp_path: Path, cells: list[Any]) -> None:
    path = numbered(tmp_path, "plz", cells, "00000")
    call = pf.read_call(path, policy=ReadingRules(only="plz = '01234'", derive={"field": "plz"}))
    assert call.frame.select("id", "plz", "field").rows() == [("A", "01234", "01234")]


def test_one_code_makes_texts_of_a_column(tmp_path: Path) -> None:
    look = {"num_format": "00000"}
    path = workbook(tmp_path, [["id", "amount", "zip"], ["A", 1, 2139], ["B", 2, 94305]], {(1, 2): look})
    assert pf.read_call(path).frame["zip"].to_list() == ["02139", "94305"]


@pytest.mark.parametrize("code", ['0"."000', r"000\.000", r"0\'000", "000,000"])
def test_a_form_that_sets_thousands_apart_makes_no_codes(tmp_path: Path, code: str) -> None:
    path = numbered(tmp_path, "cost", [12500, 850], code)
    call = pf.read_call(path, policy=ReadingRules(derive={"total": "CAST(cost AS DOUBLE) + 1"}))
    assert call.frame["cost"].to_list() == [12500, 850]
    assert call.frame["total"].to_list() == [12501, 851]


@pytest.mark.parametrize("other", [20144, "none"])
def test_numbers_with_a_word_beside_them_are_numbers(tmp_path: Path, other: object) -> None:
    path = numbered(tmp_path, "length", [24, other], '0 "months"')
    rules = ReadingRules(only="TRY_CAST(length AS INT) = 24")
    assert list(pf.read_call(path, policy=rules).ids) == ["A"]
    with pytest.raises(pf.DataError, match=r"rows? 3.*column length.*its format shows as another text"):
        pf.read_call(path, policy=ReadingRules(derive={"field": "length"}))


@pytest.mark.parametrize(
    ("cells", "code", "sql", "what"),
    [
        ([7, "X"], '"P-"#', "own", "its format shows as another text"),
        ([7, 12], '"P-"#', "CAST(own AS VARCHAR)", "its format shows as another text"),
        ([7, 12.5], "000", "CAST(own AS VARCHAR)", "its format shows as another text"),
        ([2026000000000120, "X"], "0", "own", "16 digits or more"),
        ([20260000000001234, 20260000000001235], "0", "CAST(own AS VARCHAR)", "16 digits or more"),
        ([time(1, 1), "1:99"], "h:mm", "own", "a day or a time of a code"),
        ([date(2026, 3, 4), "1-2b"], "m-d", "own || '/26'", "a day or a time of a code"),
        ([time(1, 1), time(1, 2)], "h:mm", "own", "a day or a time of a code"),
    ],
)
@pytest.mark.parametrize("name", ["id", "field", "investigator"])
def test_what_is_derived_of_a_cell_is_what_people_see_as_well(
    tmp_path: Path, cells: list[Any], code: str, sql: str, what: str, name: str
) -> None:
    path = numbered(tmp_path, "own", cells, code)
    with pytest.raises(pf.DataError, match=rf"(?s)rows? [34].*column own.*{what}"):
        pf.read_call(path, policy=ReadingRules(derive={name: sql}))


def test_ids_are_put_together_of_what_people_see(tmp_path: Path) -> None:
    path = numbered(tmp_path, "nr", [7, 12], "000")
    rules = ReadingRules(derive={"id": "nr || '/' || 2026"})
    assert list(pf.read_call(path, policy=rules).ids) == ["007/2026", "012/2026"]


def numbered(folder: Path, column: str, cells: list[Any], code: str, row: int = 0) -> Path:
    """Write a column whose cells, or one of them, have a format."""
    rows: list[list[Any]] = [["id", "amount"], ["A", 1], ["B", 2]]
    place = 0 if column == "id" else 2
    for line, cell in zip(rows, [column, *cells], strict=True):
        line[place : place + 1] = [cell]
    look = {"num_format": code}
    return workbook(folder, rows, {(one, place): look for one in ([row] if row else [1, 2])})
