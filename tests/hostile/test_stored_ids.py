"""Ids that a program holds as numbers or days: refused where they are not what somebody wrote."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl
import pytest

import portfolio as pf
from portfolio.call import ReadingRules
from tests.hostile.test_meaning import read
from tests.hostile.test_typed_meaning import repacked, workbook


@pytest.mark.parametrize("others", [[202600000000000200], ["B-1"]])
def test_ids_whose_last_digits_are_lost_are_refused(tmp_path: Path, others: list[object]) -> None:
    rows = [["id", "amount"], ["A" if others == ["B-1"] else 7, 1], [202600000000000123, 2], [others[0], 3]]
    with pytest.raises(pf.DataError, match=r"rows? 4.*column id.*\s+programs keep 15 digits of a number"):
        pf.read_call(workbook(tmp_path, rows))


@pytest.mark.parametrize("other", [7, "B-1"])
@pytest.mark.parametrize("stored", ["2026000000000120", "2.02600001E+17", "1E15", "-2026000000000120"])
def test_no_digit_of_a_workbook_is_taken_for_one_that_was_typed(
    tmp_path: Path, stored: str, other: object
) -> None:
    path = workbook(tmp_path, [["id", "amount", "bottlenecks"], [other, 1, 5], [1234567, 2, 1234567]])
    repacked(path, "sheet1", lambda xml: xml.replace(b"1234567", stored.encode()))
    with pytest.raises(pf.DataError) as error:
        pf.read_call(path)
    assert [(issue.column, issue.rows) for issue in error.value.issues] == [
        ("id", (4,)),
        ("bottlenecks", (4,)),
    ]
    assert all("is a number of 16 digits or more" in issue.what for issue in error.value.issues)


def test_ids_that_are_exact_numbers_are_read(tmp_path: Path) -> None:
    rows = [["id", "amount"], [10**15 - 1, 1], [202600000000123, 2]]
    assert list(pf.read_call(workbook(tmp_path, rows)).ids) == ["999999999999999", "202600000000123"]
    frame = pl.DataFrame({"id": [202600000000000123, 2**53 + 1], "amount": [1, 2]})
    assert list(pf.Call.from_frame(frame).ids) == ["202600000000000123", "9007199254740993"]
    with pytest.raises(pf.DataError, match="programs keep 15 digits"):
        pf.Call.from_frame(frame.with_columns(pl.col("id").cast(pl.Float64)))


@pytest.mark.parametrize("other", ["X-1", date(2026, 1, 3)])
@pytest.mark.parametrize("column", ["id", "field", "investigator"])
def test_texts_that_a_spreadsheet_made_days_of_are_refused(
    tmp_path: Path, column: str, other: object
) -> None:
    names = ["id", "amount", *({column} - {"id"})]
    day = {"num_format": "yyyy-mm-dd"}
    rows = [names, *([key, 1, key][: len(names)] for key in (date(2026, 1, 2), other))]
    if column != "id":
        rows = [names, ["A", 1, date(2026, 1, 2)], ["B", 1, other]]
    place = names.index(column)
    path = workbook(tmp_path, rows, {(1, place): day, (2, place): day})
    with pytest.raises(pf.DataError, match=rf"column {column}.*must be text\s+programs make a day of a code"):
        pf.read_call(path)


def test_an_id_that_is_written_as_a_day_is_read(tmp_path: Path) -> None:
    assert list(read(tmp_path, "id,amount\n2026-01-02,1\n").ids) == ["2026-01-02"]


HINTS = ["03/04/20", "20-04-03", "03.04.20", "03-Apr-20", "03 Apr 20", "03/04/2020", "03-04-2020", "03/04/2020 10:30",
         "2020/04/03 10:30", "2020-04-03 10:30", "2020/13/04", "20200403", "2020", "3 avril 2020"]  # fmt: skip


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
@pytest.mark.parametrize("cell", HINTS)
def test_every_hint_for_days_works_as_it_is_written(tmp_path: Path, kind: str, cell: str) -> None:
    if kind == "csv":
        (path := tmp_path / "call.csv").write_text(f"id,amount,doctorate_date\nA,1,{cell}\n")
    else:
        stored: object = int(cell) if cell.isdecimal() else cell
        path = workbook(tmp_path, [["id", "amount", "doctorate_date"], ["A", 1, stored]])
    with pytest.raises(pf.DataError) as error:
        pf.read_call(path)
    hint = error.value.issues[0].hint
    sql = hint.partition('doctorate_date = "')[2].removesuffix('"')
    call = pf.read_call(path, policy=ReadingRules(derive={"doctorate_date": sql}))
    assert call["A"].doctorate_date is not None
    assert call["A"].doctorate_date.year == 2020


def test_days_of_a_workbook_beside_texts_are_read_as_the_hint_says(tmp_path: Path) -> None:
    rows = [["id", "amount", "doctorate_date"], ["A", 1, date(2018, 5, 13)], ["B", 1, "03/05/2018"]]
    path = workbook(tmp_path, rows, {(1, 2): {"num_format": "yyyy-mm-dd"}})
    with pytest.raises(pf.DataError) as error:
        pf.read_call(path)
    sql = error.value.issues[0].hint.partition('doctorate_date = "')[2].removesuffix('"')
    call = pf.read_call(path, policy=ReadingRules(derive={"doctorate_date": sql}))
    assert [one.doctorate_date for one in call] == [date(2018, 5, 13), date(2018, 5, 3)]
