"""Days that a policy reads: as the cells are written, whatever the file takes them for, and none is lost."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import portfolio as pf
from portfolio.call import ReadingRules
from tests.hostile.test_typed_meaning import records, workbook

KINDS = ["xlsx", "json", "parquet", "csv", "frame"]
ON_TIME = datetime(2022, 5, 6, 14, 30)


def read(
    folder: Path, kind: str, cells: Sequence[Any], heading: str = "doctorate_date", **rules: Any
) -> pf.Call:
    """Read a call with this column, from a file of a kind or a data frame."""
    policy, path = ReadingRules(**rules), folder / f"call.{kind}"
    if kind == "json":
        records(folder, *({"id": str(i), "amount": 1, heading: cell} for i, cell in enumerate(cells)))
        return pf.read_call(path, policy=policy)
    frame = pl.DataFrame({"id": [str(i) for i in range(len(cells))], "amount": 1, heading: cells})
    match kind:
        case "frame":
            return pf.Call.from_frame(frame, rules=policy)
        case "parquet":
            frame.write_parquet(path)
        case "csv":
            frame.write_csv(path)
        case _:
            frame.write_excel(path)
    return pf.read_call(path, policy=policy)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("heading", ["doctorate_date", "Promotion"])
@pytest.mark.parametrize(
    "text", ["{0}", "CAST({0} AS TEXT)", "LEFT({0}, 8)", "COALESCE({0}, '20000101')"], ids="{}".format
)
def test_numbers_are_days_by_their_digits(tmp_path: Path, kind: str, heading: str, text: str) -> None:
    mapped = {"columns": {"doctorate_date": heading}} if heading == "Promotion" else {}
    day = f"STRPTIME({text.format(heading)}, '%Y%m%d')"
    cells = [20220506, 20100507]
    call = read(tmp_path, kind, cells, heading, derive={"doctorate_date": day}, **mapped)
    assert call.frame["doctorate_date"].to_list() == [date(2022, 5, 6), date(2010, 5, 7)]
    mapped |= {"on_bad_rows": "set_aside"}
    with pytest.raises(pf.DataError, match="must be a date"):
        read(
            tmp_path,
            kind,
            cells,
            heading,
            only=f"{day} >= DATE '2015-01-01'",
            columns=mapped.get("columns", {}),
        )
    with pytest.raises(pf.DataError, match="no proposal left") as error:
        read(tmp_path, kind, cells, heading, derive={"defence": day}, only="YEAR(defence) = 2010", **mapped)
    assert [issue.id for issue in error.value.issues] == ["", "1"]


@pytest.mark.parametrize("kind", KINDS)
def test_numbers_of_the_funders_own_are_days_by_their_digits(tmp_path: Path, kind: str) -> None:
    only = "STRPTIME(start, '%Y%m%d') >= DATE '2015-01-01'"
    assert list(read(tmp_path, kind, [20220506, 20100507, None], "start", only=only).ids) == ["0"]


@pytest.mark.parametrize("kind", ["xlsx", "parquet", "frame"])
def test_days_need_no_form(tmp_path: Path, kind: str) -> None:
    cells = [date(2022, 5, 6), None, date(2010, 5, 7)]
    derive = {"doctorate_date": "STRPTIME(doctorate_date, '%d/%m/%Y')"}
    assert read(tmp_path, kind, cells, derive=derive).frame["doctorate_date"].to_list() == cells


@pytest.mark.parametrize(
    "sql",
    [
        "STRPTIME(doctorate_date, '%d/%m/%Y')",
        "COALESCE(STRPTIME(doctorate_date, '%d/%m/%Y'), DATE '2000-01-01')",
        "STRPTIME(CAST(doctorate_date AS TEXT), '%d/%m/%Y')",
    ],
)
@pytest.mark.parametrize(
    ("kind", "cells"),
    [
        *((kind, [datetime(2022, 5, 6), ON_TIME]) for kind in ("xlsx", "parquet", "frame")),
        *((kind, [20220506.0, 45000.5]) for kind in ("xlsx", "json", "parquet", "frame")),
        ("csv", ["06/05/2022", "May 2022"]),
        ("json", ["06/05/2022", 2022]),
    ],
)
def test_a_day_of_another_form_is_not_lost(tmp_path: Path, kind: str, cells: list[Any], sql: str) -> None:
    rules: list[dict[str, Any]] = [
        {"derive": {"doctorate_date": sql}},
        {"only": f"{sql} >= DATE '2015-01-01'"},
    ]
    for rule in rules:
        with pytest.raises(pf.PolicyError, match=r"cells are written otherwise\n .*LEFT\(start, 10\)"):
            read(tmp_path, kind, cells, on_bad_rows="set_aside", **rule)


@pytest.mark.parametrize("kind", ["xlsx", "parquet", "frame", "csv"])
def test_a_day_with_a_time_is_that_day_where_the_policy_says_so(tmp_path: Path, kind: str) -> None:
    cells = [ON_TIME, datetime(2010, 5, 7)]
    with pytest.raises(pf.DataError, match="must be a date"):
        read(tmp_path, kind, cells)
    day = "STRPTIME(LEFT(doctorate_date, 10), '%Y-%m-%d')"
    call = read(tmp_path, kind, cells, derive={"doctorate_date": day})
    assert call.frame["doctorate_date"].to_list() == [date(2022, 5, 6), date(2010, 5, 7)]


def test_a_form_with_a_time_gives_the_day(tmp_path: Path) -> None:
    derive = {"doctorate_date": "STRPTIME(doctorate_date, '%d/%m/%Y %H:%M')"}
    call = read(tmp_path, "csv", ["06/05/2022 14:30"], derive=derive)
    assert call.frame["doctorate_date"].to_list() == [date(2022, 5, 6)]


@pytest.mark.parametrize("cell", ["06/05/2022", 20220506])
def test_a_day_that_is_struck_through_is_not_read_anew(tmp_path: Path, cell: str | int) -> None:
    rows = [["id", "amount", "doctorate_date"], ["A", 1, cell], ["B", 1, cell]]
    path = workbook(tmp_path, rows, {(1, 2): {"font_strikeout": True}})
    form = "%Y%m%d" if isinstance(cell, int) else "%d/%m/%Y"
    derive = {"doctorate_date": f"STRPTIME(doctorate_date, '{form}')"}
    with pytest.raises(pf.DataError, match="is struck through"):
        pf.read_call(path, policy=ReadingRules(derive=derive))
    call = pf.read_call(path, policy=ReadingRules(derive={"doctorate_date": "DATE '2022-05-06'"}))
    assert list(call.ids) == ["A", "B"]


@pytest.mark.parametrize(
    ("cell", "how"),
    [
        ("2018-05-06 14:30:00", "LEFT(doctorate_date, 10), '%Y-%m-%d'"),
        ("2018-05-06T14:30:00+01:00", "LEFT(doctorate_date, 10), '%Y-%m-%d'"),
        ("06-05-2018", "doctorate_date, '%d-%m-%Y'"),
        ("20180506", "doctorate_date, '%Y%m%d'"),
        ("06/05/2018", "doctorate_date, '%d/%m/%Y'"),
        ("6-May-18", "doctorate_date, '%d-%b-%y'"),
        ("6 May 18", "doctorate_date, '%d %b %y'"),
        ("6/5/2018 14:30", "doctorate_date, '%d/%m/%Y %H:%M'"),
        ("2018/5/6 14:30", "doctorate_date, '%Y/%m/%d %H:%M'"),
        ("6 mai 2018", "REPLACE(doctorate_date, 'mai', 'May'), '%d %B %Y'"),
        ("06.05.18", "doctorate_date, '%d.%m.%y'"),
        ("6/5/18", "doctorate_date, '%d/%m/%y'"),
    ],
)
def test_a_day_that_is_not_read_comes_with_what_reads_it(tmp_path: Path, cell: str, how: str) -> None:
    for derive in ({}, {"doctorate_date": "CAST(doctorate_date AS DATE)"}):
        with pytest.raises(pf.DataError, match="must be a date") as error:
            read(tmp_path, "csv", [cell], derive=derive)
        (issue,) = error.value.issues
        known = how.replace("'mai', 'May'", "'avril', 'April'")
        assert issue.hint.endswith(f'doctorate_date = "STRPTIME({known})"')
    derive = {"doctorate_date": f"STRPTIME({how})"}
    assert read(tmp_path, "csv", [cell], derive=derive).frame["doctorate_date"].to_list() == [
        date(2018, 5, 6)
    ]


CERTAIN = {
    "2018-03-05": "'%Y-%m-%d'",
    "5.3.2018": "'%d.%m.%Y'",
    "5. 3. 2018": "'%d. %m. %Y'",
    "2018/3/5": "'%Y/%m/%d'",
    "2018/03/05": "'%Y/%m/%d'",
    "2018.3.5": "'%Y.%m.%d'",
    "2018. 3. 5.": "'%Y. %m. %d.'",
    "5.3.2018.": "'%d.%m.%Y.'",
    "5. 3. 2018.": "'%d. %m. %Y.'",
    "2018.3.5.": "'%Y.%m.%d.'",
    "2018. 3. 5": "'%Y. %m. %d'",
    "2018年3月5日": "'%Y年%m月%d日'",
    "2018년 3월 5일": "'%Y년 %m월 %d일'",
    "05-Mar-2018": "'%d-%B-%Y'",
    "5 MAR 2018": "'%d %B %Y'",
    "5 March 2018": "'%d %B %Y'",
    "March 5, 2018": "'%B %d, %Y'",
}


@pytest.mark.parametrize("cell", CERTAIN)
def test_a_day_that_has_one_meaning_is_read(tmp_path: Path, cell: str) -> None:
    cells = [cell, "2018-03-05", f"{cell} 0:00", f"{cell} 00:00:00", "", "n/a"]
    days = read(tmp_path, "csv", cells).frame["doctorate_date"].to_list()
    assert days == [date(2018, 3, 5)] * 4 + [None] * 2


@pytest.mark.parametrize(
    "cell", ["2018/2/30", "2018/13/1", "30 Feb 2018", "5 mars 2018", "Mars 2018", "2018"]
)
def test_no_day_of_the_calendar_is_refused(tmp_path: Path, cell: str) -> None:
    with pytest.raises(pf.DataError, match=f"'{cell}' must be a date"):
        read(tmp_path, "csv", [cell])


@pytest.mark.parametrize("cell", [*CERTAIN, "5-Mar-18", "5/3/2018", "20180305", "2018-03-05 14:30"])
def test_a_form_that_does_not_fit_is_answered_by_one_that_does(tmp_path: Path, cell: str) -> None:
    with pytest.raises(pf.PolicyError, match="1 of 1 cells are written otherwise") as error:
        read(tmp_path, "csv", [cell], "start", derive={"day": "STRPTIME(start, '%m|%d|%Y')"})
    way = error.value.issues[0].hint.partition("read by ")[2]
    assert way.startswith("STRPTIME(")
    assert CERTAIN.get(cell, "") in way
    call = read(tmp_path, "csv", [cell], "start", derive={"day": f"CAST({way} AS DATE)"})
    assert call.frame["day"].to_list() == [date(2018, 3, 5)]


@pytest.mark.parametrize("heading", ["doctorate_date", "start"])
@pytest.mark.parametrize(
    ("form", "cell"),
    [
        ("%d.%m.%Y", "01.02.18"),
        ("%d.%m.%Y", "01.02.+18"),
        ("%d.%m.%Y", "1.2.218"),
        ("%m/%d/%Y", "02/01/18"),
        ("%Y-%m-%d", "18-02-01"),
        ("%F", "18-02-01"),
        ("%d %B %Y", "1 February 18"),
        ("%Y-%m-%d", "0001-01-01"),
    ],
)
def test_a_year_has_four_digits(tmp_path: Path, heading: str, form: str, cell: str) -> None:
    for function in ("STRPTIME", "DATE"):
        only = f"{function}({heading}, '{form}') >= DATE '2000-01-01'"
        with pytest.raises(pf.PolicyError, match=r"have no year of four digits\n .*%y one of two"):
            read(tmp_path, "csv", [cell], heading, only=only)


@pytest.mark.parametrize("cell", ["18-02-01", "01.02.18"])
def test_a_day_without_a_century_is_quoted_as_it_stands(tmp_path: Path, cell: str) -> None:
    with pytest.raises(pf.DataError, match=f"'{cell}' must be a date"):
        read(tmp_path, "csv", [cell])


@pytest.mark.parametrize(
    ("form", "cell"),
    [("%Y%m%d", "2018111"), ("%d%m%Y", "1112018"), ("%d%m%y", "10118"), ("%Y%j", "201832")],
)
def test_digits_without_marks_are_all_there(tmp_path: Path, form: str, cell: str) -> None:
    only = f"STRPTIME(start, '{form}') >= DATE '2000-01-01'"
    with pytest.raises(pf.PolicyError, match="1 of 2 cells are written otherwise"):
        read(tmp_path, "csv", [cell, "", f"{date(2018, 11, 10):{form}}"], "start", only=only)


@pytest.mark.parametrize(
    ("form", "cell"),
    [
        ("%d.%m.%y", "1.2.18"),
        ("%d%b%Y", "01FEB2018"),
        ("%Y%m%dT%H%M", "20180201T0030"),
        ("%d.%m.%Y %H:%M", "1.2.2018 9:05"),
        ("%Y-%m-%d %H:%M %Z", "2018-02-01 00:30 CET"),
    ],
)
def test_days_in_other_forms_are_read(tmp_path: Path, form: str, cell: str) -> None:
    derive = {"day": f"CAST(STRPTIME(start, '{form}') AS DATE)"}
    for empty in (None, ""):
        call = read(tmp_path, "csv", [cell, empty], "start", derive=derive)
        assert call.frame["day"].to_list() == [date(2018, 2, 1), None]


@pytest.mark.parametrize(
    ("form", "cell"),
    [
        ("%Y-%m-%dT%H:%M:%S%z", "2018-01-01T00:30:00+02:00"),
        ("%d/%m/%Y %H:%M %z", "01/01/2018 00:30 +0200"),
        ("%+", "2018-01-01T00:30:00+02:00"),
    ],
)
def test_a_zone_moves_no_day(tmp_path: Path, form: str, cell: str) -> None:
    for heading in ("doctorate_date", "start"):
        derive = {"year": f"YEAR(STRPTIME({heading}, '{form}'))"}
        with pytest.raises(pf.PolicyError, match=r"zone of time moves days\n .*CAST\(start AS DATE\)"):
            read(tmp_path, "csv", [cell], heading, derive=derive)
    if cell.startswith("2018"):
        call = read(tmp_path, "csv", [cell], "start", derive={"year": "YEAR(CAST(start AS DATE))"})
        assert call.frame["year"].to_list() == [2018]
