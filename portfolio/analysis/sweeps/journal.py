"""What is done of a long piece of work, line by line in a file, so that it can be taken up again.

Each line is a JSON object with the key of an item and its result. A line that was cut off by a crash is no JSON and
is left out; keys say exactly what a result was made of, so that results of other inputs are never taken up.
"""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO, Self

from portfolio.call.files import locked_alone
from portfolio.call.kept import refuse_kept
from portfolio.errors import DataError, Issue

_APPEND = os.O_WRONLY | os.O_APPEND | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
_START = b'{"key": "'


class Journal:
    """A file that results are added to; a context that holds it open.

    Parameters
    ----------
    path
        The file; made when the first result is added.

    Raises
    ------
    DataError
        If the file is something else.
    OSError
        If it cannot be read, or is an input of the command. On entry, if another process works on it.

    Attributes
    ----------
    known
        Result per key, as found in the file when it was opened.
    """

    def __init__(self, path: Path) -> None:
        refuse_kept(path)
        self.path = path
        self.known, self._whole = _read(path)

    def __enter__(self) -> Self:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self._file = self._opened()
        # Another sweep may have added to it, or removed it, since.
        self.known, self._whole = _read(self.path)
        # What was cut off would run into the next line.
        self._file.truncate(self._whole)
        return self

    def _opened(self) -> BinaryIO:
        """Open the file for this process alone: two sweeps would cut off, or remove, what the other has written."""
        while True:
            # One that leads elsewhere would let a stranger's folder decide which file is cut and written to.
            handle = os.open(self.path, _APPEND, 0o666)
            if not locked_alone(handle):
                os.close(handle)
                raise OSError(
                    errno.EAGAIN, "belongs to another sweep that still runs: wait for it", str(self.path)
                )
            # Before it was locked, the other sweep may have come to its end and removed it.
            with suppress(FileNotFoundError):
                if os.path.samestat(os.fstat(handle), self.path.stat()):
                    return os.fdopen(handle, "ab")
            os.close(handle)

    def __exit__(self, *_: object) -> None:
        # Every line was flushed or has failed already; closing would say that again without the name.
        with suppress(OSError):
            self._file.close()

    def add(self, key: str, result: Mapping[str, Any]) -> None:
        """Add a result; it survives the end of this process as soon as this returns.

        Raises
        ------
        OSError
            If the disk is full. What was added before is kept.
        """
        line = json.dumps({"key": key, "result": result}, ensure_ascii=False, allow_nan=False)
        try:
            self._file.write(line.encode() + b"\n")
            self._file.flush()
        except OSError as error:
            # Half a line may be there; it is left out when the file is read.
            raise OSError(error.errno, error.strerror, str(self.path)) from error

    def remove(self) -> None:
        """Remove the file, for work that is complete."""
        self._file.close()
        self.path.unlink(missing_ok=True)


def _read(path: Path) -> tuple[dict[str, Any], int]:
    """Return the results of a file, and how many of its bytes are whole lines."""
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return {}, 0
    if not (content.startswith(_START) or _START.startswith(content)):
        hint = "move it away, or write the table under another name"
        raise DataError(
            [Issue("is not what an earlier sweep has left, and would be lost", hint, file=str(path))]
        )
    whole = content.rfind(b"\n") + 1
    known: dict[str, Any] = {}
    for line in content[:whole].splitlines():
        try:
            entry = json.loads(line)
            known[entry["key"]] = entry["result"]
        except (ValueError, KeyError, TypeError, RecursionError):
            continue
    return known, whole
