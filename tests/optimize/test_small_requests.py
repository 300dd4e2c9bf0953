"""Requests that look as if they were in thousands are mentioned, whatever the heading says."""

from __future__ import annotations

from pathlib import Path

import pytest
from small import policy

import portfolio as pf
from portfolio.call import ReadingRules


def read(folder: Path, amounts: list[str], heading: str = "amount", currency: str = "EUR") -> pf.Call:
    path = folder / "call.csv"
    rows = "".join(f'{i},"{amount}",3\n' for i, amount in enumerate(amounts))
    path.write_text(f"id,{heading},merit\n{rows}", encoding="utf-8")
    rules = ReadingRules(currency=currency, columns={"amount": heading} if heading != "amount" else {})
    return pf.read_call(path, policy=rules)


@pytest.mark.parametrize(
    ("amounts", "currency", "middle"),
    [
        (["250", "300"], "EUR", "EUR 250.00"),
        (["45.5", "12.25", "30"], "EUR", "EUR 30.00"),
        (["0", "0", "0", "999.99"], "EUR", "EUR 999.99"),
        (["900", "900", "5000000"], "JPY", "JPY 900"),
        (["900", "1000", "1000"], "EUR", ""),
        (["20", "150000", "200000"], "EUR", ""),
        (["0", "0"], "EUR", ""),
    ],
)
def test_small_requests_are_mentioned(tmp_path: Path, amounts: list[str], currency: str, middle: str) -> None:
    call = read(tmp_path, amounts, currency=currency)
    found = [
        one for one in pf.Problem(call, policy(1, currency=currency)).check() if "request is" in one.fact
    ]
    assert [one.fact for one in found] == ([f"the middle request is {middle}"] if middle else [])
    assert not any(one.fatal for one in found)


def test_the_heading_of_small_requests_is_named(tmp_path: Path) -> None:
    call = read(tmp_path, ["250", "300"], "Ask (kiloeuronen)")
    rules = policy(500, columns={"amount": "Ask (kiloeuronen)"})
    (finding,) = [one for one in pf.Problem(call, rules).check() if "request is" in one.fact]
    assert finding.fact == "the middle request is EUR 250.00, read from 'Ask (kiloeuronen)'"
    assert "in thousands" in finding.cause
    assert "[derive]" in finding.way


def test_what_the_way_forward_says_makes_single_units(tmp_path: Path) -> None:
    path = tmp_path / "call.csv"
    path.write_text("id,amount_in_1000_eur\nA,250\nB,0.29\n", encoding="utf-8")
    with pytest.raises(pf.DataError, match="which is in hundreds, thousands or more"):
        pf.read_call(path, policy=ReadingRules(columns={"amount": "amount_in_1000_eur"}))
    rules = ReadingRules(derive={"amount": '1000 * CAST("amount_in_1000_eur" AS DOUBLE)'})
    assert pf.read_call(path, policy=rules).frame["amount"].to_list() == [25_000_000, 29_000]
