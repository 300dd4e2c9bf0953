"""What something is made from is never written over by it."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from pathlib import Path

_Places = frozenset[tuple[int, int]]
_KEPT: ContextVar[_Places] = ContextVar("kept", default=frozenset())


@contextmanager
def kept(inputs: Iterable[Path]) -> Iterator[None]:
    """Let `refuse_kept` refuse these files, by whatever name or link they are reached; those of before stay kept.

    Parameters
    ----------
    inputs
        Files; those that do not exist are left out.
    """
    token = _KEPT.set(_KEPT.get() | {place for path in inputs for place in _places(path)})
    try:
        yield
    finally:
        _KEPT.reset(token)


def refuse_kept(target: Path) -> None:
    """Refuse to write over a file that is kept.

    Raises
    ------
    OSError
        With its name.
    """
    if not _KEPT.get().isdisjoint(_places(target)):
        raise OSError(errno.EBUSY, "is what this is made from, and would be lost", str(target))


def _places(path: Path) -> Iterator[tuple[int, int]]:
    """Yield where a name leads to, and the link that it may be."""
    for look in (os.stat, os.lstat):
        with suppress(OSError, ValueError):
            found = look(path)
            yield found.st_dev, found.st_ino
