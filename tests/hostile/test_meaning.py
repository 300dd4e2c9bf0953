"""Files that could be read as something else than they say: each is read as people read it, or refused in words."""

from __future__ import annotations

from pathlib import Path

import pytest

import portfolio as pf
from portfolio.call import ReadingRules
from portfolio.call.sql import conjuncts


def read(folder: Path, content: str, name: str = "call.csv", **rules: object) -> pf.Call:
    """Read a file with this content."""
    path = folder / name
    path.write_text(content, encoding="utf-8")
    return pf.read_call(path, policy=ReadingRules(**rules))  # type: ignore[arg-type]


@pytest.mark.parametrize("between", ["\n", "\t", "\r\n", "\x0b", "\u2028"])
def test_two_amounts_in_one_cell_are_not_one(tmp_path: Path, between: str) -> None:
    with pytest.raises(pf.DataError, match="must be an amount of money"):
        read(tmp_path, f'id,amount\nA,"600{between}250"\n')


@pytest.mark.parametrize("between", [" ", "\u00a0", "\u2007", "\u2009", "\u202f", "'", "\u2019"])
def test_blanks_and_apostrophes_group_digits(tmp_path: Path, between: str) -> None:
    assert read(tmp_path, f'id,amount\nA,"600{between}250"\n')["A"].amount == 600_250


@pytest.mark.parametrize("column", ["bottlenecks", "fields"])
@pytest.mark.parametrize(
    "cell", ["['a', 'b']", '["a"]', "[]", "x;['a' 'b']", "[fusion] ", "{a,b}", "a；b", "a؛b"]
)
def test_a_list_as_a_program_shows_it_is_refused(tmp_path: Path, column: str, cell: str) -> None:
    quoted = cell.replace('"', '""')
    with pytest.raises(pf.DataError, match=rf"column {column}.*write .*;.* and not \['.*', '.*'\]"):
        read(tmp_path, f'id,amount,{column}\nA,1,"{quoted}"\n')


@pytest.mark.parametrize(
    "cell",
    [
        "Physics (60%)",
        "Physics 100%",
        "1.1=60%",
        "1.1=1",
        "1.1 60%",
        "60% 1.1",
        "物理：60%",
        "物理: 60％",
        "1.1：1",
    ],
)
def test_a_share_in_another_spelling_is_no_part_of_a_field(tmp_path: Path, cell: str) -> None:
    for text in (cell, f"2.3: 40%; {cell}"):
        with pytest.raises(
            pf.DataError, match=r"row 2, column fields.* must be a field, .* such as 1\.1: 60%"
        ):
            read(tmp_path, f'id,amount,fields\nA,1,"{text}"\n')


@pytest.mark.parametrize(
    "cell", ["1.1: 60%;2.3: 40%", "[EU] law :1;a [EU]:3", "Physics (2);FoR 4609", "物理;生物"]
)
def test_fields_in_their_spellings_are_read(tmp_path: Path, cell: str) -> None:
    assert read(tmp_path, f'id,amount,fields\nA,1,"{cell}"\n')["A"].fields == tuple(cell.split(";"))


def test_white_space_around_a_list_is_no_part_of_a_tag(tmp_path: Path) -> None:
    assert read(tmp_path, "id,amount,bottlenecks\nA,1, a;b \n")["A"].bottlenecks == ("a", "b")
    assert read(tmp_path, "id,amount,bottlenecks\nA,1,a \n")["A"].bottlenecks == ("a",)


@pytest.mark.parametrize(
    ("column", "cell", "others"),
    [
        ("bottlenecks", "fusion, chips", ["fusion", "Chips"]),
        ("bottlenecks", "x;chips|fusion", ["fusion;chips"]),
        ("fields", "1.1, 2.3", ["3.1"]),
        ("fields", "2.3/1.1: 50%;4: 50%", ["3.1"]),
        ("fields", "1.1、2.3", ["3.1"]),
        ("fields", '(""1.1"", ""2.3"")', ["3.1"]),
        ("bottlenecks", "物理，生物", ["生物", "物理"]),
        ("bottlenecks", "('fusion', 'chips')", ["fusion;chips"]),
    ],
)
def test_a_list_by_another_mark_is_no_tag(tmp_path: Path, column: str, cell: str, others: list[str]) -> None:
    rows = "".join(f'P{i},1,"{one}"\n' for i, one in enumerate([cell, *others]))
    with pytest.raises(pf.DataError, match=f"row 2, column {column}.*its parts are tags.*\n.*fusion;chips"):
        read(tmp_path, f"id,amount,{column}\n{rows}")


def test_tags_with_commas_are_read(tmp_path: Path) -> None:
    tags = ("Ecology, evolution", "Ecology", "R&D, industry", "24/7", "1,5", "AC/DC")
    assert read(tmp_path, f'id,amount,bottlenecks\nA,1,"{";".join(tags)}"\n')["A"].bottlenecks == tags


@pytest.mark.parametrize("cell", ["a [EU]", "[EU] a", "[", "]", "[]a", "a[]"])
def test_tags_with_brackets_are_read(tmp_path: Path, cell: str) -> None:
    assert read(tmp_path, f"id,amount,bottlenecks\nA,1,{cell};b\n")["A"].bottlenecks == (cell, "b")


def test_a_mapped_heading_that_fits_two_columns_is_refused(tmp_path: Path) -> None:
    text = "id,Grant Amount,grant_amount\nA,100,200\n"
    with pytest.raises(pf.DataError, match="is there twice: 'Grant Amount' and 'grant_amount'"):
        read(tmp_path, text, columns={"amount": "Grant amount"})
    assert read(tmp_path, text, columns={"amount": "grant_amount"})["A"].amount == 200


@pytest.mark.parametrize("level", ["300.000: 0.8", "500.000: 0.8", "1.000: 0.1", "300,000: 0.8"])
def test_a_level_that_may_be_thousands_is_refused(tmp_path: Path, level: str) -> None:
    with pytest.raises(pf.DataError, match="without groups of digits"):
        read(tmp_path, f"id;amount;merit;levels\nA;500.000;5;{level}\nB;200.000,50;4;\n")


@pytest.mark.parametrize("level", ["300000: 0.8", "300000.50: 0.8", "1500.250:0.8", "0.250: 0.8"])
def test_levels_without_groups_are_read(tmp_path: Path, level: str) -> None:
    call = read(tmp_path, f"id;amount;merit;levels\nA;500.000;5;{level}\nB;200.000,50;4;\n")
    assert call["A"].levels == (level,)


@pytest.mark.parametrize(("currency", "what"), [("EUR", "fractions of a cent"), ("JPY", "JPY has none")])
def test_a_level_of_fractions_is_refused_as_amounts_are(tmp_path: Path, currency: str, what: str) -> None:
    level = "1300.015: 0.8" if currency == "EUR" else "300.5: 0.8"
    call = read(tmp_path, f"id,amount,merit,levels\nA,5000,5,{level}\nB,5000,6,{level}\n", currency=currency)
    policy = pf.Policy.model_validate(
        {"budget": 9000, "currency": currency, "objective": {"partial": "levels"}}
    )
    with pytest.raises(pf.DataError, match=what) as error:
        pf.optimize(call, policy)
    assert [issue.id for issue in error.value.issues] == ["A", "B"]


GERMAN = "id;amount;merit;turnover\nA;12.500;5;12.500\nB;1.500,50;4;800\nC;950;4;2.000,5\nD;950;4;\n"


@pytest.mark.parametrize("file", [GERMAN, GERMAN.replace("1.500,50", "1500")])
def test_columns_of_the_funder_follow_the_mark_of_the_file(tmp_path: Path, file: str) -> None:
    call = read(tmp_path, file, decimal_mark="auto" if "," in file.split("\n")[2] else ",")
    assert call.frame["turnover"].to_list() == [12500.0, 800.0, 2000.5, None]
    rules = {"decimal_mark": ",", "only": "turnover >= 1000"}
    assert list(read(tmp_path, file, **rules).ids) == ["A", "C"]


@pytest.mark.parametrize(
    ("file", "cells"),
    [
        ("id,amount,x\nA,1200.50,12.500\nB,1000,800\n", [12.5, 800.0]),
        ("id,amount,merit,x\nA,1200,4.5,12.500\nB,1000,3,800\n", [12.5, 800.0]),
        ('id,amount,x\nA,1200.50,"12,500"\nB,1000,800\n', [12500, 800]),
        ("id,amount,x\nA,1200,12.505\nB,1000,0.25\n", [12.505, 0.25]),
        ("id,amount,x\nA,1200,12.500\nB,1000,800\n", ["12.500", "800"]),
        ("id;amount;x\nA;1.200,50;1.3\nB;1000;2.11\n", ["1.3", "2.11"]),
    ],
)
def test_a_column_that_nothing_decides_stays_text(tmp_path: Path, file: str, cells: list[object]) -> None:
    assert read(tmp_path, file).frame["x"].to_list() == cells


def test_what_may_be_thousands_is_not_compared_with_numbers(tmp_path: Path) -> None:
    text = "id,amount,x\nA,1200,12.500\nB,1000,800\n"
    with pytest.raises(pf.PolicyError, match="compares a number with a text"):
        read(tmp_path, text, only="x >= 1000")
    assert len(read(tmp_path, text, only="x >= 1000", decimal_mark=",")) == 1
    assert len(read(tmp_path, text, only="x >= 100", decimal_mark=".")) == 1


BIRTHS = "id,amount,merit,birth_date\nA,100,5,1990-05-01\nB,100,9,03/04/1991\nC,100,9,1960-01-01\nD,100,9,\n"
YOUNG = "birth_date >= DATE '1990-01-01'"


@pytest.mark.parametrize(
    ("file", "rules", "bad"),
    [
        (BIRTHS, {"only": YOUNG}, "birth_date"),
        (BIRTHS, {"only": "NOT (birth_date < DATE '1990-01-01') AND amount = 100"}, "birth_date"),
        (BIRTHS, {"only": "COALESCE(YEAR(birth_date), 1900) >= 1990"}, "birth_date"),
        (BIRTHS, {"only": "young", "derive": {"young": YOUNG}}, "birth_date"),
        (BIRTHS, {"only": "year >= 1990", "derive": {"year": "COALESCE(YEAR(birth_date), 0)"}}, "birth_date"),
        (BIRTHS, {"only": "born >= 1990", "derive": {"born": "YEAR(birth_date)"}}, "birth_date"),
        ("id,amount\nA,100\nB,12k\nC,900\nD,800\n", {"only": "amount <= 500"}, "amount"),
        ("id,x\nA,100\nB,12k\nC,900\n", {"only": "amount <= 500", "derive": {"amount": "x"}}, "amount"),
        (
            "id,Sum\nA,100\nB,12k\nC,900\nD,800\n",
            {"only": "Sum <= 500", "columns": {"amount": "Sum"}},
            "amount",
        ),
    ],
)
def test_a_row_of_which_nobody_knows_whether_it_is_of_this_call_is_not_left_out(
    tmp_path: Path, file: str, rules: dict[str, object], bad: str
) -> None:
    with pytest.raises(pf.DataError) as error:
        read(tmp_path, file, **rules)
    assert [(issue.column, issue.rows) for issue in error.value.issues] == [(bad, (3,))]
    call = read(tmp_path, file, on_bad_rows="set_aside", **rules)
    assert list(call.ids) == ["A"]
    assert call.set_aside["id"].to_list() == ["B"]


def test_a_row_that_is_of_another_call_whatever_its_cell_says_is_left_out(tmp_path: Path) -> None:
    text = "id,amount,year\nA,100,2019\nB,12k,2018\nC,100,2018\n"
    assert list(read(tmp_path, text, only="year = 2019 AND amount <= 500").ids) == ["A"]
    assert list(read(tmp_path, text, only="year = 2019").ids) == ["A"]
    both = "amount IS NOT NULL AND year BETWEEN 2019 AND 2020"
    assert list(read(tmp_path, text, only=both).ids) == ["A"]
    assert list(read(tmp_path, text.replace("2018", "2019"), only="id = 'A'").ids) == ["A"]


def test_reviews_follow_a_row_that_is_set_aside(tmp_path: Path) -> None:
    (tmp_path / "call.csv").write_text(BIRTHS)
    reviews = tmp_path / "reviews.csv"
    reviews.write_text("proposal,reviewer,score\nA,r,5\nB,r,4\nC,r,3\n")
    rules = ReadingRules(only=YOUNG, on_bad_rows="set_aside")
    call = pf.read_call(tmp_path / "call.csv", reviews, policy=rules)
    assert call.reviews is not None
    assert call.reviews["proposal"].to_list() == ["A"]
    assert call.set_aside["id"].to_list() == ["B", "B"]


def test_a_cell_that_cannot_be_read_is_not_derived_away(tmp_path: Path) -> None:
    with pytest.raises(pf.DataError, match="'12k' must be an amount"):
        read(tmp_path, "id,amount\nA,100\nB,12k\n", derive={"amount": "COALESCE(amount, 0)"})
    made = read(tmp_path, "id,amount,own\nA,100,1\nB,12k,2\n", derive={"amount": "own"})
    assert [one.amount for one in made] == [1, 2]


MAPPED = "id;Betrag\nA;12.500\nB;8.000\nC;950\nD;1.500,5\n"


@pytest.mark.parametrize("heading", ["Betrag", "amount"])
def test_a_mapped_heading_is_the_column_that_it_is_mapped_to(tmp_path: Path, heading: str) -> None:
    rules = {"decimal_mark": ",", "columns": {"amount": "Betrag"}}
    assert list(read(tmp_path, MAPPED, only=f"{heading} < 10000", **rules).ids) == ["B", "C", "D"]
    derived = {"amount": f"{heading} * 2", "before": "Betrag"}
    call = read(tmp_path, MAPPED, derive=derived, **rules)
    assert [one.amount for one in call] == [25000, 16000, 1900, 3001]
    assert call.frame["before"].to_list() == [12500.0, 8000.0, 950.0, 1500.5]


def test_a_derived_amount_follows_the_mark_of_the_policy(tmp_path: Path) -> None:
    text = "id;amount;note\nA;1;EUR 12.500\nB;1;EUR 1.000\n"
    derived = {"cofunding": "REPLACE(note, 'EUR ', '')"}
    for mark, most in ((",", 12500), (".", 12.5)):
        call = read(tmp_path, text, derive=derived, decimal_mark=mark)
        assert call["A"].cofunding == most
    with pytest.raises(pf.DataError, match="can be read as thousands or as decimals"):
        read(tmp_path, text, derive=derived)


@pytest.mark.parametrize(
    ("sql", "parts"),
    [
        ("a = 1", ["a = 1"]),
        ("a = 1 AND b = 2 and c = 3", ["a = 1 ", " b = 2 ", " c = 3"]),
        ("a BETWEEN 1 AND 2 AND b = 2", ["a BETWEEN 1 AND 2 ", " b = 2"]),
        ("(a = 1 AND b = 2) AND c = 'x AND y'", ["(a = 1 AND b = 2) ", " c = 'x AND y'"]),
        ("a = 1 AND b = 2 OR c = 3", ["a = 1 AND b = 2 OR c = 3"]),
        ("CASE WHEN a THEN b AND c ELSE d END AND e", ["CASE WHEN a THEN b AND c ELSE d END AND e"]),
        ('"a AND b" = 1 AND c', ['"a AND b" = 1 ', " c"]),
    ],
)
def test_the_conditions_that_must_all_hold(sql: str, parts: list[str]) -> None:
    assert conjuncts(sql) == parts
