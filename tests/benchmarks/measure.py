"""Timing in fresh processes: seconds inside the process, without imports, and peak memory while the work is done."""

from __future__ import annotations

import json
import os
import signal
import statistics
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from page import table

# The peak is that of the process's own memory map; ru_maxrss would count the pages of the parent at the fork. What
# the setup needed for a while is not the work's, so the peak is reset before it. A solver that runs in a process of
# its own counts if it is the larger one.
_WRAP = """
import json, resource, sys, time
sys.path.insert(0, {folder!r})
{setup}
try:
    open("/proc/self/clear_refs", "w").write("5")
except OSError:
    pass
start = time.perf_counter()
{work}
seconds = time.perf_counter() - start
unit = 2**20 if sys.platform == "darwin" else 1024
try:
    status = open("/proc/self/status").read()
    peak = int(status.split("VmHWM:")[1].split()[0]) / 1024
except (OSError, IndexError):
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit
peak = max(peak, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / unit)
print(json.dumps({{"seconds": seconds, "peak_mib": peak, "note": {note}}}))
"""

Result = dict[str, Any]


def once(setup: str, work: str, note: str = "''", limit: float | None = None) -> Result:
    """Run a piece of work in a fresh interpreter, which may import the files of this folder.

    Parameters
    ----------
    setup, work, note
        Python: what comes before the clock starts, what is timed, and an expression that JSON can hold.
    limit
        Seconds after which the process is stopped, with all that it started.

    Returns
    -------
    dict
        seconds, peak_mib, note.

    Raises
    ------
    subprocess.TimeoutExpired, subprocess.CalledProcessError
        If the limit is reached, or the process fails.
    """
    script = _WRAP.format(folder=str(Path(__file__).parent), setup=setup, work=work, note=note)
    command = [sys.executable, "-c", script]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, start_new_session=True) as process:
        try:
            output, _ = process.communicate(timeout=limit)
        except BaseException:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            raise
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command[:1])
    return dict(json.loads(output.splitlines()[-1]))


def compare(
    pieces: Mapping[str, tuple[str, str, str]], runs: int, *, warm_up: bool = True
) -> dict[str, Result]:
    """Run several pieces of work in turn, if asked for after one warm-up each; return medians and spreads."""
    results: dict[str, list[Result]] = {name: [] for name in pieces}
    for run in range(-1 if warm_up else 0, runs):
        for name, piece in pieces.items():
            result = once(*piece)
            if run >= 0:
                results[name].append(result)
    return {name: summary(found) for name, found in results.items()}


def summary(found: list[Result]) -> Result:
    """Return medians and spreads of several runs, and the note of the last."""
    seconds = [result["seconds"] for result in found]
    return {
        "seconds": statistics.median(seconds),
        "least": min(seconds),
        "most": max(seconds),
        "peak_mib": statistics.median(result["peak_mib"] for result in found),
        "note": found[-1]["note"],
    }


def spread(seconds: Sequence[float]) -> str:
    """Write the median, the least and the most."""
    return f"{statistics.median(seconds):.2f} ({min(seconds):.2f} - {max(seconds):.2f})"


def show(title: str, results: Mapping[str, Result]) -> None:
    """Print a table in Markdown; ratios are to the first row."""
    first = next(iter(results.values()))["seconds"]
    rows = [
        (
            name,
            f"{result['seconds']:.3f}",
            f"{result['least']:.3f} - {result['most']:.3f}",
            f"{result['seconds'] / first:.2f}",
            f"{result['peak_mib']:.0f}",
            result["note"],
        )
        for name, result in results.items()
    ]
    print(f"\n{title}\n\n" + table(("what", "median s", "least - most s", "ratio", "peak MiB", "note"), rows))
