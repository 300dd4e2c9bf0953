"""Keys of a policy that make no sense together are refused, all at once, with the way out."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

import portfolio as pf

ROUNDS = {"reserve_order": "over_and_above"}
REFUSED: dict[str, dict[str, Any]] = {
    "carry_over: needs years to carry money between": {"carry_over": 3},
    "stable: needs years to guarantee": {"stable": pf.Stable()},
    "committed: has 2 sums, but the budget has 1 years": {"committed": [1, 2]},
    "committed: is more than the whole budget": {"committed": 11},
    "objective.zero: '3.0' is not used beside criteria": {
        "objective": {"zero": 3.0, "criterion": [{"column": "merit"}]}
    },
    "objective.order: needs two or more criteria": {"objective": {"order": "lexicographic"}},
    "objective.curve: is used for partial funding alone": {"objective": {"curve": [[1.0, 1.0]]}},
    "objective.curve: must rise from (0, 0) to (1, 1)": {
        "objective": {"partial": True, "curve": [[0.5, 0.9]]}
    },
    "objective.curve: must be concave": {"objective": {"partial": True, "curve": [[0.5, 0.2], [1.0, 1.0]]}},
    "objective.criterion[2].may_lose: '0.1' is not used with order = \"weighted\"": {
        "objective": {"criterion": [{"column": "merit"}, {"column": "trl", "may_lose": 0.1}]}
    },
    "objective.criterion[1].weight: '0.5' is not used with order = \"lexicographic\"": {
        "objective": {
            "order": "lexicographic",
            "criterion": [{"column": "merit", "weight": 0.5}, {"column": "trl"}],
        }
    },
    "overspend: needs either price or priority": {"overspend": {"max_amount": 1}},
    "overspend.price: cannot stand beside a priority": {"overspend": {"price": 1.0, "priority": 1}},
    "overspend.max_share: cannot stand beside max_amount": {
        "overspend": {"price": 1.0, "max_amount": 1, "max_share": 0.1}
    },
    "overspend: cannot be combined with overcommit": {
        "overspend": {"price": 1.0},
        "overcommit": {"epsilon": 0.1, "attrition": 0.1},
    },
    "overspend: cannot be combined with carry_over": {
        "overspend": {"price": 1.0},
        "budget": [5, 5],
        "carry_over": 1,
    },
    "overspend: cannot be combined with rounds": {"overspend": {"price": 1.0}, **ROUNDS},
    "overspend: cannot be combined with budgets by year and reserves that hold": {
        "budget": [5, 5],
        "overspend": {"priority": 1},
        "traits": {"r": "true"},
        "reserve": [{"trait": "r", "share": 0.1, "shortfall": "hold"}],
    },
    "overspend.price: cannot be combined with reserves that release or hold": {
        "overspend": {"price": 1.0},
        "traits": {"r": "true"},
        "reserve": [{"trait": "r", "share": 0.1, "shortfall": "release"}],
    },
    "overspend.price: cannot be combined with an exploratory pool that chooses first": {
        "overspend": {"price": 1.0},
        "exploratory": {"amount": 1},
    },
    "exploratory.price: cannot be combined with criteria one after the other": {
        "exploratory": {"amount": 1, "price": 1.0},
        "objective": {"order": "lexicographic", "criterion": [{"column": "merit"}, {"column": "risk"}]},
    },
    "stable: that gives way cannot be combined with rounds": {
        "budget": [5, 5],
        "stable": {"priority": 1},
        **ROUNDS,
    },
    "stable.price: cannot stand beside a priority": {
        "budget": [5, 5],
        "stable": {"price": 1.0, "priority": 1},
    },
    "exploratory.price: cannot stand beside a priority": {
        "exploratory": {"amount": 1, "price": 1.0, "priority": 1}
    },
    "exploratory: needs either share or amount": {"exploratory": {}},
    "exploratory: cannot be combined with rounds": {"exploratory": {"amount": 1}, **ROUNDS},
    "overcommit: cannot be combined with rounds": {
        "overcommit": {"epsilon": 0.1, "attrition": 0.1},
        **ROUNDS,
    },
    "objective.order: cannot be combined with rounds": {
        "objective": {"order": "lexicographic", "criterion": [{"column": "merit"}, {"column": "risk"}]},
        **ROUNDS,
    },
    "limit[1]: that gives way cannot be combined with rounds": {
        "limit": [{"where": "true", "max_awards": 1, "priority": 2}],
        **ROUNDS,
    },
    "overcommit: cannot be combined with carry_over": {
        "overcommit": {"epsilon": 0.1, "attrition": 0.1},
        "budget": [5, 5],
        "carry_over": 1,
    },
    "overcommit: cannot be combined with partial = true": {
        "overcommit": {"epsilon": 0.1, "attrition": 0.1},
        "objective": {"partial": True},
    },
    "overcommit.underspend_sd: '0.5' is too large": {
        "overcommit": {"epsilon": 0.1, "attrition": 0.1, "underspend": 0.1, "underspend_sd": 0.5}
    },
    "limit[1].trait: 'x' is not a trait": {"limit": [{"trait": "x", "max_awards": 1}]},
    "limit[1].of: 'trl' goes only with min_amount and max_amount": {
        "limit": [{"of": "trl", "max_awards": 1}]
    },
    "limit[1].price: cannot stand beside a priority": {
        "limit": [{"where": "true", "max_awards": 1, "price": 1.0, "priority": 2}]
    },
    "coverage[1]: has nothing that could give way": {
        "coverage": [{"per": "field", "weight": 1.0, "price": 1.0}]
    },
    "link[1]: is no rule that could give way": {
        "link": [{"kind": "synergy", "proposals": ["A", "B"], "value": 1.0, "price": 1.0}]
    },
    "reserve[1].shortfall: 'hold' cannot stand beside a price or priority": {
        "traits": {"r": "true"},
        "reserve": [{"trait": "r", "share": 0.1, "shortfall": "hold", "price": 1.0}],
    },
    "reserve: has more than 60 entries": {
        "traits": {f"t{i}": "true" for i in range(61)},
        "reserve": [{"trait": f"t{i}", "share": 0.001} for i in range(61)],
    },
    'solver.method: goes only with engine = "highs"': {"solver": {"engine": "pulp:CBC", "method": "whole"}},
}


@pytest.mark.parametrize("message", REFUSED)
def test_what_makes_no_sense_together_is_refused(message: str) -> None:
    with pytest.raises(pf.PolicyError) as error:
        pf.Policy(**{"budget": 10, **REFUSED[message]})
    assert f"key {message}" in str(error.value)


PLAIN: dict[str, dict[str, Any]] = {
    "objective.curve[1]: '[0.5, 0.7, 0.1]' must have at most 2 entries": {
        "objective": {"partial": True, "curve": [[0.5, 0.7, 0.1], [1.0, 1.0]]}
    },
    "budget: '[[2.5]]' must be an amount of money": {"budget": [[Decimal("2.5")]]},
    "budget: '10000000000000000000' must be at most 1,000,000,000,000,000,000": {"budget": Decimal(10) ** 19},
    "stable: 'true' must be a table": {"stable": True},
    "reserve: '{trait = \"r\"}' must be a list": {"reserve": {"trait": "r"}},
    "currency: 'eur' must be three capital letters, such as EUR": {"currency": "eur"},
    "early_career.rule.counted_from: '[]' must not be empty": {
        "early_career": {"rule": {"name": "x", "counted_from": [], "max_years": 1}, "on": date(2026, 1, 1)}
    },
}


@pytest.mark.parametrize("message", PLAIN)
def test_faults_are_said_in_plain_words(message: str) -> None:
    with pytest.raises(pf.PolicyError) as error:
        pf.Policy(**{"budget": 10, **PLAIN[message]})
    assert f"key {message}" in str(error.value)


def test_all_of_it_is_said_at_once() -> None:
    with pytest.raises(pf.PolicyError) as error:
        pf.Policy(budget=10, carry_over=1, stable=pf.Stable(), objective={"order": "lexicographic"})
    assert len(error.value.issues) == 3


def test_prices_of_money_round_trip_through_toml(tmp_path: Any) -> None:
    policy = pf.Policy(
        budget=[5, 6],
        overspend={"price": 0.25, "max_amount": 0.5},
        stable={"firm": 0.5, "priority": 2},
        exploratory={"amount": 1, "left": "hold", "price": 0.1},
    )
    file = tmp_path / "policy.toml"
    file.write_text(policy.to_toml(), encoding="utf-8")
    assert pf.read_policy(file) == policy
    assert policy.replace(budget=[5, 7]).overspend == policy.overspend


def test_every_new_key_round_trips_through_toml(tmp_path: Any) -> None:
    policy = pf.Policy(
        budget=[5, 6],
        committed=[1, 2],
        objective={
            "partial": "levels",
            "order": "lexicographic",
            "criterion": [{"column": "merit", "may_lose": 0.1}, {"column": "trl", "zero": 1.0, "scale": 2.0}],
        },
        traits={"r": "true"},
        reserve=[{"trait": "r", "share": 0.1, "priority": 3}],
        limit=[{"of": "cofunding", "min_amount": 3, "price": 0.5}],
        coverage=[{"per": "field", "weight": 2.0, "min_awards": 1, "price": 1.0}],
        stable={},
        exploratory={"share": 0.1, "max_award": 1, "left": "hold"},
        overcommit={"epsilon": 0.05, "attrition": 0.1},
        solver={"nodes": 7},
    )
    file = tmp_path / "policy.toml"
    file.write_text(policy.to_toml(), encoding="utf-8")
    assert pf.read_policy(file) == policy
