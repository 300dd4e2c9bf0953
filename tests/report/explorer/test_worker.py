"""A new decision ends the work that it makes stale, and no other."""

from __future__ import annotations

from collections.abc import Iterator
from threading import Event
from typing import Any

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


def test_too_much_at_a_time_is_refused() -> None:
    worker = Worker(Slow())
    for step in range(32):
        begin(worker, "why", step)
    refused = begin(worker, "why", 99)
    assert [answer["kind"] for answer in refused.answers] == ["refused", "done"]
    assert all(answer["step"] == 99 for answer in refused.answers)
    worker.close()
    assert not worker._running
