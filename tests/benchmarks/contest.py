"""One family of problems, solved by every method at growing sizes: who is done when, and what is proven."""

from __future__ import annotations

import math
import platform
import subprocess
import sys
import tempfile
from contextlib import suppress
from dataclasses import dataclass, field, replace
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from compiled import store
from measure import Result, once, summary
from page import table
from peers import METHODS
from picture import Point, draw

from portfolio.optimize.engine import relative_gap

_SETUP = """
from compiled import load
from peers import highs_alone, library, through_pulp
problem = load({file!r})
"""
# Those that do not compile the problem themselves are handed it so.
_HANDED = "problem.model.arrays\n"
_HEADING = (
    "n",
    "method",
    "median s",
    "least - most s",
    "peak MiB",
    "proven gap",
    "below best bound",
    "it said",
)


@dataclass(frozen=True)
class Entry:
    """What became of a method at a size; without a result, `said` is why there is none."""

    n: int
    method: str
    said: str
    result: Result | None = None

    @property
    def value(self) -> float | None:
        """The value of the portfolio, as we add it up; None if there is none."""
        return self.result["note"]["value"] if self.result else None

    @property
    def bound(self) -> float:
        """The bound that was handed back; infinite if there is none."""
        bound = self.result["note"]["bound"] if self.result else None
        return math.inf if bound is None else bound

    @property
    def gap(self) -> float:
        """The relative gap between the two."""
        return math.inf if self.value is None else relative_gap(self.value, self.bound)


@dataclass
class Contest:
    """Measures methods on one family, size after size.

    A method that has not proven the gap in time is not run again at that size. After two such sizes in a row,
    or one at which it had nothing to show, it is left out: how hard a call is does not depend on its size alone.
    """

    family: str
    limit: float
    gap: float
    runs: int
    entries: list[Entry] = field(default_factory=list)

    def measure(self, n: int, methods: list[str]) -> None:
        """Run every method at a size."""
        with tempfile.TemporaryDirectory() as folder:
            problem = Path(folder) / "problem"
            store(self.family, n, self.limit, self.gap, problem)
            for method in methods:
                entry = self._skipped(n, method) or self._run(n, method, problem)
                self.entries.append(entry)
                seconds = f"{entry.result['seconds']:.2f} s, " if entry.result else ""
                print(
                    f"{self.family} {n:,} {METHODS[method].title}: {seconds}{entry.said}",
                    file=sys.stderr,
                    flush=True,
                )

    def _skipped(self, n: int, method: str) -> Entry | None:
        if METHODS[method].ready() is None:
            return Entry(n, method, "not installed")
        mine = [entry for entry in self.entries if entry.method == method]
        if method == "library" or not mine:
            return None
        if mine[-1].said.startswith("skipped"):
            return replace(mine[-1], n=n)
        twice = len(mine) > 1 and not any(map(self._done, mine[-2:]))
        if twice or mine[-1].value is None:
            return Entry(n, method, f"skipped: not done in time at {mine[-1].n:,}")
        return None

    def _run(self, n: int, method: str, problem: Path) -> Entry:
        setup = _SETUP.format(file=str(problem)) + ("" if method == "library" else _HANDED)
        work = f"answer = {METHODS[method].ready()}"
        # Solvers overrun their limits, and making the problem takes time too; this is for those that do not end.
        stop = 2 * self.limit + 300
        found: list[Result] = []
        while len(found) < self.runs:
            try:
                found.append(once(setup, work, "answer.checked(problem)", stop))
            except subprocess.TimeoutExpired:
                return Entry(n, method, f"stopped by us after {stop:.0f} s")
            except subprocess.CalledProcessError as error:
                return Entry(n, method, f"failed with code {error.returncode}")
            entry = Entry(n, method, _words(found[-1]["note"]), summary(found))
            if not self._done(entry):
                break
        return entry

    def _done(self, entry: Entry) -> bool:
        # A solver that stopped by itself may be off by its rounding.
        return entry.gap <= self.gap + 1e-6

    def table(self) -> str:
        """Write all entries as a table, with the conditions under which they were measured."""
        best: dict[int, float] = {}
        for entry in self.entries:
            best[entry.n] = min(entry.bound, best.get(entry.n, math.inf))
        runs = (
            f"medians of {self.runs} runs, one where it was not done in time" if self.runs > 1 else "one run"
        )
        asked = f"a gap of {self.gap:g} within {self.limit:g} s; {runs}"
        rows = [_row(entry, best[entry.n]) for entry in self.entries]
        return f"Asked for {asked}; {_versions()}.\n\n{table(_HEADING, rows)}"

    def draw(self, path: Path) -> None:
        """Draw the entries that have a time."""
        points = [
            Point(METHODS[entry.method].title, entry.n, entry.result["seconds"], self._done(entry))
            for entry in self.entries
            if entry.result
        ]
        draw(path, f"{self.family.replace('_', ' ')} calls, gap {self.gap:g}", points, self.limit)


def _versions() -> str:
    found = [f"Python {platform.python_version()}"]
    for name in ("highspy", "pulp", "pyscipopt"):
        with suppress(PackageNotFoundError):
            found.append(f"{name} {version(name)}")
    return ", ".join(found)


def _words(note: Result) -> str:
    broken = f"; rules broken: {note['broken']}" if note["broken"] else ""
    return ("nothing found" if note["value"] is None else note["said"].lower()) + broken


def _row(entry: Entry, best: float) -> list[str]:
    title = METHODS[entry.method].title
    if entry.result is None:
        return [f"{entry.n:,}", title, "", "", "", "", "", entry.said]
    result = entry.result
    return [
        f"{entry.n:,}",
        title,
        f"{result['seconds']:.2f}",
        f"{result['least']:.2f} - {result['most']:.2f}",
        f"{result['peak_mib']:.0f}",
        _small(entry.gap),
        # Below zero would mean that somebody's bound is wrong.
        _small(math.inf if entry.value is None else relative_gap(entry.value, best)),
        entry.said,
    ]


def _small(gap: float) -> str:
    return "none" if math.isinf(gap) else "0" if abs(gap) < 1e-9 else f"{gap:.1e}"
