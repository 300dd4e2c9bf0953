"""What Ctrl-C does for a while instead of raising ``KeyboardInterrupt`` wherever the program stands."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType


@contextmanager
def on_ctrl_c(handler: Callable[[int, FrameType | None], None]) -> Iterator[None]:
    """Call a handler when Ctrl-C is pressed.

    Nothing changes where the program has a handler of its own, and in other threads than the main one, which never see
    Ctrl-C.
    """
    ours = threading.current_thread() is threading.main_thread()
    if not ours or signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
        yield
        return
    signal.signal(signal.SIGINT, handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)
