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
    # (1 * 0.2 + 3 * 0.8) / 4 = 0.65; low (0.1 + 3 * 0.6) / 4; high (0.3 + 3 * 1.0) / 4
    assert mean([(0.2, 0.1, 1.0), (0.8, 0.2, 3.0)]) == pytest.approx((0.65, 0.475, 0.825))


def test_missing_evidence_widens_and_leaves_the_score():
    # low 0.1 / 4, high (0.3 + 3 * 1) / 4
    assert mean([(0.2, 0.1, 1.0), (NAN, 0.2, 3.0)]) == pytest.approx((0.2, 0.025, 0.825))


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
    assert wide_low <= low + 1e-12
    assert wide_high >= high - 1e-12


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
