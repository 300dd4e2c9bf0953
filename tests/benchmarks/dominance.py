"""Core, borderline, exterior: how long the labels and the list of non-dominated portfolios take.

    python tests/benchmarks/dominance.py [--n 40,100] [--intervals 0.05,0.1,0.2] [--seconds 60]
        [--out docs/benchmarks.md]

Merit between 1 and 6 may be off by so much either way; or three criteria, each off by so much, with weights that may be
off by 0.05. A budget of 30% of the requests, at most 30% of it to each of six institutions. Seconds are processor
seconds of one thread (set OMP_NUM_THREADS=1 and POLARS_MAX_THREADS=1); the limit is wall-clock.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import polars as pl
from page import put, table

import portfolio as pf

HEAD = ("n", "criteria", "off by", "s", "core", "borderline", "exterior", "unknown", "non-dominated")
WEIGHTS = {"a": 0.4, "b": 0.3, "c": 0.3}


def problem(n: int, criteria: int, seconds: float, seed: int = 3) -> pf.Problem:
    """Make a call with independent grades and requests."""
    rng = np.random.default_rng(seed)
    amount, grades = rng.integers(50, 500, n) * 1000.0, rng.uniform(1, 6, (n, 3)).round(2)
    frame = pl.DataFrame(
        {
            "id": [f"P{i:04d}" for i in range(n)],
            "amount": amount,
            "institution": [f"I{k}" for k in rng.integers(0, 6, n)],
            "merit": grades.mean(axis=1).round(2),
            **dict(zip(WEIGHTS, grades.T, strict=True)),
        }
    )
    several = [pf.Criterion(column=name, weight=weight) for name, weight in WEIGHTS.items()]
    policy = pf.Policy(
        budget=round(float(amount.sum()) * 0.3),
        limit=[pf.Limit(per="institution", max_share=0.3)],
        objective=pf.Objective(criterion=several if criteria > 1 else []),
        solver=pf.SolverSettings(time_limit=seconds),
    )
    return pf.Problem(pf.Call.from_frame(frame), policy)


def information(off: float, criteria: int) -> pf.Information:
    """Say how far scores, and with several criteria weights, may be off."""
    if criteria == 1:
        return pf.Information(scores={"merit": off})
    bounds = {name: (round(w - 0.05, 2), round(w + 0.05, 2)) for name, w in WEIGHTS.items()}
    return pf.Information(scores=dict.fromkeys(WEIGHTS, off), weights=bounds)


def rows(options: argparse.Namespace) -> Iterator[tuple[str, ...]]:
    """Yield one row per problem."""
    for n in (int(text) for text in options.n.split(",")):
        for criteria in (1, 3):
            for off in (float(text) for text in options.intervals.split(",")):
                of = problem(n, criteria, options.seconds)
                start = time.process_time()
                found = pf.core_index(of, information(off, criteria))
                seconds = time.process_time() - start
                labels = ("core", "borderline", "exterior", "unknown")
                counts = (str(len(found.ids(label))) for label in labels)
                listed = f"{len(found.portfolios):,}" if found.complete else f"over {len(found.portfolios):,}"
                yield (f"{n:,}", str(criteria), f"{off:g}", f"{seconds:.1f}", *counts, listed)


def main() -> None:
    """Measure and print, or write into the page."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--n", default="40,100")
    parser.add_argument("--intervals", default="0.05,0.1,0.2")
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--out", type=Path, default=None)
    options = parser.parse_args()
    text = table(HEAD, list(rows(options)))
    if options.out is None:
        print(text)
    else:
        put(options.out, "dominance", text)


if __name__ == "__main__":
    main()
