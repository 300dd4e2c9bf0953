"""Our own phases by themselves, the whole command in one process, and what-ifs from known prices."""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path

from families import FAMILIES
from measure import compare, once, spread, summary
from page import table

import portfolio as pf
from portfolio.simulate import simulate_frames

PHASE_SIZES = (1_000, 10_000, 100_000, 400_000)
WARM_SIZES = (2_000, 10_000, 100_000)
FIRST_SIZES = (1_000, 2_437, 5_000)
PHASES = ("read", "score", "compile", "solve", "write")

_COMMAND = """
code = 0
try:
    from portfolio_cli.main import run
    run()
except SystemExit as stop:
    code = stop.code or 0
"""
_WARM = """
from dataclasses import replace
import numpy as np
import portfolio as pf
from families import FAMILIES
from portfolio.optimize.highs import HighsEngine
call, policy = FAMILIES["ordinary"].make({n})
engine, settings = HighsEngine(), policy.solver.replace(time_limit=600)
prices = engine.relax(pf.Problem(call, policy).model, settings).duals
model = pf.Problem(call, policy.replace(budget=99 * policy.budget // 100)).model
model.arrays
"""
# Without whole numbers, HiGHS alone is the simplex method on the whole program.
_WHOLE = """
alone = HighsEngine(margins_from=float("inf"))
model = replace(model, integer=np.zeros(len(model.value), dtype=bool))
model.arrays
"""

_STAGED = """
from families import ordinary
import portfolio as pf
from portfolio.optimize.highs import HighsEngine
call, policy = ordinary({n}, {seed})
model, settings = pf.Problem(call, policy).model, policy.solver.replace(time_limit=120)
model.arrays
stages = []
def watch(stage):
    stages.append((time.perf_counter() - start, stage.gap))
"""
# Small calls are solved whole and have no stages.
_FIRST = "next((when for when, gap in stages if gap <= 1e-3), None)"


def run_phases(proposals: Path, rules: Path, out: Path) -> dict[str, float]:
    """Go from files to files; return the processor seconds of each phase."""
    clock = [time.process_time()]
    policy = pf.read_policy(rules)
    call = pf.read_call(proposals, policy=policy)
    clock.append(time.process_time())
    problem = pf.Problem(call, policy)
    _ = problem.instance
    clock.append(time.process_time())
    _ = problem.model.arrays
    clock.append(time.process_time())
    portfolio = problem.solve()
    clock.append(time.process_time())
    pf.write_decision(portfolio, out)
    clock.append(time.process_time())
    return {name: end - start for name, start, end in zip(PHASES, clock, clock[1:], strict=False)}


def phases(sizes: Iterable[int], runs: int, limit: float) -> str:
    """Measure each phase on the files of an ordinary call, and the whole command, in processor seconds."""
    heading = ("n", *(f"{name}, s" for name in PHASES), "peak MiB", "command, s", "peak MiB", "exit code")
    return table(heading, [_phases_of(n, runs, limit) for n in sizes])


def _phases_of(n: int, runs: int, limit: float) -> list[str]:
    with tempfile.TemporaryDirectory() as folder:
        proposals, rules, out = (str(Path(folder) / name) for name in ("proposals.csv", "policy.toml", "out"))
        simulate_frames(n, seed=1, reviews_per_proposal=0).proposals.write_csv(proposals)
        policy = FAMILIES["ordinary"].make(n)[1].replace(solver={"time_limit": limit})
        Path(rules).write_text(policy.to_toml(), encoding="utf-8")
        arguments = ["portfolio", "optimize", proposals, "--policy", rules, "--out", out, "--quiet"]
        once_run = f"parts = run_phases{proposals, rules, out}"
        results = [
            once("from own import run_phases", once_run, "parts", 5 * limit + 300) for _ in range(runs)
        ]
        # The clock of the processor runs from the start of the process, imports included.
        note = "[time.process_time(), code]"
        commands = [once(f"sys.argv = {arguments!r}", _COMMAND, note, 5 * limit + 300) for _ in range(runs)]
    medians = [f"{statistics.median(result['note'][name] for result in results):.3f}" for name in PHASES]
    command = statistics.median(result["note"][0] for result in commands)
    return [
        f"{n:,}",
        *medians,
        f"{summary(results)['peak_mib']:.0f}",
        f"{command:.2f}",
        f"{summary(commands)['peak_mib']:.0f}",
        str(commands[-1]["note"][1]),
    ]


def warm(sizes: Iterable[int], runs: int) -> str:
    """Measure the relaxation of a call whose budget is cut by a hundredth; return the table."""
    rows = []
    for n in sizes:
        setup = _WARM.format(n=n)
        pieces = {
            "simplex": (setup + _WHOLE, "alone.solve(model, settings)", "''"),
            "cold": (setup, "engine.relax(model, settings)", "''"),
            "warm": (setup, "engine.relax(model, settings, prices=prices)", "''"),
        }
        found = compare(pieces, runs, warm_up=False)
        rows.append([f"{n:,}", *(f"{1000 * found[name]['seconds']:.0f}" for name in pieces)])
    return table(("n", "simplex method on the whole, ms", "ours, ms", "ours from known prices, ms"), rows)


def first(sizes: Iterable[int], calls: int) -> str:
    """Measure when a portfolio is first proven to within 1e-3, and to within 1e-4, beside HiGHS alone.

    Parameters
    ----------
    calls
        How many calls of each size. The time of branch and bound is luck to a factor of five: one says little. The
        ratio is the geometric mean of ours to HiGHS alone, both to 1e-4.
    """
    alone = "HighsEngine(margins_from=float('inf')).solve(model, settings.replace(gap={gap}))"
    ways = ("HighsEngine().solve(model, settings, watch)", alone.format(gap=1e-3), alone.format(gap=1e-4))
    rows = []
    for n in sizes:
        setups = [_STAGED.format(n=n, seed=seed) for seed in range(1, calls + 1)]
        ours, rough, fine = ([once(setup, way, _FIRST) for setup in setups] for way in ways)
        seconds = [result["note"] or result["seconds"] for result in ours]
        cells = (seconds, *([result["seconds"] for result in found] for found in (rough, ours, fine)))
        ratio = statistics.geometric_mean(mine / theirs for mine, theirs in zip(*cells[2:], strict=True))
        rows.append([f"{n:,}", *map(spread, cells), f"{ratio:.2f}"])
    heading = ("n", "1e-3, s", "HiGHS alone, s", "1e-4, s", "HiGHS alone, s", "ratio")
    return table(heading, rows)
