"""Numbers and arrays of numpy and pandas stand for Python's own, wherever a value is given to the library."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import tomli_w
from small import call, policy

import portfolio as pf

PROBLEM = pf.Problem(call(amount=[2.0, 3.0, 4.0], merit=[3.0, 2.0, 1.0]), policy(5))


@pytest.mark.parametrize(
    "budget", [np.int64(8), np.uint16(8), np.float32(8), np.array(8), pd.Series([3, 5]).sum(), 8]
)
def test_a_budget_may_be_any_whole_number(budget: Any) -> None:
    changed = PROBLEM.replace(budget=budget).policy
    assert changed == PROBLEM.replace(budget=8).policy
    assert type(changed.budget) is Decimal


@pytest.mark.parametrize("budget", [np.array([1, 2]), pd.Series([1, 2]), [np.int8(1), np.float64(2)]])
def test_budgets_by_year_may_be_an_array(budget: Any) -> None:
    assert pf.Policy(budget=budget) == pf.Policy(budget=[1, 2])


def test_a_small_float_is_what_it_prints_as() -> None:
    assert pf.Reserve(trait="young", share=np.float32(0.1)).share == 0.1
    assert pf.Policy(budget=np.array([0.1], dtype=np.float32)).budget == (Decimal("0.1"),)


def test_counts_switches_and_amounts_of_rules_and_proposals() -> None:
    assert pf.Limit(per="region", max_awards=np.int64(3)) == pf.Limit(per="region", max_awards=3)
    assert pf.Objective(partial=np.bool_(True)) == pf.Objective(partial=True)
    assert pf.SolverSettings(seed=np.uint32(7)) == pf.SolverSettings(seed=7)
    assert pf.Policy(budget=1, must_fund=pd.Series(["A"])) == pf.Policy(budget=1, must_fund=["A"])
    assert pf.Proposal(id="A", amount=np.int64(5)) == pf.Proposal(id="A", amount=5)
    with pytest.raises(pf.PolicyError, match="'true' must be an amount of money"):
        pf.Policy(budget=np.bool_(True))


@pytest.mark.parametrize("values", [np.array([2, 5]), np.array([2.0, 5.0]), pd.Series([2, 5])])
def test_scenarios_and_frontiers_take_arrays(values: Any) -> None:
    own = values.tolist()
    scenarios = pf.scenario_grid(PROBLEM.policy, {"budget": values})
    assert scenarios == pf.scenario_grid(PROBLEM.policy, {"budget": own})
    assert [type(scenario.values["budget"]) for scenario in scenarios] == [type(number) for number in own]
    assert pf.frontier(PROBLEM, "budget", values).steps.equals(pf.frontier(PROBLEM, "budget", own).steps)


def test_an_array_without_values_is_refused() -> None:
    with pytest.raises(pf.PolicyError, match="budget: has no value"):
        pf.scenario_grid(PROBLEM.policy, {"budget": np.array([])})


@pytest.mark.parametrize(
    ("changes", "hint"),
    [
        ({"budget": "10000000"}, "marks: 10000000"),
        ({"budget": "10_000.50"}, "marks: 10_000.50"),
        ({"budget": "10 000 EUR"}, "marks: digits alone"),
        ({"budget": ["1", 2]}, "marks: 1"),
        ({"limit": [{"per": "field", "max_awards": "3"}]}, "marks: 3"),
        ({"limit": [{"per": "field", "max_awards": "3.5"}]}, "marks: digits alone"),
        ({"limit": [{"per": "field", "max_share": "0.30"}]}, "marks: 0.30"),
        ({"limit": [{"per": "field", "max_share": "30%"}]}, "write 0.30, without quotation marks"),
        ({"limit": [{"per": "field", "max_share": "2.5 %"}]}, "write 0.025, without quotation marks"),
        ({"limit": [{"per": "field", "max_share": "0,3"}]}, "marks: digits alone"),
        ({"limit": [{"per": "field", "max_share": "1\nx = 1"}]}, "marks: digits alone"),
        ({"objective": {"size": "0.5"}}, "marks: 0.5"),
        ({"objective": {"size": "per_year"}}, ""),
        ({"objective": {"partial": "true"}}, "marks: true"),
        ({"objective": {"partial": "level"}}, ""),
        ({"early_career": {"rule": "nih_esi", "on": "2026-01-01"}}, "marks: 2026-01-01; in Python"),
        ({"early_career": {"rule": "nih_esi", "on": "1.1.2026"}}, "marks: 2026-01-31, the year first"),
        ({"early_career": {"rule": "nih_esi", "on": "2026-02-31"}}, "marks: 2026-01-31, the year first"),
    ],
)
def test_a_value_in_quotation_marks_comes_with_how_it_is_written(
    tmp_path: Path, changes: dict[str, Any], hint: str
) -> None:
    document: dict[str, Any] = {"budget": 1} | changes
    path = tmp_path / "policy.toml"
    path.write_text(tomli_w.dumps(document))
    for made in (lambda: pf.Policy.model_validate(document), lambda: pf.read_policy(path)):
        with pytest.raises(pf.PolicyError) as refused:
            made()
        (issue,) = refused.value.issues
        assert hint in issue.hint
        assert bool(hint) == bool(issue.hint)
