"""The explorer in a notebook answers messages as the server answers requests."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
from contextvars import ContextVar
from threading import Event
from typing import Any

import pytest
from report.explorer.asking import example

import portfolio as pf
from portfolio.report.explorer import bundle
from portfolio.report.explorer.session import Session
from portfolio.report.explorer.widget import Explorer
from portfolio.report.explorer.worker import Worker

PATIENT = 30.0


class Heard(Explorer):
    """Keeps what would be sent to the page, and in which thread."""

    def __init__(self, problem: pf.Problem) -> None:
        self.heard: list[dict[str, Any]] = []
        self.threads: set[str] = set()
        self.done = Event()
        super().__init__(Worker(Session(problem)))

    def send(self, content: Any, buffers: Any = None) -> None:
        self.heard.append(content)
        self.threads.add(threading.current_thread().name)
        if content["kind"] == "done":
            self.done.set()


def test_explore_returns_a_widget_that_holds_the_page() -> None:
    widget = pf.explore(example())
    assert isinstance(widget, Explorer)
    assert widget._esm == bundle.module()
    assert widget._css == bundle.style()
    widget.close()


def test_a_message_is_answered_by_messages() -> None:
    widget = Heard(example())
    widget._handle_custom_msg({"step": 4, "kind": "solve"}, [])
    assert widget.done.wait(PATIENT)
    assert [answer["kind"] for answer in widget.heard] == ["relaxed", "decided", "prices", "done"]
    assert {answer["step"] for answer in widget.heard} == {4}
    widget.close()


def test_in_a_kernel_answers_are_sent_from_the_thread_of_its_loop() -> None:
    async def notebook() -> Heard:
        widget = Heard(example())
        widget._handle_custom_msg({"step": 1, "kind": "solve"}, [])
        while not widget.done.is_set():
            await asyncio.sleep(0.01)
        return widget

    widget = asyncio.run(asyncio.wait_for(notebook(), PATIENT))
    assert widget.threads == {threading.current_thread().name}
    widget.close()


def test_in_a_kernel_an_answer_is_sent_as_one_to_its_own_message() -> None:
    """Kernels keep the message at hand in a variable of the context; the next message is not to stand in for it."""
    at_hand: ContextVar[str] = ContextVar("at_hand")

    class Sent(Heard):
        def __init__(self, problem: pf.Problem) -> None:
            self.answered: list[tuple[str, int]] = []
            super().__init__(problem)

        def send(self, content: Any, buffers: Any = None) -> None:
            self.answered.append((at_hand.get("none"), content["step"]))
            super().send(content, buffers)

    async def notebook() -> Sent:
        widget = Sent(example())
        at_hand.set("the page's")
        widget._handle_custom_msg({"step": 1, "kind": "solve"}, [])
        at_hand.set("another's")
        while not widget.done.is_set():
            await asyncio.sleep(0.01)
        return widget

    widget = asyncio.run(asyncio.wait_for(notebook(), PATIENT))
    assert set(widget.answered) == {("the page's", 1)}
    widget.close()


@pytest.mark.parametrize("message", [{"kind": "solve"}, "solve", {"step": 1, "kind": "format"}])
def test_what_is_no_request_is_refused(message: Any) -> None:
    widget = Heard(example())
    widget._handle_custom_msg(message, [])
    assert [answer["kind"] for answer in widget.heard] == ["refused", "done"]
    widget.close()


def test_without_the_extra_one_sentence_says_what_to_install() -> None:
    script = (
        "import sys; sys.modules['anywidget'] = None\n"
        "import portfolio as pf\n"
        "try: pf.explore(None)\n"
        "except pf.ExtraError as error: print(error)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout == (
        "The explorer needs packages that are not installed: pip install 'grant-portfolio[explore]'\n"
    )


def test_a_policy_that_does_not_fit_is_refused_before_there_is_a_page() -> None:
    problem = example()
    with pytest.raises(pf.PolicyError, match="nothing"):
        pf.explore(problem.replace(traits={**problem.policy.traits, "odd": "nothing > 1"}))
