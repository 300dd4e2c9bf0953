"""The votes of four panels of the SNSF, against the published intervals of their ranks."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import polars as pl
import pytest

import portfolio as pf

pytestmark = pytest.mark.once

SIX = pf.ReviewSettings(best=6, worst=1, method="bayes")


@dataclass(frozen=True)
class Votes:
    """What scoring needs of a call."""

    frame: pl.DataFrame
    reviews: pl.DataFrame


def apart(folder: Path, settings: pf.ReviewSettings) -> pl.DataFrame:
    """Our ranks beside the published ones; row i of those is the i-th proposal in the order of the votes."""
    votes = pl.read_csv(folder / "votes.csv")
    ids = votes.select(id=pl.col("proposal").unique(maintain_order=True))
    score = pl.col("num_grade").cast(pl.Float64)
    reviews = votes.select("proposal", reviewer="assessor", score=score, panel="section")
    found = pf.rank_proposals(Votes(ids, reviews), settings)
    assert found.converged
    return found.ranks.join(ids.hstack(pl.read_csv(folder / "rank_intervals.csv")), on="id")


@pytest.mark.needs_data("snsf_mint/votes.csv")
def test_one_person_per_name_and_a_level_per_section_is_the_published_run(real_data: Path) -> None:
    found = apart(real_data / "snsf_mint", SIX.replace(bayes={"panels": "level"}))
    assert found.height == 353
    difference = (found["expected_rank"] - found["m"]).abs()
    assert difference.median() < 0.4
    assert difference.max() < 2
    for ours, theirs in (
        ("rank_low_50", "l"),
        ("rank_high_50", "h"),
        ("rank_low_90", "ll"),
        ("rank_high_90", "hh"),
    ):
        assert (found[ours] - found[theirs]).abs().median() == 0
    assert found.select(pl.corr(pl.col("expected_rank").rank(), pl.col("m").rank())).item() > 0.9998


@pytest.mark.needs_data("snsf_mint/votes.csv")
def test_reviewers_told_apart_by_section_are_close_to_it(real_data: Path) -> None:
    found = apart(real_data / "snsf_mint", SIX.replace(reviewer_ids="panel"))
    difference = (found["expected_rank"] - found["m"]).abs()
    # Further from the published run than its own reading is: this is no Monte-Carlo error.
    assert 0.8 < difference.median() < 1.8
    assert found.select(pl.corr(pl.col("expected_rank").rank(), pl.col("m").rank())).item() > 0.9994
