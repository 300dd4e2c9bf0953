"""How groups fare: published intervals, a case solved on paper, and what must not depend on groups."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from random_rules import random_case
from small import call, policy

import portfolio as pf
from portfolio.analysis.merit_alone import by_merit_alone, without_rules
from portfolio.analysis.proportions import difference, paired_difference, wilson
from portfolio.optimize.audit import broken_rules

EXAMPLES = Path(__file__).parents[2] / "examples" / "data"


@pytest.mark.parametrize(
    ("successes", "trials", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_published_intervals_of_rates(successes: int, trials: int, low: float, high: float) -> None:
    # Newcombe 1998, Statistics in Medicine 17, 857-872, table I, method 3.
    assert wilson(successes, trials) == pytest.approx((low, high), abs=5e-5)


@pytest.mark.parametrize(
    ("first", "second", "low", "high"),
    [
        ((56, 70), (48, 80), 0.0524, 0.3339),
        ((9, 10), (3, 10), 0.1705, 0.8090),
        ((6, 7), (2, 7), 0.0582, 0.8062),
        ((5, 56), (0, 29), -0.0381, 0.1926),
        ((0, 10), (0, 20), -0.1611, 0.2775),
        ((0, 10), (0, 10), -0.2775, 0.2775),
        ((10, 10), (0, 20), 0.6791, 1.0),
        ((10, 10), (0, 10), 0.6075, 1.0),
    ],
)
def test_published_intervals_of_differences(
    first: tuple[int, int], second: tuple[int, int], low: float, high: float
) -> None:
    # Newcombe 1998, Statistics in Medicine 17, 873-890, table II, method 10.
    assert difference(first, second)[1:] == pytest.approx((low, high), abs=5e-5)


def test_a_published_interval_of_paired_rates() -> None:
    # Altman, Machin, Bryant & Gardner 2000, Statistics with confidence, table 6.2.
    assert paired_difference(14, 5, 0, 22) == pytest.approx((0.122, 0.011, 0.226), abs=5e-4)


@given(st.integers(0, 40), st.integers(0, 40), st.integers(0, 40), st.integers(0, 40))
def test_intervals_hold_what_was_found_and_turn_around(a: int, b: int, c: int, d: int) -> None:
    low, high = wilson(a, a + b)
    assert 0 <= low <= (a / (a + b) if a + b else 0.5) <= high <= 1
    if a + b and c + d:
        found, least, most = difference((a, a + b), (c, c + d))
        assert -1 - 1e-9 <= least <= found <= most <= 1 + 1e-9
        assert difference((c, c + d), (a, a + b)) == pytest.approx((-found, -most, -least))
    if a + b + c + d:
        found, least, most = paired_difference(a, b, c, d)
        assert -1 - 1e-9 <= least <= found <= most <= 1 + 1e-9
        assert paired_difference(a, c, b, d) == pytest.approx((-found, -most, -least))


SIX = {
    "amount": [4.0, 2.0, 2.0, 2.0, 4.0, 2.0],
    "merit": [5.0, 4.0, 3.0, 2.0, 1.0, None],
    "region": ["n", "n", "s", "s", None, "s"],
    "young": [False, False, True, True, True, True],
}


def test_a_case_solved_on_paper() -> None:
    # Of 8: A, B and C by merit (and D fits no more); with half for the young, B, C and D, and A not: 4 + 2 + 2 of 8
    # would leave the young with 2. The best: without A, B, C and D for 6, and 2 left; with A, 12 in value.
    rules = policy(8, traits={"young": "young"}, reserve=[pf.Reserve(trait="young", share=0.5)])
    portfolio = pf.optimize(call(**SIX), rules)
    assert portfolio.ids == ("A", "C", "D")
    found = pf.fairness(portfolio, ["region"])
    rows = {row["group"]: row for row in found.groups.iter_rows(named=True)}
    assert list(rows) == ["n", "s", None]
    assert [rows[name]["proposals"] for name in rows] == [2, 2, 1]
    assert [rows[name]["ineligible"] for name in rows] == [0, 1, 0]
    assert [rows[name]["awards"] for name in rows] == [1, 2, 0]
    assert [rows[name]["merit_awards"] for name in rows] == [2, 1, 0]
    assert [rows[name]["best_awards"] for name in rows] == [2, 1, 0]
    north = rows["n"]
    assert (north["asked"], north["awarded"]) == (Decimal("6.00"), Decimal("4.00"))
    assert (north["rate"], north["money_rate"]) == (0.5, pytest.approx(2 / 3))
    assert north["gap"] == pytest.approx(1 / 2 - 2 / 3)
    assert north["merit_change"] == pytest.approx(-0.5)
    assert (north["share_proposals"], north["share_awards"]) == (2 / 5, pytest.approx(1 / 3))
    assert (north["share_asked"], north["share_awarded"]) == (pytest.approx(6 / 14), 0.5)
    # Two requests of 4 and 2 weigh as 36 / 20 proposals of one size.
    assert (north["money_rate_low"], north["money_rate_high"]) == wilson(1.2, 1.8)
    assert (north["rate_low"], north["rate_high"]) == wilson(1, 2)
    assert north["small"]


def test_small_groups_are_put_together_and_never_dropped() -> None:
    portfolio = pf.optimize(call(**SIX), policy(8))
    whole = pf.fairness(portfolio, ["region"]).groups
    few = pf.fairness(portfolio, ["region"], min_proposals=2).groups
    # One proposal without a region: the next smallest group hides who it is.
    assert few.select("group", "together", "proposals").rows() == [("s", 1, 2), ("smaller groups", 2, 3)]
    for column in ("proposals", "ineligible", "awards", "asked", "awarded"):
        assert few[column].sum() == whole[column].sum()


@pytest.mark.parametrize("least", [1, 3, 5, 10, 100])
def test_no_group_is_shown_that_is_smaller_than_asked_for(least: int) -> None:
    rules = pf.read_policy(EXAMPLES / "policy.toml")
    read = pf.read_call(EXAMPLES / "proposals.csv", EXAMPLES / "reviews.csv", policy=rules)
    found = pf.fairness(pf.optimize(read, rules), ["institution", "field"], min_proposals=least).groups
    sums = found.group_by("by").agg(pl.col("proposals").sum(), pl.col("awards").sum())
    assert set(sums["proposals"]) == {60}
    assert set(sums["awards"]) == {34}
    assert (found["proposals"] >= min(least, 60)).all()


def test_a_trait_forms_groups_and_tags_form_several() -> None:
    rules = policy(8, traits={"cheap": "amount <= 2"})
    tagged = call(**SIX, tags=["x;y", "x", None, "y", "y", None])
    found = pf.fairness(pf.optimize(tagged, rules), ["cheap"]).groups
    assert found.select("group", "proposals").rows() == [("true", 3), ("false", 2)]


def test_faults_are_said() -> None:
    portfolio = pf.optimize(call(**SIX), policy(8))
    with pytest.raises(KeyError, match="'regio' is not a column of this call; did you mean 'region'"):
        pf.fairness(portfolio, ["regio"])
    with pytest.raises(ValueError, match="min_proposals"):
        pf.fairness(portfolio, ["region"], min_proposals=0)
    with pytest.raises(ValueError, match="one column"):
        pf.fairness(portfolio, [])


@pytest.mark.parametrize("seed", range(40))
def test_merit_alone_keeps_the_budget_and_is_the_greedy_choice(seed: int) -> None:
    frame, rules = random_case(seed)
    rules = rules.replace(overspend=None, overcommit=None)
    problem = pf.Problem(pf.Call.from_frame(frame, rules=rules), rules)
    awards, best = by_merit_alone(problem), without_rules(problem)
    plain = best.problem
    assert not broken_rules(plain.instance, plain.policy, awards)
    if len(rules.budgets) == 1 and not rules.objective.criterion:
        # From the best down, nobody is passed over who fits beside the better ones that are funded.
        instance = plain.instance
        left = instance.budget
        may = np.flatnonzero(instance.open & ~np.isin(np.array(instance.ids), rules.must_not_fund))
        for index in sorted(may.tolist(), key=lambda i: -instance.merit[i]):
            assert bool(awards.funded[index]) == (instance.amount[index] <= left), instance.ids[index]
            left -= int(awards.amount[index])
    if not rules.objective.criterion and rules.objective.size == "per_award":
        assert best.bound >= instance_value(best, awards.funded) - 1e-7


def instance_value(portfolio: pf.Portfolio, funded: np.ndarray) -> float:
    return float(portfolio.problem.instance.value[funded].sum())


def test_groups_change_no_score_and_no_decision() -> None:
    rules = pf.read_policy(EXAMPLES / "policy.toml")
    rules = rules.replace(limit=[], traits={"high_risk": "risk >= 0.6"}, reserve=[], early_career=None)
    frame = pl.read_csv(EXAMPLES / "proposals.csv", infer_schema_length=None)
    reviews = pl.read_csv(EXAMPLES / "reviews.csv")
    rng = np.random.Generator(np.random.PCG64(0))
    found = []
    for gender in (["woman"] * 60, rng.choice(["woman", "man", "other"], 60).tolist()):
        shuffled = {name: frame[name].gather(rng.permutation(60)) for name in ("region", "institution")}
        changed = frame.with_columns(gender=pl.Series(gender), **shuffled)
        problem = pf.Problem(pf.Call.from_frame(changed, reviews=reviews, rules=rules), rules)
        decided = problem.solve()
        pf.fairness(decided, ["gender", "region", "institution"])
        found.append((problem.instance.scores.frame, decided.ids, decided.to_frame()))
    assert found[0][0].equals(found[1][0])
    assert found[0][1] == found[1][1]
    assert found[0][2].equals(found[1][2])
