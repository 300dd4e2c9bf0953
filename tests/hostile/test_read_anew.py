"""Columns that `derive` reads anew: whoever used their cells before, or by their heading, is not left with none."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import portfolio as pf
from tests.hostile.test_meaning import read
from tests.hostile.test_typed_meaning import workbook

DAY = "doctorate_date"
SLASHES = "STRPTIME({0}, '%d/%m/%Y')"
RECENT = "{0} >= DATE '2018-01-01'"
MAPPED = {DAY: "Prom"}


def days(*cells: str, heading: str = DAY) -> str:
    """Return a file with days."""
    return f"id,amount,{heading}\n" + "".join(f"{'ABC'[i]},1,{cell}\n" for i, cell in enumerate(cells))


@pytest.mark.parametrize(
    ("key", "heading", "rules"),
    [
        ("derive.x", DAY, {"derive": {"x": RECENT.format(DAY), DAY: SLASHES.format(DAY)}}),
        ("derive.x", DAY, {"derive": {"x": "COALESCE(YEAR(doctorate_date), 0)", DAY: SLASHES.format(DAY)}}),
        ("derive.x", "Prom", {"derive": {DAY: SLASHES.format("Prom"), "x": RECENT.format("Prom")}}),
        ("derive.x", "Prom", {"derive": {"x": f"{DAY} IS NULL", DAY: SLASHES.format("Prom")}}),
        ("only", "Prom", {"derive": {DAY: SLASHES.format("Prom")}, "only": RECENT.format("Prom")}),
        ("only", "Prom", {"derive": {DAY: "DATE '2020-01-01'"}, "only": RECENT.format("Prom")}),
    ],
)
def test_a_cell_that_was_used_before_it_is_read_anew_is_no_empty_one(
    tmp_path: Path, key: str, heading: str, rules: dict[str, Any]
) -> None:
    rules = rules | ({"columns": MAPPED} if heading == "Prom" else {})
    file = days("13/04/2020", "14/05/2010", heading=heading)
    with pytest.raises(pf.DataError, match=f"{key} uses this cell itself") as error:
        read(tmp_path, file, **rules)
    assert [(issue.column, issue.rows) for issue in error.value.issues] == [(DAY, (2, 3))]
    with pytest.raises(pf.DataError, match="no proposal left") as error:
        read(tmp_path, file, on_bad_rows="set_aside", **rules)
    assert [(issue.column, issue.rows) for issue in error.value.issues[1:]] == [(DAY, (2, 3))]


@pytest.mark.parametrize(
    ("column", "derive"),
    [
        ("amount", {"x": "amount / 2", "amount": "cost"}),
        ("trl", {"x": "COALESCE(trl, 1) * 2", "trl": "cost"}),
        ("trl", {"x": "COALESCE(trl, 1) * 2", "y": "x", "trl": "y - x + cost"}),
        ("merit", {"x": "merit IS NULL", "merit": "cost"}),
        ("early_career", {"x": "COALESCE(early_career, FALSE)", "early_career": "cost > 3"}),
    ],
)
def test_numbers_that_were_used_before_are_no_empty_ones(
    tmp_path: Path, column: str, derive: dict[str, str]
) -> None:
    amounts = "" if column == "amount" else "amount,"
    rows = [("A", "1"), ("B", "oops")]
    text = f"id,{amounts}cost,{column}\n" + "".join(
        f"{name},{'1,' if amounts else ''}4,{cell}\n" for name, cell in rows
    )
    with pytest.raises(pf.DataError, match="'oops' must be"):
        read(tmp_path, text, derive=derive, decimal_mark=".")
    call = read(tmp_path, text, derive=derive, decimal_mark=".", on_bad_rows="set_aside")
    assert list(call.ids) == ["A"]
    # In the other order nobody has used the cell.
    anew = {column: "cost > 3" if column == "early_career" else "cost"}
    assert len(read(tmp_path, text, derive=anew | {"x": f"{column} IS NULL"}, decimal_mark=".")) == 2


def test_a_derived_day_is_used_by_our_name(tmp_path: Path) -> None:
    file = days("13/04/2020", "14/05/2010", heading="Prom")
    derive = {DAY: SLASHES.format("Prom"), "x": RECENT.format(DAY), "y": SLASHES.format("Prom")}
    for only in (RECENT.format(DAY), RECENT.format(SLASHES.format("Prom")), "x"):
        call = read(tmp_path, file, derive=derive, only=only, columns=MAPPED)
        assert list(call.ids) == ["A"]


GERMAN, AMERICAN = "STRPTIME({0}, '%d.%m.%Y')", "STRPTIME({0}, '%m.%d.%Y')"


@pytest.mark.parametrize(
    "rules",
    [
        {"derive": {DAY: AMERICAN.format("Prom")}, "only": RECENT.format("Prom")},
        {"derive": {"x": RECENT.format(DAY), DAY: AMERICAN.format("Prom")}},
        {"derive": {"x": AMERICAN.format(f"CAST({DAY} AS TEXT)")}},
        {"only": RECENT.format(AMERICAN.format("Prom"))},
    ],
)
def test_a_day_is_not_read_in_two_ways(tmp_path: Path, rules: dict[str, Any]) -> None:
    file = days("02.11.2018", "11.02.2018", "03.03.2018", heading="Prom")
    with pytest.raises(
        pf.DataError, match="is one day as we read it, and another one by the form in"
    ) as error:
        read(tmp_path, file, columns=MAPPED, **rules)
    assert [(issue.column, issue.rows) for issue in error.value.issues] == [(DAY, (2, 3))]
    by_form = {"derive": {DAY: AMERICAN.format("Prom")}, "only": f"{DAY} >= DATE '2018-06-01'"}
    assert list(read(tmp_path, file, columns=MAPPED, **by_form).ids) == ["B"]


def test_two_readings_that_agree_are_one(tmp_path: Path) -> None:
    rules = {"derive": {DAY: GERMAN.format("Prom"), "x": "YEAR(Prom)"}, "only": RECENT.format("Prom")}
    rules |= {"columns": MAPPED}
    assert list(read(tmp_path, days("02.11.2018", "2.1.2017", heading="Prom"), **rules).ids) == ["A"]
    year = {"derive": {"x": "STRPTIME(LEFT(doctorate_date, 4) || '-01-01', '%Y-%m-%d')"}}
    assert len(read(tmp_path, days("2018-11-02"), **year)) == 1


def test_a_derived_column_hides_a_heading_of_its_name(tmp_path: Path) -> None:
    text = "id,amount,Prom,birth_date\nA,1,2020-01-01,1991-01-01\nB,1,2020-01-01,03/04/1991\n"
    derive = {"Prom": "COALESCE(YEAR(birth_date), 0)"}
    with pytest.raises(pf.DataError, match="'03/04/1991' must be a date"):
        read(tmp_path, text, derive=derive, only="Prom >= 1990", columns=MAPPED)


def test_a_heading_that_is_one_of_our_names_hides_no_cell(tmp_path: Path) -> None:
    text = "id,Sum,amount\nA,100,50\nB,12k,50\nC,900,50\n"
    columns = {"amount": "Sum", "min_amount": "amount"}
    with pytest.raises(pf.DataError, match="'12k' must be an amount"):
        read(tmp_path, text, only="amount <= 500", columns=columns)


def test_words_as_they_are_written_are_read_anew(tmp_path: Path) -> None:
    derive = {"early_career": "CASE Jung WHEN 'JG' THEN TRUE ELSE FALSE END"}
    rules: dict[str, Any] = {"derive": derive, "columns": {"early_career": "Jung"}}
    call = read(tmp_path, "id,amount,Jung\nA,1,JG\nB,1,NJ\n", **rules)
    assert call.frame["early_career"].to_list() == [True, False]
    rows = [["id", "amount", "Jung"], ["A", 1, "JG"], ["B", 1, "NJ"]]
    path = workbook(tmp_path, rows, {(1, 2): {"font_strikeout": True}})
    with pytest.raises(pf.DataError, match="is struck through"):
        pf.read_call(path, policy=pf.call.ReadingRules(**rules))
