import math
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from portfolio.scoring.estimate import combine, rounded, shares, spread, vague

NAN = float("nan")
POSITION = st.floats(0, 1) | st.just(NAN)
WEIGHT = st.just(0.0) | st.floats(1e-6, 1e6)
PIECES = st.lists(st.tuples(POSITION, st.floats(0, 1), WEIGHT), min_size=1, max_size=6)


def one(pieces):
    estimates = [vague(np.array([p]), h) for p, h, _ in pieces]
    return estimates, [w for *_, w in pieces]


def mean(pieces):
    whole = combine(*one(pieces), 1)
    return whole.position[0], whole.low[0], whole.high[0]


def test_two_pieces_by_hand():
    # (1 * 0.2 + 3 * 0.8) / 4 = 0.65, give or take sqrt(0.1^2 + (3 * 0.2)^2) / 4 = sqrt(0.37) / 4
    half = 0.37**0.5 / 4
    assert mean([(0.2, 0.1, 1.0), (0.8, 0.2, 3.0)]) == pytest.approx((0.65, 0.65 - half, 0.65 + half))


def test_equal_pieces_are_surer_by_the_root_of_their_number():
    for n in (1, 4, 9):
        _, low, high = mean([(0.5, 0.3, 1.0)] * n)
        assert high - low == pytest.approx(0.6 / n**0.5)


def test_missing_evidence_leaves_the_score_and_makes_it_no_surer():
    # alone the piece is known to 0.1; with the missing one, which weighs more and is vaguer, to sqrt(0.37) / 4
    half = 0.37**0.5 / 4
    assert mean([(0.2, 0.1, 1.0), (NAN, 0.2, 3.0)]) == pytest.approx((0.2, 0.2 - half, 0.2 + half))
    # a missing piece that would have made the score surer makes no difference
    assert mean([(0.2, 0.1, 1.0), (NAN, 0.1, 1.0)]) == pytest.approx((0.2, 0.1, 0.3))


def test_an_interval_that_sticks_out_is_moved():
    assert mean([(0.9, 0.2, 1.0)]) == pytest.approx((0.9, 0.6, 1.0))
    assert mean([(0.0, 0.2, 1.0)]) == pytest.approx((0.0, 0.0, 0.4))
    assert mean([(0.3, 0.7, 1.0)]) == pytest.approx((0.3, 0.0, 1.0))


def test_no_evidence_and_no_weight_are_the_widest_interval():
    for pieces in ([(NAN, 0.1, 1.0)], [(0.3, 0.1, 0.0)]):
        position, low, high = mean(pieces)
        assert np.isnan(position)
        assert (low, high) == (0, 1)
    assert combine([], [], 2).high.tolist() == [1, 1]


def test_positions_beyond_a_pole_are_moved_to_it():
    assert vague(np.array([-0.2, 1.3]), 0.1).position.tolist() == [0, 1]


@given(PIECES)
def test_the_score_lies_in_its_interval_and_in_the_hull_of_the_evidence(pieces):
    position, low, high = mean(pieces)
    present = [p for p, _, w in pieces if w > 0 and not np.isnan(p)]
    assert -1e-9 <= low <= high <= 1 + 1e-9
    if not present:
        assert np.isnan(position)
        return
    assert low - 1e-9 <= position <= high + 1e-9
    assert min(present) - 1e-9 <= position <= max(present) + 1e-9


@given(PIECES, st.data())
def test_monotone_in_every_piece(pieces, data):
    i = data.draw(st.integers(0, len(pieces) - 1))
    p, h, w = pieces[i]
    higher = data.draw(st.floats(0 if np.isnan(p) else p, 1))
    raised = [*pieces[:i], (higher, h, w), *pieces[i + 1 :]]
    start = [*pieces[:i], (0.0, h, w), *pieces[i + 1 :]] if np.isnan(p) else pieces
    for before, after in zip(mean(start), mean(raised), strict=True):
        assert after >= before or np.isnan(before)


@given(PIECES, st.data())
def test_taking_evidence_away_widens_the_interval(pieces, data):
    i = data.draw(st.integers(0, len(pieces) - 1))
    without = [*pieces[:i], (NAN, *pieces[i][1:]), *pieces[i + 1 :]]
    _, low, high = mean(pieces)
    _, wide_low, wide_high = mean(without)
    assert wide_high - wide_low >= high - low - 1e-9


@given(PIECES)
def test_the_half_width_is_the_largest_over_all_subsets_of_what_is_missing(pieces):
    used = [(p, h, w) for p, h, w in pieces if w > 0]
    known = [(h, w) for p, h, w in used if not np.isnan(p)]
    missing = [(h, w) for p, h, w in used if np.isnan(p)]
    if not known:
        return
    choices = ([*known, *extra] for size in range(len(missing) + 1) for extra in combinations(missing, size))
    largest = max(
        math.sqrt(sum((w * h) ** 2 for h, w in every)) / sum(w for _, w in every) for every in choices
    )
    assert combine(*one(pieces), 1).half_width[0] == pytest.approx(largest, rel=1e-9, abs=1e-12)


@given(PIECES)
def test_shares_add_up_to_one_or_nothing(pieces):
    parts = sum(shares(*one(pieces)))[0]
    assert parts == pytest.approx(1) or parts == 0


def test_spread_by_hand():
    # equal weights at 0 and 1: the standard deviation is 0.5, the largest there is
    assert spread(*one([(0.0, 0, 1.0), (1.0, 0, 1.0)]), 1)[0] == 1
    assert spread(*one([(0.4, 0, 1.0), (0.6, 0, 1.0)]), 1)[0] == pytest.approx(0.2)
    # weights 3 and 1 at 0 and 1: mean 0.25, variance 0.1875
    assert spread(*one([(0.0, 0, 3.0), (1.0, 0, 1.0)]), 1)[0] == pytest.approx(2 * 0.1875**0.5)


def test_one_voice_has_no_spread():
    assert np.isnan(spread(*one([(0.4, 0, 1.0), (NAN, 0, 1.0), (0.9, 0, 0.0)]), 1)[0])
    assert np.isnan(spread([], [], 1)[0])


def test_rounding_meets_thresholds():
    assert 1 - 0.9 < 0.1
    assert rounded(np.array([1 - 0.9]))[0] >= 0.1
