"""Requests of one page at work in threads: a new decision ends the work that it makes stale."""

from __future__ import annotations

import atexit
import weakref
from collections.abc import Callable
from contextlib import suppress
from threading import Event, Lock, Thread, current_thread

from portfolio.report.explorer import answers
from portfolio.report.explorer.answers import Answer
from portfolio.report.explorer.requests import Request
from portfolio.report.explorer.session import Session

# What a new decision makes stale. Files are asked for once, and go on.
_STALE = {"solve", "why", "frontier"}
# No page of ours asks for more at a time.
_MOST = 32
# How long the end of the program waits for a solve that was asked to end.
_AT_EXIT = 5.0


class Worker:
    """Runs the requests of one page, each in a thread of its own.

    Parameters
    ----------
    session
        Answers them.

    Attributes
    ----------
    unread
        How many requests of the page wait to be read to their end; whoever hands the answers out counts them.
    """

    def __init__(self, session: Session) -> None:
        self.unread = 0
        self._session = session
        self._running: dict[Thread, tuple[str, Event]] = {}
        self._lock = Lock()
        # A solver that comes back to an interpreter that is being shut down aborts the process.
        atexit.register(_close, weakref.ref(self))

    def ask(self, request: Request, emit: Callable[[Answer], None]) -> Event:
        """Begin to answer a request.

        Parameters
        ----------
        emit
            Called in another thread with each answer; must not wait for whoever reads them.

        Returns
        -------
        Event
            Set it when nobody waits for the answers any more.
        """
        wish = Event()
        thread = Thread(
            target=self._run, args=(request, wish, emit), name=f"explorer {request.kind}", daemon=True
        )
        with self._lock:
            if request.kind == "solve":
                for kind, earlier in self._running.values():
                    if kind in _STALE:
                        earlier.set()
            full = len(self._running) >= _MOST
            if not full:
                self._running[thread] = request.kind, wish
                thread.start()
        if full:
            refusal = answers.refused("Too much is asked at a time; wait for the answers.")
            emit({**refusal, "step": request.step})
            emit({"kind": "done", "step": request.step})
        return wish

    def end(self) -> None:
        """Ask all work to end."""
        with self._lock:
            for _, wish in self._running.values():
                wish.set()

    def close(self) -> None:
        """End all work, and wait until it has ended, though not for ever."""
        self.end()
        for thread in tuple(self._running):
            thread.join(_AT_EXIT)

    def _run(self, request: Request, wish: Event, emit: Callable[[Answer], None]) -> None:
        try:
            for answer in self._session.answers(request, wish):
                emit(answer)
        except BaseException as error:
            # Polars panics with what is no Exception, and an answer may be none that can be sent. Whatever it is, the
            # page would wait for ever.
            failed = [] if wish.is_set() else [answers.problem_of_ours(error)]
            # Where nothing can be sent any more, nobody waits.
            with suppress(Exception):
                for answer in (*failed, {"kind": "done"}):
                    emit({**answer, "step": request.step})
        finally:
            with self._lock:
                self._running.pop(current_thread(), None)


def _close(worker: weakref.ref[Worker]) -> None:
    alive = worker()
    if alive is not None:
        alive.close()
