"""Scenarios by keys and values: what a command line says, and what it makes of a policy."""

from __future__ import annotations

import pytest

import portfolio as pf
from portfolio.analysis.sweeps.scenarios import as_scenarios, parse_setting

POLICY = pf.Policy(
    budget=100,
    traits={"risky": "risk > 0.5", "young": "early_career"},
    reserve=[{"trait": "risky", "share": 0.1}, {"trait": "young", "share": 0.7}],
    limit=[{"where": "field = 'a,b'", "max_share": 0.5}],
)


@pytest.mark.parametrize(
    ("text", "key", "values"),
    [
        ("reserve.risky.share=0,0.05,0.1", "reserve.risky.share", (0, 0.05, 0.1)),
        ("budget=[1, 2],[3,4]", "budget", ([1, 2], [3, 4])),
        (
            "reserve_order=minimum_guarantee,over_and_above",
            "reserve_order",
            ("minimum_guarantee", "over_and_above"),
        ),
        ("eligible='a = 1, b = 2',amount > 3", "eligible", ("a = 1, b = 2", "amount > 3")),
        ("limit.\"field = 'a,b'\".max_share=0.4", "limit.\"field = 'a,b'\".max_share", (0.4,)),
        ("objective.partial=true,false", "objective.partial", (True, False)),
        (" budget = 1_000 ", "budget", (1000,)),
    ],
)
def test_a_setting_is_a_key_and_its_values(text, key, values):
    assert parse_setting(text) == (key, values)


@pytest.mark.parametrize("text", ["budget", "budget=", "=3", "budget=1,,2", "budget=1,"])
def test_what_is_no_setting_is_refused(text):
    with pytest.raises(pf.PolicyError, match=r"--set: .* is not a key and its values\n *write it as in"):
        parse_setting(text)


def test_a_grid_has_every_combination_the_last_key_fastest():
    grid = pf.scenario_grid(POLICY, {"budget": [90, 110], "reserve.risky.share": [0, 0.2]})
    assert [one.name for one in grid] == [
        "budget=90, reserve.risky.share=0",
        "budget=90, reserve.risky.share=0.2",
        "budget=110, reserve.risky.share=0",
        "budget=110, reserve.risky.share=0.2",
    ]
    assert grid[3].policy == POLICY.replace(
        budget=110, reserve=[{"trait": "risky", "share": 0.2}, {"trait": "young", "share": 0.7}]
    )
    assert grid[3].values == {"budget": 110, "reserve.risky.share": 0.2}


def test_values_that_make_no_policy_are_a_fault_of_their_scenario():
    fine, wrong = pf.scenario_grid(POLICY, {"reserve.risky.share": [0.2, 2]})
    assert fine.policy is not None
    assert not fine.fault
    assert wrong.policy is None
    assert "reserve[1].share: '2' must be at most 1" in wrong.fault
    assert "\n" not in wrong.fault


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"reserve.riksy.share": [0.1, 0.2]}, "did you mean 'risky'"),
        ({"reserve.risky.shre": [0.1, 0.2]}, "did you mean 'share'"),
        ({"budget": []}, "column budget: has no value"),
        ({}, "no key is set"),
    ],
)
def test_a_key_that_names_nothing_is_an_error_and_no_row(values, message):
    with pytest.raises(pf.PolicyError, match=message):
        pf.scenario_grid(POLICY, values)


def test_policies_by_name_are_scenarios():
    made = as_scenarios({"more": POLICY.replace(budget=200)}, POLICY)
    assert [(one.name, one.policy.budget, dict(one.values)) for one in made] == [("more", 200, {})]


def test_what_cannot_be_compared_is_refused_all_at_once():
    twice = pf.scenario_grid(POLICY, {"budget": [90, 90]})
    other = pf.Scenario("another call", POLICY.replace(only="year = 2019", currency="CHF"))
    with pytest.raises(pf.PolicyError) as refused:
        as_scenarios([*twice, other], POLICY)
    text = str(refused.value)
    assert text.startswith("3 problems in the policy")
    assert "'budget=90' 2 scenarios have this name" in text
    assert "key only: changes how the file is read, and the call is read once (scenario another call)" in text
    assert "key currency" in text
    with pytest.raises(pf.PolicyError, match="there is no scenario"):
        as_scenarios({}, POLICY)


@pytest.mark.parametrize("name", ["", " ", "base"])
def test_a_scenario_has_a_name_of_its_own(name: str) -> None:
    with pytest.raises(pf.PolicyError, match="is no name for a scenario"):
        as_scenarios({name: POLICY.replace(budget=200)}, POLICY)


def test_values_none_of_which_makes_a_policy_are_all_told():
    with pytest.raises(pf.PolicyError) as refused:
        pf.scenario_grid(POLICY, {"reserve.risky.share": [2, 3]})
    text = str(refused.value)
    assert text.startswith("2 problems in the policy")
    assert "'2' must be at most 1" in text
    assert "'3' must be at most 1" in text
