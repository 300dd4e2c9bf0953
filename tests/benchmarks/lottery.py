"""Lotteries: MERIT on the SNSF's and on simulated intervals, and fair chances under an ordinary policy.

    python tests/benchmarks/lottery.py [--tables merit,fair] [--n 11520] [--calls 353,2437] [--groups 20,50]
                                       [--limit 60] [--data ../shared/data]

Seconds are processor seconds (set OMP_NUM_THREADS=1), without reading and imports. Simulated intervals are the middle
halves of what is known of normal qualities graded with errors of standard deviation 0.1 to 0.5 on average; 32% win. The
group of a fair lottery are the proposals nearest to their funding lines. The 353 of the SNSF need rank_intervals.csv in
DATA/snsf_mint, which is not part of the project (Zenodo 4531160).
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import polars as pl
from families import FAMILIES
from page import table

import portfolio as pf
from portfolio.analysis.lottery.merit import merit_chances
from portfolio.optimize.engines import engine_for
from portfolio.optimize.lagrangian import price


def simulated(n: int, error: float) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.Generator(np.random.PCG64(0))
    quality, deviation = rng.normal(size=n), error * rng.gamma(4, 1 / 4, size=n)
    seen = quality + deviation * rng.normal(size=n)
    return seen - 0.674 * deviation, seen + 0.674 * deviation


def merit(n: int, data: Path) -> Iterator[list[str]]:
    file = data / "snsf_mint" / "rank_intervals.csv"
    if file.exists():
        ranks = pl.read_csv(file)
        yield merit_row("SNSF MINT", -ranks["h"].to_numpy(), -ranks["l"].to_numpy(), 106)
    else:
        print(f"skipped: {file} is absent")
    for error in (0.1, 0.25, 0.5):
        yield merit_row(f"errors of {error}", *simulated(n, error), round(0.32 * n))


def merit_row(name: str, low: np.ndarray, high: np.ndarray, places: int) -> list[str]:
    start = time.process_time()
    found = merit_chances(low, high, places)
    seconds = time.process_time() - start
    drawn = int(((found.chances > 0) & (found.chances < 1)).sum())
    gap = (found.bound - found.value) / places
    return [
        name,
        f"{len(low):,}",
        f"{places:,}",
        f"{drawn:,}",
        f"{found.value / places:.4f}",
        f"{gap:.0e}",
        f"{seconds:.2f}",
    ]


def fair(calls: list[int], groups: list[int], limit: float) -> Iterator[list[str]]:
    for n in calls:
        call, policy = FAMILIES["ordinary"].make(n)
        problem = pf.Problem(call, policy.replace(solver={"gap": 1e-3, "time_limit": limit}))
        best = problem.solve().solution.chosen
        relaxed = engine_for(problem.policy.solver).relax(problem.model, problem.policy.solver)
        above = np.full(n, -np.inf)
        above[problem.model.proposals] = price(problem.model.arrays, relaxed.duals).reduced[
            : problem.model.size
        ]
        for group in groups:
            near = np.isin(np.arange(n), np.argsort(np.abs(above), kind="stable")[:group])
            tied, accepted = near | (best & (above <= 0)), best & ~near & (above > 0)
            names = np.array(problem.instance.ids, dtype=object)
            start = time.process_time()
            lottery = pf.fair_lottery(problem, names[tied].tolist(), names[accepted].tolist())
            seconds = time.process_time() - start
            proof = lottery.proof
            yield [
                f"{n:,}",
                f"{int(tied.sum())}",
                f"{len(lottery.weights):,}",
                f"{proof['smallest_chance']:.3f}",
                f"{proof['bound']:.3f}",
                f"{np.median(lottery.chances[tied]):.3f}",
                "unknown" if proof["gap"] is None else f"{proof['gap']:.1e}",
                str(proof["status"]),
                f"{seconds:.1f}",
            ]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--tables", default="merit,fair")
    parser.add_argument("--n", type=int, default=11_520)
    parser.add_argument("--calls", default="353,2437")
    parser.add_argument("--groups", default="20,50")
    parser.add_argument("--limit", type=float, default=60.0)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    given = parser.parse_args()
    wanted = given.tables.split(",")
    if "merit" in wanted:
        heads = ["intervals", "n", "places", "drawn", "share of the best", "gap", "seconds"]
        print(table(heads, merit(given.n, given.data)))
    if "fair" in wanted:
        heads = [
            "n",
            "tied",
            "portfolios",
            "smallest chance",
            "its bound",
            "median",
            "gap of the rest",
            "it said",
            "seconds",
        ]
        calls, groups = ([int(part) for part in text.split(",")] for text in (given.calls, given.groups))
        print(table(heads, fair(calls, groups, given.limit)))


if __name__ == "__main__":
    main()
