"""Numbers that a policy makes of texts follow the decimal mark of the file, or are refused until it is known."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import portfolio as pf
from tests.hostile.test_meaning import read
from tests.hostile.test_typed_meaning import records

FILE = "id;amount;merit;x\nA;{};5;{}\nB;2000;4;{}\nC;3000;4;{}\n"


def kept(folder: Path, sql: str, *cells: str, amount: str = "1000", mark: str = "auto") -> list[str]:
    """Return which rows a condition holds for, in `only` and in `eligible` alike."""
    text = FILE.format(amount, *cells)
    call = read(folder, text, decimal_mark=mark)
    policy = pf.Policy.model_validate({"budget": 99_999, "eligible": sql})
    found = sorted(pf.optimize(call, policy).ids)
    assert found == list(read(folder, text, decimal_mark=mark, only=sql).ids)
    return found


CASTS = ["TRY_CAST({} AS DOUBLE)", "TRY_CAST({} AS DECIMAL(12, 2))", "TRY_CAST({} AS INT)"]


@pytest.mark.parametrize("cast", CASTS)
@pytest.mark.parametrize(("amount", "mark"), [("1.500,50", "auto"), ("1000", ",")])
def test_numbers_of_texts_follow_the_mark_of_the_file(
    tmp_path: Path, cast: str, amount: str, mark: str
) -> None:
    told = {"amount": amount, "mark": mark}
    for text, cells in (
        ("x", ("12.500", "800", "on request")),
        ("REPLACE(x, 'EUR ', '')", ("EUR 12.500", "EUR 800", "EUR tbd")),
        ("SUBSTR(x, 4)", ("EUR 12.500", "EUR 800", "EUR 99")),
        ("SPLIT_PART(x, ' ', 2)", ("EUR 12.500", "EUR 800", "EUR 1.2.3")),
        ("x", ("+12.500", "800", "on request")),
        ("x", ("12 500", "800", "on request")),
        ("x", ("1.250.000", "800", "1.2.3")),
    ):
        assert kept(tmp_path, f"{cast.format(text)} >= 1000", *cells, **told) == ["A"]
    if "INT" not in cast:
        assert kept(tmp_path, f"{cast.format('x')} = 12.75", "12,75", "800", "tbd", **told) == ["A"]
        assert kept(tmp_path, f"{cast.format('x')} = 12.5", "12.5", "800", "tbd", **told) == ["A"]


@pytest.mark.parametrize(("amount", "mark"), [("1500.50", "auto"), ("1000", "."), ("1,500.50", "auto")])
def test_points_are_decimal_marks_where_the_file_tells(tmp_path: Path, amount: str, mark: str) -> None:
    told = {"amount": amount, "mark": mark}
    assert kept(tmp_path, "TRY_CAST(x AS DOUBLE) = 12.5", "12.500", "800", "tbd", **told) == ["A"]
    assert kept(tmp_path, "TRY_CAST(x AS DOUBLE) >= 1000", "12,500", "800", "tbd", **told) == ["A"]


@pytest.mark.parametrize("cast", CASTS)
@pytest.mark.parametrize(
    ("cells", "told", "what"),
    [
        (("12.500", "800", "on request"), {}, "set decimal_mark"),
        (("12,500", "800", "on request"), {}, "set decimal_mark"),
        (("12,75", "800", "on request"), {}, "set decimal_mark"),
        (("1.250.000", "800", "on request"), {}, "set decimal_mark"),
        (("12,75", "800", "on request"), {"mark": "."}, r"decimal mark '\.'"),
        (("1,250.50", "800", "on request"), {"mark": ","}, "decimal mark ','"),
        (("12.500", "12.5", "on request"), {"amount": "1.500,50"}, "decimal mark ','"),
    ],
)
def test_numbers_that_could_be_two_are_refused(
    tmp_path: Path, cast: str, cells: tuple[str, ...], told: dict[str, str], what: str
) -> None:
    for text, beside in (("x", ""), ("REPLACE(x, 'EUR ', '')", "EUR ")):
        with pytest.raises(pf.PolicyError, match=what):
            kept(tmp_path, f"{cast.format(text)} >= 1000", *(beside + cell for cell in cells), **told)


@pytest.mark.parametrize("mark", ["auto", ","])
def test_points_that_the_policy_writes_are_decimal_marks(tmp_path: Path, mark: str) -> None:
    german = "TRY_CAST(REPLACE(REPLACE(x, '.', ''), ',', '.') AS DOUBLE) = 12.75"
    assert kept(tmp_path, german, "12,750", "1.200,5", "tbd", amount="1.500,50", mark=mark) == ["A"]
    parts = "CAST(SPLIT_PART(x, '/', 1) || '.' || SPLIT_PART(x, '/', 2) AS DOUBLE) = 12.75"
    assert kept(tmp_path, parts, "12/750", "800/0", "1/5", amount="1.500,50", mark=mark) == ["A"]
    number = "CAST(REPLACE(CAST(merit / 1000 AS TEXT), ' ', '') AS DOUBLE) = 1.255"
    text = "id;amount;merit\nA;1.500,50;1255\nB;2000;4\n"
    assert list(read(tmp_path, text, decimal_mark=mark, only=number).ids) == ["A"]


@pytest.mark.parametrize("mark", ["auto", ".", ","])
def test_numbers_that_a_program_has_spelled_keep_their_value(tmp_path: Path, mark: str) -> None:
    cells: list[dict[str, Any]] = [
        {"id": "A", "amount": "1500", "x": 12.505},
        {"id": "B", "amount": "2000.5" if mark == "." else "2000,5", "x": 800},
        {"id": "C", "amount": "7", "x": "tbd"},
    ]
    policy = pf.Policy(budget=9000, decimal_mark=mark, only="TRY_CAST(x AS DOUBLE) < 800")
    assert list(pf.read_call(records(tmp_path, *cells), policy=policy).ids) == ["A"]


@pytest.mark.parametrize("cost", ["12.500", "12.500\nC;1.5\nD;1,5"])
def test_a_derived_amount_that_could_be_two_is_told_by_its_row(tmp_path: Path, cost: str) -> None:
    text = f"id;cost\nA;see annex\n;\nB;{cost}\n"
    amount = {"amount": "REPLACE(cost, 'see annex', '100')"}
    with pytest.raises(pf.DataError) as error:
        read(tmp_path, text, derive=amount)
    (issue,) = error.value.issues
    assert (issue.column, issue.rows) == ("amount", (4,) if cost == "12.500" else (5,))
    assert cost == "12.500" or "row 6" in issue.what
    assert "decimal_mark" in issue.hint


def test_a_percentage_in_a_column_of_numbers_comes_with_a_hint(tmp_path: Path) -> None:
    with pytest.raises(pf.DataError, match=r"'85%' must be a number\n .*85% is 0\.85"):
        read(tmp_path, "id,amount,success_probability\nA,1,85%\n")
