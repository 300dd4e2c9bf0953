"""Numbers in words: what is proven is never said better than it is."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

import portfolio as pf
from portfolio.optimize import Stop
from portfolio.optimize.figures import at_least, at_most
from portfolio.optimize.prices import Price
from portfolio.optimize.words import gap_in_words, price_in_words

# What is a round number but for the last bits stays one.
_BITS = 1e-9
POLICY = pf.Policy(budget=1)


def number(text: str) -> float:
    return float(text.replace(",", ""))


@given(st.floats(1e-6, 1e12) | st.floats(-1e12, -1e-6), st.integers(2, 8))
def test_a_bound_is_not_rounded_to_the_better(value: float, digits: int) -> None:
    assert number(at_most(value, digits)) >= value - _BITS * max(1.0, abs(value))
    assert number(at_least(value, digits)) <= value + _BITS * max(1.0, abs(value))


def test_round_numbers_stay() -> None:
    assert (at_most(0.1 + 0.2), at_least(0.3), at_most(12_345.0), at_least(12_345.0)) == (
        "0.3",
        "0.3",
        "12,345",
        "12,345",
    )
    assert (at_most(12_345.2), at_least(12_345.8), at_least(-12_345.2)) == ("12,346", "12,345", "-12,346")


@dataclass(frozen=True)
class Decided:
    """As much of a decision as its gap is said from."""

    value: float
    bound: float
    status: Stop
    rounds: tuple[()] = ()
    goals: tuple[()] = ()
    policy: pf.Policy = POLICY

    @property
    def gap(self) -> float:
        return (self.bound - self.value) / self.value


@pytest.mark.parametrize("status", [Stop.GAP, Stop.TIME_LIMIT])
def test_the_gap_in_words_is_never_smaller_than_the_gap(status: Stop) -> None:
    # To the nearest two digits, these would be 1%, and a bound of 101.04.
    words = gap_in_words(Decided(100.0, 101.0400004, status))
    assert "more than 101.041, at most 1.1% above this one's 100." in words


def test_a_range_of_prices_holds_the_price() -> None:
    assert price_in_words(Price(found=1.0, low=0.99996, high=1.00004)) == "0.9999 to 1.001"
    assert price_in_words(Price(found=None, low=0.99996, high=None)) == "0.9999 or more"
