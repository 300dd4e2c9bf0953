"""Intervals and p-values of proportions: published values, another implementation, and what must always hold."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from portfolio.analysis.groups.proportions import holm, newcombe, p_value, wilson

counts = st.integers(1, 400).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


def arrays(*numbers: int) -> list[np.ndarray]:
    return [np.array([number]) for number in numbers]


# Newcombe 1998, Statistics in Medicine 17, 857-872, table I, method 3.
@pytest.mark.parametrize(
    ("successes", "trials", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_the_published_intervals_of_one_proportion(
    successes: int, trials: int, low: float, high: float
) -> None:
    found = wilson(*arrays(successes, trials))
    assert [round(float(end[0]), 4) for end in found] == [low, high]


# Newcombe 1998, Statistics in Medicine 17, 873-890, table II, method 10.
@pytest.mark.parametrize(
    ("numbers", "low", "high"),
    [
        ((56, 70, 48, 80), 0.0524, 0.3339),
        ((9, 10, 3, 10), 0.1705, 0.8090),
        ((6, 7, 2, 7), 0.0582, 0.8062),
        ((5, 56, 0, 29), -0.0381, 0.1926),
        ((0, 10, 0, 20), -0.1611, 0.2775),
        ((0, 10, 0, 10), -0.2775, 0.2775),
        ((10, 10, 0, 20), 0.6791, 1.0000),
        ((10, 10, 0, 10), 0.6075, 1.0000),
    ],
)
def test_the_published_intervals_of_differences(numbers: tuple[int, ...], low: float, high: float) -> None:
    found = newcombe(*arrays(*numbers))
    assert [round(float(end[0]), 4) for end in found] == [low, high]


def test_without_a_trial_nothing_is_known() -> None:
    assert np.isnan(wilson(*arrays(0, 0))).all()
    assert np.isnan(newcombe(*arrays(0, 0, 1, 2))).all()
    assert np.isnan(p_value(*arrays(1, 2, 0, 0))).all()


@given(counts)
def test_intervals_are_those_of_scipy(count: tuple[int, int]) -> None:
    low, high = wilson(*arrays(*count))
    known = binomtest(*count).proportion_ci(0.95, method="wilson")
    assert (low[0], high[0]) == pytest.approx((known.low, known.high), abs=1e-12)


@given(counts, counts)
def test_a_p_value_is_small_where_the_interval_excludes_0_and_nowhere_else(
    first: tuple[int, int], second: tuple[int, int]
) -> None:
    low, high = newcombe(*arrays(*first, *second))
    (p,), (mirrored,) = p_value(*arrays(*first, *second)), p_value(*arrays(*second, *first))
    assert 0 <= p <= 1
    assert p == mirrored
    assert (p < 0.05) == (low[0] > 0 or high[0] < 0)


def test_more_of_the_same_is_surer() -> None:
    p = [float(p_value(*arrays(8 * k, 10 * k, 5 * k, 10 * k))[0]) for k in (1, 2, 4, 100)]
    assert p == sorted(p, reverse=True)
    assert p[-1] < 1e-12


def test_the_adjustment_of_holm_on_paper() -> None:
    # .005 x 4, .01 x 3, .03 x 2, and .04 x 1, which may not be below the one before.
    assert holm(np.array([0.01, 0.04, 0.03, 0.005])).tolist() == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm(np.array([0.9, 0.6])).tolist() == [1.0, 1.0]
    assert holm(np.array([])).tolist() == []
