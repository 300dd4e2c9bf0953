"""From reviews to votes."""

import polars as pl
import pytest
from scoring.cases import Table, graded
from scoring.reviewers.made import SIX, call_of, shuffled

from portfolio.errors import DataError, PolicyError
from portfolio.scoring.reviewers import read_votes
from portfolio.scoring.reviewers.groups import groups, refuse_separate_groups
from portfolio.scoring.reviewers.methods import names_that_restart

PANELS = [
    ("a", "x", "1", 6.0),
    ("b", "x", "1", 4.0),
    ("c", "x", "2", 2.0),
    ("d", "x", "2", 3.0),
    ("d", "y", "2", 5.0),
]


def test_a_vote_is_the_weighted_mean_over_criteria_turned_so_that_higher_is_better():
    turned = SIX.replace(best=1, worst=6, weights={"idea": 3.0, "plan": 1.0})
    call = graded("ba", ("b", "y", "idea", 1), ("b", "y", "plan", 3), ("a", "x", "plan", 2))
    votes = read_votes(call, turned)
    # b by y: (3 * 1 + 3) / 4 = 1.5, turned 7 - 1.5; a by x: 7 - 2
    assert votes.proposals.to_list() == ["a", "b"]
    assert votes.grade.tolist() == [5.0, 5.5]
    assert votes.rows.tolist() == [1, 0]
    assert votes.reviewers.to_list() == ["x", "y"]


def test_votes_do_not_depend_on_the_order_of_rows():
    call = call_of(PANELS)
    one, other = read_votes(call, SIX), read_votes(shuffled(call, 3), SIX)
    for name in ("proposal", "reviewer", "panel", "grade"):
        assert getattr(one, name).tolist() == getattr(other, name).tolist()
    assert one.proposals.to_list() == other.proposals.to_list()


def test_names_may_start_again_in_every_panel():
    call = call_of(PANELS)
    assert read_votes(call, SIX).m == 2
    votes = read_votes(call, SIX.replace(reviewer_ids="panel"))
    assert votes.reviewers.to_list() == ["1 / x", "2 / x", "2 / y"]
    assert votes.panels.to_list() == ["1", "2"]
    assert votes.panel.tolist() == [0, 0, 1, 1, 1]
    part = votes.take(votes.panel == 1)
    assert (part.proposals.to_list(), part.reviewers.to_list()) == (["c", "d"], ["2 / x", "2 / y"])


def test_names_that_seem_to_start_again_are_mentioned():
    rows = [
        (f"p{panel}{i}", f"voter{j}", str(panel), 3.0)
        for panel in range(3)
        for i in range(2)
        for j in range(4)
    ]
    call = call_of(rows)
    assert "4 of 4 reviewers' names" in names_that_restart(read_votes(call, SIX), SIX)[0]
    apart = SIX.replace(reviewer_ids="panel")
    assert names_that_restart(read_votes(call, apart), apart) == ()
    # One proposal that two panels graded shows that the names mean persons.
    bridged = call_of([*rows, ("p00", "voter9", "1", 3.0)])
    assert names_that_restart(read_votes(bridged, SIX), SIX) == ()


def test_panels_that_are_asked_for_must_be_there():
    call = graded("a", ("a", "x", None, 3))
    with pytest.raises(PolicyError, match=r"reviews\.reviewer_ids: asks for panels"):
        read_votes(call, SIX.replace(reviewer_ids="panel"))
    with pytest.raises(PolicyError, match=r"reviews\.bayes\.panels: asks for panels"):
        read_votes(call, SIX.replace(method="bayes", bayes={"panels": "level"}))


def test_nothing_to_calibrate_is_refused():
    with pytest.raises(DataError, match="hold no grade that counts"):
        read_votes(graded("a", ("a", "x", None, None)), SIX)
    with pytest.raises(DataError, match="the call has none"):
        read_votes(Table(pl.DataFrame({"id": ["a"]})), SIX)
    unnamed = Table(
        pl.DataFrame({"id": ["a"]}), pl.DataFrame({"proposal": ["a"], "reviewer": [None], "score": [3.0]})
    )
    with pytest.raises(DataError, match="column reviewer: is missing"):
        read_votes(unnamed, SIX)


def test_groups_that_nobody_joins_are_named():
    rows = [("a", "x", None, 1.0), ("a", "y", None, 2.0), ("b", "y", None, 3.0), ("c", "z", None, 3.0)]
    votes = read_votes(call_of(rows), SIX)
    count, proposals, reviewers = groups(votes)
    assert (count, proposals.tolist(), reviewers.tolist()) == (2, [0, 0, 1], [0, 0, 1])
    with pytest.raises(DataError) as caught:
        refuse_separate_groups(votes, "severity")
    for words in (
        "2 groups that no reviewer joins",
        "2 proposals (a, b), graded by 2 reviewers (x, y)",
        "(c)",
        "bayes",
    ):
        assert words in str(caught.value)
    refuse_separate_groups(read_votes(call_of([*rows, ("c", "x", None, 3.0)]), SIX), "severity")
