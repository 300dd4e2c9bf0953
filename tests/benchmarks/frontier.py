"""Frontiers and alternatives: how long they take, and how much of them is proven.

    python tests/benchmarks/frontier.py [--n 1000,2437,10000] [--steps 20] [--gaps 1e-3] [--family ordinary]

Seconds are processor seconds of one thread (set OMP_NUM_THREADS=1 and POLARS_MAX_THREADS=1), without
making the call and scoring it. The calls are those of `families.py`.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import TypeVar

from families import FAMILIES
from page import table

import portfolio as pf
from portfolio.analysis import evenly

HEADS = ["n", "gap asked for", "what", "s", "found", "largest gap", "funded in all"]
Found = TypeVar("Found")


def timed(work: Callable[[], Found]) -> tuple[float, Found]:
    """Return processor seconds and what came out."""
    start = time.process_time()
    found = work()
    return time.process_time() - start, found


def rows(n: int, gap: float, steps: int, family: str) -> Iterator[list[str]]:
    """Yield one row per kind of analysis."""
    call, policy = FAMILIES[family].make(n)
    problem = pf.Problem(call, policy.replace(solver={"gap": gap}))
    trait = next(iter(policy.traits))
    budget = sum(Decimal(year) for year in policy.budgets)
    assert problem.instance.ids

    def shown(what: str, seconds: float, found: int, worst: float, core: int) -> list[str]:
        return [f"{n:,}", f"{gap:g}", what, f"{seconds:.2f}", str(found), f"{worst:.1e}", f"{core:,}"]

    if len(policy.budgets) == 1:
        values = evenly(policy, "budget", budget * 3 / 4, budget * 5 / 4, steps)
        seconds, along = timed(lambda: pf.frontier(problem, "budget", values, jobs=1))
        there = along.steps.drop_nulls("value")
        worst = max(there["gap"], default=0.0)
        yield shown(f"budget, {steps} steps", seconds, there.height, worst, len(along.core))
    seconds, traded = timed(lambda: pf.trade_off(problem, trait, points=steps, jobs=1))
    worst = max(traded.points["gap"])
    yield shown(
        f"value against {trait}, {steps} points", seconds, traded.points.height, worst, len(traded.core)
    )
    seconds, others = timed(lambda: pf.alternatives(problem, 5, apart=10))
    common = set.intersection(*(set(one.ids) for one in others.portfolios))
    worst = max(one.gap for one in others.portfolios)
    yield shown("5 alternatives, 10 apart", seconds, len(others.portfolios), worst, len(common))


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n", maxsplit=1)[0])
    parser.add_argument("--n", default="1000,2437,10000")
    parser.add_argument("--gaps", default="1e-3")
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument("--family", default="ordinary", choices=sorted(FAMILIES))
    given = parser.parse_args()
    found = [
        row
        for n in given.n.split(",")
        for gap in given.gaps.split(",")
        for row in rows(int(n), float(gap), given.steps, given.family)
    ]
    print(table(HEADS, found))


if __name__ == "__main__":
    main()
