"""A program may end while solves go on in its threads: it ends as it wanted to, and soon."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from threading import Event

import pytest

from portfolio.analysis.parallel import each
from portfolio.optimize.clock import Deadline
from portfolio.policy import SolverSettings

ROOT = Path(__file__).parents[2]
BEGIN = f"""
import sys, threading, time
sys.path.insert(0, {str(ROOT / "tests")!r})
from endless import endless
from portfolio.analysis.parallel import each
from portfolio.optimize.running import left_behind

def one(item):
    if item:
        return endless().solve()
    while not left_behind():
        time.sleep(0.01)
    time.sleep(0.2)
    if sys.argv[1] == "error":
        raise ValueError("the first item")

def run(how):
    if how == "thread":
        threading.Thread(target=one, args=(1,), daemon=True).start()
        one(0)
    elif how == "error":
        try:
            list(each(one, range(4), jobs=2))
        except ValueError as error:
            print(error)
    else:
        for _ in each(one, range(4), jobs=2):
            break

run(sys.argv[1])
sys.exit(3)
"""


@pytest.mark.parametrize("how", ["thread", "error", "enough"])
def test_solves_in_other_threads_do_not_abort_the_end(how: str) -> None:
    """HiGHS that came back to an interpreter that is gone would abort the process: -6, and no word why."""
    done = subprocess.run(
        [sys.executable, "-c", BEGIN, how],
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
    )
    assert (done.returncode, done.stderr) == (3, "")
    assert done.stdout == ("the first item\n" if how == "error" else "")


def test_what_a_sweep_leaves_running_ends_and_other_solves_go_on() -> None:
    """The wish of one sweep is its own: a neighbour in the same process is not ended by it."""
    begun, ended, stops = Event(), Event(), {}

    def one(item: int) -> int:
        deadline = Deadline.start(SolverSettings(time_limit=60))
        if item:
            begun.set()
            stops["inside"] = deadline.interrupted.wait(50)
            ended.set()
        else:
            begun.wait(50)
        return item

    results = each(one, range(2), jobs=2)
    outside = Deadline.start(SolverSettings())
    assert next(results) == 0
    results.close()
    assert ended.wait(20)
    assert stops == {"inside": True}
    assert not outside.interrupted.is_set()
