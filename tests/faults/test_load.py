"""A small sample of what the commands in tests/load measure: nothing grows, and no client holds up another."""

from __future__ import annotations

import gc
import subprocess
import sys
import tracemalloc
from pathlib import Path

import pytest

pytestmark = pytest.mark.once

LOAD = Path(__file__).parents[1] / "load"
sys.path.append(str(LOAD))
linux = pytest.mark.skipif(sys.platform != "linux", reason="memory is read from /proc")


@linux
def test_solves_leave_nothing_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    """What Python holds after 98 solves is what it held after 63: a kilobyte each would be found."""
    import memory

    # Each page of the explorer keeps its last eight decisions: eight rounds fill them.
    monkeypatch.setattr(memory, "_PROBLEMS", 1)
    tracemalloc.start(1)
    try:
        steps = memory._steps(seed=1)
        for _ in range(63):
            next(steps)()
        gc.collect()
        before = tracemalloc.get_traced_memory()[0]
        for _ in range(35):
            next(steps)()
        gc.collect()
        after = tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()
    assert after - before < 35 * 1_000


@linux
def test_the_command_for_memory_has_a_row_for_each_sample() -> None:
    command = [sys.executable, LOAD / "memory.py", "--solves", "14", "--every", "7"]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    rows = [line for line in done.stdout.splitlines() if line.startswith("| ")]
    assert [row.split(" | ")[0] for row in rows[1:]] == ["| 7", "| 14"]
    assert "Too few samples to say whether it grows." in done.stdout


@linux
def test_clients_at_once_and_a_slow_one_get_the_decisions_of_the_library() -> None:
    pytest.importorskip("uvicorn", reason="needs the extra explore")
    command = [
        sys.executable,
        LOAD / "clients.py",
        "--clients",
        "12",
        "--steps",
        "2",
        "--n",
        "60",
        "--slow",
        "1",
    ]
    done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=300)
    clients, slow, _, decisions, wrong, *_ = done.stdout.splitlines()[2].strip("| ").split(" | ")
    assert (clients, slow, decisions, wrong) == ("12", "1", "24", "0")
