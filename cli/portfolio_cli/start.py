"""Where the command begins: Ctrl-C while its parts are read from the disk or put together is no fault of it."""

from __future__ import annotations

import gc
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager

_CTRL_C = 130


def run() -> None:
    """Run the command; see `portfolio_cli.main.run`."""
    # Nothing that is imported is ever garbage; to look for it, here and at the end, takes a quarter of a short command.
    gc.disable()
    with _leaving_at_once():
        from portfolio_cli import main
    gc.freeze()
    gc.enable()
    try:
        main.run()
    except KeyboardInterrupt:
        sys.exit(_CTRL_C)


@contextmanager
def _leaving_at_once() -> Iterator[None]:
    """Let Ctrl-C end the program without a word: compiled parts that are being read would make another error of it."""
    if signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
        yield
        return
    signal.signal(signal.SIGINT, lambda *_: os._exit(_CTRL_C))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)
