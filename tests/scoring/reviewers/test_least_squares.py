"""Least-squares calibration against perfect data, a dense oracle and simulated truth."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import optimize
from scoring.reviewers.made import LONG, made, shuffled, votes_of

from portfolio.errors import DataError
from portfolio.scoring.reviewers import least_squares, read_votes
from portfolio.scoring.reviewers.groups import groups
from portfolio.scoring.reviewers.straight_lines import LEAST_SLOPE, fit_lines


def noise_of(votes, calibrated):
    quality = np.bincount(votes.proposal, calibrated) / np.bincount(votes.proposal)
    return float(np.sum((calibrated - quality[votes.proposal]) ** 2))


def oracle(votes):
    """The least noise by a general solver: qualities and shifts projected out, slopes in a bounded simplex."""
    size = len(votes)
    z = np.zeros((size, votes.n + votes.m))
    z[np.arange(size), votes.proposal] = 1
    z[np.arange(size), votes.n + votes.reviewer] = 1
    graded = np.zeros((size, votes.m))
    graded[np.arange(size), votes.reviewer] = votes.grade
    rest = graded - z @ np.linalg.lstsq(z, graded, rcond=None)[0]
    matrix = rest.T @ rest
    varied = [np.ptp(votes.grade[votes.reviewer == j]) > 0 for j in range(votes.m)]
    found = optimize.minimize(
        lambda p: (p @ matrix @ p, 2 * matrix @ p),
        np.ones(votes.m),
        jac=True,
        bounds=[(LEAST_SLOPE, None) if free else (1.0, 1.0) for free in varied],
        constraints={"type": "eq", "fun": lambda p: p.sum() - votes.m, "jac": lambda p: np.ones(votes.m)},
        method="SLSQP",
        options={"maxiter": 1000, "ftol": 1e-14},
    )
    return float(found.fun)


def test_three_reviewers_by_hand():
    # y says 2 (x - 1), z says x + 1 of qualities 1, 2, 3 as x grades them: all agree after calibration.
    rows = [("a", "x", 1), ("b", "x", 2), ("c", "x", 3), ("a", "y", 0), ("b", "y", 2), ("c", "y", 4)]
    votes = votes_of(*rows, ("a", "z", 2), ("b", "z", 3), ("c", "z", 4))
    slope, calibrated = fit_lines(votes)
    assert noise_of(votes, calibrated) == pytest.approx(0, abs=1e-15)
    # Slopes 1, 1/2, 1 in proportion, with mean 1: 6/5, 3/5, 6/5. The mean grade 21/9 stays.
    assert slope == pytest.approx([1.2, 0.6, 1.2])
    result = least_squares(votes)
    assert result.merit == pytest.approx([21 / 9 - 1.2, 21 / 9, 21 / 9 + 1.2])
    assert result.sd == pytest.approx([0, 0, 0], abs=1e-9)


@pytest.mark.parametrize("seed", range(5))
def test_straight_lines_without_noise_are_calibrated_perfectly(seed):
    truth = made(np.random.default_rng(seed), 30, 8, 3, sds=(1.0, 0.5, 0.0), slopes=(0.4, 1.8))
    result = least_squares(read_votes(truth.call, LONG))
    assert np.corrcoef(result.merit, truth.merit)[0, 1] == pytest.approx(1.0, abs=1e-9)


@given(st.integers(0, 10**6), st.sampled_from([0.3, 1.0, 3.0]))
def test_no_other_lines_leave_less_noise(seed, noise):
    rng = np.random.default_rng(seed)
    n, m = int(rng.integers(6, 20)), int(rng.integers(3, 7))
    truth = made(rng, n, m, 3, sds=(1.0, 0.5, noise), slopes=(0.3, 1.7))
    votes = read_votes(truth.call, LONG)
    if len(votes) < votes.n + 2 * votes.m or groups(votes)[0] > 1:
        return
    slope, calibrated = fit_lines(votes)
    assert np.all(slope >= LEAST_SLOPE - 1e-9)
    assert np.mean(slope) == pytest.approx(1.0)
    assert np.mean(calibrated) == pytest.approx(np.mean(votes.grade))
    assert noise_of(votes, calibrated) == pytest.approx(oracle(votes), rel=1e-5, abs=1e-7)


def test_slopes_are_worth_it_where_reviewers_use_the_scale_differently():
    truth = made(np.random.default_rng(7), 200, 10, 4, sds=(1.0, 0.3, 0.1), slopes=(0.3, 1.7))
    result = least_squares(read_votes(truth.call, LONG))
    votes = result.votes
    plain = np.bincount(votes.proposal, votes.grade) / np.bincount(votes.proposal)
    assert np.corrcoef(result.merit, truth.merit)[0, 1] > 0.99 > 0.985 > np.corrcoef(plain, truth.merit)[0, 1]


def test_a_reviewer_who_always_gives_the_same_grade_keeps_the_slope_one():
    rng = np.random.default_rng(8)
    rows = [(f"p{i}", f"r{j}", float(i + rng.normal())) for i in range(8) for j in range(3)]
    votes = votes_of(*rows, *((f"p{i}", "same", 3.0) for i in range(8)))
    slope, _ = fit_lines(votes)
    assert slope[-1] == 1.0


def test_the_order_of_rows_does_not_change_a_digit():
    call = made(np.random.default_rng(9), 30, 6, 3).call
    one, other = (least_squares(read_votes(c, LONG)) for c in (call, shuffled(call, 5)))
    assert one.proposals().equals(other.proposals())
    assert one.reviewers.equals(other.reviewers)


def test_too_few_grades_for_lines_are_refused():
    rows = [("a", "x", 3), ("a", "y", 4), ("b", "x", 3), ("b", "y", 5)]
    with pytest.raises(DataError, match="two numbers for each of 2 reviewers"):
        least_squares(votes_of(*rows))
    with pytest.raises(DataError, match="2 groups"):
        least_squares(votes_of(*rows, ("c", "z", 4)))
