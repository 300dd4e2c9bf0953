"""One command for the figures of robustness: draws in seconds, each of them a decision under all rules.

    python tests/benchmarks/robustness.py [--draws 200] [--n 2437] [--jobs 2] [--gaps 0.01 0.001]
        [--out docs/benchmarks.md]

The ordinary call of `families.py` with a standard error of 0.4 on every merit; grades run from 1 to 6.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator
from pathlib import Path

import polars as pl
from families import ordinary
from page import put, table

import portfolio as pf

HEAD = ("proposals", "gap", "drawn", "draws", "core", "borderline", "exterior", "wall, s", "CPU, ms per draw")
_ERROR = 0.4


def main() -> None:
    """Measure and print, or write into the page."""
    options = _options()
    text = table(HEAD, list(_rows(options)))
    if options.out is None:
        print(text)
    else:
        put(options.out, "robustness", text)


def _rows(options: argparse.Namespace) -> Iterator[tuple[str, ...]]:
    call, policy = ordinary(options.n)
    frame = call.to_polars().with_columns(merit_sd=pl.lit(_ERROR))
    call = pf.Call.from_frame(frame, rules=policy)
    for gap in options.gaps:
        problem = pf.Problem(call, policy.replace(solver={"gap": gap}))
        # The decision on the scores as they are is made in any case.
        problem.solve()
        for scores in (True, False):
            wall, cpu = time.perf_counter(), time.process_time()
            found = pf.robustness(
                problem, draws=options.draws, batch=options.draws, scores=scores, jobs=options.jobs
            )
            wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
            labels = (f"{found.count(label):,}" for label in ("core", "borderline", "exterior"))
            yield (
                f"{options.n:,}",
                f"{gap:g}",
                "merits and scores" if scores else "merits",
                f"{found.draws:,}",
                *labels,
                f"{wall:.1f}",
                f"{1e3 * cpu / found.draws:.0f}",
            )


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--draws", type=int, default=200)
    parser.add_argument("--n", type=int, default=2437)
    parser.add_argument("--jobs", type=int, default=None)
    parser.add_argument("--gaps", type=float, nargs="+", default=[0.01, 0.001])
    parser.add_argument("--out", type=Path, default=None)
    return parser.parse_args()


if __name__ == "__main__":
    main()
