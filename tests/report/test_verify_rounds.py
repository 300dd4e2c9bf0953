"""Of an over-and-above decision it is verified which award is of which money."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import portfolio as pf
from portfolio.report.files import digest_of, fingerprint_line
from portfolio.report.layout import as_json

SCRIPT = Path(__file__).parents[2] / "docs" / "verify.py"
CALL = "id,amount,merit,new\nA,4,5,0\nB,3,4,1\nC,3,3,1\nD,2,2,0\n"
POLICY = """
budget = 12
reserve_order = "over_and_above"
traits = { new = "new = 1" }
[[reserve]]
trait = "new"
amount = 4
min_merit = 2
shortfall = "release"
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """By hand: A and B of the open 8, C of the 4 for what is new, D of the 1 and the 1 that are left."""
    (tmp_path / "call.csv").write_text(CALL, encoding="utf-8")
    (tmp_path / "policy.toml").write_text(POLICY, encoding="utf-8")
    policy = pf.read_policy(tmp_path / "policy.toml")
    decided = pf.optimize(pf.read_call(tmp_path / "call.csv", policy=policy), policy)
    assert [part.awards for part in decided.rounds] == [("A", "B"), ("C",), ("D",)]
    pf.write_decision(decided, tmp_path / "decision")
    return tmp_path / "decision"


def script(folder: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-I", str(SCRIPT), str(folder)]
    return subprocess.run(command, capture_output=True, encoding="utf-8", check=False)


def swap(rounds: list[dict[str, Any]]) -> None:
    """C and B are of the same size and trait: only the values of the rounds tell that they changed places."""
    rounds[0]["awards"], rounds[1]["awards"] = ["A", "C"], ["B"]


def of_others(rounds: list[dict[str, Any]]) -> None:
    """D, which is not new, has money of what is new, and C what is left."""
    rounds[1].update(awards=["D"], spent=2)
    rounds[2].update(awards=["C"], spent=3)


def too_much(rounds: list[dict[str, Any]]) -> None:
    rounds[0].update(awards=["A", "B", "D"], spent=9)
    rounds[2].update(awards=[], spent=0)


def nobody(rounds: list[dict[str, Any]]) -> None:
    rounds[2].update(awards=[], spent=0)


def larger(rounds: list[dict[str, Any]]) -> None:
    rounds[1].update(pot=5)


def test_the_rounds_of_a_decision_are_verified(folder: Path) -> None:
    found = pf.verify_decision(folder)
    assert found.holds, str(found)
    assert "rounds: every award is of money that its proposal may have" in str(found)
    done = script(folder)
    assert done.returncode == 0
    assert "round reserve.new: 3 of 4, to those who may have it" in done.stdout


@pytest.mark.parametrize(
    ("change", "words", "seen_by_script"),
    [
        (swap, "open: the awards up to this round are worth", False),
        (of_others, "reserve.new: D may not have this money", True),
        (too_much, "open: 9.00 spent of 8.00", True),
        (nobody, "D is funded in no round", True),
        (larger, "reserve.new: the money is 4.00, of which 3.00 are spent", True),
    ],
)
def test_an_award_of_other_money_is_found_with_all_fingerprints_made_again(
    folder: Path, change: Callable[[list[dict[str, Any]]], None], words: str, seen_by_script: bool
) -> None:
    file = folder / "portfolio.json"
    record = json.loads(file.read_bytes())
    change(record["rounds"])
    file.write_bytes(as_json(record).encode())
    file.with_name("portfolio.json.sha256").write_bytes(fingerprint_line(file.name, digest_of(file)))
    found = pf.verify_decision(folder)
    assert "rounds" in {check.name for check in found.checks if check.holds is False}, str(found)
    assert words in str(found).replace("EUR ", "")
    assert (script(folder).returncode == 1) is seen_by_script


@pytest.mark.parametrize(
    "changed", [{"A": "99.00"}, {"A": "5.00", "B": "2.00"}, {"A": "99.00,5.0\nA,10.00"}], ids=str
)
def test_other_money_in_the_table_of_awards_is_found_with_all_fingerprints_made_again(
    folder: Path, changed: dict[str, str]
) -> None:
    file, table = folder / "portfolio.json", folder / "awards.csv"
    text = table.read_text(encoding="utf-8")
    for name, money in changed.items():
        text = re.sub(rf"^{name},[0-9.]+", f"{name},{money}", text, flags=re.MULTILINE)
    table.write_text(text, encoding="utf-8")
    record = json.loads(file.read_bytes())
    record["files"]["awards.csv"] = digest_of(table)
    file.write_bytes(as_json(record).encode())
    file.with_name("portfolio.json.sha256").write_bytes(fingerprint_line(file.name, digest_of(file)))
    assert "tables" in {check.name for check in pf.verify_decision(folder).checks if check.holds is False}
    done = script(folder)
    assert done.returncode == 1
    assert "FAILED every award is of one round, with its money" in done.stdout


def test_the_script_finds_an_award_larger_than_its_request_with_all_sums_made_again(folder: Path) -> None:
    file = folder / "portfolio.json"
    for table in (folder / "awards.csv", folder / "decisions.csv"):
        text = table.read_text(encoding="utf-8")
        changed = re.sub(r"^(D,(?:funded,)?)2\.00", r"\g<1>2.50", text, flags=re.MULTILINE)
        assert changed != text
        table.write_text(changed, encoding="utf-8")
    record = json.loads(file.read_bytes())
    record["rounds"][2].update(spent=2.5, pot=2.5)
    record["spent"] += 0.5
    record["files"] = {name: digest_of(folder / name) for name in record["files"]}
    file.write_bytes(as_json(record).encode())
    file.with_name("portfolio.json.sha256").write_bytes(fingerprint_line(file.name, digest_of(file)))
    done = script(folder)
    assert done.returncode == 1
    assert re.findall("^FAILED (.*)", done.stdout, re.MULTILINE) == [
        "the rounds are those of the policy, within the budget of 12",
        "round left over: 2.5 of 2.5, to those who may have it",
    ]


def test_a_reserve_that_costs_less_than_nothing_over_and_above_is_verified(tmp_path: Path) -> None:
    # Of the open 6, A and C; E of the pot for what is new; D of that for long projects: worth 3 + 2.8 + 1 + 1.5.
    # Without the first pot, A and B of the open 7.6, and D: 3 + 2.5 + 1.5, so that it is worth 1.3 less.
    (tmp_path / "call.csv").write_text(
        "id,amount,merit,new,long\nA,3,5,1,0\nB,2.5,4.5,1,1\nC,3,4.8,0,0\nD,2,3.5,0,1\nE,1.5,3,1,0\n",
        encoding="utf-8",
    )
    (tmp_path / "policy.toml").write_text(
        """
budget = 10
reserve_order = "over_and_above"
objective = { zero = 2 }
traits = { new = "new = 1", long = "long = 1" }
[[reserve]]
trait = "new"
amount = 1.6
shortfall = "release"
[[reserve]]
trait = "long"
amount = 2.4
shortfall = "hold"
""",
        encoding="utf-8",
    )
    policy = pf.read_policy(tmp_path / "policy.toml")
    decided = pf.optimize(pf.read_call(tmp_path / "call.csv", policy=policy), policy)
    prices = pf.price_reserves(decided)
    assert prices[0].found == pytest.approx(-1.3)
    pf.write_decision(decided, tmp_path / "decision", prices)
    found = pf.verify_decision(tmp_path / "decision", solve=True)
    assert found.holds, str(found)
    file = tmp_path / "decision" / "portfolio.json"
    record = json.loads(file.read_bytes())
    record["reserves"][0].update(price_low=-2, price_high=-1)
    file.write_bytes(as_json(record).encode())
    file.with_name("portfolio.json.sha256").write_bytes(fingerprint_line(file.name, digest_of(file)))
    assert "nothing is proven across rounds, but the record says so" in str(pf.verify_decision(file.parent))
