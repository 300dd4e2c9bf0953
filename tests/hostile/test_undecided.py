"""Rows that `only` may be true of: words that no vocabulary has, and lists that are none, decide nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import portfolio as pf
from tests.hostile.test_meaning import read
from tests.hostile.test_typed_meaning import workbook

HEAD = "id,amount,driver,expected_outputs,bottlenecks,fields\n"
GOOD = "A,100,curiosity,patent,fusion,Physics\nE,100,scientific_goal,theory,chips,Chemistry\n"
# Of the large ones everybody knows that they are not of a call of small ones.
BAD = 'Neugier,Patente,"fusion, chips",Physics (60%)'
WORDS = f"{HEAD}{GOOD}B,100,{BAD}\nC,900,{BAD}\n"
EMPTY = "D,100,,,,\n"


@pytest.mark.parametrize(
    ("column", "condition"),
    [
        ("driver", "driver = 'curiosity'"),
        ("driver", "driver IN ('curiosity', 'application_purpose')"),
        ("driver", "driver LIKE 'cur%'"),
        ("driver", "NOT (driver <> 'curiosity')"),
        ("driver", "COALESCE(driver, '') = 'curiosity'"),
        ("driver", "CASE WHEN driver = 'curiosity' THEN TRUE ELSE FALSE END"),
        ("driver", "driver = 'curiosity' AND id <> 'A' OR id = 'A'"),
        ("expected_outputs", "ARRAY_CONTAINS(expected_outputs, 'patent')"),
        ("bottlenecks", "ARRAY_CONTAINS(bottlenecks, 'fusion')"),
        ("fields", "ARRAY_CONTAINS(fields, 'Physics')"),
    ],
)
@pytest.mark.parametrize("derived", ["", "x", "y"])
def test_a_row_whose_word_nobody_knows_is_not_left_out(
    tmp_path: Path, column: str, condition: str, derived: str
) -> None:
    derive = {"x": condition, "y": "x = TRUE"} if derived else {}
    rules: dict[str, Any] = {"only": f"amount < 500 AND ({derived or condition})", "derive": derive}
    with pytest.raises(pf.DataError) as error:
        read(tmp_path, WORDS + EMPTY, **rules)
    assert [(issue.column, issue.rows) for issue in error.value.issues if issue.column == column] == [
        (column, (4,))
    ]
    call = read(tmp_path, WORDS + EMPTY, on_bad_rows="set_aside", **rules)
    assert list(call.ids) == ["A"]
    assert set(call.set_aside["id"]) == {"B"}


def test_a_word_that_another_cell_makes_no_matter_leaves_its_row_out(tmp_path: Path) -> None:
    for sql in ("driver = 'curiosity' AND id = 'A'", "NOT (driver <> 'curiosity' OR id <> 'A')"):
        assert list(read(tmp_path, WORDS, only=sql).ids) == ["A"]
        assert list(read(tmp_path, WORDS, only="x", derive={"x": sql}).ids) == ["A"]


GERMAN = "id,amount,Geschlecht\nA,1,Frau\nB,1,kadin\nC,1,erkek\n"
TURKISH = "CASE Geschlecht WHEN 'kadin' THEN 'woman' WHEN 'erkek' THEN 'man' ELSE Geschlecht END"


def test_a_heading_stands_for_its_words_until_they_are_derived_anew(tmp_path: Path) -> None:
    mapped = {"columns": {"gender": "Geschlecht"}}
    for sql in ("Geschlecht = 'Frau'", "Geschlecht = 'kadin'"):
        with pytest.raises(pf.DataError, match="'kadin', 'erkek' must be one of"):
            read(tmp_path, GERMAN, only=sql, **mapped)
    derive = {"gender": TURKISH}
    assert list(read(tmp_path, GERMAN, only="Geschlecht = 'kadin'", derive=derive, **mapped).ids) == ["B"]
    assert list(read(tmp_path, GERMAN, only="gender = 'woman'", derive=derive, **mapped).ids) == ["A", "B"]
    derive = {"gender": TURKISH.replace("erkek", "adam")}
    with pytest.raises(pf.DataError, match="'erkek' must be one of"):
        read(tmp_path, GERMAN, only="gender = 'woman'", derive=derive, **mapped)


def test_a_word_is_looked_for_though_no_cell_that_is_known_has_it(tmp_path: Path) -> None:
    with pytest.raises(pf.DataError, match="'Neugier' must be one of"):
        read(tmp_path, WORDS, only="driver = 'Neugier'")
    with pytest.raises(pf.PolicyError, match="looks for 'Wissen' among the words of 'driver'"):
        read(tmp_path, HEAD + GOOD, only="driver = 'Wissen'")


def test_a_tag_that_rows_of_another_call_alone_make_a_list_of_is_kept(tmp_path: Path) -> None:
    text = 'id,amount,bottlenecks\nA,1,"fusion, chips"\nB,1,fusion\nC,1,chips\n'
    assert list(read(tmp_path, text, only="ARRAY_CONTAINS(bottlenecks, 'fusion, chips')").ids) == ["A"]
    with pytest.raises(pf.DataError, match="'fusion, chips' is one tag"):
        read(tmp_path, text, only="ARRAY_CONTAINS(bottlenecks, 'fusion')")


TRUTHS = "App,Sum,Open,merit\nA,100000,yes,3\nB,200000,Yes!,5\nC,300000,no,4\n"


@pytest.mark.parametrize(
    "sql",
    [
        "Open = 'yes'",
        "Open IN ('yes', 'ja')",
        "Open LIKE 'ye%'",
        "NOT (Open <> 'yes')",
        "UPPER(Open) = 'YES'",
    ],
)
@pytest.mark.parametrize("derived", [False, True])
def test_a_heading_of_true_and_false_hides_no_cell_that_nobody_can_read(
    tmp_path: Path, sql: str, derived: bool
) -> None:
    rules: dict[str, Any] = {"columns": {"id": "App", "amount": "Sum", "organized": "Open"}, "only": sql}
    if derived:
        rules |= {"derive": {"x": sql}, "only": "x"}
    with pytest.raises(
        pf.DataError, match="row 3, column organized, proposal B: 'Yes!' must be true or false"
    ):
        read(tmp_path, TRUTHS, **rules)
    call = read(tmp_path, TRUTHS, on_bad_rows="set_aside", **rules)
    assert (list(call.ids), list(call.set_aside["id"])) == (["A"], ["B"])
    rules["only"] += " AND id <> 'B'"
    assert list(read(tmp_path, TRUTHS, **rules).ids) == ["A"]
    rules["derive"] = {
        "organized": "CASE Open WHEN 'Yes!' THEN 'yes' ELSE Open END",
        **rules.get("derive", {}),
    }
    assert list(read(tmp_path, TRUTHS, **rules | {"only": "organized"}).ids) == ["A", "B"]


@pytest.mark.parametrize(
    ("column", "good", "struck", "sql"),
    [
        ("trl", 3, 9, "trl = 3"),
        ("merit", 3, 9, "x < 5"),
        ("gender", "man", "woman", "gender = 'man'"),
        ("institution", "North", "South", "institution = 'North'"),
        ("doctorate_date", "2018-01-01", "2020-01-01", "YEAR(doctorate_date) = 2018"),
        ("organized", "yes", "no", "organized"),
    ],
)
def test_a_cell_that_is_struck_through_decides_nothing(
    tmp_path: Path, column: str, good: object, struck: object, sql: str
) -> None:
    rows = [["id", "amount", column], ["A", 1, good], ["B", 1, struck], ["C", 1, struck]]
    path = workbook(tmp_path, rows, {(2, 2): {"font_strikeout": True}})
    rules = pf.call.ReadingRules(only=sql, derive={"x": "merit"} if column == "merit" else {})
    with pytest.raises(pf.DataError, match=f"row 4, column {column}, proposal B: .* is struck through"):
        pf.read_call(path, policy=rules)
