"""Shares of fields with decimal commas, and fields that stand in a cell twice."""

from __future__ import annotations

from pathlib import Path

import pytest

import portfolio as pf
from portfolio.call.shares import shares_of, without_shares
from tests.hostile.test_meaning import read


@pytest.mark.parametrize(
    "cell", ["1.1: 60,5%; 2.3: 39,5%", "1.1: 60.5%; 2.3: 39.5%", "1.1: 0,605; 2.3: 0,395"]
)
def test_a_comma_in_a_share_is_a_decimal_mark(tmp_path: Path, cell: str) -> None:
    call = read(tmp_path, f'id,amount,fields\nA,1,"{cell}"\n')
    assert shares_of(call["A"].fields or ()) == pytest.approx({"1.1": 0.605, "2.3": 0.395})
    assert without_shares(call.frame["fields"]).to_list() == [["1.1", "2.3"]]


def test_shares_with_commas_contradict_each_other_like_others(tmp_path: Path) -> None:
    with pytest.raises(pf.DataError, match=r"add up to 90\.5%, not 100%"):
        read(tmp_path, 'id,amount,fields\nA,1,"1.1: 60,5%; 2.3: 30%"\n')
    call = read(tmp_path, 'id,amount,fields\nA,1,"1.1: 0,0; 2.3: 1"\n')
    assert without_shares(call.frame["fields"]).to_list() == [["2.3"]]
    with pytest.raises(pf.DataError, match="must be a field"):
        read(tmp_path, 'id,amount,fields\nA,1,"1.1: 1.000,5"\n')


@pytest.mark.parametrize("cell", ["1.1;1.1;2.3", "1.1: 60%; 1.1: 40%", "1.1: 1; 1.1: 1"])
@pytest.mark.parametrize("other", ["2.3", "2.3: 60%; 1.1: 40%"])
def test_a_field_that_stands_there_twice_is_refused(tmp_path: Path, cell: str, other: str) -> None:
    with pytest.raises(pf.DataError, match=r"row 2, column fields.*a field stands there twice"):
        read(tmp_path, f'id,amount,fields\nA,1,"{cell}"\nB,2,"{other}"\n')
