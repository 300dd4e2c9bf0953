"""What rounds leave unproven adds up: said as it is, verified where it is true, refused where it is forged."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from report.cases import decisions
from report.verified import holds_but_for_the_policy

import portfolio as pf
from portfolio.optimize import Stop
from portfolio.optimize.exact import Search
from portfolio.report import gap_in_words, write_record
from portfolio.report.files import digest_of, fingerprint_line
from portfolio.report.layout import as_json

SCRIPT = Path(__file__).parents[2] / "docs" / "verify.py"
# Two rounds, each proven within a tenth, are worth at most 12.2% less than the best of both together.
CALL = """id,amount,merit,new
A,44,2.2,0
B,30,4.4,0
C,58,1.6,0
D,57,5.5,0
E,22,5.3,0
F,27,1.0,1
G,27,3.7,0
H,27,1.5,1
I,43,2.3,1
"""
POLICY = """
budget = 150
reserve_order = "over_and_above"
traits = { new = "new = 1" }
[[reserve]]
trait = "new"
share = 0.4
[solver]
gap = 0.1
"""
WORDS = "Proven within the gap asked for in each round, whose gaps add up: none is worth more than"


@pytest.fixture
def problem(tmp_path: Path) -> pf.Problem:
    (tmp_path / "call.csv").write_text(CALL, encoding="utf-8")
    (tmp_path / "policy.toml").write_text(POLICY, encoding="utf-8")
    policy = pf.read_policy(tmp_path / "policy.toml")
    return pf.Problem(pf.read_call(tmp_path / "call.csv", policy=policy), policy)


def failed(found: pf.Verification) -> str:
    return "\n".join(str(check) for check in found.checks if check.holds is False)


def forge(file: Path, change: Callable[[dict[str, Any]], Any]) -> None:
    record = json.loads(file.read_bytes())
    change(record)
    file.write_bytes(as_json(record).encode())
    file.with_name(f"{file.name}.sha256").write_bytes(fingerprint_line(file.name, digest_of(file)))


def script(folder: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-I", str(SCRIPT), str(folder)]
    return subprocess.run(command, capture_output=True, encoding="utf-8", check=False)


def test_what_rounds_leave_open_adds_up(problem: pf.Problem, tmp_path: Path) -> None:
    decided = problem.solve()
    assert decided.gap > 0.12
    assert decided.status == "gap"
    assert gap_in_words(decided).startswith(WORDS)
    pf.write_decision(decided, tmp_path / "decision")
    found = pf.verify_decision(tmp_path / "decision")
    assert found.holds, str(found)
    assert WORDS in found.verdict


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda record: record.update(status="optimal"), "is called optimal, and by its rounds it is gap"),
        (lambda record: record.update(status="time_limit"), "is called time_limit"),
        (lambda record: record.update(bound=record["value"]), "the bound is not that of the rounds"),
        (
            lambda record: record["rounds"][0].update(bound=99),
            "the round open is called gap, with a bound of 99",
        ),
        (lambda record: record["rounds"][1].update(bound=None), "is called gap, with a bound of inf"),
    ],
)
def test_no_forged_end_of_a_round_is_believed(
    change: Callable[[dict[str, Any]], Any], words: str, problem: pf.Problem, tmp_path: Path
) -> None:
    pf.write_decision(problem.solve(), tmp_path / "decision")
    forge(tmp_path / "decision" / "portfolio.json", change)
    assert words in failed(pf.verify_decision(tmp_path / "decision"))


@pytest.mark.parametrize("seed", [7100030, 7100196, 7100351, 7100599])
def test_what_rounding_to_coins_costs_a_round_is_not_called_proven(seed: int, tmp_path: Path) -> None:
    ((_, _, decided),) = decisions([seed], tmp_path)
    unproven = sum(part.bound - part.value for part in decided.rounds)
    assert unproven > 1e-6 * decided.value
    assert decided.bound == pytest.approx(decided.value + unproven, abs=1e-9)
    assert (decided.status, decided.rounds[0].stop) == ("gap", "gap")
    assert "but for the rounding of awards to whole coins" in gap_in_words(decided)
    pf.write_decision(decided, tmp_path / "decision")
    found = pf.verify_decision(tmp_path / "decision")
    assert holds_but_for_the_policy(found), str(found)


def written(problem: pf.Problem, folder: Path) -> Path:
    asked = list(pf.scenario_grid(problem.policy, {"reserve.new.share": [0.2, 0.3]}))
    asked.append(pf.Scenario("guaranteed", problem.policy.replace(reserve_order="minimum_guarantee")))
    write_record(pf.whatif_record(pf.whatif(problem, asked, jobs=1), asked), folder / "sweep.json")
    return folder / "sweep.json"


def test_a_sweep_over_and_above_is_verified(problem: pf.Problem, tmp_path: Path) -> None:
    file = written(problem, tmp_path)
    found = pf.verify_record(file)
    assert found.holds, str(found)
    assert "4 portfolios keep every firm rule" in str(found)


def swapped(row: dict[str, Any]) -> None:
    one, two = row["rounds"][:2]
    one["awards"], two["awards"] = two["awards"], one["awards"]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda row: row.update(rounds=[]), "the rounds should be open, reserve.new, not"),
        (swapped, "may not have this money"),
        (lambda row: row["rounds"][1]["awards"].pop(), "is funded in no round"),
        (lambda row: row["rounds"][0].update(pot="149.00"), "open: the money is 90"),
        (lambda row: row["rounds"][0].update(value=1.0), "up to this round are worth"),
        (lambda row: row["rounds"][0].update(bound=99.0), "the round open is called"),
        (lambda row: row.update(bound=99.0), "the bound is not that of the rounds"),
        (lambda row: row.update(status="time_limit"), "it is called time_limit"),
        (lambda row: row["reserves"][0].update(delivered="1.00"), "not as the row says"),
        (lambda row: row.update(proven=True), "its bound holds for one round after the other"),
        (
            lambda row: row["prices"].append({"rules": ["budget"], "block": 0, "name": "", "price": 0.1}),
            "there are prices, and none hold across rounds",
        ),
    ],
)
def test_a_forged_row_over_and_above_is_refused(
    change: Callable[[dict[str, Any]], Any], words: str, problem: pf.Problem, tmp_path: Path
) -> None:
    file = written(problem, tmp_path)
    forge(file, lambda record: change(record["rows"][0]))
    assert words in failed(pf.verify_record(file))


def test_a_minimum_guarantee_has_no_rounds(problem: pf.Problem, tmp_path: Path) -> None:
    file = written(problem, tmp_path)
    forge(file, lambda record: record["rows"][3].update(rounds=record["rows"][0]["rounds"]))
    assert "the policy has no rounds" in failed(pf.verify_record(file))


def test_a_policy_without_a_file_is_not_called_checked(problem: pf.Problem, tmp_path: Path) -> None:
    folder, sweep = tmp_path / "decision", written(problem, tmp_path)
    pf.write_decision(problem.replace(must_fund=("C",)).solve(), folder)
    assert "decided on that policy, but with must_fund = ['C']" in str(pf.verify_decision(folder))
    for file in (folder / "portfolio.json", sweep):
        forge(file, lambda record: record.update(policy_file=None))
    for found in (pf.verify_decision(folder), pf.verify_record(sweep)):
        assert holds_but_for_the_policy(found), str(found)
        assert "the record names no file of it" in str(found)
    assert "not checked: the policy (the record names no file of it)" in script(folder).stdout


def one_round(record: dict[str, Any]) -> None:
    (first, _) = record["rounds"]
    record["rounds"] = [
        first | {"pot": record["spent"], "spent": record["spent"], "awards": record["awards"]}
    ]


def of_more(record: dict[str, Any]) -> None:
    record["rounds"][0]["pot"] = 999


def turned(record: dict[str, Any]) -> None:
    record["rounds"].reverse()


def guaranteed(record: dict[str, Any]) -> None:
    record["policy"]["reserve_order"] = "minimum_guarantee"


@pytest.mark.parametrize("change", [one_round, of_more, turned, guaranteed])
def test_the_script_knows_the_rounds_and_the_money_of_the_policy(
    change: Callable[[dict[str, Any]], Any], problem: pf.Problem, tmp_path: Path
) -> None:
    pf.write_decision(problem.solve(), tmp_path / "decision")
    honest = script(tmp_path / "decision")
    assert honest.returncode == 0, honest.stdout
    forge(tmp_path / "decision" / "portfolio.json", change)
    done = script(tmp_path / "decision")
    assert done.returncode == 1
    assert "FAILED the rounds are those of the policy, within the budget of 150" in done.stdout


@pytest.mark.parametrize("budget", [[164, 164], [165, 164], [326, 2]])
def test_a_year_that_is_spent_to_the_last_cent_holds(budget: list[int], tmp_path: Path) -> None:
    # Of B 147 of 154 are awarded, of which 126 fall into the first year: a share that no 64-bit number is.
    (tmp_path / "call.csv").write_text(
        "id,amount,merit,min_amount,amount_y1,amount_y2\n"
        "A,86,5.2,77,38,48\nB,154,5.76,138,132,22\nC,88,4.85,52,0,88\n",
        encoding="utf-8",
    )
    text = f'budget = {budget}\n[objective]\npartial = true\nzero = 1\nsize = "per_money"\n'
    (tmp_path / "policy.toml").write_text(text, encoding="utf-8")
    policy = pf.read_policy(tmp_path / "policy.toml")
    decided = pf.optimize(pf.read_call(tmp_path / "call.csv", policy=policy), policy)
    pf.write_decision(decided, tmp_path / "decision")
    assert pf.verify_decision(tmp_path / "decision").holds
    done = script(tmp_path / "decision")
    assert done.returncode == 0, done.stdout
    assert float(decided.certified_bound()) >= decided.value * (1 - 1e-12)


@pytest.mark.parametrize("status", ["gap", "time_limit", "node_limit", "interrupted"])
@pytest.mark.parametrize("share", [0.0, 0.05])
def test_what_was_proven_is_not_called_cut_short(
    status: str, share: float, problem: pf.Problem, tmp_path: Path
) -> None:
    folder = tmp_path / "decision"
    pf.write_decision(problem.replace(reserve_order="minimum_guarantee").solve(), folder)

    def relabel(record: dict[str, Any]) -> None:
        record["status"], record["bound"] = status, record["value"] * (1 + share)
        record["gap"] = (record["bound"] - record["value"]) / record["value"]

    forge(folder / "portfolio.json", relabel)
    refused = f"the decision is called {status}" in failed(pf.verify_decision(folder))
    assert refused == (share == 0.0 or status != "gap")


@pytest.mark.parametrize("status", ["gap", "time_limit", "node_limit", "interrupted"])
@pytest.mark.parametrize("share", [0.0, 0.05])
def test_a_round_that_was_proven_is_not_called_cut_short(
    status: str, share: float, problem: pf.Problem, tmp_path: Path
) -> None:
    folder, file = tmp_path / "decision", written(problem, tmp_path)
    pf.write_decision(problem.solve(), folder)

    def relabel(decided: dict[str, Any]) -> None:
        part = decided["rounds"][0]
        part["status"], part["bound"] = status, part["value"] * (1 + share)

    forge(folder / "portfolio.json", relabel)
    forge(file, lambda record: relabel(record["rows"][0]))
    for found in (pf.verify_decision(folder), pf.verify_record(file)):
        refused = f"the round open is called {status}, though its bound" in failed(found)
        assert refused == (share == 0.0 or status != "gap")


def test_a_round_that_is_proven_before_an_interrupt_is_verified(
    problem: pf.Problem, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The last search of a round may be interrupted after an earlier one has proven its answer.
    best = Search.best

    def interrupted(search: Search, *arguments: Any) -> Any:
        outcome, awards = best(search, *arguments)
        return replace(outcome, stop=Stop.INTERRUPTED), awards

    single = problem.replace(budget=90, reserve=())
    expected = single.solve()
    monkeypatch.setattr(Search, "best", interrupted)
    decided = single.solve()
    assert (decided.ids, decided.rounds[0].stop) == (expected.ids, expected.rounds[0].stop)
    pf.write_decision(decided, tmp_path / "decision")
    assert pf.verify_decision(tmp_path / "decision").holds
    # No other round is begun after it.
    with pytest.raises(KeyboardInterrupt):
        problem.solve()
