"""Timing in fresh processes: seconds inside the process, without imports, and the peak memory of the process."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
from collections.abc import Mapping

# The peak is that of the process's own memory map; ru_maxrss would count the pages of the parent at the fork.
_WRAP = """
import json, sys, time
{setup}
start = time.perf_counter()
{work}
seconds = time.perf_counter() - start
try:
    status = open("/proc/self/status").read()
    peak = int(status.split("VmHWM:")[1].split()[0]) / 1024
except (OSError, IndexError):
    import resource
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (2**20 if sys.platform == "darwin" else 1024)
print(json.dumps({{"seconds": seconds, "peak_mib": peak, "note": str({note})}}))
"""


def once(setup: str, work: str, note: str = "''") -> dict[str, float | str]:
    """Run a piece of work in a fresh interpreter."""
    script = _WRAP.format(setup=setup, work=work, note=note)
    done = subprocess.run([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])


def compare(pieces: Mapping[str, tuple[str, str, str]], runs: int) -> dict[str, dict[str, float | str]]:
    """Run several pieces of work in turn, after one warm-up each; return medians and spreads."""
    results: dict[str, list[dict[str, float | str]]] = {name: [] for name in pieces}
    for run in range(runs + 1):
        for name, piece in pieces.items():
            result = once(*piece)
            if run:
                results[name].append(result)
    return {name: _summary(found) for name, found in results.items()}


def _summary(found: list[dict[str, float | str]]) -> dict[str, float | str]:
    seconds = [float(result["seconds"]) for result in found]
    return {
        "seconds": statistics.median(seconds),
        "least": min(seconds),
        "most": max(seconds),
        "peak_mib": statistics.median(float(result["peak_mib"]) for result in found),
        "note": found[-1]["note"],
    }


def show(title: str, results: Mapping[str, Mapping[str, float | str]]) -> None:
    """Print a table in Markdown; ratios are to the first row."""
    first = float(next(iter(results.values()))["seconds"])
    print(f"\n{title}\n")
    print("| what | median s | least - most s | ratio | peak MiB | note |")
    print("|---|---|---|---|---|---|")
    for name, result in results.items():
        spread = f"{result['least']:.3f} - {result['most']:.3f}"
        ratio = float(result["seconds"]) / first
        memory = f"{result['peak_mib']:.0f}"
        print(f"| {name} | {result['seconds']:.3f} | {spread} | {ratio:.2f} | {memory} | {result['note']} |")
