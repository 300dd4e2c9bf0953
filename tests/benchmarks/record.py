"""What the record of a decision costs: writing it with its proof, and verifying it without a solver.

    python tests/benchmarks/record.py [--n 2437,10000] [--families ordinary,national]

Seconds are processor seconds (set OMP_NUM_THREADS=1 and POLARS_MAX_THREADS=1). The calls are those of `families.py`,
decided to a gap of 1e-3; verifying begins with reading the call again from its file.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

from families import FAMILIES
from page import table

import portfolio as pf
from portfolio.call.writer import write_call

T = TypeVar("T")
HEADS = ["family", "n", "solve s", "write s", "verify s", "gap", "certified gap", "proof.json MB"]


def row(name: str, n: int) -> list[str]:
    """Write a call to a file, decide it, write the decision and verify it."""
    made, policy = FAMILIES[name].make(n)
    policy = policy.replace(solver={"gap": 1e-3})
    with tempfile.TemporaryDirectory() as home:
        (file, *_), folder = write_call(made, Path(home) / "call.parquet"), Path(home) / "decision"
        call = pf.read_call(file, policy=policy)
        decision, solve = timed(lambda: pf.Problem(call, policy).solve())
        _, write = timed(lambda: pf.write_decision(decision, folder))
        found, verify = timed(lambda: pf.verify_decision(folder))
        # The policy was made here, so that there is no file of it to compare.
        if [check.name for check in found.checks if check.holds is not True] != ["policy"]:
            raise SystemExit(str(found))
        size = (folder / "proof.json").stat().st_size / 1e6
    gaps = [f"{found.figures[key]:.1e}" for key in ("gap", "certified_gap")]
    return [name, f"{n:,}", f"{solve:.2f}", f"{write:.2f}", f"{verify:.2f}", *gaps, f"{size:.1f}"]


def timed(work: Callable[[], T]) -> tuple[T, float]:
    """Return what some work gives, and its processor seconds."""
    start = time.process_time()
    return work(), time.process_time() - start


def rows(options: argparse.Namespace) -> Iterator[list[str]]:
    """Yield one row per family and size."""
    for name in options.families.split(","):
        for n in options.n.split(","):
            yield row(name, int(n))


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--n", default="2437,10000", help="sizes of the calls")
    parser.add_argument("--families", default="ordinary,national", help="of families.py")
    print(table(HEADS, rows(parser.parse_args())))


if __name__ == "__main__":
    main()
