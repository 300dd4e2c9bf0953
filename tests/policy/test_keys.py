"""Keys of a policy as people name them."""

from __future__ import annotations

from decimal import Decimal

import pytest

import portfolio as pf
from portfolio.policy.keys import find_key, parse_value, with_keys

POLICY = pf.Policy(
    budget=1000,
    traits={"risky": "risk > 0.5", "a.b": "merit > 3"},
    reserve=[{"trait": "risky", "share": 0.1}, {"trait": "a.b", "share": 0.2}],
    limit=[
        {"per": "institution", "max_share": 0.5},
        {"where": "field = '1'", "min_awards": 1},
        {"per": "region", "max_awards": 3},
    ],
    link=[{"kind": "at_most", "k": 1, "per": "investigator"}, {"kind": "at_most", "k": 2, "per": "field"}],
)


@pytest.mark.parametrize(
    ("key", "path"),
    [
        ("budget", ("budget",)),
        ("reserve.risky.share", ("reserve", 0, "share")),
        ('reserve."a.b".share', ("reserve", 1, "share")),
        ("reserve.2.share", ("reserve", 1, "share")),
        ("reserve[2].share", ("reserve", 1, "share")),
        ("limit.region.max_awards", ("limit", 2, "max_awards")),
        ("link.field.k", ("link", 1, "k")),
        ("solver.gap", ("solver", "gap")),
        ("traits.risky", ("traits", "risky")),
        ("overspend.max_share", ("overspend", "max_share")),
    ],
)
def test_a_key_is_found(key: str, path: tuple[str | int, ...]) -> None:
    assert find_key(POLICY, key) == path


def test_keys_are_set_and_nothing_else_changes() -> None:
    changed = with_keys(
        POLICY, {"reserve.risky.share": 0.3, "budget": 2000, "limit.1.max_share": 0.4, "objective.zero": 3}
    )
    assert changed.reserve[0].share == 0.3
    assert changed.reserve[1] == POLICY.reserve[1]
    assert changed.budget == Decimal(2000)
    assert changed.limit[0].max_share == 0.4
    assert changed.limit[1:] == POLICY.limit[1:]
    assert changed.objective.zero == 3
    assert (
        with_keys(
            changed,
            {"reserve.risky.share": 0.1, "budget": 1000, "limit.1.max_share": 0.5, "objective.zero": 0},
        )
        == POLICY
    )


def test_a_table_that_is_missing_is_made() -> None:
    changed = with_keys(POLICY, {"overspend.max_share": 0.1, "overspend.price": 2.0})
    assert changed.overspend == pf.Overspend(max_share=0.1, price=2.0)


def test_one_year_of_a_budget_is_set() -> None:
    by_year = POLICY.replace(budget=[100, 200])
    assert with_keys(by_year, {"budget.2": 300}).budget == (100, 300)


@pytest.mark.parametrize(
    ("key", "words"),
    [
        ("reserve.rysky.share", "did you mean 'risky'"),
        ("reserve.3.share", "the policy has 2"),
        ("reserve.risky.shear", "share"),
        ("bugdet", "did you mean 'budget'"),
        ("link.at_most.k", "1 or 2"),
        ("budget.x", "one value"),
        ("", "not the name"),
        ("reserve..[", "not the name"),
    ],
)
def test_a_wrong_key_is_refused_with_the_nearest(key: str, words: str) -> None:
    with pytest.raises(pf.PolicyError, match=words.replace("[", r"\[")):
        with_keys(POLICY, {key: 0.1})


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0.05", 0.05),
        ("10", 10),
        ("true", True),
        ("per_money", "per_money"),
        ('["a", "b"]', ["a", "b"]),
        ("risk > 0.5", "risk > 0.5"),
        (" 1_000 ", 1000),
    ],
)
def test_a_text_is_read_as_toml_or_stands_for_itself(text: str, value: object) -> None:
    assert parse_value(text) == value


@pytest.mark.parametrize(
    "keys",
    [
        {"reserve.risky.share": 0.3, "reserve[1].share": 0.2},
        {"reserve.1": {"trait": "risky", "share": 0.3}, "reserve.risky.share": 0.2},
        {"reserve.1.share": 0.3, "reserve": []},
    ],
)
def test_two_names_of_one_key_are_refused(keys: dict[str, object]) -> None:
    one, other = keys
    with pytest.raises(pf.PolicyError) as caught:
        with_keys(POLICY, keys)
    assert f"key {other}: is set twice, as {one} and as {other}" in str(caught.value)
    with pytest.raises(pf.PolicyError, match="is set twice"):
        pf.scenario_grid(POLICY, {key: [value] for key, value in keys.items()})
