"""A field is one field to rules, groups and conditions, whatever its share in a proposal."""

from __future__ import annotations

import pytest
from small import call, funded, policy

import portfolio as pf
from portfolio.policy.conditions import evaluate

# A and B and C work in 1.1; A and D in 2.3.
FOUR = call(
    amount=[100] * 4,
    merit=[5, 4, 3, 2],
    fields=["1.1: 60%;2.3: 40%", "1.1 :50%;3.2: 50%", "1.1", "2.3"],
    notes=["a: b", "a", "a: c", "a"],
)


@pytest.mark.parametrize(
    ("sql", "rows"),
    [
        ("ARRAY_CONTAINS(fields, '1.1')", [True, True, True, False]),
        ("'2.3' = ANY(fields)", [True, False, False, True]),
        ("ARRAY_GET(fields, 1) = '1.1'", [True, True, True, False]),
        ("ARRAY_LENGTH(fields) = 2", [True, True, False, False]),
        ("ARRAY_TO_STRING(fields, '+') = '1.1+2.3'", [True, False, False, False]),
        ("notes = 'a: b'", [True, False, False, False]),
    ],
)
def test_a_condition_sees_fields_without_their_shares(sql: str, rows: list[bool]) -> None:
    masks, faults = evaluate(FOUR.table(), {("eligible",): sql})
    assert not faults
    assert masks["eligible",].tolist() == rows


@pytest.mark.parametrize(
    ("rules", "ids"),
    [
        # A takes 1.1 and 2.3, so that nobody else has a field left; B and D are worth more.
        ({"limit": [pf.Limit(per="fields", max_awards=1)]}, "BD"),
        ({"limit": [pf.Limit(per="fields", max_awards=1)], "must_fund": ["A"]}, "A"),
        # B covers 1.1 and 3.2, so that D adds 2.3 and C nothing.
        ({"coverage": [pf.Coverage(per="fields", min_awards=1, price=100)], "must_not_fund": ["A"]}, "BD"),
        ({"link": [pf.Link(kind="at_most", k=1, per="fields")], "must_fund": ["C"]}, "CD"),
    ],
)
def test_a_rule_per_field_counts_a_field_once(rules: dict[str, object], ids: str) -> None:
    assert funded(FOUR, policy(200, **rules)) == ids


def test_a_field_is_one_group() -> None:
    found = pf.fairness(pf.optimize(FOUR, policy(200)), ["fields"])
    assert found.groups.select("group", "proposals").rows() == [("1.1", 3), ("2.3", 2), ("3.2", 1)]


def test_the_diversity_of_fields_still_sees_their_shares() -> None:
    # 2 * 0.6 * 0.4 at distance 1.
    assert FOUR.table()["fields"][0].to_list() == ["1.1: 60%", "2.3: 40%"]
    assert pf.score(FOUR).frame["interdisciplinarity"][0] == pytest.approx(0.48)


# As a form with a slider for each field writes them.
SLIDERS = call(
    amount=[100] * 4,
    merit=[5, 4, 3, 2],
    fields=["1.1: 100%;2.3: 0%", "1.1:0.0 %; 2.3: 100 %", "1.1: 3;2.3: 0", None],
)


def test_a_field_with_a_share_of_0_is_no_field_of_the_proposal() -> None:
    one = policy(400, limit=[pf.Limit(per="fields", max_awards=1)])
    assert funded(SLIDERS, one) == "ABD"
    traits = {"physics": "ARRAY_CONTAINS(fields, '1.1')", "single": "ARRAY_LENGTH(fields) = 1"}
    masks, faults = evaluate(SLIDERS.table(), {(name,): sql for name, sql in traits.items()})
    assert not faults
    assert masks["physics",].tolist() == [True, False, True, False]
    assert masks["single",].tolist() == [True, True, True, False]
    held = [pf.Reserve(trait="physics", amount=200)]
    assert funded(SLIDERS, policy(200, traits=traits, reserve=held)) == "AC"
    covered = [pf.Coverage(per="fields", min_awards=1, price=100)]
    assert funded(SLIDERS, policy(200, coverage=covered, must_fund=["C"])) == "BC"
    assert pf.fairness(pf.optimize(SLIDERS, policy(200)), ["fields"]).groups.select(
        "group", "proposals"
    ).rows()[:2] == [("1.1", 2), ("2.3", 1)]
    assert pf.score(SLIDERS).frame["interdisciplinarity"].to_list() == [0, 0, 0, None]
    assert SLIDERS["A"].fields == ("1.1: 100%", "2.3: 0%")
