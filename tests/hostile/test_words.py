"""Words of our vocabulary are the same however they are spelled; derived columns see them, and days, as written."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
import pytest

import portfolio as pf
from portfolio.call import ReadingRules
from portfolio.call.vocabulary import SCORED
from portfolio.policy.conditions import evaluate
from portfolio.scoring.labels import paradigm_label, quadrant

CODED = "id,amount,gender\nA,1,F\nB,2,M\nC,3,\n"
SPELLED = "id,amount,gender,expected_outputs\nA,1,Woman,Market share;patent\nB,2,Man,\nC,3,man,n/a\n"
CHOSEN = """id,amount,gender,research_type,expected_outputs
A,1,F,Pure basic,Market share;patent
B,2,M,Applied,
C,3,,,
"""
SLASHED = "id,amount,doctorate_date\nA,1,03/04/2020\nB,2,\nC,3,25/12/2019\n"
DAYS = [date(2020, 4, 3), None, date(2019, 12, 25)]


def read(folder: Path, content: str, **rules: object) -> pf.Call:
    """Read a file with this content."""
    path = folder / "call.csv"
    path.write_text(content, encoding="utf-8")
    return pf.read_call(path, policy=ReadingRules(**rules))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("file", "rules", "ids"),
    [
        (SPELLED, {"only": "gender <> 'Man'"}, ["A"]),
        (CODED, {"only": "gender = 'woman'"}, ["A"]),
        (CODED, {"only": "gender IN ('m', 'other')"}, ["B"]),
        (SPELLED, {"only": "gender <> 'man'"}, ["A"]),
        (SPELLED, {"only": "ARRAY_CONTAINS(expected_outputs, 'Market share')"}, ["A"]),
        (SPELLED, {"only": "he", "derive": {"he": "gender = 'man'"}}, ["B", "C"]),
        (SPELLED, {"only": "x = 'Woman'", "derive": {"x": "gender"}}, ["A"]),
    ],
)
def test_a_word_is_the_same_however_it_is_spelled(
    tmp_path: Path, file: str, rules: dict[str, object], ids: list[str]
) -> None:
    assert list(read(tmp_path, file, **rules).ids) == ids


@pytest.mark.parametrize("word", ["Man", "man"])
def test_the_conditions_of_a_policy_are_about_words_too(tmp_path: Path, word: str) -> None:
    path = ("eligible",)
    masks, faults = evaluate(read(tmp_path, SPELLED).table(), {path: f"gender <> '{word}'"})
    assert not faults
    assert masks[path].tolist() == [True, False, False]


@pytest.mark.parametrize(
    ("condition", "ids"),
    [
        ("COALESCE(gender, '') = 'F'", "A"),
        ("COALESCE(gender, '') <> 'm'", "AC"),
        ("IFNULL(gender, 'not told') = 'not told'", "C"),
        ("COALESCE(gender, '') = ''", "C"),
        ("CASE WHEN TRUE THEN gender END = 'Man'", "B"),
        ("IF(amount > 1, gender, 'F') = 'M'", "B"),
        # Only M is left, and is a man all the same.
        ("CASE WHEN amount = 2 THEN gender END IN ('M', 'other')", "B"),
        ("NULLIF(gender, 'F') = 'male'", "B"),
        ("UPPER(gender) = 'F' OR LOWER(gender) = 'Man'", "AB"),
        ("CAST(gender AS TEXT) = TRIM(gender)", "AB"),
        ("gender = 'M' OR gender = 'K'", "AB"),
        ("COALESCE(research_type, '') <> 'Pure basic'", "BC"),
        ("COALESCE(research_type, gender) = 'Pure basic'", "A"),
        ("ARRAY_GET(expected_outputs, 1) = 'Market share'", "A"),
        ("ARRAY_CONTAINS(ARRAY_REVERSE(expected_outputs), 'Market share')", "A"),
    ],
)
def test_a_word_stays_one_when_an_expression_chooses_it(tmp_path: Path, condition: str, ids: str) -> None:
    assert "".join(read(tmp_path, CHOSEN, only=condition).ids) == ids
    key = ("eligible",)
    masks, faults = evaluate(read(tmp_path, CHOSEN).table(), {key: condition})
    assert not faults
    assert "".join(letter for letter, true in zip("ABC", masks[key], strict=True) if true) == ids


@pytest.mark.parametrize(
    "part", ["gender", "COALESCE(gender, '')", "UPPER(gender)", "IF(TRUE, gender, NULL)"]
)
def test_a_word_that_a_column_cannot_hold_is_refused_wherever_it_comes_from(
    tmp_path: Path, part: str
) -> None:
    with pytest.raises(pf.PolicyError, match="looks for 'Q' among the words of 'gender'"):
        read(tmp_path, CODED, only=f"{part} = 'Q'")


def test_codes_of_a_file_become_words(tmp_path: Path) -> None:
    sql = "CASE gender WHEN 'F' THEN 'woman' WHEN 'M' THEN 'man' END"
    call = read(tmp_path, CODED, derive={"gender": sql}, only="gender = 'woman' OR amount = 3")
    assert call.frame["gender"].to_list() == ["woman", None]
    with pytest.raises(pf.DataError, match="must be one of woman, man or other"):
        read(tmp_path, CODED.replace("F", "X"), derive={"of": sql})
    assert list(read(tmp_path, SPELLED, derive={"gender": sql}, only="gender = 'M'").ids) == ["B", "C"]


@pytest.mark.parametrize(
    ("heading", "used"),
    [("doctorate_date", "doctorate_date"), ("Promotion", "doctorate_date"), ("Promotion", "Promotion")],
)
def test_days_that_could_be_two_are_read_as_the_policy_says(tmp_path: Path, heading: str, used: str) -> None:
    file = SLASHED.replace("doctorate_date", heading)
    mapped = {"columns": {"doctorate_date": heading}}
    with pytest.raises(
        pf.DataError, match=r"in \[derive\] of the policy(.|\n)*STRPTIME\(doctorate_date, '%d/%m/%Y'\)"
    ):
        read(tmp_path, file, **mapped)
    derived = {"doctorate_date": f"STRPTIME({used}, '%d/%m/%Y')"}
    assert read(tmp_path, file, derive=derived, **mapped).frame["doctorate_date"].to_list() == DAYS
    assert list(read(tmp_path, file, derive=derived, only="YEAR(doctorate_date) = 2019", **mapped).ids) == [
        "C"
    ]


def test_days_that_are_read_elsewhere_are_still_told(tmp_path: Path) -> None:
    year = {"year": "YEAR(STRPTIME(doctorate_date, '%d/%m/%Y'))"}
    with pytest.raises(pf.DataError, match="'03/04/2020', '25/12/2019' must be a date"):
        read(tmp_path, SLASHED, derive=year)
    twice = {
        "doctorate_date": "STRPTIME(doctorate_date, '%d/%m/%Y')",
        "birth_date": "STRPTIME(doctorate_date, '%d')",
    }
    with pytest.raises(pf.DataError, match=r"birth_date.*must be before doctorate_date"):
        read(tmp_path, SLASHED, derive=twice)


def test_texts_are_not_added_to_an_amount(tmp_path: Path) -> None:
    file = "id;staff;material;status\nA;100;50;full\nB;200;60;full\nC;see annex;tbd;draft\n"
    for more in ({}, {"on_bad_rows": "set_aside"}):
        with pytest.raises(pf.PolicyError, match="computes with a text"):
            read(tmp_path, file, only="status = 'full'", derive={"amount": "staff + material"}, **more)
    number = "TRY_CAST({} AS DOUBLE)".format
    amount = {"amount": f"{number('staff')} + {number('material')}"}
    assert read(tmp_path, file, only="status = 'full'", derive=amount).requested == 41_000


SCORED_WORDS = (
    "id,amount,merit,research_type,driver,quadrant\nA,1,5,basic,curiosity,BOHR\nB,1,4,pure_basic,curiosity,Bohr\n"
    "C,1,3,applied,application_purpose,I\nD,1,2,oriented_basic,application_purpose,ii\n"
)


@pytest.mark.parametrize(
    ("sql", "ids"),
    [
        ("paradigm <> 'Basic'", ["C", "D"]),
        ("paradigm IN ('BASIC', 'Applied')", ["A", "B", "C"]),
        ("COALESCE(paradigm, '') = 'Basic'", ["A", "B"]),
        ("scored_quadrant = 'Pasteur'", ["D"]),
        ("file_quadrant = 'Bohr'", ["B"]),
        ("file_quadrant = 'bohr'", []),
    ],
)
def test_words_of_scores_are_words(tmp_path: Path, sql: str, ids: list[str]) -> None:
    call = read(tmp_path, SCORED_WORDS)
    policy = pf.Policy.model_validate({"budget": 9, "eligible": sql})
    assert sorted(pf.optimize(call, policy).ids) == ids
    assert list(read(tmp_path, SCORED_WORDS, only="quadrant = 'BOHR'").ids) == ["A"]
    policy = pf.Policy.model_validate({"budget": 9, "traits": {"odd": "paradigm = 'basics'"}})
    with pytest.raises(
        pf.PolicyError, match=r"'basics' among the words of 'paradigm'\n .*applied, mixed or basic"
    ):
        pf.optimize(call, policy)


def test_the_words_of_scores_are_those_that_are_given() -> None:
    kinds = {"research_type": ["applied", "pure_basic", "oriented_basic", None]}
    drivers = {"driver": ["application_purpose", "curiosity", "scientific_goal", None]}
    outputs = {"expected_outputs": [["product"], ["theory"], ["theory", "product"], ["method"]]}
    given = {"paradigm": paradigm_label(np.array([0.1, 0.5, 0.9]), 0.3, 0.7)}
    given |= {"quadrant": quadrant(pl.DataFrame(kinds | drivers | outputs))}
    for name, words in SCORED.items():
        assert set(given[name].drop_nulls()) == set(words)
