"""A solve ends when its time is over or when somebody asks for it, with the best found and a true bound."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from threading import Event
from typing import Any

import highspy
import numpy as np
import polars as pl
import pytest
from endless import LONG, endless
from small import call, policy, probe

import portfolio as pf
from portfolio.optimize import clock, highs, running
from portfolio.optimize.broken import Broken
from portfolio.optimize.clock import Deadline, ended_by, listening
from portfolio.optimize.engine import Outcome, Stage, Stop, how_it_stopped
from portfolio.optimize.exact import Search
from portfolio.optimize.highs import HighsEngine
from portfolio.optimize.model import Model
from portfolio.report import gap_in_words

EXACT = pf.SolverSettings(gap=0.0)


@pytest.fixture
def interrupts(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """Return a function that presses Ctrl-C when HiGHS has found so many solutions."""

    def after(count: int) -> None:
        found = []

        class Pressed(running.Seen):
            def __setattr__(self, name: str, value: object) -> None:
                super().__setattr__(name, value)
                if name == "x" and value is not None:
                    found.append(value)
                    if len(found) == count:
                        os.kill(os.getpid(), signal.SIGINT)

        monkeypatch.setattr(running, "Seen", Pressed)

    return after


def test_ctrl_c_returns_the_best_found_and_says_so(interrupts: Callable[[int], None]) -> None:
    interrupts(2)
    portfolio = endless().solve()
    assert portfolio.status is Stop.INTERRUPTED
    assert len(portfolio.ids)
    assert np.isfinite(portfolio.bound)
    assert portfolio.bound > portfolio.value
    assert gap_in_words(portfolio).startswith("Interrupted before the gap asked for was proven")
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_ctrl_c_ends_all_stages_of_a_solve_by_margins(interrupts: Callable[[int], None]) -> None:
    interrupts(2)
    stages: list[Stage] = []
    outcome = HighsEngine(margins_from=0).solve(endless().model, LONG, stages.append)
    assert outcome.stop is Stop.INTERRUPTED
    assert outcome.x is not None
    assert outcome.value <= outcome.bound < np.inf


def test_ctrl_c_before_anything_is_found_is_a_keyboard_interrupt(monkeypatch: pytest.MonkeyPatch) -> None:
    for margins_from in (0, np.inf):
        monkeypatch.setattr(
            highs, "_load", lambda *_, **__: pytest.fail("a search was started after the interrupt")
        )
        monkeypatch.setattr(highs, "listening", pressed)
        with pytest.raises(KeyboardInterrupt):
            HighsEngine(margins_from).solve(endless().model, LONG)


def pressed(interrupted: Event) -> listening:
    interrupted.set()
    return listening(interrupted)


def test_an_interrupt_while_the_least_shortfall_is_sought_answers_with_its_portfolio() -> None:
    problem = endless(
        traits={"all": "true"},
        reserve=[pf.Reserve(trait="all", share=1.0, shortfall="release")],
    )

    class Interrupted(HighsEngine):
        solves = 0

        def solve(self, model: Model, settings: pf.SolverSettings, *_: object) -> Outcome:
            self.solves += 1
            nothing = np.where(model.integer, 0.0, model.high)
            return Outcome(Stop.INTERRUPTED, nothing, float(model.value @ nothing), np.inf)

    from portfolio.optimize.solve import solve_guaranteed

    engine = Interrupted()
    solution = solve_guaranteed(problem.instance, problem.policy, engine)
    assert engine.solves == 1
    assert solution.stop is Stop.INTERRUPTED
    assert np.isfinite(solution.bound)


def test_rounds_that_are_not_held_leave_no_portfolio(interrupts: Callable[[int], None]) -> None:
    interrupts(1)
    problem = endless(
        traits={"all": "true"},
        reserve=[pf.Reserve(trait="all", amount=1, shortfall="release")],
        reserve_order="over_and_above",
        budget=1_350_000,
    )
    with pytest.raises(KeyboardInterrupt):
        problem.solve()


def test_no_search_is_repeated_after_an_interrupt() -> None:
    class Interrupted(HighsEngine):
        def solve(self, model: Model, settings: pf.SolverSettings, *_: object) -> Outcome:
            return Outcome(Stop.INTERRUPTED, np.zeros(len(model.value)), 0.0, 1.0)

    problem = endless()
    search = Search(Interrupted(), problem.instance, lambda awards: [Broken("budget", "", "broken")])
    with pytest.raises(KeyboardInterrupt):
        search.best(problem.model, LONG)


def test_the_first_ctrl_c_is_a_wish_and_the_second_an_order() -> None:
    wish = Event()
    with listening(wish):
        os.kill(os.getpid(), signal.SIGINT)
        assert wish.is_set()
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGINT)
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_a_handler_of_the_program_is_left_alone() -> None:
    def own(number: int, frame: object) -> None: ...

    before = signal.signal(signal.SIGINT, own)
    try:
        with listening(Event()):
            assert signal.getsignal(signal.SIGINT) is own
    finally:
        signal.signal(signal.SIGINT, before)


def test_the_clock_gives_every_stage_what_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr(clock, "monotonic", lambda: now[0])
    deadline = Deadline.start(pf.SolverSettings(time_limit=60))
    now[0] = 140.0
    assert deadline.left().time_limit == pytest.approx(20)
    assert deadline.left(gap=0.0).gap == 0.0
    assert deadline.within(pf.SolverSettings(time_limit=5)).time_limit == 5
    now[0] = 500.0
    assert 0 < deadline.left().time_limit < 0.1


class Deaf:
    """A solver that does not hear: it reports a solution and a bound, and goes on until it is let go."""

    def __init__(self, x: np.ndarray | None) -> None:
        self.cbSimplexInterrupt = self.cbIpmInterrupt = self.cbMipInterrupt = self.cbMipImprovingSolution = []
        self.x, self.let_go, self.reported = x, Event(), Event()

    def report(self, seen: running.Seen) -> None:
        if self.x is not None:
            seen.x, seen.bound = self.x, -7.5
        self.reported.set()

    def run(self) -> highspy.HighsStatus:
        self.let_go.wait(60)
        return highspy.HighsStatus.kOk


@pytest.mark.parametrize("found", [True, False])
def test_a_solver_that_does_not_hear_is_left_behind(monkeypatch: pytest.MonkeyPatch, found: bool) -> None:
    model = pf.Problem(call(amount=[2, 2], merit=[3, 4]), policy(2)).model
    deaf = Deaf(np.array([1.0, 0.0]) if found else None)
    monkeypatch.setattr(highs, "_load", lambda *_, **__: deaf)
    monkeypatch.setattr(running, "_listen", lambda solver, seen, stop: solver.report(seen))
    outcome = HighsEngine().solve(model, pf.SolverSettings(gap=0.0, time_limit=0.01))
    assert running.left_behind()
    deaf.let_go.set()
    assert outcome.stop is Stop.TIME_LIMIT
    if found:
        assert outcome.x.tolist() == [1.0, 0.0]
        assert outcome.value == model.value[0]
        assert outcome.bound == 7.5 * highs._scale(model.arrays)
    else:
        assert outcome.x is None
        assert outcome.bound == np.inf


def test_the_names_of_the_ends() -> None:
    assert Stop.TIME_LIMIT.cut_short
    assert Stop.INTERRUPTED.cut_short
    assert not Stop.GAP.cut_short
    assert not Stop.INFEASIBLE.cut_short
    ends = how_it_stopped(100, 102, EXACT, finished=False, otherwise=Stop.INTERRUPTED)
    assert ends is Stop.INTERRUPTED
    assert how_it_stopped(100, 100, EXACT, finished=False, otherwise=Stop.INTERRUPTED) is Stop.OPTIMAL


_PRESS = """
import os, signal, sys, threading
from portfolio.optimize import running
from portfolio_cli.main import run

class Pressed(running.Seen):
    def __setattr__(self, name, value):
        first = self.x is None
        super().__setattr__(name, value)
        if name == "x" and value is not None and first:
            os.kill(os.getpid(), signal.SIGINT)

running.Seen = Pressed
sys.argv = ["portfolio", *sys.argv[1:]]
run()
"""


def test_the_command_writes_the_best_found_after_ctrl_c_and_exits_with_5(tmp_path: Path) -> None:
    endless().call.frame.with_columns(pl.selectors.starts_with("amount") // 100).write_csv(
        tmp_path / "call.csv"
    )
    (tmp_path / "policy.toml").write_text(
        "budget = [450_001, 450_007, 450_011]\n[solver]\ngap = 0.0\ntime_limit = 600\n"
    )
    arguments = ["optimize", "call.csv", "--policy", "policy.toml", "--out", "out", "--quiet"]
    done = subprocess.run(
        [sys.executable, "-c", _PRESS, *arguments],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 5, done.stderr
    assert "Interrupted before the gap asked for was proven" in done.stderr
    assert '"status": "interrupted"' in (tmp_path / "out" / "portfolio.json").read_text()


_DEAF = """
import sys, threading
import portfolio_cli.main as main
from portfolio.optimize import running

def late():
    print("written")
    threading.Thread(target=threading.Event().wait, args=(60,), name=running._NAME, daemon=True).start()
    raise SystemExit(int(sys.argv[1]))

main.app = late
main.run()
"""


def test_the_command_does_not_wait_for_a_solver_that_it_left_behind() -> None:
    done = subprocess.run(
        [sys.executable, "-c", _DEAF, "5"], capture_output=True, text=True, timeout=50, check=False
    )
    assert done.returncode == 5, done.stderr
    assert done.stdout == "written\n"


def test_a_wish_ends_the_solves_begun_inside_and_no_others() -> None:
    wish = Event()
    with ended_by(wish):
        inside = Deadline.start(LONG)
    outside = Deadline.start(LONG)
    wish.set()
    assert inside.stop is Stop.INTERRUPTED
    assert outside.stop is None


def test_a_solve_ends_with_what_it_has_when_whoever_waits_wishes_so(monkeypatch: pytest.MonkeyPatch) -> None:
    wish = Event()

    class Wished(running.Seen):
        def __setattr__(self, name: str, value: object) -> None:
            super().__setattr__(name, value)
            if name == "x" and value is not None:
                wish.set()

    monkeypatch.setattr(running, "Seen", Wished)
    with ended_by(wish):
        portfolio = endless().solve()
    assert portfolio.status is Stop.INTERRUPTED
    assert len(portfolio.ids)


def test_a_ctrl_c_that_a_finished_solve_does_not_need_ends_a_list_of_prices(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rules = [pf.Limit(per="dept", max_awards=k) for k in (1, 2, 3, 4)]
    portfolio = pf.Problem(probe(), policy(5.0, limit=rules)).solve()
    whole = pf.price_rules(portfolio)
    solve, solved = HighsEngine._solve, []

    def pressed(*arguments: Any) -> Outcome:
        outcome = solve(*arguments)
        solved.append(outcome)
        if len(solved) == 1:
            os.kill(os.getpid(), signal.SIGINT)
        return outcome

    monkeypatch.setattr(HighsEngine, "_solve", pressed)
    part = pf.price_rules(portfolio)
    assert solved
    assert part[:-1] == whole[: len(part) - 1]
    assert 1 < len(part) < len(whole)
    met = part[-1]
    assert (met.rule, met.found, met.stop) == (whole[len(part) - 1].rule, None, Stop.INTERRUPTED)
    # The wish ends with the list.
    assert pf.price_rules(portfolio) == whole
