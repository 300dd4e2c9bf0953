"""Waiting lists: how long it takes to solve every single decline, and how often one ranked list says the same.

    python tests/benchmarks/waiting.py [--n 500,2437] [--budget 0.5] [--family ordinary] [--jobs 1]

Seconds are processor seconds (set OMP_NUM_THREADS=1 and POLARS_MAX_THREADS=1), without the decision itself. The
calls are those of `families.py`, with a share of their budget.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator

from families import FAMILIES
from page import table

import portfolio as pf

HEADS = ["n", "awards", "s", "ms each", "proven best", "rules hold", "ranked", "ranked list as good"]


def row(n: int, share: float, family: str, jobs: int) -> list[str]:
    """Decide a call, and solve every single decline."""
    call, policy = FAMILIES[family].make(n)
    budget = tuple(round(float(year) * share) for year in policy.budgets)
    rules = policy.replace(budget=budget if len(budget) > 1 else budget[0], solver={"gap": 1e-3})
    portfolio = pf.optimize(call, rules)
    start = time.process_time()
    found = pf.waiting_list(portfolio, jobs=jobs)
    seconds, declines = time.process_time() - start, found.declines
    numbers = [
        int((declines["status"] == "optimal").sum()),
        int(declines["rules_hold"].sum()),
        found.ranked.height,
        found.agrees,
    ]
    each = 1000 * seconds / max(1, declines.height)
    return [f"{n:,}", f"{declines.height:,}", f"{seconds:.1f}", f"{each:.0f}", *(f"{x:,}" for x in numbers)]


def rows(options: argparse.Namespace) -> Iterator[list[str]]:
    """Yield one row per size."""
    for n in options.n.split(","):
        yield row(int(n), options.budget, options.family, options.jobs)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--n", default="500,2437", help="sizes of the calls")
    parser.add_argument("--budget", type=float, default=0.5, help="share of the family's budget")
    parser.add_argument("--family", default="ordinary", choices=sorted(FAMILIES))
    parser.add_argument("--jobs", type=int, default=1)
    print(table(HEADS, rows(parser.parse_args())))


if __name__ == "__main__":
    main()
