"""Cells of a workbook that are struck through: a fault of their row where the column is one of ours."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

import portfolio as pf
from portfolio.call import ReadingRules
from tests.hostile.test_typed_meaning import SHOWN, repacked, workbook


@pytest.mark.parametrize("place", ["amount", "title"])
def test_what_is_struck_through_is_refused(tmp_path: Path, place: str) -> None:
    path = tmp_path / "call.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["id", "amount", "title"])
        sheet.write_row(1, 0, ["A", 100, "x"])
        struck = book.add_format({"font_strikeout": True})
        if place == "amount":
            sheet.write_rich_string(1, 1, struck, "1000", "2000")
        else:
            sheet.write_string(1, 2, "withdrawn", struck)
    with pytest.raises(pf.DataError, match="is struck through, in part or whole") as error:
        pf.read_call(path)
    (issue,) = error.value.issues
    assert (issue.column, issue.rows, issue.id) == (place, (2,), "A")


def test_rows_that_are_struck_through_can_be_set_aside(tmp_path: Path) -> None:
    struck = {(2, place): {"font_strikeout": True} for place in range(3)}
    rows = [["id", "amount", "Comments"], ["A", 100, "x"], ["B", 200, "withdrawn"], ["C", 300, "y"]]
    path = workbook(tmp_path, rows, {**struck, (1, 2): {"font_strikeout": True}})
    with pytest.raises(pf.DataError, match="withdrawn: delete its row, or set on_bad_rows") as error:
        pf.read_call(path)
    assert [(issue.column, issue.rows) for issue in error.value.issues] == [("id", (4,)), ("amount", (4,))]
    call = pf.read_call(path, policy=ReadingRules(on_bad_rows="set_aside"))
    assert call.frame["Comments"].to_list() == ["x", "y"]
    assert call.set_aside["id"].unique().to_list() == ["B"]


def test_a_heading_that_is_struck_through_is_refused(tmp_path: Path) -> None:
    path = workbook(tmp_path, SHOWN, {(0, 2): {"font_strikeout": True}})
    with pytest.raises(pf.DataError, match="a heading is struck through"):
        pf.read_call(path)


def inline(text: bytes) -> Callable[[bytes], bytes]:
    """Put a text with a look of its own in place of the amount, and a look that is nobody's behind the sheet."""
    cell = b'<c r="D4" t="inlineStr"><is><r>' + text + b"<t>200</t></r></is></c>"
    behind = b"<extLst><ext><dxf><font><strike/></font></dxf></ext></extLst></worksheet>"
    return lambda xml: re.sub(rb'<c r="D4".*?</c>', cell, xml).replace(b"</worksheet>", behind)


def test_text_that_stands_in_the_sheet_itself_is_looked_at(tmp_path: Path) -> None:
    for text in (b"", b"<rPr><b/></rPr>", b'<rPr><strike val="0"/></rPr>'):
        path = repacked(workbook(tmp_path, SHOWN), "sheet1", inline(text))
        assert [int(one.amount) for one in pf.read_call(path)] == [100, 200]
    path = repacked(workbook(tmp_path, SHOWN), "sheet1", inline(b"<rPr><strike/></rPr>"))
    with pytest.raises(pf.DataError, match="column amount, proposal B: '200' is struck through"):
        pf.read_call(path)


@pytest.mark.parametrize("inline", [False, True], ids=["shared", "inline"])
@pytest.mark.parametrize("pieces", [False, True], ids=["plain", "rich"])
@pytest.mark.parametrize(
    ("look", "what", "titled"),
    [
        ({"font_strikeout": True}, "struck through", "struck through"),
        ({"font_script": 1}, "raised or lowered", ""),
        ({"font_script": 2}, "raised or lowered", ""),
    ],
    ids=["struck", "raised", "lowered"],
)
@pytest.mark.parametrize("column", ["id", "title", "institution", "amount", "heading"])
def test_the_look_of_a_cell_is_seen_wherever_its_text_stands(
    tmp_path: Path, column: str, look: dict[str, Any], what: str, titled: str, pieces: bool, inline: bool
) -> None:
    headings = ["id", "title", "institution", "amount"]
    row, place = (0, 2) if column == "heading" else (2, headings.index(column))
    path = tmp_path / "call.xlsx"
    # With constant memory XlsxWriter puts each text into its cell, as openpyxl and programs for reports do.
    with xlsxwriter.Workbook(path, {"constant_memory": inline}) as book:
        sheet, found = book.add_worksheet(), book.add_format(look)
        for number, cells in enumerate([headings, ["A", "x", "North", "100"], ["B", "y", "South", "200"]]):
            for at, cell in enumerate(cells):
                if (number, at) != (row, place):
                    sheet.write_string(number, at, cell)
                elif pieces:
                    sheet.write_rich_string(number, at, cell[:1] + " ", "of ", cell, found)
                else:
                    sheet.write_string(number, at, cell, found)
    assert (b'"inlineStr"' in zipfile.ZipFile(path).read("xl/worksheets/sheet1.xml")) is inline
    expected = titled if column == "title" else what
    if not expected:
        assert list(pf.read_call(path).ids) == ["A", "B"]
        return
    with pytest.raises(pf.DataError, match=f"is {expected}|holds {expected} text") as error:
        pf.read_call(path)
    if column != "heading":
        assert {(issue.column, issue.rows) for issue in error.value.issues} == {(column, (3,))}
        assert list(pf.read_call(path, policy=ReadingRules(on_bad_rows="set_aside")).ids) == ["A"]


def test_a_format_of_many_words_is_noted_once_a_cell(tmp_path: Path) -> None:
    words = " ".join(f"w{i}" for i in range(60))
    rows = [["id", "amount"], *([str(i), i] for i in range(2_000))]
    path = tmp_path / "call.xlsx"
    with xlsxwriter.Workbook(path) as book:
        look = book.add_format({"num_format": f'0 "{words}"'})
        sheet = book.add_worksheet()
        for place, row in enumerate(rows):
            sheet.write_row(place, 0, row, look)
    with pytest.raises(pf.DataError, match="beside it") as error:
        pf.read_call(path)
    assert [issue.count for issue in error.value.issues] == [2_000]


@pytest.mark.parametrize("script", [1, 2], ids=["raised", "lowered"])
@pytest.mark.parametrize("whole", [False, True])
@pytest.mark.parametrize("column", ["amount", "fields", "institution", "id"])
def test_the_raised_mark_of_a_footnote_is_no_digit(
    tmp_path: Path, column: str, script: int, whole: bool
) -> None:
    path = tmp_path / "call.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["id", "amount", "fields", "institution"])
        sheet.write_row(1, 0, ["A", 100, "1.1;2.3", "North"])
        sheet.write_row(2, 0, ["B", 200, "1.1;2.3", "South"])
        place, look = ["id", "amount", "fields", "institution"].index(column), book.add_format()
        look.set_font_script(script)
        if whole:
            sheet.write(1, place, 100 if column == "amount" else "x", look)
        else:
            sheet.write_rich_string(1, place, "250000" if column == "amount" else "x", look, "1", look, "2")
    with pytest.raises(pf.DataError, match="holds raised or lowered text") as error:
        pf.read_call(path)
    (issue,) = error.value.issues
    assert (issue.column, issue.rows, issue.count) == (column, (2,), 1)
    assert "footnote" in issue.hint
    assert list(pf.read_call(path, policy=ReadingRules(on_bad_rows="set_aside")).ids) == ["B"]


def test_lowered_digits_of_prose_and_of_the_funders_own_columns_are_read(tmp_path: Path) -> None:
    path = tmp_path / "call.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet, lowered = book.add_worksheet(), book.add_format()
        lowered.set_font_script(2)
        sheet.write_row(0, 0, ["id", "amount", "title", "Comments"])
        sheet.write_row(1, 0, ["A", 100])
        for place in (2, 3):
            sheet.write_rich_string(1, place, "CO", lowered, "2", " capture")
    call = pf.read_call(path)
    assert (call["A"].title, call["A"].other["Comments"]) == ("CO2 capture", "CO2 capture")


def test_a_heading_with_a_raised_mark_is_refused(tmp_path: Path) -> None:
    path = workbook(tmp_path, SHOWN, {(0, 2): {"font_script": 1}})
    with pytest.raises(pf.DataError, match="a heading is raised or lowered"):
        pf.read_call(path)


def test_a_day_with_a_raised_mark_is_not_read_anew(tmp_path: Path) -> None:
    path = tmp_path / "call.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet, raised = book.add_worksheet(), book.add_format()
        raised.set_font_script(1)
        sheet.write_row(0, 0, ["id", "amount", "birth_date"])
        sheet.write_row(1, 0, ["A", 100])
        sheet.write_rich_string(1, 2, raised, "1", "2/03/1990")
    days = {"birth_date": "STRPTIME(birth_date, '%d/%m/%Y')"}
    with pytest.raises(pf.DataError, match="holds raised or lowered text"):
        pf.read_call(path, policy=ReadingRules(derive=days))
