"""Ranks from draws."""

import numpy as np
import polars as pl
import pytest

from portfolio.scoring.reviewers.ranks import chance_of_top, rank_frame, ranked

DRAWS = np.array([[3.0, 2.0, 1.0], [3.0, 1.0, 2.0], [1.0, 2.0, 3.0], [3.0, 2.0, 1.0]])


def test_expected_ranks_by_hand():
    ranks = ranked(DRAWS)
    assert ranks.tolist() == [[1, 2, 3], [1, 3, 2], [3, 2, 1], [1, 2, 3]]
    frame = rank_frame(pl.Series(["a", "b", "c"]), ranks)
    assert frame["id"].to_list() == ["a", "b", "c"]
    assert frame["expected_rank"].to_list() == [1.5, 2.25, 2.25]
    # 100 (1.5 - 0.5) / 3 and (3 - 1.5) / 2
    assert frame["pcer"].to_list() == pytest.approx([33.333333, 58.333333, 58.333333])
    assert frame["sucra"].to_list() == [0.75, 0.375, 0.375]
    assert chance_of_top(ranks, 1).tolist() == [0.75, 0.0, 0.25]


def test_sucra_is_the_mean_of_the_cumulative_chances():
    draws = np.random.default_rng(0).normal(size=(500, 7)) + np.arange(7) / 3
    ranks = ranked(draws)
    by_id = rank_frame(pl.Series([f"{i}" for i in range(7)]), ranks).sort("id")
    cumulative = np.mean([chance_of_top(ranks, k) for k in range(1, 7)], axis=0)
    assert by_id["sucra"].to_list() == pytest.approx(cumulative, abs=1e-6)
    assert by_id["expected_rank"].sum() == pytest.approx(28)


def test_one_proposal_is_the_best():
    frame = rank_frame(pl.Series(["a"]), ranked(np.zeros((5, 1))))
    assert frame.row(0) == ("a", 1.0, 1.0, 1.0, 1.0, 1.0, 50.0, 1.0)
