"""Policies and files of which very much is wrong: read in a time that grows with their length, and told in short."""

from __future__ import annotations

from pathlib import Path
from time import process_time

import pytest
from small import call, policy

import portfolio as pf

MANY = 20_000
POLICIES = {
    "unknown keys": "".join(f"unknown_{i} = 1\n" for i in range(MANY)),
    "unknown ids": "must_fund = [" + ",".join(f'"Q-{i}"' for i in range(MANY)) + "]\n",
    "a long name": "[traits]\n" + "t" * 200_000 + " = 'nope > 1'\n",
    "a long condition": f'eligible = "{"n" * 200_000} = 1"\n',
}


@pytest.mark.parametrize("name", POLICIES)
def test_very_much_is_wrong(tmp_path: Path, name: str) -> None:
    file = tmp_path / "policy.toml"
    file.write_text(f"budget = 100\n{POLICIES[name]}", encoding="utf-8")
    begun = process_time()
    with pytest.raises(pf.PolicyError) as wrong:
        pf.optimize(call(amount=[1, 2], merit=[3, 4]), pf.read_policy(file))
    # It took half a minute. What is held is that the time is not that of a square.
    assert process_time() - begun < 15
    said = str(wrong.value)
    assert len(said) < 40_000
    if name.startswith("unknown"):
        assert len(wrong.value.issues) == MANY
        assert said.splitlines()[0] == "20,000 problems in the policy:"
        assert said.endswith("\n  and 19,900 more")


def test_one_id_very_often_is_one_rule(tmp_path: Path) -> None:
    file = tmp_path / "policy.toml"
    file.write_text("budget = 100\nmust_fund = [" + '"A",' * 50_000 + "]\n", encoding="utf-8")
    rules = pf.read_policy(file)
    assert rules.must_fund == ("A",)
    begun = process_time()
    made = pf.optimize(call(amount=[90, 20], merit=[3, 9]), rules)
    assert made.ids == ("A",)
    made.explain("A")
    assert process_time() - begun < 15
    assert policy(1, must_not_fund=["B", "A", "B"]).must_not_fund == ("B", "A")


def test_a_long_cell_is_cut_in_messages_and_whole_in_the_issue(tmp_path: Path) -> None:
    file = tmp_path / "call.csv"
    file.write_text(f"id,amount,merit\n{'P' * 50_000},{'x' * 50_000},3\n", encoding="utf-8")
    with pytest.raises(pf.DataError) as wrong:
        pf.read_call(file)
    assert len(str(wrong.value)) < 1_000
    assert any(value == "x" * 50_000 for issue in wrong.value.issues for value in issue.values)


UNKNOWN = [f"Q-{i}" for i in range(300)]
TWO = call(amount=[1, 2], merit=[3, 4])
ALIKE = {
    "ids of a policy": lambda: pf.optimize(TWO, policy(1, must_not_fund=UNKNOWN)),
    "proposals of scores": lambda: pf.score(TWO).rows(*UNKNOWN),
    "headings of a policy": lambda: pf.Policy(budget=1, columns={name: name for name in UNKNOWN}),
}


@pytest.mark.parametrize("name", ALIKE)
def test_the_nearest_name_is_looked_for_only_where_it_is_shown(name: str) -> None:
    with pytest.raises((pf.PolicyError, pf.DataError)) as wrong:
        ALIKE[name]()
    issues = wrong.value.issues
    assert len(issues) == len(UNKNOWN)
    assert all(issue.hint for issue in issues[:100])
    assert not any(issue.hint for issue in issues[100:])
