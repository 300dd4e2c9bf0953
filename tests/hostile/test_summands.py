"""What a derived amount is made of is in the currency and units of the call, or multiplied by a rate on purpose."""

from __future__ import annotations

from pathlib import Path

import pytest

import portfolio as pf
from portfolio.call import ReadingRules
from tests.hostile.test_meaning import read
from tests.hostile.test_typed_meaning import workbook

COSTS = [
    ["id", "Staff", "Material", "Overhead"],
    ["A", 100_000, 50_000, 0.2],
    ["B", 250, 20, 0.2],
    ["C", 90_000, 10_000, 0.2],
]
DOLLARS, THOUSANDS = {"num_format": "[$$-409]#,##0"}, {"num_format": '0" TEUR"'}
PERCENTS = {(row, 3): {"num_format": "0%"} for row in (1, 2, 3)}


def amounts(folder: Path, formats: dict[tuple[int, int], dict[str, object]], **derive: str) -> list[float]:
    path = workbook(folder, COSTS, formats)
    call = pf.read_call(path, policy=ReadingRules(derive=derive))
    return [float(one.amount) for one in call]


@pytest.mark.parametrize(
    "derive",
    [
        {"amount": "Staff + Material"},
        {"amount": "1 * Staff + 1.0 * Material"},
        {"amount": "(Staff + Material) * (1 + Overhead)"},
        {"amount": "COALESCE(Staff, 0)"},
        {"amount": "IF(Staff > 0, Staff, Material)"},
        {"total": "Staff + Material", "amount": "total"},
        {"amount": "0.92 * Staff + Staff"},
        {"amount": "Material", "cofunding": "Staff"},
        # Of cells that are shown in two ways a rate is that of some.
        {"amount": "0.92 * Staff"},
        {"amount": "IF(id = 'A', 0.92, 1) * Staff"},
    ],
)
@pytest.mark.parametrize(
    ("look", "what"),
    [(DOLLARS, r"is shown in \$, not in EUR"), (THOUSANDS, "is shown with 'TEUR' beside it")],
)
def test_what_becomes_an_amount_is_shown_as_one(
    tmp_path: Path, derive: dict[str, str], look: dict[str, object], what: str
) -> None:
    with pytest.raises(pf.DataError, match=rf"row 4, column Staff, proposal B: '250' {what}") as error:
        amounts(tmp_path, {**PERCENTS, (2, 1): look}, **derive)
    (issue,) = error.value.issues
    assert "ROUND(0.92 * Staff, 2)" in issue.hint
    assert "format the column as plain numbers in EUR" in issue.hint


def test_rows_that_are_kept_are_told_and_others_may_be_left_out(tmp_path: Path) -> None:
    rules = ReadingRules(derive={"amount": "Staff + Material"}, only="Overhead > 0.1 AND id <> 'B'")
    path = workbook(tmp_path, COSTS, {(2, 1): DOLLARS})
    assert list(pf.read_call(path, policy=rules).ids) == ["A", "C"]
    aside = ReadingRules(derive={"amount": "Staff + Material"}, on_bad_rows="set_aside")
    assert list(pf.read_call(path, policy=aside).ids) == ["A", "C"]


def test_a_blank_row_moves_no_cell(tmp_path: Path) -> None:
    rows = [*COSTS[:2], [None] * 4, *COSTS[2:]]
    path = workbook(tmp_path, rows, {(3, 1): DOLLARS})
    with pytest.raises(pf.DataError, match="row 5, column Staff, proposal B: '250' is shown"):
        pf.read_call(path, policy=ReadingRules(derive={"amount": "Staff + Material"}))


def test_a_column_that_is_shown_alike_is_converted_by_a_rate(tmp_path: Path) -> None:
    dollars = {(row, 1): DOLLARS for row in (1, 2, 3)}
    assert amounts(tmp_path, dollars, amount="0.5 * Staff + Material") == [100_000, 145, 55_000]
    assert amounts(tmp_path, dollars, amount="Staff / 2") == [50_000, 125, 45_000]
    assert amounts(tmp_path, dollars, rate="Overhead + 0", amount="Staff * rate") == [20_000, 50, 18_000]
    assert amounts(tmp_path, dollars, both="Staff + Material", amount="0.5 * both") == [75_000, 135, 50_000]
    assert amounts(tmp_path, {}, amount="Staff + Material") == [150_000, 270, 100_000]
    euros = {(2, 1): {"num_format": '#,##0 "EUR"'}, **PERCENTS}
    assert amounts(tmp_path, euros, amount="Staff * (1 + Overhead)") == [120_000, 300, 108_000]
    with pytest.raises(pf.DataError, match=r"is shown in \$"):
        amounts(tmp_path, dollars, amount="Staff * (1 + Overhead)")


def test_what_is_struck_through_becomes_no_amount(tmp_path: Path) -> None:
    with pytest.raises(pf.DataError, match="'250' is struck through"):
        amounts(tmp_path, {(2, 1): {"font_strikeout": True}}, amount="0.92 * Staff")


def test_what_becomes_no_amount_may_be_shown_in_any_way(tmp_path: Path) -> None:
    path = workbook(tmp_path, [[*row, i] for i, row in enumerate(COSTS)], {(2, 1): DOLLARS})
    rules = ReadingRules(
        columns={"amount": "Material"}, derive={"ratio": "Staff / Overhead", "large": "Staff > 9"}
    )
    assert len(pf.read_call(path, policy=rules)) == 3


TWO = 'id,"Staff USD","Material USD",n\nA,100,50,2\n'


@pytest.mark.parametrize(
    "sql",
    [
        '"Staff USD" + "Material USD"',
        '1 * ("Staff USD" + "Material USD")',
        '"Staff USD" * (1 + n)',
        'GREATEST("Staff USD", "Material USD")',
        'CAST("Staff USD" AS DOUBLE)',
    ],
)
def test_a_heading_of_another_currency_becomes_no_amount(tmp_path: Path, sql: str) -> None:
    with pytest.raises(pf.DataError, match="is read from 'Staff USD', which is not in EUR") as error:
        read(tmp_path, TWO, derive={"amount": sql})
    assert 'ROUND(0.92 * "Staff USD", 2)' in str(error.value)
    assert len(read(tmp_path, TWO, currency="USD", derive={"amount": sql})) == 1


@pytest.mark.parametrize(
    "sql",
    [
        '0.92 * "Staff USD" + 0.92 * "Material USD"',
        '0.92 * ("Staff USD" + "Material USD")',
        '("Staff USD" + "Material USD") * 0.92',
        '1000 * CAST("Staff USD" AS DOUBLE)',
        '"Staff USD" / 1.25',
        '"Staff USD" * n',
        '"Staff USD" * CASE WHEN n = 2 THEN 0.92 ELSE 1 END',
        'IF("Staff USD" > 10, 20, 10)',
    ],
)
def test_a_rate_makes_an_amount_of_another_currency(tmp_path: Path, sql: str) -> None:
    assert len(read(tmp_path, TWO, derive={"amount": sql})) == 1


def test_a_heading_of_thousands_becomes_an_amount_by_a_factor(tmp_path: Path) -> None:
    text = 'id,"Amount (TEUR)"\nA,100\n'
    with pytest.raises(
        pf.DataError, match=r"is read from 'Amount \(TEUR\)', which is in hundreds, thousands or more"
    ):
        read(tmp_path, text, derive={"amount": '"Amount (TEUR)"'})
    assert read(tmp_path, text, derive={"amount": '1000 * "Amount (TEUR)"'})["A"].amount == 100_000
