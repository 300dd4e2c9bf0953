"""Other requests: what they are spread over, and what stays."""

from __future__ import annotations

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from portfolio.call.requests import with_requests

FRAME = pl.DataFrame(
    {
        "id": ["A", "B"],
        "amount": [100, 7],
        "min_amount": [60, None],
        "amount_y1": [50, 7],
        "amount_y2": [50, None],
    }
)


def test_a_smaller_request_keeps_the_shares_of_its_years() -> None:
    made = with_requests(FRAME, {"A": 51})
    assert made.row(0) == ("A", 51, 51, 25, 26)
    # The other one stays as it is, and has no least amount as before.
    assert made.row(1) == ("B", 7, None, 7, None)


@given(st.lists(st.integers(0, 10**12), min_size=1, max_size=5), st.integers(1, 10**12))
def test_years_add_up_to_the_request(years: list[int], amount: int) -> None:
    asked = sum(years)
    columns = {f"amount_y{year}": [money] for year, money in enumerate(years, start=1)}
    made = with_requests(pl.DataFrame({"id": ["A"], "amount": [asked], **columns}), {"A": amount})
    money = [made[name][0] for name in columns]
    assert made["amount"][0] == amount
    assert sum(money) == (amount if asked else 0)
    # No year is off its share by a whole unit.
    assert all(
        abs(part * asked - year * amount) < max(1, asked) for part, year in zip(money, years, strict=True)
    )
