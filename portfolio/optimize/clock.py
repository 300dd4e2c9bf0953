"""The time that a solve may take, and the wish of whoever waits for it to end it sooner."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from threading import Event
from time import monotonic
from types import FrameType

from portfolio.call.ctrl_c import on_ctrl_c
from portfolio.optimize.engine import Stop
from portfolio.policy import SolverSettings

# Solvers take no limit of 0.
_LEAST = 0.01
# No more than this share of the time is kept for the end.
_MOST_KEPT = 0.25
# The wishes that solves in other threads than the main one listen to.
_ELSEWHERE: set[Event] = set()
# The wish that the solves begun here listen to, if somebody handed one in.
_WISH: ContextVar[Event | None] = ContextVar("wish", default=None)


def _wish() -> Event:
    return _WISH.get() or Event()


@dataclass(frozen=True)
class Deadline:
    """A clock around all the stages of a solve.

    Attributes
    ----------
    settings
        Of the whole solve.
    end
        When it has to end, in seconds of the monotonic clock.
    interrupted
        Set as soon as somebody asks for the solve to end; no stage may start a search after that.
    """

    settings: SolverSettings
    end: float
    interrupted: Event = field(default_factory=_wish)

    @classmethod
    def start(cls, settings: SolverSettings) -> Deadline:
        """Start the clock."""
        return cls(settings, monotonic() + settings.time_limit)

    @property
    def stop(self) -> Stop | None:
        """Why no further search may be started; None if one may."""
        if self.interrupted.is_set():
            return Stop.INTERRUPTED
        return Stop.TIME_LIMIT if monotonic() >= self.end else None

    def keeping(self) -> Deadline:
        """Return an earlier deadline for what comes next, so that the end of the solve is within its time as well.

        After the last search every rule is added up again, ties are settled and prices are put together. All of that
        takes about as long as what was done before the first search.
        """
        passed = monotonic() - (self.end - self.settings.time_limit)
        return replace(self, end=self.end - min(passed, _MOST_KEPT * self.settings.time_limit))

    def left(self, **changes: float) -> SolverSettings:
        """Return the settings with the time that is left."""
        return self.within(self.settings.replace(**changes) if changes else self.settings)

    def within(self, settings: SolverSettings) -> SolverSettings:
        """Return other settings with no more time than is left."""
        seconds = max(_LEAST, self.end - monotonic())
        return settings.replace(time_limit=min(seconds, settings.time_limit))


@contextmanager
def listening(interrupted: Event) -> Iterator[None]:
    """Take the first Ctrl-C as the wish to end a solve with what it has found; the next one is an ordinary one.

    A ``KeyboardInterrupt`` between two stages would lose the portfolio of the first. Where the program has a handler of
    its own nothing changes. Other threads than the main one do not see Ctrl-C; `end_elsewhere` tells them.
    """
    if threading.current_thread() is not threading.main_thread():
        _ELSEWHERE.add(interrupted)
        try:
            yield
        finally:
            _ELSEWHERE.discard(interrupted)
        return

    def end(number: int, frame: FrameType | None) -> None:
        interrupted.set()
        signal.signal(signal.SIGINT, signal.default_int_handler)

    with on_ctrl_c(end):
        yield


@contextmanager
def ended_by(wish: Event) -> Iterator[None]:
    """Let an event end every solve that this thread begins inside, as Ctrl-C does; other solves go on."""
    token = _WISH.set(wish)
    try:
        yield
    finally:
        _WISH.reset(token)


@contextmanager
def ended_together() -> Iterator[None]:
    """Let Ctrl-C end all solves that this thread begins inside.

    One that comes when a solve is all but done takes nothing from that solve. The next one must hear of it.
    """
    with ended_by(_wish()):
        yield


def end_elsewhere() -> bool:
    """Ask every solve that runs in another thread than the main one to end, as Ctrl-C does in that; tell if any did."""
    wishes = tuple(_ELSEWHERE)
    for interrupted in wishes:
        interrupted.set()
    return bool(wishes)
