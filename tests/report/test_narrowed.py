"""No sum that is published leaves less open of a request than a fifth of the most that may be asked for."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import linprog

from portfolio.optimize.vectors import Bools, Floats
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


def test_a_bound_near_the_most_tells_as_a_sum_does() -> None:
    sums = Sums(np.ones((1, 8), dtype=bool), np.array([100.0, 99, 99, 100, 40, 30, 20, 10]))
    assert not sums.tell
    # The first four ask for 398 of at most 400, so that each asks for 98 at least.
    assert sums.bounding([np.arange(8) < 4]).tell
    # One near the most and 40, 30 and 20: 190 of at most 400. The others ask for 308, each for 8 at least.
    assert not sums.bounding([np.isin(np.arange(8), [0, 4, 5, 6])]).tell


def test_a_scheme_has_a_most_of_its_own() -> None:
    # Twelve of a scheme ask for 598,800 of at most 50,000 each: each asks for 598,800 - 11 * 50,000 = 48,800 at least.
    starters = [49_800.0, 50_000] * 6
    others = [1_000_000.0, 5_000, 820_000, 680_000, 330_000, 470_000, 90_000, 540_000]
    asked, starter = np.array(starters + others), np.arange(20) < 12
    whole = np.ones((1, 20), dtype=bool)
    schemes = np.vstack([starter, ~starter])
    assert not narrowed(whole, asked, schemes)
    # The sum of the others is said, and so is that of the twelve; of at most 1,000,000 it would leave enough open.
    said = np.vstack([whole, ~starter])
    assert not narrowed(said, asked)
    assert narrowed(said, asked, schemes)
    assert Sums(said, asked, schemes).tell
    # Where a sum is that of the twelve alone, they are a group, whether a scheme or not.
    assert narrowed(np.vstack([whole, starter]), asked)


def test_what_is_left_open_is_what_linear_programs_find() -> None:
    rng = np.random.default_rng(2)
    seen, by_groups = [], 0
    for _ in range(100):
        n, rows, groups = int(rng.integers(3, 9)), int(rng.integers(1, 4)), int(rng.integers(0, 3))
        of = rng.random((rows, n)) < rng.choice([0.5, 0.9])
        capped = rng.random((groups, n)) < 0.6
        asked = rng.integers(*rng.choice([[80, 101], [1, 101], [60, 71]]), size=n).astype(float)
        if not of.any():
            continue
        told = too_little(of, capped, asked)
        assert narrowed(of, asked, capped) == told
        seen.append(told)
        by_groups += narrowed(of, asked) != told
    assert 20 < sum(seen) < len(seen) - 20
    assert by_groups


def too_little(of: Bools, capped: Bools, asked: Floats) -> bool:
    """Tell by two linear programs for each in a sum whether less is left open than is due, whatever ends are known."""
    ends = []
    for place in range(asked.size):
        with_it = [asked, *(asked[group] for group in (*of, *capped) if group[place])]
        ends.append((max(group.min() for group in with_it), min(group.max() for group in with_it)))
    known = (
        ([(0.0, high) for _, high in ends], [PART * high for _, high in ends]),
        ([(low, asked.sum()) for low, _ in ends], [PART * high for _, high in ends]),
        (ends, [min(PART * high, high - low) for low, high in ends]),
    )
    found = False
    for bounds, due in known:
        for place in np.flatnonzero(of.any(axis=0)):
            unit = np.eye(asked.size)[place]
            least, most = (
                linprog(sign * unit, A_eq=of.astype(float), b_eq=of @ asked, bounds=bounds).x[place]
                for sign in (1, -1)
            )
            found |= bool(most - least < due[place] - 1e-6 * asked.max())
    return found
