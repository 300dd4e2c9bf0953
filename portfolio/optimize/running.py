"""HiGHS under our clock: it is asked to stop in time, and left behind where it does not hear.

HiGHS looks at its time limit and calls back only now and then: not in its presolve, and not in the smaller searches
that its heuristics start. So it runs in a thread of its own (it releases the interpreter's lock), what it finds is
written down as it comes, and when the time is over the answer is what has been written down.
"""

from __future__ import annotations

import atexit
import threading
from dataclasses import dataclass
from threading import Event, Thread, current_thread, main_thread
from time import monotonic, sleep
from typing import Any

import highspy
import numpy as np

from portfolio.optimize.clock import end_elsewhere
from portfolio.optimize.vectors import Floats

_NAME = "highs"
# How long we wait between looks at the clock; the end of HiGHS is noticed at once.
_LOOK = 0.05
# After how many looks without a solve there is none.
_QUIET = 10
# How long the end of the program waits for a HiGHS that was left behind.
_AT_EXIT = 30.0
# How much longer than it may HiGHS gets to stop by itself, as a share of its time and in seconds, and the time that
# it gets after an interrupt.
_GRACE_SHARE, _GRACE, _AFTER_INTERRUPT = 0.03, 0.02, 1.0
# Set when the program ends: threads that go on beside its end begin no solve any more.
_ENDING = Event()


@dataclass
class Seen:
    """What HiGHS has found so far, in its own scale and sense (it minimises).

    Attributes
    ----------
    x
        (columns,) the best solution; None if there is none.
    bound
        No solution is below it.
    ended
        Whether HiGHS stopped; if not, its own report must not be read.
    interrupted
        Whether it was asked to stop before its time was over.
    """

    x: Floats | None = None
    bound: float = -np.inf
    ended: bool = False
    interrupted: bool = False


def run_within(
    highs: highspy.Highs, seconds: float, interrupted: Event
) -> tuple[highspy.HighsStatus | None, Seen]:
    """Run HiGHS for so many seconds, or until the event is set.

    Returns
    -------
    status
        What HiGHS returned; None if it was left behind, to end by itself in its thread.
    seen
        What it had found by then.

    Raises
    ------
    SystemExit
        If the program is ending, in another thread than the main one, which ends that thread without a word.
    """
    if _ENDING.is_set() and current_thread() is not main_thread():
        raise SystemExit
    seen, stop, end = Seen(), Event(), monotonic() + seconds
    _listen(highs, seen, stop)
    results: list[highspy.HighsStatus] = []
    thread = Thread(target=lambda: results.append(highs.run()), name=_NAME, daemon=True)
    thread.start()
    try:
        _wait(thread, end, interrupted)
        if thread.is_alive():
            stop.set()
            seen.interrupted = interrupted.is_set()
            thread.join(_AFTER_INTERRUPT if seen.interrupted else max(_GRACE, _GRACE_SHARE * seconds))
    finally:
        stop.set()
    seen.ended = not thread.is_alive()
    return (results[0] if seen.ended and results else None), seen


def left_behind() -> bool:
    """Tell whether a HiGHS that did not stop in time is still running."""
    return any(thread.name == _NAME for thread in threading.enumerate())


def end_all() -> None:
    """End every solve in other threads than the main one, and wait until they are quiet, though not for ever."""
    _end_within(2 * _AFTER_INTERRUPT)


def _end_within(seconds: float) -> None:
    end, quiet = monotonic() + seconds, 0
    while quiet < _QUIET and monotonic() < end:
        busy = end_elsewhere() or left_behind()
        # A solve may be between two searches, and begin the next one.
        quiet = 0 if busy else quiet + 1
        sleep(_LOOK / 5)


def _at_exit() -> None:
    """End every solve before the interpreter is shut down: a HiGHS that came back to it then would abort the process.

    Whoever began the solve may be gone: a sweep that was interrupted, an error in a neighbouring thread.
    """
    _ENDING.set()
    if left_behind() or end_elsewhere():
        _end_within(_AT_EXIT)


atexit.register(_at_exit)


def _wait(thread: Thread, end: float, interrupted: Event) -> None:
    while thread.is_alive() and not interrupted.is_set():
        left = end - monotonic()
        if left <= 0:
            return
        thread.join(min(_LOOK, left))


def _listen(highs: highspy.Highs, seen: Seen, stop: Event) -> None:
    """Write down solutions and bounds as they come, and pass on the wish to stop."""

    def ask(event: Any) -> None:
        if stop.is_set():
            event.interrupt()

    def bound(event: Any) -> None:
        seen.bound = max(seen.bound, event.data_out.mip_dual_bound)
        ask(event)

    def improved(event: Any) -> None:
        seen.x = np.array(event.data_out.mip_solution)

    highs.cbSimplexInterrupt += ask
    highs.cbIpmInterrupt += ask
    highs.cbMipInterrupt += bound
    highs.cbMipImprovingSolution += improved
