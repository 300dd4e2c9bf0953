"""A sample of the fuzzed files; `python tests/fuzz/files.py` is the whole of it."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from fuzz import files, readers
from fuzz.mutations import piled
from fuzz.trial import Trials

import portfolio as pf

RUNS = 25


@pytest.mark.parametrize("name", files.READERS)
def test_every_file_is_read_or_refused_in_words(tmp_path: Path, name: str) -> None:
    trials = files.by_seed(name, tmp_path, seconds=60, runs=RUNS, seed=1)
    assert trials.defects == {}
    assert trials.tried == RUNS
    assert trials.read > 0


def test_every_reader_has_its_name() -> None:
    assert tuple(readers.READERS) == files.READERS


@pytest.mark.parametrize("name", ["csv", "excel", "parquet", "toml", "model"])
def test_the_same_seed_gives_the_same_files(tmp_path: Path, name: str) -> None:
    reader = readers.READERS[name]
    (tmp_path / "scratch").mkdir()
    begin = next(reader.seeds(tmp_path / "scratch"))
    one, two = (piled(reader.change)(begin, np.random.Generator(np.random.PCG64([1, 2]))) for _ in range(2))
    assert one == two
    changed = {piled(reader.change)(begin, np.random.Generator(np.random.PCG64([1, n]))) for n in range(20)}
    assert len(changed) > 10


def _fails(path: Path) -> None:
    raise KeyError(path.name)


def _writes(path: Path) -> None:
    path.with_name("other").write_text("x")


def _looks_elsewhere(path: Path) -> None:
    with Path("/dev/null").open("w"):
        pass


def _speaks_too_long(path: Path) -> None:
    raise pf.DataError([pf.Issue("x" * 900, "y" * 900, file="z" * 1500)])


def _calls_itself_wrong(path: Path) -> None:
    raise pf.SolverError("a bug of ours")


@pytest.mark.parametrize(
    ("read", "what"),
    [
        (_fails, "KeyError"),
        (_writes, "a file was touched"),
        (_looks_elsewhere, "a file was touched"),
        (_speaks_too_long, "a line too long to be read"),
        (_calls_itself_wrong, "called a bug of ours: a bug of ours"),
    ],
)
def test_a_defect_is_found_and_kept(tmp_path: Path, read: object, what: str) -> None:
    trials = Trials(replace(readers.READERS["journal"], read=read), tmp_path)
    trials.one(b"data")
    (name,) = trials.defects.values()
    assert list(trials.defects) == [what]
    assert (tmp_path / name).read_bytes() == b"data"
    assert what.partition(":")[0] in (tmp_path / f"{name}.txt").read_text()


@pytest.mark.skipif(sys.platform != "linux", reason="bounds of memory are those of Linux")
def test_the_nightly_command_runs(tmp_path: Path) -> None:
    command = [
        sys.executable,
        files.__file__,
        "--reader",
        "journal",
        "--runs",
        "20",
        "--keep",
        str(tmp_path / "kept"),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    # A file that does not begin as a journal does is refused, not cut.
    assert done.stdout.startswith("journal: 20 files, 15 read, 5 refused")
    assert list(tmp_path.iterdir()) == []
