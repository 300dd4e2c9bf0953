"""A value that is refused is quoted as it stands, with the way that works."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import pytest

import portfolio as pf
from tests.hostile.test_typed_meaning import workbook

NAME = "Chance of success (%)"


def read(folder: Path, text: str, **rules: object) -> pf.Call:
    (folder / "p.csv").write_text(text)
    return pf.read_call(folder / "p.csv", policy=pf.Policy.model_validate({"budget": 9, **rules}))


def issues_of(folder: Path, text: str, **rules: object) -> list[str]:
    with pytest.raises(pf.DataError) as refused:
        read(folder, text, **rules)
    return [str(issue) for issue in refused.value.issues]


@pytest.mark.parametrize("heading", [NAME, "success_probability"])
def test_a_column_of_percentages_comes_with_what_reads_it(tmp_path: Path, heading: str) -> None:
    text = f"id,amount,{heading}\nA,1,35\nB,1,\nC,1,90\n"
    mapped = {"columns": {"success_probability": heading}} if heading == NAME else {}
    (issue,) = issues_of(tmp_path, text, **mapped)
    rules = tomllib.loads(issue.rpartition("[derive] of the policy: ")[2])
    assert read(tmp_path, text, derive=rules, **mapped).frame["success_probability"].to_list() == [
        0.35,
        None,
        0.9,
    ]


@pytest.mark.parametrize(
    ("cells", "read_as"), [(("35%", "90 %"), [0.35, None, 0.9]), (("0.5", "85%"), [0.5, None, 0.85])]
)
def test_cells_with_a_sign_of_percent_come_with_what_reads_them(
    tmp_path: Path, cells: tuple[str, str], read_as: list[float | None]
) -> None:
    text = f"id,amount,{NAME}\nA,1,{cells[0]}\nB,1,\nC,1,{cells[1]}\n"
    (issue,) = issues_of(tmp_path, text, columns={"success_probability": NAME})
    rules = tomllib.loads(issue.rpartition("[derive] of the policy: ")[2].replace("your heading", NAME))
    assert read(tmp_path, text, derive=rules).frame["success_probability"].to_list() == read_as


@pytest.mark.parametrize("heading", ["chance", "success_probability"])
@pytest.mark.parametrize(
    "sql", ["CAST(REPLACE({0}, '%', '') AS DOUBLE) / 100", "{0} LIKE '%5'", "{0} IN ('85%')"]
)
def test_an_expression_that_takes_numbers_for_texts_names_the_cells(
    tmp_path: Path, heading: str, sql: str
) -> None:
    text = f"id,amount,{heading}\nA,1,0.5\nB,1,85%\n"
    mapped = {"columns": {"success_probability": heading}} if heading == "chance" else {}
    for rules in ({"derive": {"success_probability": sql.format(heading)}}, {"only": sql.format(heading)}):
        with pytest.raises(pf.PolicyError) as refused:
            read(tmp_path, text, **mapped, **rules)
        policy, cell = refused.value.issues
        assert "f64" not in str(policy)
        assert (cell.file, cell.rows, cell.values) == ("p.csv", (3,), ("85%",))
        assert "leave your heading out of [columns]" in cell.hint


def test_a_function_of_texts_says_what_it_was_given(tmp_path: Path) -> None:
    text = "id,amount,year,bottlenecks\nA,1,2019,a;b\n"
    for sql, what, hint in (
        (
            "UPPER(year) = 'X'",
            "takes a number for a text: 'year' is read as that",
            "CAST(year AS VARCHAR) makes",
        ),
        ("UPPER(year + 1) = 'X'", "takes a number for a text", "AS VARCHAR) makes a text"),
        ("bottlenecks LIKE '%a%'", "takes a list for a text", "ARRAY_CONTAINS"),
    ):
        with pytest.raises(pf.PolicyError) as refused:
            read(tmp_path, text, only=sql)
        (issue,) = refused.value.issues
        assert issue.what.startswith(what)
        assert hint in issue.hint


def test_an_unknown_word_is_quoted_as_it_stands(tmp_path: Path) -> None:
    text = "id,amount,Type,expected_outputs\nA,1,Use-inspired basic,Theory; Big Bang\nB,1,Applied,\n"
    rules = {"columns": {"research_type": "Type"}}
    kind, outputs = issues_of(tmp_path, text, **rules)
    assert "'Use-inspired basic' must be one of" in kind
    assert "'Theory; Big Bang' must be one of" in outputs
    aside = read(tmp_path, text, **rules, on_bad_rows="set_aside").set_aside["reason"]
    assert aside[0].startswith("'Use-inspired basic' must")


def test_a_derived_word_is_quoted_as_it_is_derived(tmp_path: Path) -> None:
    derive = {"research_type": "research_type || ' X'"}
    (issue,) = issues_of(tmp_path, "id,amount,research_type\nA,1,Applied\n", derive=derive)
    assert "'applied_x' must be one of" in issue


def test_an_unknown_word_in_a_list_of_json_is_quoted(tmp_path: Path) -> None:
    file = tmp_path / "p.json"
    file.write_text(json.dumps([{"id": "A", "amount": 1, "expected_outputs": ["theory", "Big Bang"]}]))
    with pytest.raises(pf.DataError, match="Big Bang"):
        pf.read_call(file)


@pytest.mark.parametrize(
    ("trait", "hint"),
    [
        ("risky", "risky = 'Ja'"),
        ("NOT risky", "risky = 'Ja'"),
        ("merit > 3 AND risky", "risky = 'Ja'"),
        ('"Very new"', "\"Very new\" = 'yes'"),
        ("note", "note = '...', with one of its words"),
        ("merit", "year = 2019"),
    ],
)
def test_a_column_of_yes_and_no_as_words_is_no_condition_and_says_what_is(tmp_path, trait, hint):
    path = tmp_path / "call.csv"
    path.write_text("id,amount,merit,risky,Very new,note\nA,1,2,nein,n/a,no\nB,1,4,Ja,yes,maybe\n")
    rules = {"budget": 2, "traits": {"high_risk": trait}}
    with pytest.raises(pf.PolicyError) as error:
        pf.optimize(pf.read_call(path), pf.Policy.model_validate(rules))
    assert hint in error.value.issues[0].hint


@pytest.mark.parametrize(
    ("cell", "derive"),
    [
        ("2020년4월3일", "STRPTIME(doctorate_date, '%Y년%m월%d일')"),
        ("3. April 2020", "STRPTIME(REPLACE(doctorate_date, 'März', 'March'), '%d. %B %Y')"),
        ("3. März 2020", "STRPTIME(REPLACE(doctorate_date, 'März', 'March'), '%d. %B %Y')"),
    ],
)
def test_a_day_in_words_or_without_blanks_comes_with_what_reads_it(tmp_path, cell, derive):
    path = tmp_path / "call.csv"
    path.write_text(f"id,amount,doctorate_date\nA,1,{cell}\n", encoding="utf-8")
    with pytest.raises(pf.DataError) as error:
        pf.read_call(path)
    assert f'doctorate_date = "{derive}"' in error.value.issues[0].hint
    call = pf.read_call(path, policy=pf.call.ReadingRules(derive={"doctorate_date": derive}))
    assert call.frame["doctorate_date"].dt.year().to_list() == [2020]


def test_nested_records_come_with_a_way_on(tmp_path):
    path = tmp_path / "call.json"
    path.write_text('{"grants": [{"id": "A", "amount": 1, "recipientOrganization": [{"name": "N"}]}]}')
    with pytest.raises(pf.DataError, match=r"recipientOrganization.* export the flat table"):
        pf.read_call(path)


@pytest.mark.parametrize(
    ("cells", "read_as"),
    [
        (("1 500 €", "250 €"), [1500.0, 250.0]),
        (("1 500 €", "250 EUR"), [1500.0, 250.0]),
        (("EUR 100", "250 Euro"), [100.0, 250.0]),
        (("$20", "30"), [20.0, 30.0]),
    ],
)
@pytest.mark.parametrize(("heading", "quoted"), [("Staff", "Staff"), ("Staff cost", '"Staff cost"')])
@pytest.mark.parametrize("kind", ["DOUBLE", "INT", "DECIMAL(10, 2)"])
def test_amounts_with_a_sign_come_with_what_makes_numbers_of_them(
    tmp_path: Path, heading: str, quoted: str, cells: tuple[str, str], read_as: list[float], kind: str
) -> None:
    text = f"id,amount,{heading}\nA,1,{cells[0]}\nB,1,{cells[1]}\nC,1,\n"
    with pytest.raises(pf.PolicyError) as refused:
        read(tmp_path, text, derive={"staff": f"CAST({quoted} AS {kind})"})
    (issue,) = refused.value.issues
    assert "makes numbers of texts" in issue.what
    assert issue.what.endswith("(rows 2, 3)" if cells[1] != "30" else "(row 2)")
    assert "f64" not in str(issue)
    call = read(tmp_path, text, derive={"staff": issue.hint.partition(" reads them")[0]})
    assert call.frame["staff"].to_list() == [*read_as, None]


def test_amounts_with_a_sign_and_marks_are_read_once_the_mark_is_said(tmp_path: Path) -> None:
    text = "id,amount,staff\nA,1,1 500 €\nB,1,12.500 €\n"
    with pytest.raises(pf.PolicyError) as refused:
        read(tmp_path, text, derive={"cost": "CAST(staff AS DOUBLE)"})
    sql, _, hint = refused.value.issues[0].hint.partition(" reads them")
    assert "set decimal_mark" in hint
    call = read(tmp_path, text, derive={"cost": sql}, decimal_mark=",")
    assert call.frame["cost"].to_list() == [1500, 12500]


@pytest.mark.parametrize(
    ("cells", "kind", "hint"),
    [
        (("ten", "12"), "DOUBLE", "TRY_CAST leaves empty"),
        # What takes both signs away would add euros and dollars.
        (("10 €", "$12"), "DOUBLE", "TRY_CAST leaves empty"),
        (("3.7", "4 x"), "INT", "TRY_CAST leaves empty"),
        (("1 500.75", "4"), "INT", "AS DOUBLE reads numbers with decimals"),
        (("yes", "no"), "BOOLEAN", "compare it: staff = 'yes'"),
    ],
)
def test_texts_that_are_no_numbers_are_refused_in_our_words(
    tmp_path: Path, cells: tuple[str, str], kind: str, hint: str
) -> None:
    text = f"id,amount,staff\nA,1,{cells[0]}\nB,1,{cells[1]}\n"
    with pytest.raises(pf.PolicyError) as refused:
        read(tmp_path, text, only=f"CAST(staff AS {kind}) IS NOT NULL")
    assert hint in refused.value.issues[0].hint
    assert "conversion" not in str(refused.value)


@pytest.mark.parametrize(("heading", "shown"), [("Asked", "[$$-409]#,##0"), ("Asked in USD", "0")])
def test_amounts_in_another_currency_come_with_what_converts_them(
    tmp_path: Path, heading: str, shown: str
) -> None:
    path = workbook(tmp_path, [["id", heading], ["A", 100]], {(1, 1): {"num_format": shown}})
    with pytest.raises(pf.DataError, match=r"in USD|in \$") as refused:
        pf.read_call(path, policy=pf.Policy(budget=1, columns={"amount": heading}))
    (issue,) = refused.value.issues
    sql = issue.hint.partition("amount = '")[2].partition("'")[0].replace("Asked in USD", heading)
    call = pf.read_call(path, policy=pf.Policy(budget=1, derive={"amount": sql}))
    assert call.frame["amount"].to_list() == [92_00]
    rules = {"amount": sql.replace("ROUND(0.92", "(0.92131").replace(", 2)", ")")}
    with pytest.raises(pf.DataError, match=r"fractions of a cent\s+.*ROUND\(..., 2\) rounds it"):
        pf.read_call(path, policy=pf.Policy(budget=1, derive=rules))


@pytest.mark.parametrize(
    "name", ["Group", "End", "Limit", "Case", "Top", "My group", 'My "own" group', "Region2"]
)
def test_a_heading_that_is_a_word_of_conditions_is_quoted_in_hints(tmp_path: Path, name: str) -> None:
    heading = '"' + name.replace('"', '""') + '"'
    text = f"id,amount,{heading}\nA,1,yes\nB,1,no\n"
    with pytest.raises(pf.PolicyError) as refused:
        read(tmp_path, text, only=heading)
    sql = refused.value.issues[0].hint.removeprefix("compare it: ")
    assert list(read(tmp_path, text, only=sql).ids) == ["A"]
