"""Putting the lexicon's score and the trained score together, with as much trust as the labels have earned.

The probability is logistic(theta . f) with the features f = (1, lexicon, trained), both scores on the logit scale
and the trained one divided by its standard deviation. theta is the most probable one under independent normal
distributions around `Belief.center` (Bayesian logistic regression, posterior mode: Bishop, *Pattern
Recognition and Machine Learning*, 2006, section 4.5.1). It is Platt's calibration (Platt 1999) with two scores
instead of one and a prior instead of smoothed targets: the trained score must come from cross-validation.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import expit

from portfolio.scoring.estimate import Floats

_STEPS = 100


@dataclass(frozen=True, slots=True)
class Belief:
    """What is believed of theta before any label is seen: a normal distribution each, three numbers wide."""

    center: tuple[float, float, float]
    deviation: tuple[float, float, float]


#: The lexicon is right until labels say otherwise, and the trained score has to earn its weight.
COMBINED = Belief((0.0, 1.0, 0.0), (1.0, 0.5, 1.0))
#: Labels decide. The lexicon's score is a feature like any other.
TRAINED = Belief((0.0, 0.0, 0.0), (3.0, 1.0, 3.0))


def features(lexicon: Floats, trained: Floats) -> Floats:
    """Return the features as an array of shape (n, 3)."""
    return np.column_stack([np.ones_like(trained), lexicon, trained])


def fit(scores: Floats, basic: Floats, belief: Belief) -> Floats:
    """Return theta, of shape (3,), by Newton's method; neither of the two scores may count backwards.

    Parameters
    ----------
    scores
        Features of shape (n, 3).
    basic
        1 for basic and 0 for the rest, of shape (n,).
    belief
        The prior.
    """
    theta = _mode(scores, basic, belief, np.array([True, True, True]))
    free = np.array([True, theta[1] > 0, theta[2] > 0])
    return theta if free.all() else np.maximum(_mode(scores, basic, belief, free), (-np.inf, 0.0, 0.0))


def loss(scores: Floats, basic: Floats, theta: Floats, belief: Belief) -> float:
    """Return the negative logarithm of the posterior density, up to a constant."""
    logit = scores @ theta
    misfit = (theta - np.array(belief.center)) / np.array(belief.deviation)
    return float(np.sum(np.logaddexp(0.0, logit) - basic * logit) + 0.5 * np.sum(misfit**2))


def _mode(scores: Floats, basic: Floats, belief: Belief, free: np.typing.NDArray[np.bool_]) -> Floats:
    """Minimise `loss` over the coordinates that are free, the others held at 0; halved steps make it safe."""
    precision = np.array(belief.deviation) ** -2.0
    theta = np.where(free, np.array(belief.center), 0.0)
    for _ in range(_STEPS):
        p = expit(scores @ theta)
        slope = scores.T @ (p - basic) + precision * (theta - np.array(belief.center))
        curve = (scores.T * (p * (1.0 - p))) @ scores + np.diag(precision)
        step = np.zeros(3)
        step[free] = np.linalg.solve(curve[np.ix_(free, free)], slope[free])
        here, size = loss(scores, basic, theta, belief), 1.0
        while loss(scores, basic, theta - size * step, belief) > here and size > 1e-6:
            size /= 2.0
        theta = theta - size * step
        if np.max(np.abs(size * step)) < 1e-12:
            break
    return theta
