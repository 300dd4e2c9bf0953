"""The command `optimize` where the search for the price of a rule is cut short: what is said, written and verified."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from command import CALL, POLICY, portfolio

import portfolio as pf
from portfolio.optimize import Stop

WITHOUT = r"without .*high_risk|without it|with or without"


def cut(monkeypatch: pytest.MonkeyPatch, stop: Stop | None) -> list[int]:
    """Let every solve after the first end early, or find nothing at all before Ctrl-C."""
    solve, solves = pf.Problem.solve, [0]

    def early(problem: pf.Problem, *arguments: Any, **named: Any) -> pf.Portfolio:
        solves[0] += 1
        if solves[0] > 1 and stop is None:
            raise KeyboardInterrupt
        found = solve(problem, *arguments, **named)
        if solves[0] == 1:
            return found
        assert stop is not None
        return replace(found, solution=replace(found.solution, stop=stop, bound=found.bound + 0.5))

    monkeypatch.setattr(pf.Problem, "solve", early)
    return solves


def decided(folder: Path) -> tuple[pl.Series, dict[str, Any]]:
    reasons = pl.read_csv(folder / "decisions.csv")["reason"]
    return reasons, json.loads((folder / "portfolio.json").read_text(encoding="utf-8"))["reserves"][0]


@pytest.mark.parametrize("stop", [Stop.INTERRUPTED, None])
def test_an_interrupted_pricing_is_said_and_names_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stop: Stop | None
) -> None:
    assert portfolio("optimize", *CALL, *POLICY, "--out", tmp_path / "whole").returncode == 0
    reasons, reserve = decided(tmp_path / "whole")
    assert reasons.str.contains(WITHOUT).any()
    assert reserve["trait"] == "high_risk"
    assert reserve["enters"]
    with monkeypatch.context() as patch:
        solves = cut(patch, stop)
        done = portfolio("optimize", *CALL, *POLICY, "--out", tmp_path / "cut")
    assert (done.returncode, solves) == (5, [2])
    assert "Interrupted before every rule was priced." in done.stderr
    assert "Proven" in done.stdout
    reasons, reserve = decided(tmp_path / "cut")
    assert not reasons.str.contains(WITHOUT).any()
    assert [reserve[key] for key in ("price", "enters", "leaves")] == [None, None, None]
    assert (reserve["price_high"] is None) is (stop is None)
    checked = portfolio("verify", tmp_path / "cut", *_places())
    assert checked.returncode == 0, checked.stdout
    assert ("ranges alone, which rest on it too: reserve.high_risk" in checked.stdout) is (stop is not None)
    assert portfolio("report", tmp_path / "cut", "--out", tmp_path / "page.html").returncode == 0


def test_a_limit_that_only_prices_reach_is_a_note(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        cut(patch, Stop.NODE_LIMIT)
        done = portfolio("optimize", *CALL, *POLICY, "--out", tmp_path / "cut")
    assert done.returncode == 0, done.stderr
    words = (
        "a limit stopped the search for the price of reserve.high_risk, reserve.long_horizon, reserve.young"
    )
    assert words in done.stderr
    assert not decided(tmp_path / "cut")[0].str.contains(WITHOUT).any()
    assert portfolio("verify", tmp_path / "cut", *_places()).returncode == 0


def test_an_interrupt_while_all_rules_are_priced(monkeypatch: pytest.MonkeyPatch) -> None:
    (low,) = (line for line in _rules().stdout.splitlines() if "limit[3]" in line)
    assert "not known" not in low
    real = pf.Problem.solve
    monkeypatch.setattr(pf.Problem, "solve", lambda problem, *given: real(_unreserved(problem), *given))
    done = _rules()
    assert done.returncode == 5
    assert "Interrupted before every rule was priced." in done.stderr
    (row,) = (line for line in done.stdout.splitlines() if "limit[1]" in line)
    assert "not known" in row
    assert "limit[2]" not in done.stdout


def _rules() -> Any:
    return portfolio("optimize", *CALL, *POLICY, "--rules")


def _unreserved(problem: pf.Problem) -> pf.Problem:
    """Press Ctrl-C as soon as a limit is left out."""
    if len(problem.policy.limit) < 3:
        raise KeyboardInterrupt
    return problem


def _places() -> list[str]:
    return ["--proposals", CALL[0], "--reviews", CALL[2], *POLICY]
