"""A value that is refused is quoted as it stands, with the way that works."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import pytest

import portfolio as pf

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


def test_cells_with_a_sign_of_percent_come_with_what_reads_them(tmp_path: Path) -> None:
    text = f"id,amount,{NAME}\nA,1,35%\nB,1,\nC,1,90 %\n"
    (issue,) = issues_of(tmp_path, text, columns={"success_probability": NAME})
    rules = tomllib.loads(issue.rpartition("[derive] of the policy: ")[2].replace("your heading", NAME))
    assert read(tmp_path, text, derive=rules).frame["success_probability"].to_list() == [0.35, None, 0.9]


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
