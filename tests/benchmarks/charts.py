"""Charts of large calls: how long they take to draw, and how large they are.

    python tests/benchmarks/charts.py [--n 60,1000,7000]

Seconds are processor seconds of one thread (set OMP_NUM_THREADS=1), from the table to the finished SVG. Risk, horizon
and amounts are drawn from distributions, so that hardly two points are alike.
"""

from __future__ import annotations

import argparse
import time

import numpy as np
import polars as pl
from page import table

import portfolio as pf

HEADS = [
    "proposals",
    "plane, s",
    "plane, KB",
    "balance, s",
    "balance, KB",
    "funding line, s",
    "funding line, KB",
]


def decisions(n: int) -> pl.DataFrame:
    """Return invented decisions, a third of them to fund."""
    rng = np.random.Generator(np.random.PCG64(n))
    amount = np.round(rng.lognormal(12, 0.8, n), 2)
    funded = rng.random(n) < 1 / 3
    return pl.DataFrame(
        {
            "id": [f"P{i:06}" for i in range(n)],
            "decision": np.where(funded, "funded", "not_funded"),
            "amount_requested": amount,
            "amount_awarded": np.where(funded, amount, 0),
            "merit": rng.normal(4, 0.8, n),
            "risk": rng.random(n),
            "horizon_years": rng.gamma(2, 5, n),
            "institution": [f"I{i}" for i in rng.zipf(1.5, n) % 97],
        }
    )


def row(n: int) -> list[str]:
    """Return what the charts of one call take."""
    call = decisions(n)
    cells = [f"{n:,}"]
    for draw in (
        pf.plot_plane,
        lambda one: pf.plot_balance(pf.balance(one, "institution")),
        lambda one: pf.plot_funding_line(one, budget=float(one["amount_awarded"].sum())),
    ):
        start = time.process_time()
        svg = draw(call).svg()
        cells += [f"{time.process_time() - start:.2f}", f"{len(svg.encode()) / 1000:,.0f}"]
    return cells


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n", maxsplit=1)[0])
    parser.add_argument("--n", default="60,1000,7000")
    given = parser.parse_args()
    # What is imported when it is first needed is not what is measured.
    row(60)
    print(table(HEADS, [row(int(n)) for n in given.n.split(",")]))


if __name__ == "__main__":
    main()
