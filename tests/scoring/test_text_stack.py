import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import minimize

from portfolio.scoring.text.stack import COMBINED, TRAINED, Belief, features, fit, loss


def sample(seed, n, strength):
    rng = np.random.Generator(np.random.PCG64(seed))
    basic = rng.integers(0, 2, n).astype(float)
    return features(*(rng.standard_normal((2, n)) + np.outer(strength, 2 * basic - 1))), basic


def test_without_labels_it_is_the_lexicon():
    assert fit(np.zeros((0, 3)), np.zeros(0), COMBINED).tolist() == [0, 1, 0]


def test_one_label_by_hand():
    # one basic text with the features (1, 0, 0) and a start ~ N(0, 1): s = 1 / (1 + e^s), s = 0.401058
    theta = fit(np.array([[1.0, 0.0, 0.0]]), np.ones(1), COMBINED)
    assert theta == pytest.approx([0.4010581375, 1, 0])


@given(st.integers(0, 2**32), st.integers(2, 60), st.sampled_from([COMBINED, TRAINED]))
def test_it_is_the_mode_that_a_general_optimiser_finds(seed, n, belief):
    scores, basic = sample(seed, n, (0.5, 0.8))
    bounds = [(None, None), (0, None), (0, None)]
    found = minimize(
        lambda theta: loss(scores, basic, theta, belief),
        np.array(belief.center),
        bounds=bounds,
        method="L-BFGS-B",
        options={"ftol": 1e-14, "gtol": 1e-9},
    )
    assert loss(scores, basic, fit(scores, basic, belief), belief) <= found.fun + 1e-7


def test_a_score_that_is_wrong_is_left_out_and_never_turned_round():
    scores, basic = sample(1, 200, (-1.0, 1.5))
    theta = fit(scores, basic, COMBINED)
    assert theta[1] == 0
    assert theta[2] > 1


def test_few_labels_move_little_and_many_move_all():
    few, many = (fit(*sample(3, n, (0.0, 1.0)), COMBINED) for n in (4, 4000))
    assert many[1] == pytest.approx(0, abs=0.1)
    # two classes at -1 and 1 with variance 1: the log-odds rise by 2 per unit
    assert many[2] == pytest.approx(2, abs=0.2)
    assert few[1] > 0.5


def test_separable_labels_have_a_finite_answer():
    scores = features(np.array([-9.0, 9.0]), np.array([-99.0, 99.0]))
    assert np.isfinite(fit(scores, np.array([0.0, 1.0]), TRAINED)).all()
    assert np.isfinite(fit(scores, np.array([0.0, 1.0]), Belief((0, 5, 5), (9, 9, 9)))).all()
