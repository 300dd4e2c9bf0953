"""Sets of Python in a policy: in one order where order says nothing, and refused where it says something."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import portfolio as pf

SETS = """
import sys
import polars as pl, portfolio as pf
frame = pl.DataFrame({"id": list("ABCDE"), "amount": 1, "merit": [5.0, 4, 3, 2, 1], "region": list("vwxyz")})
policy = pf.Policy(
    budget=3, must_fund={"A", "B"}, must_not_fund=frozenset("CD"),
    link=[{"kind": "at_most", "k": 2, "proposals": {"B", "D", "E"}}],
    limit={pf.Limit(per="region", max_awards=1), pf.Limit(where="merit > 2", max_awards=4)},
    scoring={"distance": [{"between": {"physics", "biology"}, "distance": 0.5}]},
)
pf.write_decision(pf.Problem(pf.Call.from_frame(frame, rules=policy), policy).solve(), sys.argv[1])
values = {"must_fund": [{"A", "E"}, set()], "objective.size": {"per_money", "per_award"}}
print([scenario.name for scenario in pf.scenario_grid(policy, values)])
try:
    policy.replace(objective={"criterion": {pf.Criterion(column="merit"), pf.Criterion(column="trl")}})
except pf.PolicyError as error:
    print(error)
"""


def test_the_order_of_a_set_changes_no_byte(tmp_path: Path) -> None:
    said = set()
    for seed in ("0", "1", "2", "3"):
        out = tmp_path / seed
        command = [sys.executable, "-c", SETS, str(out)]
        environment = os.environ | {"PYTHONHASHSEED": seed}
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        said.add((done.stdout, (out / "portfolio.json").read_bytes(), (out / "awards.csv").read_bytes()))
    assert len(said) == 1
    assert "'must_fund=[A, E], objective.size=per_award'" in done.stdout


def test_a_set_is_sorted_by_its_texts() -> None:
    assert pf.Policy(budget=1, must_fund={"P-10", "P-9", "P-1"}).must_fund == ("P-1", "P-10", "P-9")
    link = pf.Link(kind="synergy", proposals=frozenset("BA"), value=1)
    assert pf.Policy(budget=1, link=[link]).link[0].proposals == ("A", "B")


@pytest.mark.parametrize(
    ("rules", "key"),
    [
        ({"budget": {1, 2}}, "budget"),
        ({"committed": frozenset({1, 2})}, "committed"),
        ({"objective": {"partial": True, "curve": [{0}, (1, 1)]}}, "objective.curve"),
        ({"objective": {"criterion": {pf.Criterion(column="merit")}}}, "objective.criterion"),
        ({"derive": {frozenset({"half", "amount / 2"})}}, "derive"),
        ({"scoring": {"text": {"columns": {"title", "abstract"}}}}, "scoring.text.columns"),
    ],
)
def test_a_set_is_refused_where_order_counts(rules: dict[str, Any], key: str) -> None:
    with pytest.raises(pf.PolicyError) as caught:
        pf.Policy.model_validate({"budget": 1, **rules, "decimal_mark": "'"})
    assert {issue.column for issue in caught.value.issues} == {key, "decimal_mark"}
    assert caught.match("must be a list, since its order counts: a set has none")


def test_a_set_is_refused_in_proposals_and_weights_where_order_counts() -> None:
    with pytest.raises(ValueError, match=r"amount_by_year\n.*since its order counts"):
        pf.Proposal(id="A", amount=3, amount_by_year={1, 2})
    with pytest.raises(ValueError, match=r"order\n.*since its order counts"):
        pf.Information(order=[{"merit", "trl"}])
