"""Files that could be read as something else than they say: each is read as people read it, or refused in words."""

from __future__ import annotations

from pathlib import Path

import pytest

import portfolio as pf
from portfolio.call import ReadingRules


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


def test_a_mapped_heading_that_fits_two_columns_is_refused(tmp_path: Path) -> None:
    text = "id,Grant Amount,grant_amount\nA,100,200\n"
    with pytest.raises(pf.DataError, match="is there twice: 'Grant Amount' and 'grant_amount'"):
        read(tmp_path, text, columns={"amount": "Grant amount"})
    assert read(tmp_path, text, columns={"amount": "grant_amount"})["A"].amount == 200
