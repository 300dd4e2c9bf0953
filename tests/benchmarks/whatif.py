"""One command for the figures of what-if sweeps: scenarios in seconds, with whole proposals and as bounds.

    python tests/benchmarks/whatif.py [--scenarios 1000] [--n 2437] [--jobs 2] [--gap 0.001]
        [--data ../shared/data] [--out docs/benchmarks.md]

A sweep of the ordinary call of `families.py` over the shares of its reserves, and, where the data are, of the
applications to the Swiss National Science Foundation in 2019 over a share and the budget. Infeasible scenarios are
among them. The time includes the base and the search for the reason of each infeasible scenario.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from families import ordinary
from page import put, table

import portfolio as pf

ROOT = Path(__file__).parents[2]
SNSF = Path("snsf_applications") / "applications_2011_2019.csv"
HEAD = ("call", "proposals", "scenarios", "infeasible", "kind", "wall, s", "CPU, s", "ms each", "largest gap")


def main() -> None:
    """Measure and print, or write into the page."""
    options = _options()
    rows = [row for sweep in _sweeps(options) for row in _measured(*sweep, options.jobs)]
    text = table(HEAD, rows)
    if options.out is None:
        print(text)
    else:
        put(options.out, "whatif", text)


def _sweeps(options: argparse.Namespace) -> Iterator[tuple[str, pf.Problem, tuple[pf.Scenario, ...]]]:
    call, policy = ordinary(options.n)
    side = round(options.scenarios ** (1 / 3))
    policy = policy.replace(solver={"gap": options.gap})
    most = {"high_risk": 0.44, "long_horizon": 0.5, "young": 0.6}
    values = {f"reserve.{trait}.share": _steps(0.0, top, side) for trait, top in most.items()}
    yield "invented", pf.Problem(call, policy), pf.scenario_grid(policy, values)
    path = options.data / SNSF
    if not path.exists():
        print(f"skipped: {path} is absent")
        return
    policy = pf.read_policy(ROOT / "examples" / "snsf_2019.toml")
    policy = policy.replace(solver=policy.solver.replace(gap=options.gap))
    side = round(options.scenarios**0.5)
    budgets = [round(budget) for budget in _steps(0.8e9, 1.2e9, side)]
    values = {"budget": budgets, "reserve.young_investigator.share": _steps(0.0, 0.4, side)}
    yield "SNSF 2019", pf.Problem(pf.read_call(path, policy=policy), policy), pf.scenario_grid(policy, values)


def _steps(low: float, high: float, count: int) -> list[float]:
    return [round(float(step), 6) for step in np.linspace(low, high, count)]


def _measured(
    name: str, problem: pf.Problem, grid: tuple[pf.Scenario, ...], jobs: int | None
) -> Iterator[tuple[str, ...]]:
    for kind, exact in (("whole proposals", True), ("bounds", False)):
        wall, cpu = time.perf_counter(), time.process_time()
        found = pf.whatif(problem, grid, exact=exact, jobs=jobs)
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        frame = found.scenarios[1:]
        gap = frame["gap"].max()
        yield (
            name,
            f"{len(problem.call):,}",
            f"{frame.height:,}",
            f"{frame.filter(frame['status'] == 'infeasible').height:,}",
            kind,
            f"{wall:.1f}",
            f"{cpu:.1f}",
            f"{1e3 * wall / frame.height:.1f}",
            "" if gap is None else f"{gap:.1e}",
        )


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--scenarios", type=int, default=1000)
    parser.add_argument("--n", type=int, default=2437)
    parser.add_argument("--jobs", type=int, default=None)
    parser.add_argument("--gap", type=float, default=1e-3)
    data = os.environ.get("PORTFOLIO_DATA") or ROOT.parent / "shared" / "data"
    parser.add_argument("--data", type=Path, default=Path(data))
    parser.add_argument("--out", type=Path, default=None)
    return parser.parse_args()


if __name__ == "__main__":
    main()
