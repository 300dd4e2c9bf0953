"""Columns of true and false that hold other words: derived of them, under their own name."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import portfolio as pf
from tests.hostile.test_meaning import read
from tests.hostile.test_typed_meaning import workbook

NAME = "early_career"
CODED = f"id,amount,{NAME}\nA,1,○\nB,2,×\nC,3,\nD,4,n/a\n"
WORDS = "CASE early_career WHEN '○' THEN 'yes' WHEN '×' THEN 'no' ELSE early_career END"
TRUTHS = "CASE early_career WHEN '○' THEN TRUE WHEN '×' THEN FALSE END"


def derived(folder: Path, file: str, sql: str, **rules: Any) -> list[object]:
    """Return what a column is derived to be of its own words."""
    return read(folder, file, derive={NAME: sql}, **rules).frame[NAME].to_list()


@pytest.mark.parametrize(
    ("sql", "last"),
    [
        (WORDS, None),
        (TRUTHS, None),
        ("early_career = '○'", None),
        ("early_career IN ('○')", None),
        ("early_career LIKE '○%'", None),
        ("UPPER(early_career) = '○'", None),
        ("COALESCE(early_career, '') = '○'", False),
        ("IF(amount = 9, 'yes', early_career) = '○'", None),
    ],
)
def test_codes_of_true_and_false_become_truths(tmp_path: Path, sql: str, last: object) -> None:
    assert derived(tmp_path, CODED, sql) == [True, False, last, last]
    mapped = {"columns": {NAME: "Young"}}
    assert derived(tmp_path, CODED.replace(NAME, "Young"), sql, **mapped) == [True, False, last, last]


def test_codes_of_excel_become_truths(tmp_path: Path) -> None:
    path = workbook(tmp_path, [["id", "amount", NAME], ["A", 1, 2], ["B", 1, 3], ["C", 1, None]], {})
    sql = WORDS.replace("○", "2").replace("×", "3")
    call = pf.read_call(path, policy=pf.call.ReadingRules(derive={NAME: sql}))
    assert call.frame[NAME].to_list() == [True, False, None]


def test_a_policy_for_codes_reads_the_words_of_another_file(tmp_path: Path) -> None:
    assert derived(tmp_path, CODED.replace("○", "ja").replace("×", "nein"), WORDS) == [
        True,
        False,
        None,
        None,
    ]
    assert derived(tmp_path, CODED.replace("○", "").replace("×", ""), WORDS) == [None] * 4


@pytest.mark.parametrize("sql", [TRUTHS, "early_career = '○'", "early_career LIKE '○%'"])
def test_a_truth_that_we_read_is_not_turned_or_lost(tmp_path: Path, sql: str) -> None:
    file = CODED + "E,5,ja\n"
    for only in (None, NAME):
        with pytest.raises(
            pf.DataError, match="'ja' is true or false as we read it, and not the same by derive"
        ):
            derived(tmp_path, file, sql, only=only)
        call = read(tmp_path, file, derive={NAME: sql}, only=only, on_bad_rows="set_aside")
        assert call.set_aside["id"].to_list() == ["E"]


def test_a_code_that_the_policy_does_not_name_is_refused(tmp_path: Path) -> None:
    with pytest.raises(pf.DataError, match=r"'◎' must be true or false\n .*computed by derive"):
        derived(tmp_path, CODED + "E,5,◎\n", WORDS)


def test_truths_are_used_as_they_are_read_elsewhere(tmp_path: Path) -> None:
    file = CODED.replace("○", "ja").replace("×", "nein")
    for sql in (
        f"CASE WHEN {NAME} THEN 'young' ELSE 'old' END",
        f"CAST({NAME} AS VARCHAR)",
        f"CONCAT({NAME}, '')",
    ):
        assert read(tmp_path, file, derive={"x": sql}).frame["x"].to_list()[0] in ("young", True)
    for rules in ({"only": f"{NAME} = 'ja'"}, {"derive": {"x": f"{NAME} = 'ja'"}}):
        with pytest.raises(
            pf.PolicyError, match=r"compares a text with a truth\n .*in \[derive\], under its own name"
        ):
            read(tmp_path, file, **rules)
    # Without a derived column, the cells are what is wrong.
    with pytest.raises(pf.PolicyError, match="'○', '×' must be true or false"):
        read(tmp_path, CODED, only=f"{NAME} = '○'")
