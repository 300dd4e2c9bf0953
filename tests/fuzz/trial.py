"""One file before one reader: it is read, or it is refused in words; nothing else may happen."""

from __future__ import annotations

import faulthandler
import json
import os
import shutil
import sys
import time
import traceback
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

from fuzz.readers import Reader

import portfolio as pf

SECONDS = 20
LONGEST_LINE = 2_000
_WRITES = {
    "os.remove",
    "os.rename",
    "os.mkdir",
    "os.rmdir",
    "os.link",
    "os.symlink",
    "os.truncate",
    "os.chmod",
}
_LEAVES = {"subprocess.Popen", "os.system", "os.exec", "os.fork", "socket.connect", "shutil.copyfile"}


@dataclass
class _Watch:
    """Python tells of every file that is opened and every program that is started; it can never be told to stop."""

    awake: bool = False
    touched: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        sys.addaudithook(self._heard)

    def _heard(self, event: str, arguments: Sequence[Any]) -> None:
        if not self.awake:
            return
        writes = event == "open" and arguments[2] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC)
        if writes or event in _WRITES or event in _LEAVES:
            self.touched.append(f"{event} {arguments!r}"[:200])


_WATCH = _Watch()


@dataclass
class Trials:
    """Files read one after the other in a folder, and what came of them.

    Attributes
    ----------
    home
        Where the counts, the defects and the folder of the file are kept.
    """

    reader: Reader
    home: Path
    tried: int = 0
    read: int = 0
    slowest: float = 0.0
    defects: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.folder = self.home / "folder"
        if self.folder.exists():
            shutil.rmtree(self.folder)
        self.folder.mkdir(parents=True)
        self.reader.beside(self.folder)
        self.path = self.folder / self.reader.name
        self.path.touch()
        self._before = _state(self.folder)

    def seeds(self) -> list[bytes]:
        """Make the files that all others are made from."""
        scratch = self.home / "scratch"
        shutil.rmtree(scratch, ignore_errors=True)
        scratch.mkdir()
        found = list(self.reader.seeds(scratch))
        shutil.rmtree(scratch)
        self.save()
        return found

    def one(self, data: bytes) -> None:
        """Read one file. What has ended the process stays in `home`."""
        self.path.write_bytes(data)
        (self.home / "current").write_bytes(data)
        _WATCH.touched.clear()
        start = time.perf_counter()
        faulthandler.dump_traceback_later(SECONDS, exit=True, file=sys.__stderr__)
        _WATCH.awake = True
        try:
            self.read += self.reader.read(self.path) is not False
        except pf.PortfolioError as error:
            self._refused(error, data)
        except (KeyboardInterrupt, SystemExit):
            raise
        except BaseException as error:  # a panic of Rust is no Exception
            self._defect(_signature(error), traceback.format_exc(), data)
        finally:
            _WATCH.awake = False
            faulthandler.cancel_dump_traceback_later()
        self.tried += 1
        self.slowest = max(self.slowest, time.perf_counter() - start)
        if _WATCH.touched or _state(self.folder) != {**self._before, self.path.name: len(data)}:
            self._defect("a file was touched", str(_WATCH.touched), data)

    def save(self) -> None:
        """Write down how far it has come."""
        said = {"tried": self.tried, "read": self.read, "slowest": self.slowest, "defects": self.defects}
        (self.home / "counts.json").write_text(json.dumps(said))

    def _refused(self, error: pf.PortfolioError, data: bytes) -> None:
        words = str(error)
        if error.exit_code == 1 and not isinstance(error, pf.DataError | pf.PolicyError):
            self._defect(f"called a bug of ours: {words[:80]}", words, data)
        if max(map(len, words.split("\n"))) > LONGEST_LINE:
            self._defect("a line too long to be read", words[:5000], data)
        try:
            words.encode()
        except UnicodeEncodeError:
            self._defect("a message that cannot be shown", ascii(words), data)

    def _defect(self, what: str, details: str, data: bytes) -> None:
        _WATCH.awake = False
        if what in self.defects:
            return
        name = f"{sha256(what.encode()).hexdigest()[:12]}-{self.reader.name}"
        self.defects[what] = name
        (self.home / name).write_bytes(data)
        (self.home / f"{name}.txt").write_text(f"{what}\n\n{details}\n", encoding="utf-8", errors="replace")
        self.save()


def _state(folder: Path) -> dict[str, int]:
    return {entry.name: entry.stat().st_size for entry in os.scandir(folder)}


def _signature(error: BaseException) -> str:
    """Name a defect by its error and by the last line of the package that it passed through."""
    ours = [step for step in traceback.extract_tb(error.__traceback__) if "/portfolio/" in step.filename]
    with suppress(IndexError):
        place = ours[-1].filename.rpartition("/portfolio/")[2]
        return f"{type(error).__name__} in {place}:{ours[-1].lineno} {ours[-1].name}"
    return type(error).__name__
