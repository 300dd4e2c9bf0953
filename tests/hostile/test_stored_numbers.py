"""Numbers that a file stores otherwise than people mean them: beside a formula, or in 32 bits."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
import xlsxwriter

import portfolio as pf
from portfolio.call import ReadingRules
from tests.hostile.test_typed_meaning import repacked


def computed(folder: Path, *values: float) -> Path:
    """Write amounts as formulas, with what the program that writes them says of their values."""
    path = folder / "call.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["id", "amount", "cofunding"])
        for row, value in enumerate(values, 1):
            sheet.write(row, 0, f"P{row}")
            sheet.write_formula(row, 1, f"=C{row + 1}+100", None, value)
            sheet.write(row, 2, 0)
    return path


def test_a_formula_that_a_library_wrote_without_a_value_is_refused(tmp_path: Path) -> None:
    with pytest.raises(pf.DataError, match=r"rows 2, 4, column B: holds a formula that was never computed"):
        pf.read_call(computed(tmp_path, 0, 100, 0.0))
    assert pf.read_call(computed(tmp_path, 100, 100)).frame["amount"].to_list() == [10000, 10000]
    # A program that computes says nothing of the next time, and a 0 is what it has found.
    saved = repacked(
        computed(tmp_path, 0, 100), "workbook.xml", lambda xml: xml.replace(b' fullCalcOnLoad="1"', b"")
    )
    assert pf.read_call(saved).frame["amount"].to_list() == [0, 10000]


def test_numbers_of_32_bits_are_what_they_stand_for(tmp_path: Path) -> None:
    short = pl.Series([4.1, 0.1, None, float("nan")], dtype=pl.Float32)
    columns = {"merit": short, "own": short, "field": pl.Series([1.1, 1.2, 2.0, None], dtype=pl.Float32)}
    frame = pl.DataFrame(
        {"id": list("ABCD"), "amount": pl.Series([0.1, 2500.5, 7, 8], dtype=pl.Float32), **columns}
    )
    frame.write_parquet(tmp_path / "call.parquet")
    call = pf.read_call(tmp_path / "call.parquet", policy=ReadingRules(only="merit >= 4.1 OR amount > 1"))
    assert call.frame["merit"].to_list() == [4.1, 0.1, None, None]
    assert call.frame["own"].to_list() == [4.1, 0.1, None, None]
    assert call.frame["field"].to_list() == ["1.1", "1.2", "2", None]
    assert call.frame["amount"].to_list() == [10, 250050, 700, 800]


@pytest.mark.parametrize(
    ("currency", "number", "amount"),
    [
        ("EUR", 123456789.0, 12345679200),
        ("EUR", 123456792.0, 12345679200),
        ("EUR", 131071.98, 13107198),
        ("EUR", 131071.99, 13107199),
        ("EUR", 1234567.875, None),
        ("EUR", 200000.09, None),
        ("EUR", 200000.10, None),
        ("EUR", 200000.25, 20000025),
        ("EUR", 1234567.5, 123456750),
        ("KWD", 16000.123, 16000123),
        ("KWD", 20000.119, None),
        ("JPY", 16777217.0, 16777216),
    ],
)
def test_numbers_of_32_bits_are_never_another_number(
    currency: str, number: float, amount: int | None
) -> None:
    column = pl.Series([number], dtype=pl.Float32)
    frame = pl.DataFrame({"id": ["A"], "amount": column})
    if amount is None:
        with pytest.raises(pf.DataError, match=r"fractions of a cent|more than 3 decimals"):
            pf.Call.from_frame(frame, rules=ReadingRules(currency=currency))
        return
    call = pf.Call.from_frame(frame, rules=ReadingRules(currency=currency))
    assert call.frame["amount"].to_list() == [amount]


def test_ids_and_columns_of_32_bits_are_the_numbers_that_stand_there() -> None:
    column = pl.Series([123456789.0, 123456800.0], dtype=pl.Float32)
    call = pf.Call.from_frame(pl.DataFrame({"id": column, "amount": [1, 2], "own": column}))
    assert call.ids.to_list() == ["123456792", "123456800"]
    assert call.frame["own"].to_list() == [123456792, 123456800]
