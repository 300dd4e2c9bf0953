"""Reliability against published tables, and the reviewers' report by hand."""

import numpy as np
import pytest
from scipy import optimize
from scoring.reviewers.made import LONG, call_of, made, table_of, votes_of
from scoring.reviewers.test_severity import ALIKE, SHROUT, dense_deviance, lines_of, small_call

from portfolio.scoring.reviewers import panel_reliability, read_votes, reviewer_table, reviews_needed


def test_the_table_of_shrout_and_fleiss():
    row = panel_reliability(table_of(SHROUT)).row(0, named=True)
    # Published: ICC(2,1) = .29, ICC(3,1) = .71, ICC(2,4) = .62.
    assert (row["icc_single"], row["icc_order"], row["icc_mean"]) == pytest.approx(
        (0.29, 0.71, 0.62), abs=0.005
    )
    assert (row["proposals"], row["reviewers"], row["grades"], row["grades_per_proposal"]) == (6, 4, 24, 4.0)


def test_where_nobody_graded_twice_it_is_the_one_way_correlation():
    rows = [(f"p{i}", f"r{i}{j}", g) for i, grades in enumerate(SHROUT) for j, g in enumerate(grades)]
    row = panel_reliability(votes_of(*rows)).row(0, named=True)
    # Published: ICC(1,1) = .17, ICC(1,4) = .44.
    assert (row["icc_single"], row["icc_mean"]) == pytest.approx((0.17, 0.44), abs=0.005)
    assert row["icc_order"] is None
    assert row["sd_reviewers"] is None


def test_where_reviewers_do_not_differ_it_is_the_one_way_analysis_of_variance():
    votes = lines_of(ALIKE)
    row = panel_reliability(votes).row(0, named=True)
    means = np.bincount(votes.proposal, votes.grade) / 3
    within = np.sum((votes.grade - means[votes.proposal]) ** 2) / 40
    between = np.var(means, ddof=1) - within / 3
    assert (row["sd_reviewers"], row["sd_residual"]) == pytest.approx((0, within**0.5), abs=1e-5)
    assert row["icc_single"] == pytest.approx(between / (between + within), abs=1e-5)
    assert row["icc_mean"] == pytest.approx(between / (between + within / 3), abs=1e-5)
    assert row["reviews_for_80"] == 3


def test_where_proposals_do_not_differ_the_residual_is_all_there_is():
    # Nobody graded twice, and the means of the proposals differ less than chance alone would have them.
    votes = votes_of(*((f"p{i}", f"r{i}{j}", float(g)) for i in range(4) for j, g in enumerate([1, 3, 5])))
    row = panel_reliability(votes).row(0, named=True)
    assert row["sd_residual"] == pytest.approx(np.std(votes.grade, ddof=1), abs=1e-6)
    assert (row["sd_proposals"], row["icc_single"]) == (0, None)


@pytest.mark.parametrize("seed", range(12))
def test_the_standard_deviations_are_the_likeliest(seed):
    votes = small_call(seed)
    row = panel_reliability(votes).row(0, named=True)
    found = np.array([row["sd_proposals"], row["sd_reviewers"], row["sd_residual"]]) ** 2
    for start in ([0.0, -1.0, -1.0], [-3.0, 0.0, -1.0]):
        other = optimize.minimize(
            lambda x: dense_deviance(votes, np.exp(np.clip(x, -14, 5))), start, method="Nelder-Mead"
        )
        assert dense_deviance(votes, found) <= other.fun + 1e-4


@pytest.mark.parametrize(
    ("single", "goal", "k"), [(0.5, 0.8, 4), (0.5, 0.5, 1), (0.25, 0.75, 9), (0.3, 0.7, 6)]
)
def test_spearman_and_brown(single, goal, k):
    assert reviews_needed(single, goal) == k
    assert k * single / (1 + (k - 1) * single) >= goal - 1e-12
    assert k == 1 or (k - 1) * single / (1 + (k - 2) * single) < goal


def test_reliabilities_outside_zero_to_one_are_refused():
    with pytest.raises(ValueError, match="between 0 and 1"):
        reviews_needed(0.0, 0.8)


def test_each_panel_and_all():
    rows = [
        (f"p{k}{i}", f"r{k}{j}", f"panel {k}", float(i + j))
        for k in range(2)
        for i in range(3)
        for j in range(3)
    ]
    frame = panel_reliability(read_votes(call_of(rows), LONG))
    assert frame["panel"].to_list() == ["all", "panel 0", "panel 1"]
    # Without a residual order is perfectly reliable; proposals and reviewers have the same variance.
    assert frame["icc_order"].to_list()[1:] == pytest.approx([1, 1], abs=1e-5)
    assert frame["icc_single"].to_list()[1:] == pytest.approx([0.5, 0.5], abs=1e-5)
    assert frame["reviews_for_80"].to_list()[1:] == [4, 4]


def test_grades_that_tell_nothing():
    row = panel_reliability(votes_of(("a", "x", 3), ("b", "y", 4))).row(0, named=True)
    assert (row["icc_single"], row["reviews_for_70"]) == (None, None)
    same = panel_reliability(votes_of(("a", "x", 3), ("a", "y", 4), ("b", "x", 3), ("b", "y", 4)))
    assert same.row(0, named=True)["icc_single"] is None
    equal = panel_reliability(table_of([[3, 3], [3, 3], [3, 3]])).row(0, named=True)
    assert (equal["sd_proposals"], equal["sd_residual"], equal["icc_single"]) == (0, 0, None)


def test_what_a_panel_said_does_not_hang_on_which_side_is_larger():
    votes = table_of(np.transpose(SHROUT).tolist())
    row = panel_reliability(votes).row(0, named=True)
    other = panel_reliability(table_of(SHROUT)).row(0, named=True)
    assert (row["sd_proposals"], row["sd_reviewers"]) == (other["sd_reviewers"], other["sd_proposals"])


def test_estimates_are_near_the_truth_of_a_simulated_call():
    truth = made(np.random.default_rng(0), 3000, 100, 3, sds=(1.0, 0.5, 0.8))
    row = panel_reliability(read_votes(truth.call, LONG)).row(0, named=True)
    assert row["icc_single"] == pytest.approx(1 / (1 + 0.25 + 0.64), abs=0.03)
    assert row["icc_order"] == pytest.approx(1 / 1.64, abs=0.03)


def test_a_reviewer_by_hand():
    votes = votes_of(("a", "x", 2), ("a", "y", 4), ("b", "x", 3), ("b", "y", 4), ("b", "z", 6), ("c", "x", 5))
    frame = reviewer_table(votes)
    x = frame.row(0, named=True)
    # Below the others by 4 - 2 = 2 on a and (4 + 6) / 2 - 3 = 2 on b; nobody else graded c.
    assert (x["n_reviews"], x["n_shared"], x["below_others"]) == (3, 2, 2.0)
    assert (x["below_others_low"], x["below_others_high"]) == (2.0, 2.0)
    assert (x["mean_grade"], x["sd_grade"], x["agreement"]) == (
        pytest.approx(10 / 3, abs=1e-6),
        1.527525,
        None,
    )
    assert frame.row(2, named=True)["below_others_low"] is None


def test_agreement_is_the_correlation_with_the_others():
    grades = [[1, 2, 5], [2, 4, 1], [4, 3, 3], [5, 6, 2]]
    frame = reviewer_table(table_of(grades))
    g = np.array(grades, dtype=float)
    expected = [np.corrcoef(g[:, j], np.delete(g, j, axis=1).mean(axis=1))[0, 1] for j in range(3)]
    assert frame["agreement"].to_list() == pytest.approx(expected, abs=1e-6)
