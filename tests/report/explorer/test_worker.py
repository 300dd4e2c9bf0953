"""A new decision ends the work that it makes stale, and no other."""

from __future__ import annotations

from collections.abc import Iterator
from threading import Event
from typing import Any

import pytest
from polars.exceptions import PanicException

from portfolio.report.explorer.requests import Request
from portfolio.report.explorer.session import Session
from portfolio.report.explorer.worker import Worker

PATIENT = 20.0


class Slow(Session):
    """A session that works until nobody waits, or until it is let go."""

    def __init__(self) -> None:
        self.go = Event()

    def answers(self, request: Request, wish: Event) -> Iterator[dict[str, Any]]:
        yield {"kind": "begun", "step": request.step}
        while not wish.wait(0.01) and not self.go.is_set():
            pass
        yield {"kind": "done", "step": request.step, "stale": wish.is_set()}


class Reader:
    """Collects answers and can wait for the last one."""

    def __init__(self) -> None:
        self.answers: list[dict[str, Any]] = []
        self.begun, self.done = Event(), Event()

    def __call__(self, answer: dict[str, Any]) -> None:
        self.answers.append(answer)
        self.begun.set()
        if answer["kind"] == "done":
            self.done.set()


def begin(worker: Worker, kind: str, step: int = 1) -> Reader:
    reader = Reader()
    worker.ask(Request(step, kind), reader)
    assert reader.begun.wait(PATIENT)
    return reader


def test_a_decision_ends_what_it_makes_stale() -> None:
    worker = Worker(session := Slow())
    old = {kind: begin(worker, kind) for kind in ("solve", "why", "frontier", "policy", "awards", "start")}
    new = begin(worker, "solve", 2)
    for kind in ("solve", "why", "frontier"):
        assert old[kind].done.wait(PATIENT), kind
        assert old[kind].answers[-1]["stale"]
    assert not any(old[kind].done.is_set() for kind in ("policy", "awards", "start"))
    assert not new.done.is_set()
    session.go.set()
    assert new.done.wait(PATIENT)
    assert not new.answers[-1]["stale"]
    worker.close()


def test_a_question_ends_nothing() -> None:
    worker = Worker(Slow())
    decision = begin(worker, "solve")
    begin(worker, "why", 2)
    assert not decision.done.is_set()
    worker.close()
    assert decision.done.is_set()


def test_whoever_asked_can_end_it() -> None:
    worker, reader = Worker(Slow()), Reader()
    wish = worker.ask(Request(1, "solve"), reader)
    wish.set()
    assert reader.done.wait(PATIENT)
    worker.close()


class Broken(Session):
    """A session that fails in the middle of its answers."""

    def __init__(self, error: BaseException, wish: bool = False) -> None:
        self.error, self.wish = error, wish

    def answers(self, request: Request, wish: Event) -> Iterator[dict[str, Any]]:
        yield {"kind": "begun", "step": request.step}
        if self.wish:
            wish.set()
        raise self.error


@pytest.mark.parametrize(
    "error", [ZeroDivisionError("P-1 by zero"), PanicException("P-1"), KeyboardInterrupt()]
)
def test_a_fault_of_ours_is_answered_by_its_kind_alone(
    error: BaseException, capfd: pytest.CaptureFixture[str]
) -> None:
    answered = begin(worker := Worker(Broken(error)), "solve", 3)
    assert answered.done.wait(PATIENT)
    worker.close()
    failed, done = answered.answers[1:]
    assert (failed["kind"], failed["step"]) == ("failed", 3)
    assert failed["message"].endswith(f": {type(error).__name__}")
    assert done == {"kind": "done", "step": 3}
    assert not worker._running
    assert capfd.readouterr() == ("", "")


def test_a_fault_that_nobody_waits_for_is_not_told() -> None:
    answered = begin(worker := Worker(Broken(ValueError(), wish=True)), "solve")
    assert answered.done.wait(PATIENT)
    worker.close()
    assert [answer["kind"] for answer in answered.answers] == ["begun", "done"]


def test_an_answer_that_cannot_be_sent_ends_no_thread_with_a_traceback(
    capfd: pytest.CaptureFixture[str],
) -> None:
    sent: list[str] = []

    def emit(answer: dict[str, Any]) -> None:
        sent.append(answer["kind"])
        if answer["kind"] == "begun":
            raise UnicodeEncodeError("utf-8", "P-1", 0, 1, "surrogates")

    worker = Worker(session := Slow())
    session.go.set()
    worker.ask(Request(1, "solve"), emit)
    worker.close()
    assert sent == ["begun", "failed", "done"]
    assert capfd.readouterr() == ("", "")


def test_too_much_at_a_time_is_refused() -> None:
    worker = Worker(Slow())
    for step in range(32):
        begin(worker, "why", step)
    refused = begin(worker, "why", 99)
    assert [answer["kind"] for answer in refused.answers] == ["refused", "done"]
    assert all(answer["step"] == 99 for answer in refused.answers)
    worker.close()
    assert not worker._running
