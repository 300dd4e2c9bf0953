"""A fair lottery that is stopped before every chance is settled: what is known of it is said, and no more."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from command import CALL, POLICY, portfolio

import portfolio as pf
from portfolio.analysis.lottery.feasible import Feasible
from portfolio.optimize import Stop
from portfolio.report import write_record


def example() -> pf.Problem:
    policy = pf.read_policy(POLICY[1])
    return pf.Problem(pf.read_call(CALL[0], CALL[2], policy=policy), policy)


def stopped(monkeypatch: pytest.MonkeyPatch, after: int, stop: Stop = Stop.TIME_LIMIT) -> None:
    """Let all searches of the lottery but the first few end early."""
    best, searches = Feasible.best, [0]

    def early(among: Feasible, *arguments: Any) -> Any:
        searches[0] += 1
        found = best(among, *arguments)
        return found if searches[0] <= after else replace(found, stop=stop)

    monkeypatch.setattr(Feasible, "best", early)


@pytest.mark.parametrize("after", [0, 3, 12])
def test_without_every_chance_settled_no_gap_is_known(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, after: int
) -> None:
    file = tmp_path / "lottery.json"
    with monkeypatch.context() as patch:
        stopped(patch, after)
        done = portfolio("lottery", *CALL, *POLICY, "--record", file)
    assert done.returncode == 5, done.stderr
    assert "gap of the others not known, time limit." in done.stdout
    assert "Stopped before every chance was settled" in done.stderr
    proof = json.loads(file.read_text(encoding="utf-8"))["proof"]
    assert (proof["gap"], proof["status"]) == (None, "time_limit")
    assert "groups" not in proof
    assert portfolio("lottery", *CALL, *POLICY, "--check", file).returncode == 0
    places = ["--proposals", CALL[0], "--reviews", CALL[2], *POLICY]
    assert portfolio("verify", file, *places).returncode == 0
    # No search that is interrupted says that the chances are right.
    stopped(monkeypatch, after, Stop.INTERRUPTED)
    again = portfolio("verify", file, *places, "--solve")
    assert again.returncode == 3
    assert "not checked  solve: looking for the chances again was interrupted" in again.stdout


def test_settled_chances_without_a_gap_are_no_record(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    problem = example()
    stopped(monkeypatch, 0)
    record = pf.lottery_record(pf.fair_lottery(problem), problem)
    record["proof"]["status"] = "optimal"
    write_record(record, tmp_path / "lottery.json")
    with pytest.raises(pf.DataError, match="no gap is known"):
        pf.lottery_of(record)


def test_groups_of_a_search_that_was_cut_short_are_called_that(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    solve, stop = pf.Problem.solve, Stop.NODE_LIMIT

    def early(problem: pf.Problem, *arguments: Any) -> pf.Portfolio:
        found = solve(problem, *arguments)
        return replace(found, solution=replace(found.solution, stop=stop))

    monkeypatch.setattr(pf.Problem, "solve", early)
    file = tmp_path / "lottery.json"
    done = portfolio("lottery", *CALL, *POLICY, "--record", file)
    assert done.returncode == 5
    assert "The search that tells who is tied was stopped by a limit" in done.stderr
    assert "Stopped before every chance" not in done.stderr
    proof = json.loads(file.read_text(encoding="utf-8"))["proof"]
    assert (proof["groups"], proof["status"]) == ("node_limit", "optimal")
    assert portfolio("lottery", *CALL, *POLICY, "--check", file).returncode == 0
    stop = Stop.INTERRUPTED
    with pytest.raises(KeyboardInterrupt):
        pf.fair_lottery(example())
