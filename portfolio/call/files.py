"""Writing files so that nobody ever sees half of one, whenever the program or the machine is stopped."""

from __future__ import annotations

import errno
import os
import re
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path
from stat import S_ISDIR, S_ISLNK, S_ISREG
from threading import Event

from portfolio.call.ctrl_c import on_ctrl_c
from portfolio.call.kept import refuse_kept

# Windows has no such locks: what a killed program leaves there is not swept up.
_LOCKS = os.name == "posix"
if _LOCKS:
    from fcntl import LOCK_EX, LOCK_NB, flock

# Part of the name of what is not complete yet. Nobody else's files are called like this.
_UNFINISHED = ".unfinished"
# What libraries below say in their own exceptions instead of raising an OSError with its number.
_NUMBER = re.compile(r"\(os error (\d+)\)")


@contextmanager
def atomic_write(path: str | Path) -> Iterator[Path]:
    """Yield a temporary path beside `path`; on success it takes its place in one step, on error it vanishes.

    What a program that was killed left unfinished of the same file is removed.

    Parameters
    ----------
    path
        The file to write; its directory is made if it is missing. A link is replaced, and what it leads to is left
        as it is: a folder from a stranger must not decide which files are written.

    Yields
    ------
    Path
        An empty file in the same directory and with the same suffix. Write to it and close it.

    Raises
    ------
    OSError
        With the name of `path`, whatever the library that wrote has raised: if the disk is full, the folder cannot be
        written to, or `path` is no regular file (a folder, a device) or one that is `kept`.
    """
    target = Path(path)
    with ExitStack() as stack:
        stack.enter_context(_named(target))
        _refuse_others(target)
        refuse_kept(target)
        target.parent.mkdir(parents=True, exist_ok=True)
        _sweep(target)
        batch = _BATCH.get()
        temporary = (stack if batch is None else batch.stack).enter_context(_temporary(target))
        yield temporary
        _to_disk(temporary, target)
        if batch is None:
            _take_places([(temporary, target)])
        else:
            batch.ready.append((temporary, target))


@dataclass(frozen=True)
class _Batch:
    stack: ExitStack
    ready: list[tuple[Path, Path]]


_BATCH: ContextVar[_Batch | None] = ContextVar("batch", default=None)


@contextmanager
def together() -> Iterator[None]:
    """Let the files that `atomic_write` writes inside take their places when all are complete, in their order.

    An error before that leaves everything as it was. What a file holds can be read at its temporary path only. Within
    another batch the files belong to that.
    """
    if _BATCH.get() is not None:
        yield
        return
    with ExitStack() as stack:
        batch = _Batch(stack, [])
        token = _BATCH.set(batch)
        try:
            yield
        finally:
            _BATCH.reset(token)
        _take_places(batch.ready)


def refuse_suffix(path: Path, suffixes: Iterable[str]) -> None:
    """Refuse a file whose name ends in no format that can be written; known before the work begins.

    Raises
    ------
    OSError
        As of any file that cannot be written.
    """
    known = list(suffixes)
    if path.suffix.lower() not in known:
        ends = " or ".join(filter(None, (", ".join(known[:-1]), known[-1])))
        what = f"has no format that can be written: {path.suffix or 'no suffix'}; end the name in {ends}"
        raise OSError(errno.EINVAL, what, str(path))


def _refuse_others(target: Path) -> None:
    """Refuse what would be replaced though it is no file: a folder, a device."""
    try:
        str(target).encode()
    except UnicodeEncodeError:
        raise OSError(errno.EINVAL, "has a name that is not UTF-8", repr(str(target))) from None
    with suppress(FileNotFoundError):
        mode = target.lstat().st_mode
        if S_ISDIR(mode):
            raise OSError(errno.EISDIR, os.strerror(errno.EISDIR), str(target))
        if not (S_ISREG(mode) or S_ISLNK(mode)):
            raise OSError(errno.EINVAL, "is a device or a pipe, not a file", str(target))


@contextmanager
def _temporary(target: Path) -> Iterator[Path]:
    """Make an empty file beside a target, locked as long as somebody works on it."""
    made: tuple[Path, int | None] | None = None
    try:
        with _undisturbed():
            made = _made(target)
        yield made[0]
    finally:
        if made is not None:
            temporary, handle = made
            if handle is not None:
                os.close(handle)
            temporary.unlink(missing_ok=True)


def _made(target: Path) -> tuple[Path, int | None]:
    suffix = f"{_UNFINISHED}{target.suffix}"
    while True:
        handle, name = tempfile.mkstemp(prefix=f".{target.stem}-", suffix=suffix, dir=target.parent)
        if not _LOCKS:
            os.close(handle)
            return Path(name), None
        flock(handle, LOCK_EX)
        # Before it was locked, another program may have swept it up.
        if Path(name).exists():
            return Path(name), handle
        os.close(handle)


def _sweep(target: Path) -> None:
    """Remove what was left unfinished by programs that were killed: the system let go of their locks."""
    if not _LOCKS:
        return
    ours = re.compile(rf"\.{re.escape(target.stem)}-\w{{8}}{re.escape(_UNFINISHED + target.suffix)}")
    for left in target.parent.iterdir():
        if ours.fullmatch(left.name):
            with suppress(OSError), left.open("rb") as file:
                flock(file, LOCK_EX | LOCK_NB)
                shutil.rmtree(_workspace_of(left), ignore_errors=True)
                left.unlink()


def locked_alone(handle: int) -> bool:
    """Lock an open file until it is closed; False if another program holds it. Windows has no such locks: True."""
    if _LOCKS:
        try:
            flock(handle, LOCK_EX | LOCK_NB)
        except BlockingIOError:
            return False
    return True


@contextmanager
def workspace(temporary: Path) -> Iterator[Path]:
    """Make a folder for what a library writes on the way to a file of `atomic_write`, and nowhere else.

    The texts of a call do not belong into the folder for temporary files of a machine that others use too.
    """
    folder = _workspace_of(temporary)
    folder.mkdir(mode=0o700)
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


def _workspace_of(temporary: Path) -> Path:
    return temporary.with_name(f"{temporary.name}.parts")


def _to_disk(temporary: Path, target: Path) -> None:
    # A temporary file is private to its owner; the file that it becomes should be as shared as any other.
    mode = target.lstat().st_mode if target.is_file() and not target.is_symlink() else 0o666 & ~_umask()
    temporary.chmod(mode & 0o777)
    with temporary.open("rb+") as file:
        os.fsync(file.fileno())


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Let Ctrl-C wait until what must not be left half done is done, and be heard then."""
    pressed = Event()
    with on_ctrl_c(lambda *_: pressed.set()):
        yield
    if pressed.is_set():
        raise KeyboardInterrupt


def _take_places(ready: list[tuple[Path, Path]]) -> None:
    with _undisturbed():
        _replace(ready)


def _replace(ready: list[tuple[Path, Path]]) -> None:
    for temporary, target in ready:
        temporary.replace(target)
    for folder in {target.parent for _, target in ready}:
        # Otherwise the new name could be lost with the power. Not every system can: then it is as safe as it can be.
        with suppress(OSError):
            handle = os.open(folder, os.O_RDONLY)
            try:
                os.fsync(handle)
            finally:
                os.close(handle)


@contextmanager
def _named(path: Path) -> Iterator[None]:
    """Raise errors of the system with the name that the user gave, not with a temporary one or none."""
    try:
        yield
    except Exception as error:
        cause = _of_system(error)
        if cause is None or (cause.filename and _UNFINISHED not in str(cause.filename)):
            raise
        raise OSError(cause.errno, cause.strerror, str(path)) from error


def _of_system(error: Exception) -> OSError | None:
    """Return the error of the system that an exception is, holds (XlsxWriter), or tells of (polars)."""
    for one in (error, *error.args):
        if isinstance(one, OSError) and one.errno is not None:
            return one
    number = _NUMBER.search(str(error))
    return None if number is None else OSError(int(number[1]), os.strerror(int(number[1])))


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
