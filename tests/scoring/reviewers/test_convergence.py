"""Diagnostics of chains against cases whose answer is known."""

import numpy as np
import pytest
from scipy import stats
from scoring.reviewers.made import LONG, made

from portfolio.scoring.review_settings import BayesSettings
from portfolio.scoring.reviewers import bayes, read_votes
from portfolio.scoring.reviewers.convergence import diagnose


def plain_r_hat(draws):
    """Split R-hat of rank-normalised draws of one quantity, straight from the definition."""
    half = len(draws) // 2
    parts = np.concatenate([draws[:half], draws[-half:]], axis=1)

    def r_hat(values):
        z = stats.norm.ppf((stats.rankdata(values).reshape(values.shape) - 3 / 8) / (values.size + 1 / 4))
        between = half * np.var(z.mean(axis=0), ddof=1)
        within = np.mean(np.var(z, axis=0, ddof=1))
        return np.sqrt(((half - 1) / half * within + between / half) / within)

    return max(r_hat(parts), r_hat(np.abs(parts - np.median(parts))))


def test_r_hat_is_that_of_its_definition():
    rng = np.random.default_rng(0)
    draws = np.stack(
        [rng.normal(size=(101, 4)), rng.standard_cauchy((101, 4)) + np.array([0, 0, 1, 0])], axis=2
    )
    found = diagnose(draws).r_hat
    assert found == pytest.approx([plain_r_hat(draws[..., q]) for q in range(2)], abs=1e-12)


def test_chains_that_agree_and_chains_that_do_not():
    rng = np.random.default_rng(1)
    same = rng.normal(size=(1000, 4))
    apart = same + np.array([0, 0, 0, 1])
    wider = same * np.array([1, 1, 1, 3])
    drifting = same + np.linspace(0, 2, 1000)[:, None]
    found = diagnose(np.stack([same, apart, wider, drifting], axis=2)).r_hat
    assert found[0] < 1.01
    assert np.all(found[1:] > 1.05)


def test_effective_sample_size_of_an_autoregression():
    rng = np.random.default_rng(2)
    for phi in (0.0, 0.6, 0.9):
        draws = np.empty((8000, 4))
        draws[0] = rng.normal(size=4) / np.sqrt(1 - phi**2)
        for t in range(1, len(draws)):
            draws[t] = phi * draws[t - 1] + rng.normal(size=4)
        # The sum of all autocorrelations is (1 + phi) / (1 - phi).
        expected = draws.size * (1 - phi) / (1 + phi)
        assert diagnose(draws[:, :, None]).ess_bulk[0] == pytest.approx(expected, rel=0.12)


def test_a_run_that_does_not_converge_says_so():
    # One proposal graded twice: the deviations are hardly known, and 100 draws do not suffice.
    votes = read_votes(made(np.random.default_rng(3), 8, 4, 2).call, LONG.replace(best=6, worst=-6))
    result = bayes(votes, BayesSettings(draws=100, most_draws=100))
    assert not result.converged
    assert "R-hat" in result.calibration.notes[0]
    longer = bayes(votes, BayesSettings(draws=100, most_draws=100_000))
    assert longer.converged
    assert longer.calibration.notes == ()
