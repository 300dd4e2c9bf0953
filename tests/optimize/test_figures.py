"""Numbers in words: what is proven is never said better than it is."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from small import call

import portfolio as pf
from portfolio.optimize import Stop
from portfolio.optimize.figures import at_least, at_most, chance, counted, figure, percent, written_off
from portfolio.optimize.prices import Price
from portfolio.optimize.reports import ChanceReport, OverspendingReport
from portfolio.optimize.words import gap_as_percent, gap_in_words, price_in_words, rules_in_words
from portfolio.report import explanation_in_words

# What is a round number but for the last bits stays one.
_BITS = 1e-9
POLICY = pf.Policy(budget=1)


def number(text: str) -> float:
    return float(text.replace(",", ""))


@given(st.floats(1e-6, 1e12) | st.floats(-1e12, -1e-6), st.integers(2, 8))
def test_a_bound_is_not_rounded_to_the_better(value: float, digits: int) -> None:
    assert number(at_most(value, digits)) >= value - _BITS * max(1.0, abs(value))
    assert number(at_least(value, digits)) <= value + _BITS * max(1.0, abs(value))


@given(st.floats(-1e9, 1e9) | st.floats(-2, 2), st.integers(2, 8))
def test_a_figure_is_off_by_no_more_than_its_writing_loses(value: float, digits: int) -> None:
    read = number(figure(value, digits))
    assert abs(value - read) <= written_off(read, digits) + 1e-15 * abs(value)


def test_what_the_writing_of_a_figure_loses() -> None:
    off = [written_off(value) for value in (0.0, 0.25, -9_999.99, -12_500.0)]
    assert off == pytest.approx([5e-10, 5e-7, 5e-3, 0.5], rel=2e-3)


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
    pool: None = None
    gave_way: tuple[()] = ()
    chances: tuple[ChanceReport, ...] = ()
    overspending: tuple[OverspendingReport, ...] = ()
    pool: None = None
    currency: str = "EUR"

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


def test_chances_are_rounded_to_the_worse_side_and_what_is_allowed_is_as_it_was_given() -> None:
    money = {"available": Decimal(1), "promised": Decimal(2), "draws": 1_000}
    said = rules_in_words(
        Decided(
            1.0,
            1.0,
            Stop.OPTIMAL,
            chances=(ChanceReport("bottleneck", "x", 0.9996),),
            overspending=(
                OverspendingReport(1, allowed=0.4999, normal=0.49985, simulated=0.12341, **money),
                OverspendingReport(2, allowed=0.1, normal=0.09991, simulated=1e-12, **money),
            ),
        )
    )
    assert "a chance of 99.9%." in said[0]
    assert "is 49.99% by the normal approximation (at most 49.99% is allowed), 12.4% in" in said[1]
    assert "is 10% by the normal approximation (at most 10% is allowed), 0.0001% in" in said[2]


@pytest.mark.parametrize(
    ("merits", "words"),
    [((50_000, 50_005), "50005 instead of 50000"), ((1.5, 4), "4 instead of 1.5"), ((4.5, 4.5), "4.5")],
)
def test_the_merit_that_is_needed_has_the_digits_that_tell_it_from_its_own(
    merits: tuple[float, float], words: str
) -> None:
    # There is money for one of two, so that the first needs more than the merit of the second.
    portfolio = pf.optimize(call(amount=[10, 10], merit=merits), pf.Policy(budget=10))
    answers = pf.inclusion(portfolio, ["A"])
    (row,) = portfolio.to_frame().filter(id="A").iter_rows(named=True)
    lines = explanation_in_words(row, answers[0], pf.needed(portfolio, answers)[0])
    assert f"It would need a merit above {words}, everything else equal." in lines


def test_one_and_many_have_their_words_and_a_tiny_gap_reads_as_people_write() -> None:
    assert [counted(n, "is", "are") for n in (0, 1, 2_000)] == ["0 are", "1 is", "2,000 are"]
    assert [gap_as_percent(gap) for gap in (2.3e-16, 0.0101, 2.5)] == ["0.0001%", "1.1%", "250%"]


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (0.9996, "0.9996"),
        (0.99995, "more than 0.9999"),
        (1.0, "1"),
        (0.5, "0.5"),
        (0.12345, "0.123"),
        (2.34e-9, "2.34e-09"),
        (5e-324, "less than 1e-12"),
        (0.0, "0"),
    ],
)
def test_a_chance_is_never_written_as_certain_if_it_is_not(value: float, words: str) -> None:
    assert chance(value) == words


def test_a_chance_is_told_from_the_line_that_it_is_compared_with() -> None:
    assert chance(0.1047, 2, beside=0.1) == "0.105"
    assert chance(0.09999, 2, beside=0.1) == "0.09999"
    assert chance(0.1, 2, beside=0.1) == "0.1"
    assert chance(0.99996, 2, beside=0.99995) == "0.99996"


def test_a_share_is_never_written_as_all_or_nothing_if_it_is_not() -> None:
    shares = [0.0, 0.0004, 0.5, 0.9994, 0.9999, 1.0]
    assert [percent(share) for share in shares] == [
        "0.0%", "less than 0.1%", "50.0%", "99.9%", "more than 99.9%", "100.0%"
    ]  # fmt: skip
    assert [percent(share, 0) for share in (0.004, 0.5, 0.996)] == ["less than 1%", "50%", "more than 99%"]
