"""Every number of a policy can be moved, and a slider can stand where the policy has it."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from random_rules import random_case
from report.explorer.asking import example
from small import call

import portfolio as pf
from portfolio.policy.keys import find_key, with_keys
from portfolio.report.explorer.controls import Control, controls


def holds(control: Control) -> bool:
    """Whether low + k x step is the value, for a whole number k, and the value is between the ends."""
    low, value, high, step = (
        Decimal(str(number)) for number in (control.low, control.value, control.high, control.step)
    )
    return step > 0 and low <= value <= high and low < high and (value - low) % step == 0


def test_the_example_has_a_control_for_each_of_its_numbers() -> None:
    found = controls(example())
    assert [(one.key, one.group, one.unit, one.value) for one in found] == [
        ("budget", "Budget", "money", 10_000_000),
        ("reserve.high_risk.share", "Reserves", "share", 0.2),
        ("reserve.long_horizon.share", "Reserves", "share", 0.2),
        ("reserve.young_investigator.share", "Reserves", "share", 0.3),
        ("limit.1.max_share", "Limits", "share", 0.4),
        ("limit.2.max_share", "Limits", "share", 0.2),
        ("limit.3.min_awards", "Limits", "count", 1),
        ("objective.zero", "Objective", "number", 3.0),
    ]
    budget = found[0]
    assert (budget.low, budget.high, budget.step) == (0, 20_000_000, 200_000)
    assert all(holds(one) for one in found)


def test_a_control_says_what_it_is_in_the_words_of_the_policy() -> None:
    labels = {one.key: one.label for one in controls(example())}
    assert labels["limit.1.max_share"] == "each institution: at most (share of the budget)"
    assert labels["limit.3.min_awards"] == "proposals with field >= '6': at least so many awards"
    assert labels["reserve.high_risk.share"] == "high risk, share of the budget"


@pytest.mark.parametrize(
    ("gap", "words"),
    [
        ({}, "success rate at most so far from"),
        ({"gap_side": "below"}, "success rate at most so far below"),
        ({"gap_of": "money"}, "share of the money asked for that is awarded at most so far from"),
        (
            {"gap_of": "money", "gap_side": "below"},
            "share of the money asked for that is awarded at most so far below",
        ),
    ],
)
def test_a_gap_is_described_on_its_side_and_in_its_unit(gap: dict[str, str], words: str) -> None:
    limit = pf.Limit(per="gender", max_gap=0.5, **gap)
    of = call(amount=[1] * 4, merit=[4, 3, 2, 1], gender=["woman", "man"] * 2)
    found = controls(pf.Problem(of, pf.Policy(budget=2, limit=[limit])))
    assert [one.label for one in found if one.key == "limit.1.max_gap"] == [
        f"each gender: {words} that of the whole call"
    ]


@pytest.mark.parametrize("seed", range(40))
def test_the_controls_of_any_policy_are_its_keys_and_can_be_set_to_what_they_are(seed: int) -> None:
    frame, policy = random_case(seed)
    problem = pf.Problem(pf.Call.from_frame(frame), policy)
    found = controls(problem)
    assert len({one.key for one in found}) == len(found)
    for one in found:
        assert holds(one), one
        find_key(policy, one.key)
    assert with_keys(policy, {one.key: one.value for one in found}) == policy


def test_years_pools_and_coverage_can_be_moved() -> None:
    years = {"amount_y1": [3, 4], "amount_y2": [2, 1]}
    policy = pf.Policy(
        budget=[6, 5],
        traits={"small": "amount < 5"},
        exploratory={"where": "amount < 5", "share": 0.125},
        coverage=[{"per": "field", "min_awards": 1, "priority": 1}],
        overspend={"max_amount": 1, "priority": 2},
    )
    problem = pf.Problem(call(amount=[5, 5], merit=[1, 2], field=["a", "b"], **years), policy)
    found = {one.key: one for one in controls(problem)}
    assert list(found) == [
        "budget.1",
        "budget.2",
        "coverage.1.min_awards",
        "overspend.max_amount",
        "exploratory.share",
        "objective.zero",
    ]
    assert found["exploratory.share"].step == 0.001
    assert found["coverage.1.min_awards"].low == 1


def test_a_criterion_leaves_no_zero_to_move() -> None:
    policy = pf.Policy(budget=6, objective={"criterion": [{"column": "merit"}]})
    found = controls(pf.Problem(call(amount=[5, 5], merit=[1, 2]), policy))
    assert [one.key for one in found] == ["budget"]


@settings(max_examples=30)
@given(st.decimals(0, 10**12, places=2), st.sampled_from([0.0, 1.5, 2.125, -3.0]))
def test_any_budget_and_any_zero_are_where_a_slider_can_stand(budget: Decimal, zero: float) -> None:
    policy = pf.Policy(budget=budget, objective={"zero": zero})
    found = controls(pf.Problem(call(amount=[5, 5], merit=[1.0, 4.7]), policy))
    assert all(holds(one) for one in found)
    assert with_keys(policy, {one.key: one.value for one in found}) == policy
