"""Writing files so that nobody ever sees half of one."""

from __future__ import annotations

import errno
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def atomic_write(path: str | Path) -> Iterator[Path]:
    """Yield a temporary path beside `path`; on success it takes its place in one step, on error it vanishes.

    Parameters
    ----------
    path
        The file to write; its directory is made if it is missing.

    Yields
    ------
    Path
        An empty file in the same directory and with the same suffix. Write to it and close it.

    Raises
    ------
    OSError
        If the file cannot be written, or what is there is no file: a device would be lost by taking its place.
    """
    target = Path(path)
    _refuse_what_is_no_file(target)
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{target.stem}-", suffix=target.suffix, dir=target.parent)
    os.close(handle)
    temporary = Path(name)
    try:
        yield temporary
        _settle(temporary, target)
    finally:
        temporary.unlink(missing_ok=True)


def _refuse_what_is_no_file(target: Path) -> None:
    if target.exists() and not target.is_file():
        raise OSError(errno.EEXIST, "is a folder, a device or a pipe, not a file", str(target))
    try:
        str(target).encode()
    except UnicodeEncodeError:
        raise OSError(errno.EINVAL, "has a name that is not UTF-8", repr(str(target))) from None


def _settle(temporary: Path, target: Path) -> None:
    # A temporary file is private to its owner; the file that it becomes should be as shared as any other.
    mode = target.stat().st_mode if target.exists() else 0o666 & ~_umask()
    temporary.chmod(mode & 0o777)
    with temporary.open("rb+") as file:
        os.fsync(file.fileno())
    temporary.replace(target)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
