"""MERIT against the published figure, against a look at every possible set, and what must hold for any intervals."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import linprog

import portfolio as pf
from portfolio.analysis.lottery.line import funding_line
from portfolio.analysis.lottery.merit import merit_chances, valid_ex_post
from portfolio.analysis.lottery.possible_sets import guarantee
from portfolio.analysis.lottery.smoothness import top_chances

# 30% of 353 proposals.
PLACES = 106


def possible_sets(low: np.ndarray, high: np.ndarray, k: int) -> np.ndarray:
    """Every set of k that holds whoever is better than one of its members."""
    n = len(low)
    better = low[:, None] > high[None, :]
    rows = []
    for members in combinations(range(n), k):
        inside = np.isin(np.arange(n), members)
        if not (better[:, inside].any(axis=1) & ~inside).any():
            rows.append(inside)
    return np.array(rows, dtype=float)


def by_brute_force(low: np.ndarray, high: np.ndarray, k: int) -> float:
    sets = possible_sets(low, high, k)
    n = len(low)
    done = linprog(
        np.append(np.zeros(n), -1.0),
        A_ub=np.column_stack([-sets, np.ones(len(sets))]),
        b_ub=np.zeros(len(sets)),
        A_eq=[np.append(np.ones(n), 0.0)],
        b_eq=[k],
        bounds=[(0, 1)] * n + [(0, k)],
    )
    return float(-done.fun)


@st.composite
def intervals(draw: st.DrawFn, most: int = 8) -> tuple[np.ndarray, np.ndarray, int]:
    n = draw(st.integers(1, most))
    ends = draw(st.lists(st.tuples(st.integers(0, 12), st.integers(0, 5)), min_size=n, max_size=n))
    low = np.array([float(low) for low, _ in ends])
    return low, low + np.array([float(width) for _, width in ends]), draw(st.integers(1, n))


@given(intervals())
def test_no_chances_guarantee_more(case: tuple[np.ndarray, np.ndarray, int]) -> None:
    low, high, k = case
    found = merit_chances(low, high, k)
    assert found.value == pytest.approx(by_brute_force(low, high, k), abs=1e-7)
    assert found.value == pytest.approx((possible_sets(low, high, k) @ found.chances).min(), abs=1e-7)
    assert found.bound == pytest.approx(found.value, abs=1e-7)


@given(intervals(most=25))
def test_what_holds_for_any_intervals(case: tuple[np.ndarray, np.ndarray, int]) -> None:
    low, high, k = case
    p = merit_chances(low, high, k).chances
    assert p.sum() == pytest.approx(k, abs=1e-7)
    assert p.min() >= 0
    assert p.max() <= 1
    wholly_above = low[:, None] > high[None, :]
    assert not (wholly_above & (p[:, None] < 1 - 1e-9) & (p[None, :] > 1e-9)).any()
    no_worse = (low[:, None] >= low[None, :]) & (high[:, None] >= high[None, :])
    assert not (no_worse & (p[:, None] < p[None, :] - 1e-9)).any()


def test_validity_is_judged_as_it_is_defined() -> None:
    low, high = np.array([3.0, 0.0, 0.0]), np.array([4.0, 1.0, 9.0])
    assert valid_ex_post(low, high, np.array([1.0, 0.5, 0.5])).all()
    assert valid_ex_post(low, high, np.array([0.5, 0.5, 1.0])).tolist() == [False, True, True]


def test_three_that_overlap_share_one_place() -> None:
    found = merit_chances(np.zeros(3), np.ones(3), 1)
    assert found.chances == pytest.approx([1 / 3, 1 / 3, 1 / 3])
    assert found.value == pytest.approx(1 / 3)


def test_disjoint_intervals_leave_nothing_to_chance() -> None:
    low = np.array([0.0, 4.0, 2.0])
    found = merit_chances(low, low + 1, 2)
    assert found.chances.tolist() == [0.0, 1.0, 1.0]
    assert found.value == 2.0


@pytest.mark.parametrize(
    ("low", "high", "places", "message"),
    [
        ([0.0], [1.0, 2.0], 1, "one length"),
        ([2.0], [1.0], 1, "low must not exceed high"),
        ([np.nan], [1.0], 1, "low must not exceed high"),
        ([0.0], [1.0], 2, "between 1 and 1"),
    ],
)
def test_intervals_that_make_no_sense(low: list, high: list, places: int, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        merit_chances(np.array(low), np.array(high), places)


@pytest.mark.needs_data("snsf_mint/rank_intervals.csv")
def test_the_published_figures_of_the_snsf(real_data: Path) -> None:
    ranks = pl.read_csv(real_data / "snsf_mint" / "rank_intervals.csv")
    expected, best, worst = (ranks[name].to_numpy().astype(float) for name in ("m", "l", "h"))
    found = merit_chances(-worst, -best, PLACES)
    assert found.value / PLACES == pytest.approx(0.9434, abs=5e-5)
    assert found.bound == pytest.approx(found.value, abs=1e-6)
    assert valid_ex_post(-worst, -best, found.chances).all()
    line = funding_line(expected, best, worst, PLACES)
    assert (line.accepted.sum(), line.tied.sum(), line.places) == (99, 13, 7)
    assert line.chance == pytest.approx(0.538, abs=5e-4)
    assert guarantee(-worst, -best, PLACES, line.chances) / PLACES == pytest.approx(0.939, abs=5e-4)
    top = top_chances(-expected, -expected, PLACES)
    assert guarantee(-worst, -best, PLACES, top) / PLACES == pytest.approx(0.934, abs=5e-4)


def test_everybody_in_the_group_is_accepted_where_places_are_enough() -> None:
    expected = np.array([1.0, 2.0, 3.0])
    line = funding_line(expected, expected - 0.4, expected + 0.4, 2)
    assert line.accepted.tolist() == [True, True, False]
    assert line.chances.tolist() == [1.0, 1.0, 0.0]


def test_smoothness_on_paper() -> None:
    # Two overlap for one place. A line through the middles moves the place at once; MERIT moves nothing.
    low, high = np.array([0.0, 0.1]), np.array([1.0, 1.1])
    frame = pf.smoothness(["a", "b"], low, high, 1, 0.2, jobs=1)
    of_a = frame.filter(pl.col("id") == "a")
    assert of_a["rule"].to_list() == ["top", "bayes", "merit"]
    assert of_a.filter(pl.col("rule") == "top").row(0)[2:] == (0.0, 1.0, 1.0)
    assert of_a.filter(pl.col("rule") == "merit")["moved"].item() == pytest.approx(0.0, abs=1e-9)
    assert frame.equals(pf.smoothness(["a", "b"], low, high, 1, 0.2, jobs=2))
