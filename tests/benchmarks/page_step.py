"""How long after a move of a slider its answer is painted: `portfolio explore` in Chromium.

    python tests/benchmarks/page_step.py --n 2437 --steps 20

Needs the extra `browser` and Chromium on the PATH. The time runs from the event of the slider to the first task after
the frame that shows the answer, by the clock of the page: sending, deciding, drawing and painting are all in it. The
CPU of the page is what the thread that draws it worked in that time.
"""

from __future__ import annotations

import argparse
import re
import shutil
import statistics
import subprocess
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from families import FAMILIES
from page import put, table

_CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
_COMMAND = (sys.executable, "-c", "from portfolio_cli.main import run; run()", "explore")
_PATIENCE = 120_000
# What is painted late of the step before, or of the first look at the page, is no answer to this step.
_BEGIN = "() => { window.began = performance.now(); window.painted = []; }"
_LISTEN = """() => document.addEventListener("portfolio-painted", ({ detail: { stage, milliseconds } }) => {
  const ours = milliseconds !== null && performance.now() - milliseconds >= window.began;
  if (ours) window.painted.push([stage, milliseconds]);
})"""
_ANSWERED = "() => window.painted.some(([stage]) => ['relaxed', 'first', 'proof'].includes(stage))"
_DECIDED = "() => window.painted.some(([stage]) => ['first', 'proof'].includes(stage))"
_HEADING = (
    "proposals",
    "steps",
    "first answer on the screen, median",
    "slowest of ten",
    "of it CPU of the page",
)


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, print the table, and write it into a page if asked."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--n", type=int, default=2_437)
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument("--out", type=Path, help="page with a place for page_step")
    options = parser.parse_args(arguments)
    with TemporaryDirectory() as folder:
        times, cpu = measured(written(options.n, Path(folder)), options.steps)
    slow = sorted(times)[-1 - len(times) // 10]
    row = (
        f"{options.n:,}",
        str(len(times)),
        f"{statistics.median(times):.0f} ms",
        f"{slow:.0f} ms",
        f"{statistics.median(cpu):.0f} ms",
    )
    text = table(_HEADING, [row])
    print(text)
    if options.out is not None:
        put(options.out, "page_step", text)


def written(n: int, folder: Path) -> tuple[Path, Path]:
    """Write a call and its policy as files, as a programme officer has them."""
    call, policy = FAMILIES["ordinary"].make(n)
    files = folder / "call.parquet", folder / "policy.toml"
    call.to_polars().write_parquet(files[0])
    files[1].write_text(policy.to_toml(), encoding="utf-8")
    return files


def measured(files: tuple[Path, Path], steps: int) -> tuple[list[float], list[float]]:
    """Return per step the milliseconds to the first answer on the screen, and the CPU of the page in them."""
    from playwright.sync_api import sync_playwright

    found = next((path for path in map(shutil.which, _CHROMIUM) if path), None)
    if found is None:
        raise SystemExit(f"none of {', '.join(_CHROMIUM)} is on the PATH")
    given = [*_COMMAND, str(files[0]), "--policy", str(files[1]), "--no-open", "--quiet"]
    with (
        subprocess.Popen(given, stderr=subprocess.PIPE, text=True) as process,
        sync_playwright() as playwright,
    ):
        try:
            assert process.stderr is not None
            browser = playwright.chromium.launch(executable_path=found, args=["--no-sandbox"])
            # What is measured is asked with scripts of ours, which the policy of the page would refuse.
            page = browser.new_page(viewport={"width": 1280, "height": 900}, bypass_csp=True)
            page.set_default_timeout(_PATIENCE)
            page.goto(_address(process.stderr))
            page.wait_for_selector(":is([data-stage=first], [data-stage=proof])")
            page.evaluate(_LISTEN)
            page.locator('input[type=range][data-key="budget"]').focus()
            clock = page.context.new_cdp_session(page)
            clock.send("Performance.enable", {"timeDomain": "threadTicks"})
            return _steps(page, clock, steps)
        finally:
            process.terminate()


def _address(lines: Iterable[str]) -> str:
    said = []
    for line in lines:
        said.append(line)
        if found := re.search(r"http://127\.0\.0\.1:\d+/\?token=\S+", line):
            return found[0]
    raise SystemExit(f"the explorer did not start: {''.join(said)}")


def _steps(page: Any, clock: Any, steps: int) -> tuple[list[float], list[float]]:
    times, cpu = [], []
    for step in range(steps):
        page.evaluate(_BEGIN)
        before = _worked(clock)
        page.keyboard.press("ArrowLeft" if step % 2 == 0 else "ArrowRight")
        page.wait_for_function(_ANSWERED)
        cpu.append(1e3 * (_worked(clock) - before))
        painted = page.evaluate("() => window.painted")
        times.append(next(ms for stage, ms in painted if stage in {"relaxed", "first", "proof"}))
        # The next step begins from rest, as when somebody reads before moving on.
        page.wait_for_function(_DECIDED)
    return times, cpu


def _worked(clock: Any) -> float:
    metrics = clock.send("Performance.getMetrics")["metrics"]
    return next(one["value"] for one in metrics if one["name"] == "TaskDuration")


if __name__ == "__main__":
    main()
