"""Agreement of selection rules, by hand."""

from __future__ import annotations

from decimal import Decimal

import polars as pl
import pytest
from small import call, policy

import portfolio as pf

SCALE = pf.ReviewSettings(best=6, worst=1)


def graded(grades, amounts, **rules):
    """Make a call from {proposal: {reviewer: grade}}."""
    rows = [(p, r, float(g)) for p, given in grades.items() for r, g in given.items()]
    reviews = pl.DataFrame(rows, ["proposal", "reviewer", "score"], orient="row")
    frame = pl.DataFrame({"id": list(grades), "amount": amounts})
    return pf.Call.from_frame(frame, reviews=reviews), policy(rules.pop("budget"), reviews=SCALE, **rules)


def test_four_projects_ranked_and_chosen():
    # After Lourenco, Morton & Bana e Costa 2012; ranking stops at A, which no longer fits beside B and C.
    made = call(amount=[4, 8, 10, 8], merit=[3, 4, 3.5, 2])
    found = pf.agreement(made, policy(20))
    assert found.rules.rows() == [
        ("rank, merit", 2, Decimal(18), None, None),
        ("optimizer, merit", 3, Decimal(20), "optimal", 0.0),
    ]
    assert found.proposals.rows() == [
        ("A", 1, ["optimizer, merit"], True, False),
        ("B", 2, ["rank, merit", "optimizer, merit"], False, False),
        ("C", 1, ["rank, merit"], True, False),
        ("D", 1, ["optimizer, merit"], True, False),
    ]
    # One award of four by both; 8 of the 30 that either spends.
    assert found.pairs.rows() == [("rank, merit", "optimizer, merit", 1, 1 / 4, 8 / 30)]
    assert repr(found) == "<Agreement: 2 rules, 0 refused; 1 proposals funded by all, 3 by some>"


SEVERE = {f"C{i}": {"mild": grade, "severe": grade - 2} for i, grade in enumerate([6, 5, 4, 3, 6, 5])}


def test_a_severe_reviewer_changes_who_wins():
    # The mean prefers A, whom the mild one graded; on the six that both graded, the severe one is two below.
    grades = SEVERE | {"A": {"mild": 5}, "B": {"severe": 4}}
    made, rules = graded(grades, [1] * 8, budget=1, eligible="id IN ('A', 'B')")
    found = pf.agreement(made, rules)
    winners = {row["id"]: row["funded_by"] for row in found.proposals.to_dicts() if row["rules"]}
    assert winners["A"] == ["rank, mean", "optimizer, mean"]
    assert {"rank, severity", "optimizer, severity", "optimizer, least_squares"} <= set(winners["B"])
    assert set(winners) == {"A", "B"}
    assert found.proposals.filter("depends_on_merits")["id"].to_list() == ["A", "B"]
    pairs = {row[:2]: row[2:] for row in found.pairs.rows()}
    assert pairs["rank, mean", "optimizer, mean"] == (1, 1.0, 1.0)
    assert pairs["rank, mean", "rank, severity"] == (0, 0.0, 0.0)


def test_a_model_that_cannot_be_used_is_named_with_its_reason():
    # Nobody graded both, so that who is severe cannot be known.
    grades = {"A": {"R1": 5, "R2": 6}, "B": {"R3": 4, "R4": 3}}
    made, rules = graded(grades, [1, 1], budget=1)
    found = pf.agreement(made, rules)
    assert "rank, severity" in found.refused
    assert "optimizer, severity" in found.refused
    assert all(reason and "\n" not in reason for reason in found.refused.values())
    assert {"rank, mean", "optimizer, mean"} <= set(found.rules["rule"])
    assert not set(found.refused) & set(found.rules["rule"])


def test_a_ranking_stands_where_the_rules_cannot_be_kept():
    made = call(amount=[1, 1], merit=[3, 4])
    found = pf.agreement(made, policy(1, must_fund=("A", "B")))
    assert found.rules["rule"].to_list() == ["rank, merit"]
    assert "must be funded" in found.refused["optimizer, merit"]
    with pytest.raises(pf.DataError, match="no proposal has a merit"):
        pf.agreement(call(amount=[1]), policy(1))


def test_awards_of_nobody_agree_about_nothing():
    made = call(amount=[2], merit=[3])
    assert pf.agreement(made, policy(1)).pairs.rows() == [("rank, merit", "optimizer, merit", 0, None, None)]


def test_neither_jobs_nor_the_order_of_rows_change_anything():
    made = pf.simulate_call(40, seed=4, reviews_per_proposal=3).call
    rules = pf.Policy(budget=6_000_000, reviews=SCALE.replace(bayes={"draws": 200, "most_draws": 200}))
    one = pf.agreement(made, rules, jobs=1)
    assert one.rules.height == 8
    reviews = made.reviews.reverse()
    turned = pf.Call.from_frame(made.to_polars().reverse(), reviews=reviews, rules=rules)
    other = pf.agreement(turned, rules, jobs=3)
    for name in ("rules", "proposals", "pairs"):
        assert getattr(one, name).equals(getattr(other, name), null_equal=True)
    assert other.notes == one.notes
