"""The linear mixed model against paper, a dense oracle and simulated truth."""

import numpy as np
import pytest
from scipy import optimize, stats
from scoring.reviewers.made import LONG, SIX, made, shuffled, table_of, votes_of

from portfolio.errors import DataError
from portfolio.scoring.reviewers import calibrate, read_votes, severity
from portfolio.scoring.reviewers.mixed_model import as_equations
from portfolio.scoring.reviewers.variances import deviance, moments, restricted_likelihood

# Shrout & Fleiss (1979), table 2: six targets, four judges.
SHROUT = [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]]


def equations_of(votes, swap=False):
    return as_equations(votes, float(votes.grade.mean()), swap=swap)


def designs(votes):
    z = np.zeros((len(votes), votes.n))
    w = np.zeros((len(votes), votes.m))
    z[np.arange(len(votes)), votes.proposal] = 1
    w[np.arange(len(votes)), votes.reviewer] = 1
    return z, w


def dense_deviance(votes, variances):
    """-2 log restricted likelihood from the covariance matrix of the grades itself."""
    z, w = designs(votes)
    v = variances[0] * z @ z.T + variances[1] * w @ w.T + variances[2] * np.eye(len(votes))
    one = np.ones((len(votes), 1))
    inverse = np.linalg.inv(v)
    information = (one.T @ inverse @ one).item()
    p = inverse - inverse @ one @ one.T @ inverse / information
    return np.linalg.slogdet(v)[1] + np.log(information) + votes.grade @ p @ votes.grade


def test_where_everybody_grades_everything_it_is_the_analysis_of_variance():
    # Mean squares 11.24 (targets), 32.49 (judges), 1.02 (rest): (11.24 - 1.02) / 4 = 2.556, (32.49 - 1.02) / 6 = 5.244
    votes = table_of(SHROUT)
    for found in (moments(equations_of(votes)), restricted_likelihood(equations_of(votes))):
        assert (found.out, found.kept, found.residual) == pytest.approx((2.556, 5.244, 1.019), abs=2e-3)
    result = severity(votes)
    # The prediction is the row's mean drawn towards the grand mean by 2.556 / (2.556 + 1.019 / 4) = 0.909.
    mean = np.mean(SHROUT, axis=1)
    shrunk = 2.55556 / (2.55556 + 1.01944 / 4)
    assert result.merit == pytest.approx(np.mean(SHROUT) + shrunk * (mean - np.mean(SHROUT)), abs=1e-3)
    assert result.reviewers["severity"].to_list()[1] > 2 > -1 > result.reviewers["severity"].to_list()[0]


@pytest.mark.parametrize("seed", range(4))
def test_variances_and_predictions_are_those_of_a_dense_oracle(seed):
    votes = read_votes(made(np.random.default_rng(seed), 25, 8, 3).call, LONG)
    found = restricted_likelihood(equations_of(votes))
    oracle = optimize.minimize(
        lambda x: dense_deviance(votes, np.exp(x)),
        np.zeros(3),
        method="Nelder-Mead",
        options={"xatol": 1e-9, "fatol": 1e-11, "maxiter": 4000},
    )
    best = np.exp(oracle.x)
    assert dense_deviance(votes, (found.out, found.kept, found.residual)) <= oracle.fun + 1e-7
    assert (found.out, found.residual) == pytest.approx((best[0], best[2]), rel=1e-3)
    # Prediction and its error from the joint covariance of merits and grades.
    variances = (found.out, found.kept, found.residual)
    z, w = designs(votes)
    v = variances[0] * z @ z.T + variances[1] * w @ w.T + variances[2] * np.eye(len(votes))
    inverse, one = np.linalg.inv(v), np.ones(len(votes))
    mean = one @ inverse @ votes.grade / (one @ inverse @ one)
    cross = variances[0] * z.T
    result = severity(votes)
    assert result.merit == pytest.approx(mean + cross @ inverse @ (votes.grade - mean), abs=1e-8)
    slack = 1 - cross @ inverse @ one
    error = variances[0] - np.sum((cross @ inverse) * cross, axis=1) + slack**2 / (one @ inverse @ one)
    assert result.sd == pytest.approx(np.sqrt(error), abs=1e-8)


def small_call(seed):
    """Whole grades of a small call, three per proposal; in every third call reviewers do not differ."""
    rng = np.random.default_rng(seed)
    n, m = [(6, 4), (8, 5), (12, 6), (20, 8)][seed % 4]
    merit, strict = rng.normal(0, 1, n), rng.normal(0, 0.5 * (seed % 3 > 0), m)
    return votes_of(
        *(
            (
                f"p{i:02d}",
                f"r{j}",
                float(np.clip(round(3.5 + merit[i] + strict[j] + rng.normal(0, 0.6)), 1, 6)),
            )
            for i in range(n)
            for j in rng.choice(m, 3, replace=False)
        ),
        settings=SIX,
    )


@pytest.mark.parametrize("chunk", range(4))
def test_no_variances_of_a_small_call_are_likelier(chunk):
    # The estimate by moments is often below zero there, which is where the search starts.
    for seed in range(chunk, 40, 4):
        votes = small_call(seed)
        found = restricted_likelihood(equations_of(votes))
        reached = dense_deviance(votes, (found.out, found.kept, found.residual))
        for start in ([0.0, -1.0, -1.0], [-3.0, 0.0, -1.0]):
            other = optimize.minimize(
                lambda x, votes=votes: dense_deviance(votes, np.exp(np.clip(x, -14, 5))),
                start,
                method="Nelder-Mead",
                options={"xatol": 1e-4, "fatol": 1e-6, "maxiter": 1000},
            )
            assert reached <= other.fun + 1e-4, seed


def lines_of(text):
    """Votes of a line per proposal, reviewer:grade in it."""
    lines = enumerate(text.splitlines())
    return votes_of(
        *((f"p{i:02d}", *part.split(":")) for i, line in lines for part in line.split()), settings=SIX
    )


# Grades of a call of which the estimate by moments says that reviewers do not differ.
FLAT = """\
r3:6 r0:6 r1:6
r0:3 r5:2 r1:3
r0:5 r1:4 r5:5
r4:2 r3:3 r0:2
r0:3 r3:4 r4:2
r1:2 r2:4 r0:3
r4:4 r1:4 r5:5
r4:3 r3:4 r0:4
r0:3 r2:5 r1:2
r2:4 r0:4 r5:4
r3:3 r0:2 r2:3
r1:1 r3:1 r0:1
"""


def test_that_reviewers_differ_is_found_where_the_moments_deny_it():
    votes = lines_of(FLAT)
    assert moments(equations_of(votes)).kept < 1e-5
    result = severity(votes)
    # By direct maximization of the likelihood of the covariance matrix of all grades.
    assert result.spread == pytest.approx(
        {"proposals": 1.2890, "reviewers": 0.5444, "residual": 0.5338}, abs=1e-4
    )
    assert result.merit[[3, 10]] == pytest.approx([2.493, 2.384], abs=1e-3)


# Three whole grades of each of 20 proposals by 10 reviewers who differ less than chance alone would have them.
ALIKE = """\
r2:3 r5:4 r3:5
r6:4 r3:3 r4:3
r5:4 r7:5 r2:6
r2:2 r6:2 r7:2
r2:4 r9:2 r4:4
r2:3 r8:2 r4:2
r2:3 r4:3 r3:2
r3:3 r5:3 r2:3
r5:2 r3:2 r8:3
r3:2 r5:3 r2:4
r3:3 r7:3 r5:3
r2:4 r4:5 r3:5
r2:3 r3:2 r1:3
r5:5 r6:5 r3:4
r1:5 r0:4 r3:6
r5:1 r1:1 r8:2
r1:3 r0:3 r9:3
r2:3 r4:2 r7:4
r3:2 r0:3 r1:3
r8:6 r3:5 r9:4
"""


def test_moments_below_zero_are_estimated_again_without_their_factor():
    votes = lines_of(ALIKE)
    found = moments(equations_of(votes))
    means = np.bincount(votes.proposal, votes.grade) / 3
    within = np.sum((votes.grade - means[votes.proposal]) ** 2) / 40
    assert (found.out, found.residual) == pytest.approx((np.var(means, ddof=1) - within / 3, within))
    # Neither proposals nor reviewers differ: what is left is the variance of all grades.
    nothing = votes_of(*((f"p{i}", f"r{j}", 1 + (i + j) % 2) for i in range(4) for j in range(4)))
    assert moments(equations_of(nothing)).residual == pytest.approx(np.var(nothing.grade, ddof=1))


def test_the_likelier_of_two_maxima_is_found():
    votes = lines_of("r0:5 r1:6 r2:6\nr2:3 r3:4 r4:2\nr0:2 r1:2 r2:2")
    # The other one has reviewers who do not differ, and -2 log restricted likelihood 2.0866 instead of 1.8033.
    assert severity(votes).spread == pytest.approx(
        {"proposals": 1.898, "reviewers": 0.600, "residual": 0.421}, abs=1e-3
    )


@pytest.mark.parametrize(
    "text",
    [
        "r0:4 r2:3\nr0:3 r1:3\nr0:3 r1:3",
        "r0:1 r1:2 r2:4\nr0:2 r1:3 r2:5\nr0:3 r1:4 r2:6",
        "r0:1 r1:1\nr0:3 r1:3\nr0:6 r1:6",
    ],
)
def test_grades_that_leave_nothing_to_chance_are_taken_apart_and_the_result_says_so(text):
    votes = lines_of(text)
    result = severity(votes)
    of_reviewer = -result.reviewers["severity"].to_numpy()
    assert result.merit[votes.proposal] + of_reviewer[votes.reviewer] == pytest.approx(votes.grade, abs=1e-5)
    assert np.sum(of_reviewer) == pytest.approx(0, abs=1e-5)
    assert result.spread["proposals"] == pytest.approx(np.std(result.merit, ddof=1), abs=1e-5)
    assert result.spread["reviewers"] == pytest.approx(np.std(of_reviewer, ddof=1), abs=1e-5)
    assert "a number of the proposal plus one of the reviewer" in result.notes[0]
    assert "method = 'mean'" in result.notes[0]


def test_the_gradient_is_that_of_the_deviance():
    equations = equations_of(read_votes(made(np.random.default_rng(5), 20, 7, 3).call, LONG))
    at = np.array([0.3, -0.7])
    numeric = [
        (deviance(equations, at + h)[0] - deviance(equations, at - h)[0]) / 2e-5 for h in 1e-5 * np.eye(2)
    ]
    assert deviance(equations, at)[1] == pytest.approx(numeric, abs=1e-5)


def test_which_side_is_eliminated_does_not_matter():
    votes = read_votes(made(np.random.default_rng(6), 20, 15, 3).call, LONG)
    one, other = (
        restricted_likelihood(equations_of(votes)),
        restricted_likelihood(equations_of(votes, swap=True)),
    )
    assert (one.out, one.kept, one.residual) == pytest.approx(
        (other.kept, other.out, other.residual), rel=1e-8
    )
    more_reviewers = read_votes(made(np.random.default_rng(7), 12, 18, 6).call, LONG)
    assert np.all(np.isfinite(severity(more_reviewers).merit))


def test_severe_reviewers_are_found_and_taken_out():
    truth = made(np.random.default_rng(8), 150, 20, 4, sds=(1.0, 0.8, 0.4))
    result = severity(read_votes(truth.call, LONG))
    votes = result.votes
    plain = np.bincount(votes.proposal, votes.grade) / np.bincount(votes.proposal)
    assert np.corrcoef(result.reviewers["severity"], truth.severity)[0, 1] > 0.97
    assert np.std(result.merit - truth.merit) < 0.7 * np.std(plain - truth.merit)
    assert result.spread == pytest.approx({"proposals": 1.0, "reviewers": 0.8, "residual": 0.4}, rel=0.25)


def test_ninety_percent_of_the_intervals_hold_the_truth():
    inside = []
    for seed in range(25):
        truth = made(np.random.default_rng(100 + seed), 60, 12, 3, sds=(1.0, 0.5, 0.8))
        result = severity(read_votes(truth.call, LONG))
        inside.append(np.mean((result.low <= truth.merit) & (truth.merit <= result.high)))
    assert 0.87 < np.mean(inside) < 0.93


def test_a_large_call_is_solved_by_iteration_to_the_same_merits(monkeypatch):
    votes = read_votes(made(np.random.default_rng(9), 400, 60, 4).call, LONG)
    large = severity(votes, dense=10)
    monkeypatch.setattr("portfolio.scoring.reviewers.variances.restricted_likelihood", moments)
    small = severity(votes)
    assert large.merit == pytest.approx(small.merit, abs=1e-8)
    assert np.mean(large.sd / small.sd) == pytest.approx(1.0, abs=0.02)
    assert np.std(large.sd / small.sd) < 0.08
    assert "random draws" in large.notes[0]
    assert small.notes == ()


def test_the_order_of_rows_does_not_change_a_digit():
    call = made(np.random.default_rng(10), 30, 9, 3).call
    one, other = (severity(read_votes(c, LONG)) for c in (call, shuffled(call, 2)))
    assert one.proposals().equals(other.proposals())
    assert one.reviewers.equals(other.reviewers)


def test_merits_stay_on_the_scale():
    rng = np.random.default_rng(11)
    rows = [(f"p{i}", f"r{j}", float(rng.choice([1, 6]))) for i in range(10) for j in range(4)]
    result = severity(votes_of(*rows, settings=SIX))
    assert np.all(
        (result.low >= 1) & (result.high <= 6) & (result.low <= result.merit) & (result.merit <= result.high)
    )


def test_grades_that_say_nothing_are_refused():
    with pytest.raises(DataError, match="are all 3"):
        severity(votes_of(("a", "x", 3), ("a", "y", 3), ("b", "x", 3), ("b", "y", 3)))
    with pytest.raises(DataError, match="3 grades for 2 proposals and 2 reviewers"):
        severity(votes_of(("a", "x", 3), ("a", "y", 4), ("b", "x", 3)))
    with pytest.raises(DataError, match="2 groups"):
        calibrate(votes_of(("a", "x", 3), ("a", "y", 4), ("b", "z", 3)), LONG, "severity")


def test_normal_ninety_percent():
    from portfolio.scoring.reviewers.calibration import NORMAL_90

    assert pytest.approx(stats.norm.ppf(0.95), abs=1e-12) == NORMAL_90
