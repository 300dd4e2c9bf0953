"""Files of typed cells that could be read as something else than they show: Excel, JSON, Parquet."""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import xlsxwriter

import portfolio as pf
from portfolio.call import ReadingRules
from portfolio.call.xlsxstyles import beside

Rows = Sequence[Sequence[Any]]


def workbook(folder: Path, rows: Rows, formats: dict[tuple[int, int], dict[str, Any]] | None = None) -> Path:
    """Write cells as what they are, from the third column on; some with a format."""
    path = folder / "call.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        for row, cells in enumerate(rows):
            for place, cell in enumerate(cells):
                look = (formats or {}).get((row, place))
                write = sheet.write_string if isinstance(cell, str) else sheet.write
                write(row + 1, place + 2, cell, book.add_format(look) if look else None)
    return path


def repacked(path: Path, part: str, change: Callable[[bytes], bytes]) -> Path:
    """Change a part of a workbook behind the back of every program."""
    data = path.read_bytes()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(path, "w") as new:
        for name in old.namelist():
            new.writestr(name, change(old.read(name)) if part in name else old.read(name))
    return path


def records(folder: Path, *cells: dict[str, Any]) -> Path:
    """Write records as JSON."""
    path = folder / "call.json"
    path.write_text(json.dumps(cells))
    return path


def mixed(folder: Path, kind: str, first: float, second: str, column: str = "amount") -> Path:
    """Write a column of a number and a text."""
    if kind == "json":
        rows = ({"id": "A", "amount": 1, column: first}, {"id": "B", "amount": 2, column: second})
        return records(folder, *rows)
    headings = ["id", column] if column == "amount" else ["id", "amount", column]
    amounts: tuple[list[Any], list[Any]] = ([], []) if column == "amount" else ([1], [2])
    return workbook(folder, [headings, ["A", *amounts[0], first], ["B", *amounts[1], second]])


@pytest.mark.parametrize("kind", ["xlsx", "json"])
def test_a_number_says_nothing_of_the_mark_of_texts(tmp_path: Path, kind: str) -> None:
    path = mixed(tmp_path, kind, 2500.5, "1.500")
    with pytest.raises(pf.DataError, match=re.escape("'1.500' can be read as thousands or as decimals")):
        pf.read_call(path)
    for mark, second in ((",", 1500), (".", 1.5)):
        call = pf.read_call(path, policy=ReadingRules(decimal_mark=mark, currency="KWD"))
        assert [float(one.amount) for one in call] == [2500.5, second]


@pytest.mark.parametrize("kind", ["xlsx", "json"])
def test_numbers_stand_beside_texts_of_another_mark(tmp_path: Path, kind: str) -> None:
    call = pf.read_call(mixed(tmp_path, kind, 2500.5, "1.500,25"))
    assert [float(one.amount) for one in call] == [2500.5, 1500.25]
    call = pf.read_call(mixed(tmp_path, kind, 4.5, "3,5", "merit"))
    assert [one.merit for one in call] == [4.5, 3.5]


def test_numbers_among_tags_keep_their_point(tmp_path: Path) -> None:
    rows = [["id", "amount", "bottlenecks", "trl"], ["A", "1.500,25", 1.5, 3], ["B", 2, "x; y", "4"]]
    call = pf.read_call(workbook(tmp_path, rows))
    assert [(one.bottlenecks, one.trl) for one in call] == [(("1.5",), 3), (("x", "y"), 4)]


@pytest.mark.parametrize("kind", ["xlsx", "json"])
def test_columns_of_the_funder_take_no_mark_from_a_number(tmp_path: Path, kind: str) -> None:
    path = mixed(tmp_path, kind, 2500.5, "1.505", "turnover")
    assert pf.read_call(path).frame["turnover"].to_list() == ["2500.5", "1.505"]
    for mark, second in ((",", 1505.0), (".", 1.505)):
        rules = ReadingRules(decimal_mark=mark)
        assert pf.read_call(path, policy=rules).frame["turnover"].to_list() == [2500.5, second]


@pytest.mark.parametrize("kind", ["xlsx", "json"])
@pytest.mark.parametrize("mark", ["auto", ".", ","])
def test_a_code_is_text_beside_codes_that_a_program_took_for_numbers(
    tmp_path: Path, kind: str, mark: str
) -> None:
    path = mixed(tmp_path, kind, 1.3, "2.10", "panel")
    call = pf.read_call(path, policy=ReadingRules(decimal_mark=mark))
    assert call.frame["panel"].to_list() == ["1.3", "2.10"]


def test_lists_beside_texts_and_numbers_in_json(tmp_path: Path) -> None:
    path = records(
        tmp_path,
        {"id": "A", "amount": 1, "bottlenecks": ["fusion", "chips"], "expected_outputs": "method"},
        {"id": "B", "amount": 1, "bottlenecks": "fusion", "expected_outputs": ["method", "patent"]},
        {"id": "C", "amount": 1, "bottlenecks": ["fusion", 2030, None]},
        {"id": "D", "amount": 1, "bottlenecks": 2030},
        {"id": "E", "amount": 1},
    )
    tags = [["fusion", "chips"], ["fusion"], ["fusion", "2030"], ["2030"], None]
    call = pf.read_call(path)
    assert call.frame["bottlenecks"].to_list() == tags
    assert call["A"].expected_outputs == ("method",)


def test_truth_in_a_list_is_refused(tmp_path: Path) -> None:
    path = records(tmp_path, {"id": "A", "amount": 1, "x": ["a", True]}, {"id": "B", "amount": 1, "x": "a"})
    with pytest.raises(pf.DataError, match="true or false"):
        pf.read_call(path)


@pytest.mark.parametrize("number", [1234567890123456789, 10**400], ids=["19", "401"])
def test_long_whole_numbers_beside_fractions_are_kept(tmp_path: Path, number: int) -> None:
    path = tmp_path / "call.json"
    path.write_text(f'[{{"id": {str(number)[:4000]}, "amount": 1}}, {{"id": 1.5, "amount": 1}}]')
    assert list(pf.read_call(path).ids) == [str(number), "1.5"]


@pytest.mark.parametrize(
    ("members", "what"), [(["a;b", "c"], "a ';' in a member"), ([["a"], ["b;"]], "a ';' in a member")]
)
@pytest.mark.parametrize("column", ["bottlenecks", "own"])
@pytest.mark.parametrize("kind", ["parquet", "json", "frame"])
def test_a_member_with_a_semicolon_is_refused(
    tmp_path: Path, kind: str, column: str, members: list[Any], what: str
) -> None:
    cells = members if isinstance(members[0], list) else [[one] for one in members]
    frame = pl.DataFrame({"id": ["A", "B"], "amount": [1, 1], column: cells})
    path = records(tmp_path, *frame.to_dicts())
    if kind == "parquet":
        path = tmp_path / "call.parquet"
        frame.write_parquet(path)
    with pytest.raises(pf.DataError, match=what):
        pf.Call.from_frame(frame) if kind == "frame" else pf.read_call(path)


def test_a_column_of_objects_holds_texts_or_others(tmp_path: Path) -> None:
    cells = pl.Series("amount", [2500.5, "1.500"], dtype=pl.Object)
    with pytest.raises(pf.DataError, match="holds texts and other values"):
        pf.Call.from_frame(pl.DataFrame({"id": ["A", "B"]}).with_columns(cells))


SHOWN = [["id", "amount", "merit", "success_probability"], ["A", 100, 85, 0.5], ["B", 200, 0.85, 0.85]]

SCALED = [
    '#,##0 "TEUR"', '#,##0 "k€"', '0 "T€"', '0"k"', '0.0 "M"', '0 "m"', '#,##0,"M"', '0"000"', "0‰", '0" p.a."',
    '[<1000]0"k";0',
]  # fmt: skip


@pytest.mark.parametrize(
    ("code", "what"),
    [
        ("$#,##0.00", "is shown in $, not in EUR"),
        ("[$$-409]#,##0.00", "is shown in $, not in EUR"),
        ('_("$"* #,##0.00_);_("$"* (#,##0.00)', "is shown in $, not in EUR"),
        ("[$CHF-807] #,##0", "is shown in CHF, not in EUR"),
        ("#,##0.00 [$USD]", "is shown in USD, not in EUR"),
        ('#,##0.00" USD"', "is shown in USD, not in EUR"),
        ("#,##0.00\\ \\U\\S\\D", "is shown in USD, not in EUR"),
        ("#,##0.00 £", "is shown in £, not in EUR"),
        ('#,##0 "Dollar"', "is shown in Dollar, not in EUR"),
        ("0%", "is shown as a percentage"),
        ("[$TEUR] 0", "is shown with 'TEUR' beside it"),
        *((code, "beside it") for code in SCALED),
    ],
)
def test_amounts_that_are_shown_as_something_else_are_refused(tmp_path: Path, code: str, what: str) -> None:
    path = workbook(tmp_path, SHOWN, {(2, 1): {"num_format": code}})
    with pytest.raises(pf.DataError, match=re.escape(what)) as error:
        pf.read_call(path)
    (issue,) = error.value.issues
    assert (issue.column, issue.rows, issue.id, issue.values) == ("amount", (4,), "B", ("200.0",))
    call = pf.read_call(path, policy=ReadingRules(on_bad_rows="set_aside"))
    assert list(call.ids) == ["A"]


@pytest.mark.parametrize(
    "code",
    [
        "#,##0.00",
        "[$€-407]#,##0.00",
        '#,##0 "EUR"',
        "#,##0.00 €",
        "[Red]0.00",
        "[$-409]0",
        "_-* #,##0_-",
        '0.0,,"M"',
        "#,##0,",
        '#,##0, "TEUR"',
        '#,##0.0,, "Mio. €"',
        '[<1000]0;0,"k"',
        '#,##0 "Euro";\\-#,##0 "Euro";"nil"',
        '_("€"* #,##0_);_("€"* \\(#,##0\\);_("€"* "-"??_);_(@_)',
        "General",
    ],
)
def test_amounts_in_the_currency_of_the_call_are_read(tmp_path: Path, code: str) -> None:
    path = workbook(tmp_path, SHOWN, {(2, 1): {"num_format": code}})
    assert [int(one.amount) for one in pf.read_call(path)] == [100, 200]


def test_grades_that_are_shown_as_percentages_are_refused(tmp_path: Path) -> None:
    path = workbook(tmp_path, SHOWN, {(2, 2): {"num_format": "0%"}, (2, 3): {"num_format": "0.0%"}})
    with pytest.raises(pf.DataError, match="is shown as a percentage") as error:
        pf.read_call(path)
    assert [issue.column for issue in error.value.issues] == ["merit"]


def test_what_formats_put_beside_numbers() -> None:
    assert beside('"Fr. "#,##0.00;[Red]-"Fr. "#,##0.00') == {"Fr."}
    assert beside("0.0%") == {"%"}
    assert beside("yyyy-mm-dd") == set()
    assert beside('0"%"') == beside("0\\%") == {"%%"}


def test_percent_signs_that_are_only_written(tmp_path: Path) -> None:
    # 0.85 is 85% by the one format, and 0.85% by the other.
    chance = workbook(tmp_path, SHOWN, {(2, 3): {"num_format": '0.00"%"'}})
    with pytest.raises(pf.DataError, match="percent sign that its format only writes") as error:
        pf.read_call(chance)
    assert [(issue.column, issue.rows) for issue in error.value.issues] == [("success_probability", (4,))]
    own = [["id", "amount", "share"], ["A", 100, 5], ["B", 200, 0.06], ["C", 300, 0.5]]
    path = workbook(tmp_path, own, {(1, 2): {"num_format": '0"%"'}, (2, 2): {"num_format": "0%"}})
    assert pf.read_call(path).frame["share"].to_list() == [0.05, 0.06, 0.5]


@pytest.mark.parametrize(
    ("column", "cell", "code", "seen"),
    [
        ("years_to_outcome", 36, '0" months"', "months"),
        ("career_break_months", 2, '0" years"', "years"),
        ("success_probability", 0.5, '0.0"\u2030"', "\u2030"),
        ("organized", 1, '"No";;"Yes"', "No"),
    ],
)
def test_numbers_with_a_unit_beside_them_are_refused(
    tmp_path: Path, column: str, cell: float, code: str, seen: str
) -> None:
    path = workbook(tmp_path, [["id", "amount", column], ["A", 100, cell]], {(1, 2): {"num_format": code}})
    with pytest.raises(pf.DataError, match=f"is shown with '{seen}' beside it"):
        pf.read_call(path)


def test_text_of_several_looks_is_read(tmp_path: Path) -> None:
    path = tmp_path / "call.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["id", "amount", "title"])
        sheet.write_row(1, 0, ["A", 100])
        sheet.write_rich_string(1, 2, book.add_format({"bold": True}), "Deep", " sea")
    assert pf.read_call(path)["A"].title == "Deep sea"


@pytest.mark.parametrize(
    "change",
    [
        lambda xml: xml.replace(b'<row r="4"', b'<row r="3"'),
        lambda xml: xml.replace(b'r="D4"', b'r="C4"'),
        lambda xml: xml.replace(b'r="D4"', b'r="B4"'),
        lambda xml: xml.replace(b'r="D4"', b'r="D3"'),
        lambda xml: xml.replace(b'<row r="4"', b'<row r="4000000000"'),
    ],
    ids=[
        "a row twice",
        "a cell twice",
        "a cell before another",
        "a cell of another row",
        "a row too far away",
    ],
)
def test_a_place_that_is_there_twice_is_refused(tmp_path: Path, change: Callable[[bytes], bytes]) -> None:
    path = repacked(workbook(tmp_path, SHOWN), "sheet1", change)
    with pytest.raises(pf.DataError, match="is not a readable") as error:
        pf.read_call(path)
    assert "twice" in str(error.value)


def test_cells_without_names_are_read(tmp_path: Path) -> None:
    path = workbook(tmp_path, [["id", "amount", "birth_date"], ["A", 100, "1990-01-31"]])
    bare = repacked(path, "sheet1", lambda xml: re.sub(rb' r="[A-Z]+[0-9]+"', b"", xml))
    assert pf.read_call(bare)["A"].birth_date == date(1990, 1, 31)
