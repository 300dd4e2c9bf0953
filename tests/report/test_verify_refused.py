"""A scenario whose policy is well formed and does not fit the call is verified, with the reason given for it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from report.verified import POLICY, holds_but_for_the_policy

import portfolio as pf
from portfolio.report import write_record
from portfolio.report.files import digest_of, fingerprint_line
from portfolio.report.layout import as_json

CALL = "id,amount,merit,dept\nA,4,3,x\nB,5,4,x\nC,3,4.5,y\nD,2,1.5,y\n"
FITS_NOT: dict[str, list[Any]] = {
    "must_fund": [["A"], ["Z"]],
    "must_not_fund": [["A"], ["Z", "Y"]],
    "limit.1.per": ["dept", "nonsense"],
    "traits.new": ["merit > 4", "nonsense > 2"],
    "eligible": ["merit > 1", "dept >> 3"],
    "budget": [9, [1, 2]],
}


def record_of(
    folder: Path, asked: Callable[[pf.Policy], list[pf.Scenario]], name: str = "policy.toml"
) -> Path:
    (folder / "call.csv").write_text(CALL, encoding="utf-8")
    (folder / name).write_text(POLICY, encoding="utf-8")
    policy = pf.read_policy(folder / name)
    problem = pf.Problem(pf.read_call(folder / "call.csv", policy=policy), policy)
    scenarios = asked(policy)
    write_record(pf.whatif_record(pf.whatif(problem, scenarios, jobs=1), scenarios), folder / "sweep.json")
    return folder / "sweep.json"


def with_reason(file: Path, reason: str) -> pf.Verification:
    """Give the last row another reason, make the fingerprint again, and verify."""
    record = json.loads(file.read_bytes())
    record["rows"][-1]["reason"] = reason
    file.write_bytes(as_json(record).encode())
    file.with_name(f"{file.name}.sha256").write_bytes(fingerprint_line(file.name, digest_of(file)))
    return pf.verify_record(file)


def reason_of(file: Path) -> str:
    return str(json.loads(file.read_bytes())["rows"][-1]["reason"])


def all_forged(file: Path, reason: str, others: list[str]) -> None:
    for other in others:
        assert other != reason
        words = [check.words for check in with_reason(file, other).checks if check.holds is False]
        assert any("its reason is: 1 problem in the policy: " in word for word in words), (other, words)


@pytest.mark.parametrize("key", FITS_NOT)
@pytest.mark.parametrize("name", ["policy.toml", "my  rules", "policy"])
def test_values_that_do_not_fit_the_call_are_verified(key: str, name: str, tmp_path: Path) -> None:
    file = record_of(tmp_path, lambda policy: list(pf.scenario_grid(policy, {key: FITS_NOT[key]})), name)
    assert json.loads(file.read_bytes())["rows"][-1]["status"] == "invalid"
    found = pf.verify_record(file)
    assert found.holds, str(found)


def test_a_forged_reason_of_values_that_do_not_fit_is_found(tmp_path: Path) -> None:
    file = record_of(
        tmp_path, lambda policy: list(pf.scenario_grid(policy, {"limit.1.per": ["dept", "staff"]}))
    )
    reason = reason_of(file)
    assert reason.startswith("1 problem in the policy: policy, key limit[1].per: 'staff' ")
    # Records of before say where the value would stand in the file.
    assert with_reason(file, reason.replace("policy, key", "policy.toml, line 8, key")).holds
    all_forged(
        file,
        reason,
        [
            reason.replace("'staff'", "'stuff'"),
            reason.replace("policy, key", "the chair's wish, key"),
            reason.replace("policy, key", "other.toml, line 8, key"),
            reason.replace("policy, key", "policy.toml, line 8 by the chair, key"),
            reason.replace("limit[1]", "limit[2]"),
            f"{reason}; P-007 has withdrawn",
            "the minister forbade it",
        ],
    )


def test_a_policy_of_a_file_of_its_own_that_does_not_fit_is_verified(tmp_path: Path) -> None:
    (tmp_path / "z.toml").write_text(f'must_fund = ["Z", "Y"]\n{POLICY}', encoding="utf-8")
    file = record_of(tmp_path, lambda _: [pf.Scenario("z", pf.read_policy(tmp_path / "z.toml"))])
    reason = reason_of(file)
    assert reason.count("z.toml, line 1, key must_fund[") == 2
    found = pf.verify_record(file)
    assert found.holds, str(found)
    for other in (
        reason.replace("'Z'", "'X'"),
        reason.replace("z.toml", "a.toml", 1),
        reason.replace("z.toml", "it was decided: z.toml"),
        reason.replace("the id", "the wish"),
    ):
        assert other != reason
        assert not with_reason(file, other).holds, other


def test_a_policy_made_in_python_that_does_not_fit_is_verified(tmp_path: Path) -> None:
    (tmp_path / "call.csv").write_text(CALL, encoding="utf-8")
    policy = pf.Policy(budget=9)
    problem = pf.Problem(pf.read_call(tmp_path / "call.csv", policy=policy), policy)
    many = [f"Z{number}" for number in range(120)]
    asked = [
        pf.Scenario("z", policy.replace(must_fund=["Z"])),
        pf.Scenario("many", policy.replace(must_fund=many)),
    ]
    write_record(pf.whatif_record(pf.whatif(problem, asked, jobs=1), asked), tmp_path / "sweep.json")
    assert reason_of(tmp_path / "sweep.json").endswith("and 20 more")
    found = pf.verify_record(tmp_path / "sweep.json")
    assert holds_but_for_the_policy(found), str(found)
