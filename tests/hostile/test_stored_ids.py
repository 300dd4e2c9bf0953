"""Ids that a program holds as numbers or days: refused where they are not what somebody wrote."""

from __future__ import annotations

from datetime import date, datetime, time
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
    with pytest.raises(pf.DataError, match=rf"column {column}.*must be text\s+programs make a day or a time"):
        pf.read_call(path)


@pytest.mark.parametrize("other", ["1.1", time(1, 2), datetime(2026, 1, 2, 10, 30)])
@pytest.mark.parametrize("column", ["field", "investigator", "institution"])
def test_texts_that_a_spreadsheet_made_times_of_are_refused(
    tmp_path: Path, column: str, other: object
) -> None:
    rows = [["id", "amount", column], ["A", 1, time(1, 1)], ["B", 1, other]]
    path = workbook(tmp_path, rows, {(1, 2): {"num_format": "h:mm"}, (2, 2): {"num_format": "h:mm"}})
    with pytest.raises(
        pf.DataError, match=rf"column {column}.*01:01:00.* must be text\s+programs make a day"
    ):
        pf.read_call(path)
    frame = pl.DataFrame({"id": ["A"], "amount": [1], column: [datetime(2026, 1, 2, 10, 30)]})
    with pytest.raises(pf.DataError, match=r"2026-01-02 10:30:00.* must be text"):
        pf.Call.from_frame(frame)


def test_a_time_that_a_file_of_text_holds_is_the_text_that_it_is(tmp_path: Path) -> None:
    call = read(tmp_path, "id,amount\n2026-01-02 10:30:05,1\n1:01,2\n")
    assert sorted(call.ids) == ["1:01", "2026-01-02 10:30:05"]


def test_an_id_that_is_written_as_a_day_is_read(tmp_path: Path) -> None:
    assert list(read(tmp_path, "id,amount\n2026-01-02,1\n").ids) == ["2026-01-02"]


HINTS = ["03/04/20", "20-04-03", "03.04.20", "03-Apr-20", "03 Apr 20", "03/04/2020", "03-04-2020", "03/04/2020 10:30",
         "2020-04-03 10:30", "2020/04/03 10:30", "2020/13/04", "20200403", "03042020", "04132020", "2020",
         "3 avril 2020", "4/3/2020 12:00:00 AM", "13/4/2020 1:05 PM", "04/13/2020", "4/13/2020 9:05:00",
         "03.04.2020 10:30", "03-04-2020 00:00", "3/Apr/2020", "2020-Apr-3", "Apr 3 2020", "3 avr. 2020", "3-avr-2020",
         "R2.4.3", "04/2020", "2020-04"]  # fmt: skip


def column(folder: Path, kind: str, *cells: object) -> Path:
    """Write a call with this column of days."""
    if kind == "csv":
        path = folder / "call.csv"
        path.write_text(
            "id;amount;doctorate_date\n" + "".join(f"A{i};1;{one}\n" for i, one in enumerate(cells))
        )
        return path
    rows = [["id", "amount", "doctorate_date"], *(["A" + str(i), 1, one] for i, one in enumerate(cells))]
    days = {(i, 2): {"num_format": "yyyy-mm-dd"} for i, one in enumerate(cells, 1) if isinstance(one, date)}
    return workbook(folder, rows, days)


def followed(path: Path, cell: str) -> list[date | None]:
    """Return the days that a file has after the hint of the first issue, as it is written."""
    with pytest.raises(pf.DataError) as error:
        pf.read_call(path)
    hint = error.value.issues[0].hint.replace("your cell", cell)
    sql = hint.partition('doctorate_date = "')[2].removesuffix('"')
    call = pf.read_call(path, policy=ReadingRules(derive={"doctorate_date": sql}))
    return call.frame["doctorate_date"].to_list()


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
@pytest.mark.parametrize("cell", HINTS)
def test_every_hint_for_days_works_as_it_is_written(tmp_path: Path, kind: str, cell: str) -> None:
    stored = int(cell) if cell.isdecimal() and cell[0] != "0" and kind == "xlsx" else cell
    (day,) = followed(column(tmp_path, kind, stored), cell)
    assert day is not None
    assert day.year == 2020


@pytest.mark.parametrize("cell", ["20180304", 20180304, "2018", 2018, "3/4/2018 12:00:00 AM", "R2.4.3"])
def test_a_hint_for_days_leaves_those_of_a_workbook_as_they_are(tmp_path: Path, cell: str | int) -> None:
    odd, real, empty = followed(column(tmp_path, "xlsx", cell, date(2018, 5, 13), None), str(cell))
    assert odd is not None
    assert (real, empty) == (date(2018, 5, 13), None)


def test_years_beside_days_are_read_by_one_hint(tmp_path: Path) -> None:
    path = column(tmp_path, "csv", "2018", "2018-03-01", "")
    assert followed(path, "2018") == [date(2018, 12, 31), date(2018, 3, 1), None]


@pytest.mark.parametrize(
    "cell",
    ["31.02.2020", "2020-13-01", "2019-02-29", "31/02/2020", "2020.2.30", "30 Feb 2020", "31.02.2020 10:30"],
)
def test_a_day_that_does_not_exist_is_said_to(tmp_path: Path, cell: str) -> None:
    path = column(tmp_path, "csv", cell)
    with pytest.raises(pf.DataError, match="there is no such day"):
        pf.read_call(path)
    assert followed(path, cell) == [None]


def test_days_of_two_forms_are_read_as_the_hint_says(tmp_path: Path) -> None:
    path = tmp_path / "call.csv"
    path.write_text("id,amount,start\nA,1,03/04/2020\nB,1,2020-05-06\nC,1,\n")
    with pytest.raises(pf.PolicyError) as error:
        pf.read_call(path, policy=ReadingRules(derive={"day": "STRPTIME(start, '%d/%m/%Y')"}))
    sql = error.value.issues[0].hint.partition("two forms, ")[2].partition(" reads each")[0]
    call = pf.read_call(path, policy=ReadingRules(derive={"day": f"CAST({sql} AS DATE)"}))
    assert call.frame["day"].to_list() == [date(2020, 4, 3), date(2020, 5, 6), None]


def test_days_of_a_workbook_beside_texts_are_read_as_the_hint_says(tmp_path: Path) -> None:
    rows = [["id", "amount", "doctorate_date"], ["A", 1, date(2018, 5, 13)], ["B", 1, "03/05/2018"]]
    path = workbook(tmp_path, rows, {(1, 2): {"num_format": "yyyy-mm-dd"}})
    with pytest.raises(pf.DataError) as error:
        pf.read_call(path)
    sql = error.value.issues[0].hint.partition('doctorate_date = "')[2].removesuffix('"')
    call = pf.read_call(path, policy=ReadingRules(derive={"doctorate_date": sql}))
    assert [one.doctorate_date for one in call] == [date(2018, 5, 13), date(2018, 5, 3)]
