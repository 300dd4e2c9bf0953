"""Columns are derived one after the other, also by whoever reads a record, whose keys are sorted."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import portfolio as pf
from portfolio.policy import recorded_policy
from portfolio.report import write_record

CALL = "id,amount,merit,merit_low,merit_high\na,300,4,3,5\nb,200,5,4,6\nc,330,4.5,3,6\nd,250,2,1,3\n"
# What was asked for is kept before requests are cut: in the order of names, c would have asked for 297.
CUT = """
budget = 400
eligible = "requested <= 300"
[derive]
requested = "amount"
amount = "0.9 * amount"
"""
CHAIN = """
budget = 500
[derive]
direct = "amount + 10"
amount = "direct * 1"
"""


@pytest.fixture(params=[CUT, CHAIN])
def decided(request: pytest.FixtureRequest, tmp_path: Path) -> pf.Portfolio:
    (tmp_path / "call.csv").write_text(CALL, encoding="utf-8")
    (tmp_path / "policy.toml").write_text(request.param, encoding="utf-8")
    policy = pf.read_policy(tmp_path / "policy.toml")
    return pf.optimize(pf.read_call(tmp_path / "call.csv", policy=policy), policy)


def test_what_was_decided_on_derived_columns_is_verified(decided: pf.Portfolio, tmp_path: Path) -> None:
    pf.write_decision(decided, tmp_path / "out")
    found = pf.verify_decision(tmp_path / "out")
    assert found.holds, str(found)
    record = json.loads((tmp_path / "out" / "portfolio.json").read_text(encoding="utf-8"))
    assert [name for name, _ in record["policy"]["derive"]] == list(decided.policy.derive)
    again = recorded_policy(record["policy"], "the record")
    assert list(again.derive.items()) == list(decided.policy.derive.items())


def test_who_is_called_up_by_a_record_is_who_may_be(decided: pf.Portfolio, tmp_path: Path) -> None:
    pf.write_decision(decided, tmp_path / "out")
    policy = pf.read_decision(tmp_path / "out").policy
    again = pf.optimize(pf.read_call(tmp_path / "call.csv", policy=policy), policy)
    (found, due) = (pf.replace_decliners(one, ["b"]) for one in (again, decided))
    assert (found.entered, found.lost) == (due.entered, due.lost)
    assert again.to_frame().equals(decided.to_frame())


def test_a_sweep_over_derived_columns_is_verified(decided: pf.Portfolio, tmp_path: Path) -> None:
    asked = pf.scenario_grid(decided.policy, {"budget": [400, 450]})
    write_record(pf.whatif_record(pf.whatif(decided.problem, asked, jobs=1), asked), tmp_path / "sweep.json")
    found = pf.verify_record(tmp_path / "sweep.json")
    assert found.holds, str(found)


def test_a_record_of_before_is_read_in_the_order_of_its_names() -> None:
    made = recorded_policy({"budget": "1", "derive": {"a": "amount", "b": "a"}}, "the record")
    assert list(made.derive) == ["a", "b"]


@pytest.mark.parametrize("derive", [[["a", "amount"], ["a", "2 * amount"]], [["a"]], [["a", "b", "c"]]])
def test_what_is_no_list_of_names_and_expressions_is_refused(derive: list[list[str]]) -> None:
    with pytest.raises(pf.PolicyError, match="derive"):
        pf.Policy.model_validate({"budget": 1, "derive": derive})
