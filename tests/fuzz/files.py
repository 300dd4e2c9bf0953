"""Fuzzed files before the package's readers: each is read or refused in words, within bounds, and nothing is touched.

    python tests/fuzz/files.py --reader csv --seconds 600

Where atheris is installed (``pip install atheris``), what is changed next follows from the lines of Python that the
last files reached; without it, or with ``--runs``, from the seed alone. The reader works in a process of its own with
bounds on memory and time, and is started anew when a file ends it: that is a defect too. Files that show a defect are
kept in ``--keep``.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from fuzz.trial import Trials

READERS = (
    "csv", "excel", "parquet", "json", "reviews", "toml", "condition", "record", "decisions", "lottery", "model",
    "journal",
)  # fmt: skip
MEMORY = 4 << 30
_INSTRUMENTED = ["portfolio", "zipfile"]
_COVERED = re.compile(r"cov: (\d+)")
_TESTS = Path(__file__).resolve().parents[1]


@dataclass
class Tally:
    """What came of one reader, over all processes that it took."""

    tried: int = 0
    read: int = 0
    slowest: float = 0.0
    edges: int = 0
    defects: dict[str, Path] = field(default_factory=dict)

    def __str__(self) -> str:
        edges = f", {self.edges:,} edges" if self.edges else ""
        refused = f"{self.tried - self.read:,} refused"
        return f"{self.tried:,} files, {self.read:,} read, {refused}, slowest {self.slowest:.2f} s{edges}"


def fuzz(reader: str, seconds: float, runs: int, seed: int, keep: Path) -> Tally:
    """Fuzz one reader for so many seconds, or so many files if `runs` is not 0."""
    tally, end, first = Tally(), time.monotonic() + seconds, 0
    with tempfile.TemporaryDirectory(prefix="fuzz-") as folder:
        home = Path(folder)
        while (left := end - time.monotonic()) > 0 and (not runs or tally.tried < runs):
            counts = home / "counts.json"
            counts.unlink(missing_ok=True)
            asked = {"reader": reader, "worker": folder, "first": first, "seconds": left, "seed": seed}
            asked["runs"] = runs and runs - tally.tried
            worker = [
                sys.executable,
                "-X",
                "faulthandler",
                __file__,
                *(f"--{k}={v}" for k, v in asked.items()),
            ]
            with (home / "log").open("wb") as log:
                done = subprocess.run(worker, check=False, stdout=log, stderr=log, preexec_fn=_bounded)
            said = (home / "log").read_text(errors="replace")
            if not counts.exists():
                raise RuntimeError(f"the process did not even begin: {said[-2000:]}")
            found = json.loads(counts.read_text())
            tally.tried += found["tried"]
            tally.read += found["read"]
            tally.slowest = max(tally.slowest, found["slowest"])
            tally.edges = max([tally.edges, *map(int, _COVERED.findall(said))])
            for what, name in found["defects"].items():
                tally.defects.setdefault(what, _kept(home / name, keep))
            if done.returncode:
                tally.tried += 1
                what = f"the process ended with {done.returncode}: {_last_words(said)}"
                if what not in tally.defects:
                    name = f"ended-{len(tally.defects)}-{reader}"
                    (home / name).write_bytes((home / "current").read_bytes())
                    (home / f"{name}.txt").write_text(said[-20_000:])
                    tally.defects[what] = _kept(home / name, keep)
            first = max(first + 1, tally.tried)
    return tally


def _last_words(said: str) -> str:
    lines = [
        line for line in said.splitlines() if re.search(r"panick|alloc|Fatal|Timeout|ERROR|memory", line)
    ]
    return (lines[:1] or said.splitlines()[-1:] or [""])[0][:150]


def _kept(path: Path, keep: Path) -> Path:
    keep.mkdir(parents=True, exist_ok=True)
    kept = keep / path.name
    shutil.copyfile(path, kept)
    shutil.copyfile(path.with_name(f"{path.name}.txt"), kept.with_name(f"{kept.name}.txt"))
    return kept


def _bounded() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def work(reader: str, home: Path, seconds: float, runs: int, seed: int, first: int) -> None:
    """Read files until the time or the number is up; the process may end at any of them."""
    sys.dont_write_bytecode = True
    sys.path[:0] = [str(_TESTS), str(_TESTS.parent)]
    if runs or importlib.util.find_spec("atheris") is None:
        by_seed(reader, home, seconds, runs or sys.maxsize, seed, first)
    else:
        _guided(reader, home, seconds, seed + first)


def by_seed(reader: str, home: Path, seconds: float, runs: int, seed: int, first: int = 0) -> Trials:
    """Read files that follow from the seed, from the number `first` on; the files to begin with come first."""
    from fuzz.mutations import piled
    from fuzz.readers import READERS as KINDS
    from fuzz.trial import Trials

    trials = Trials(KINDS[reader], home)
    change, seeds, end = piled(trials.reader.change), trials.seeds(), time.monotonic() + seconds
    for number in range(first, first + runs):
        rng = np.random.Generator(np.random.PCG64([seed, number]))
        begin = seeds[int(rng.integers(len(seeds)))]
        trials.one(seeds[number] if number < len(seeds) else change(begin, rng))
        trials.save()
        if time.monotonic() > end:
            break
    return trials


def _guided(reader: str, home: Path, seconds: float, seed: int) -> None:
    import atheris

    with atheris.instrument_imports(include=_INSTRUMENTED):
        from fuzz.mutations import MOST_BYTES
        from fuzz.readers import READERS as KINDS
        from fuzz.trial import SECONDS, Trials

        trials = Trials(KINDS[reader], home)
        corpus = home / "corpus"
        corpus.mkdir(exist_ok=True)
        for number, data in enumerate(trials.seeds()):
            (corpus / f"seed-{number}").write_bytes(data)
            # What is imported late is followed too.
            trials.one(data)

    def read(data: bytes) -> None:
        trials.one(data)
        trials.save()

    def change(data: bytes, most: int, seed: int) -> bytes:
        rng = np.random.Generator(np.random.PCG64(seed))
        if rng.random() < 0.2:
            return bytes(atheris.Mutate(data, most))
        return trials.reader.change(data, rng)[:most]

    bounds = [f"-max_total_time={max(1, int(seconds))}", f"-timeout={SECONDS}", "-rss_limit_mb=3000"]
    options = [
        *bounds,
        f"-max_len={MOST_BYTES}",
        f"-seed={seed + 1}",
        "-len_control=0",
        f"-artifact_prefix={home}/",
    ]
    atheris.Setup([sys.argv[0], *options, str(corpus)], read, custom_mutator=change)
    atheris.Fuzz()


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--reader", choices=[*READERS, "all"], default="all")
    parser.add_argument("--seconds", type=float, default=600, help="for each reader")
    parser.add_argument(
        "--runs", type=int, default=0, help="stop after so many files, which are always the same"
    )
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument(
        "--keep", type=Path, default=Path("fuzz-defects"), help="folder for files that show a defect"
    )
    parser.add_argument("--worker", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--first", type=int, default=0, help=argparse.SUPPRESS)
    asked = parser.parse_args(arguments)
    if asked.worker:
        work(asked.reader, asked.worker, asked.seconds, asked.runs, asked.seed, asked.first)
        return 0
    defects = 0
    for reader in READERS if asked.reader == "all" else [asked.reader]:
        start = sum(os.times()[:4])
        tally = fuzz(reader, asked.seconds, asked.runs, asked.seed, asked.keep)
        spent = sum(os.times()[:4]) - start
        sys.stdout.write(f"{reader}: {tally}, {len(tally.defects)} defects, {spent:.0f} s CPU\n")
        sys.stdout.writelines(f"  {what} ({path})\n" for what, path in tally.defects.items())
        sys.stdout.flush()
        defects += len(tally.defects)
    return int(bool(defects))


if __name__ == "__main__":
    sys.exit(main())
