"""One command for the figures of the explorer: seconds from a step of a slider to each answer, through its server.

    python tests/benchmarks/explorer.py [--n 2437] [--steps 30] [--gap 0.001,0.0001] [--out docs/benchmarks.md]

The ordinary call of `families.py`, served by `portfolio explore` in a process of its own. Each step moves the budget or
a reserve a little further, as a slider does, and waits for the proof before the next; the time is from sending the
request until the line of the answer is read. Then a slider is dragged: a step every 100 ms, each of which ends the one
before it, and only the bounds are timed.
"""

from __future__ import annotations

import argparse
import json
import re
import signal
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from typing import Any

from families import ordinary
from page import put, table

import portfolio as pf

HEAD = ("proposals", "gap asked for", "what", "answers", "median, ms", "9 in 10 within, ms", "longest, ms")
SERVE = "from portfolio_cli.main import run; run()"
STEP = 0.1


def main() -> None:
    """Measure and print, or write into the page."""
    options = _options()
    rows = [row for gap in options.gap.split(",") for row in _measured(options.n, float(gap), options.steps)]
    text = table(HEAD, rows)
    if options.out is None:
        print(text)
    else:
        put(options.out, "explorer", text)


def _measured(n: int, gap: float, steps: int) -> Iterator[tuple[str, ...]]:
    call, policy = ordinary(n)
    policy = policy.replace(solver={"gap": gap})
    with tempfile.TemporaryDirectory() as folder:
        files = Path(folder) / "call.parquet", Path(folder) / "policy.toml"
        call.to_polars().write_parquet(files[0])
        files[1].write_text(policy.to_toml(), encoding="utf-8")
        with _served(*files) as ask:
            times: dict[str, list[float]] = {}
            for _ in ask(0, {}):
                pass
            for step, moved in enumerate(_moves(policy, steps)):
                for kind, seconds in ask(step, moved):
                    times.setdefault(kind, []).append(seconds)
            times["the bound while a slider is dragged"] = _dragged(ask, policy, steps)
    names = {"relaxed": "the bound", "first": "the first decision", "proof": "the proven decision"}
    for kind, seconds in times.items():
        if kind not in {"prices", "done"}:
            yield _row(n, gap, names.get(kind, kind), seconds)


def _moves(policy: pf.Policy, steps: int) -> Iterator[dict[str, float]]:
    """Yield values of the budget, then of a reserve, each a little further on."""
    budget, (first, *_) = float(policy.budgets[0]), policy.reserve
    for step in range(steps // 2):
        yield {"budget": round(budget * (1 - 0.005 * (step + 1)))}
    for step in range(steps - steps // 2):
        yield {f"reserve.{first.trait}.share": round((first.share or 0.0) - 0.005 * (step + 1), 6)}


def _dragged(ask: Any, policy: pf.Policy, steps: int) -> list[float]:
    """Return the times of the bounds of steps that do not wait for each other."""
    found: list[float] = []

    def bound(step: int, moved: dict[str, float]) -> None:
        found.extend(seconds for kind, seconds in ask(step, moved) if kind == "relaxed")

    threads = []
    for step, moved in enumerate(_moves(policy.replace(budget=float(policy.budgets[0]) * 1.1), steps)):
        threads.append(Thread(target=bound, args=(step, moved)))
        threads[-1].start()
        time.sleep(STEP)
    for thread in threads:
        thread.join()
    return found


@contextmanager
def _served(call: Path, policy: Path) -> Iterator[Any]:
    """Serve a call in a process of its own; give what asks it for a decision and yields kind and seconds."""
    process = subprocess.Popen(
        [sys.executable, "-c", SERVE, "explore", str(call), "--policy", str(policy), "--no-open"],
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    line = process.stderr.readline()
    address = re.search(r"http://\S+", line)
    if address is None:
        raise SystemExit(line + process.stderr.read())
    with urllib.request.urlopen(address[0]) as page:
        token = re.search(r'portfolio-token" content="([^"]+)"', page.read().decode())
    assert token is not None
    home = address[0].partition("/?")[0]

    def ask(step: int, moved: dict[str, float]) -> Iterator[tuple[str, float]]:
        body = json.dumps({"step": step, "kind": "solve", "set": moved}).encode()
        begun = time.perf_counter()
        request = urllib.request.Request(f"{home}/ask", body, {"X-Portfolio-Token": token[1]})
        with urllib.request.urlopen(request) as lines:
            for answer in map(json.loads, lines):
                yield answer.get("stage", answer["kind"]), time.perf_counter() - begun
                if answer.get("stage") == "proof":
                    # The prices are not waited for: whoever moves on ends them.
                    return

    try:
        yield ask
    finally:
        process.send_signal(signal.SIGINT)
        process.wait()


def _row(n: int, gap: float, what: str, seconds: list[float]) -> tuple[str, ...]:
    ordered = sorted(seconds)
    most = ordered[int(0.9 * (len(ordered) - 1) + 0.999)]
    shown = (f"{1e3 * some:,.0f}" for some in (statistics.median(ordered), most, ordered[-1]))
    return f"{n:,}", f"{gap:g}", what, str(len(ordered)), *shown


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--n", type=int, default=2437)
    parser.add_argument("--steps", type=int, default=30)
    parser.add_argument("--gap", default="0.001,0.0001")
    parser.add_argument("--out", type=Path, default=None)
    return parser.parse_args()


if __name__ == "__main__":
    main()
