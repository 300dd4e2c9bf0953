"""No sum that is published leaves less than a fifth of the largest request open of a single one."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import linprog

from portfolio.report.html.narrowed import PART, narrowed
from portfolio.report.html.withheld import Sums

ALL = np.ones((1, 3), dtype=bool)


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        # Of at most 100,000 each asks for 98,850 at least.
        ([99_950, 99_800, 99_100], True),
        # Of at least 50,000 each asks for 50,100 at most.
        ([50_000, 50_100, 50_000], True),
        ([100_000, 100_000, 100_000], True),
        # 81 at least of at most 100, and 80.
        ([100, 100, 81], True),
        ([100, 99, 81], False),
        ([100, 60, 20], False),
        # Any of them may be the one that asks for nearly all.
        ([1, 1, 100], False),
        ([0, 0, 0], False),
    ],
)
def test_a_sum_near_the_least_or_the_most_tells(asked: list[float], told: bool) -> None:
    assert narrowed(ALL, np.array(asked, dtype=float)) == told
    assert Sums(ALL, np.array(asked, dtype=float)).tell == told


def test_many_near_the_most_hide_each_other() -> None:
    asked = np.linspace(95.0, 100.0, 40)
    assert not narrowed(np.ones((1, 40), dtype=bool), asked)
    assert narrowed(np.ones((1, 4), dtype=bool), asked[-4:])


def test_a_sum_that_is_said_beside_the_whole_may_tell_of_the_rest() -> None:
    asked = np.array([100.0, 99, 99, 100, 40, 30, 20, 10])
    whole = np.ones((1, 8), dtype=bool)
    assert not narrowed(whole, asked)
    assert narrowed(np.vstack([whole, np.arange(8) >= 4]), asked)


def test_three_who_would_enter_bound_the_two_others_beside_the_sum() -> None:
    sums = Sums(np.ones((1, 5), dtype=bool), np.array([10.0, 2, 7, 5, 9]))
    assert not sums.tell
    assert sums.bounding([np.arange(5) < 3]).tell


def test_what_is_left_open_is_what_linear_programs_find() -> None:
    rng = np.random.default_rng(2)
    seen = []
    for _ in range(150):
        n, rows = int(rng.integers(3, 9)), int(rng.integers(1, 4))
        of = rng.random((rows, n)) < rng.choice([0.5, 0.9])
        asked = rng.integers(*rng.choice([[80, 101], [1, 101], [60, 71]]), size=n).astype(float)
        if not of.any():
            continue
        least, most = asked.min(), asked.max()
        known = [(least, most)] if most - least >= PART * most else [(0.0, most), (least, asked.sum())]
        open_parts = [left_open(of, asked, *ends) / most for ends in known]
        assert narrowed(of, asked) == (min(open_parts) < PART - 1e-6)
        seen.append(min(open_parts) < PART)
    assert 30 < sum(seen) < len(seen) - 30


def left_open(of: np.ndarray, asked: np.ndarray, low: float, high: float) -> float:
    """Return how much is open of the request of which least is, by two linear programs for each."""
    widths = []
    for unit in np.eye(asked.size):
        ends = [
            linprog(sign * unit, A_eq=of.astype(float), b_eq=of @ asked, bounds=(low, high)).x @ unit
            for sign in (1, -1)
        ]
        widths.append(ends[1] - ends[0])
    return float(min(widths))
