"""The explorer in a notebook: the same page, talking to the kernel instead of a server."""

from __future__ import annotations

import asyncio
from contextvars import copy_context
from typing import Any

import anywidget

from portfolio.report.explorer import answers, bundle
from portfolio.report.explorer.answers import Answer
from portfolio.report.explorer.requests import RequestError, read
from portfolio.report.explorer.worker import Worker


class Explorer(anywidget.AnyWidget):
    """What `explore` returns; the cell of a notebook that ends with it shows the page.

    Parameters
    ----------
    worker
        Answers the messages of the page.
    """

    _esm = bundle.module()
    _css = bundle.style()

    def __init__(self, worker: Worker) -> None:
        self._worker = worker
        super().__init__()
        self.on_msg(self._receive)

    def close(self) -> None:
        """Take the page away, and end its work."""
        self._worker.end()
        super().close()

    def _receive(self, _: Any, content: Any, buffers: Any) -> None:
        """Answer a message of the page."""
        try:
            request = read(content)
        except RequestError as error:
            step = content.get("step") if isinstance(content, dict) else None
            self.send({**answers.refused(str(error)), "step": step})
            self.send({"kind": "done", "step": step})
            return
        self._worker.ask(request, self._sender())

    def _sender(self) -> Any:
        """Return what sends an answer from another thread: kernels send from the thread of their loop.

        An answer is sent as one to the message at hand. Kernels with subshells hand the page's next message to the
        subshell of the message that was answered last: if they took it for an answer to whatever came in between,
        such as the end of a subshell, they would lose it.
        """
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            return self.send
        asked_in = copy_context()

        def send(answer: Answer) -> None:
            loop.call_soon_threadsafe(self.send, answer, context=asked_in)

        return send
