"""Explanations: reasons for all proposals at once, and exact prices on request.

    python tests/benchmarks/why.py [--n 2437,100000] [--asked 20] [--out docs/benchmarks.md]

Problems are the ordinary calls of the other benchmarks, solved to a gap of 1e-3. Seconds are processor seconds
(set OMP_NUM_THREADS=1), without reading and imports.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from families import FAMILIES
from page import put, table

import portfolio as pf
from portfolio.optimize.reasons import reasons

Answer = TypeVar("Answer")
_HEADS = ("n", "solve, s", "all reasons, s", "a price, s", "what it takes, s", "all rules, s", "rules")


def timed(work: Callable[[], Answer]) -> tuple[float, Answer]:
    """Return processor seconds, and what the work gave."""
    start = time.process_time()
    answer = work()
    return time.process_time() - start, answer


def row(n: int, asked: int) -> list[str]:
    """Return one row of the table; single proposals are means over some that are spread over the call."""
    call, policy = FAMILIES["ordinary"].make(n)
    problem = pf.Problem(call, policy.replace(solver={"gap": 1e-3}))
    # Arrays are made once, whoever asks.
    _ = problem.instance
    solve, decision = timed(problem.solve)
    said, _ = timed(lambda: reasons(problem.instance, problem.policy, decision.solution))
    frame = decision.to_frame()
    out = frame.filter(decision="not_funded")["id"].to_list()
    names = out[:: max(1, len(out) // asked)][:asked]
    price, answers = timed(lambda: pf.inclusion(decision, names))
    takes, _ = timed(lambda: pf.needed(decision, answers))
    rules, prices = timed(lambda: pf.price_rules(decision))
    each = (price / len(names), takes / len(names))
    return [
        f"{n:,}",
        f"{solve:.2f}",
        f"{said:.2f}",
        *(f"{s:.2f}" for s in each),
        f"{rules:.1f}",
        str(len(prices)),
    ]


def main() -> None:
    """Measure, print the table, and put it into the page of benchmarks."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--n", default="2437,100000", help="sizes, with commas between them")
    parser.add_argument("--asked", type=int, default=20, help="proposals that are asked for")
    parser.add_argument("--out", type=Path, help="the page to write into")
    options = parser.parse_args()
    text = table(_HEADS, [row(int(n), options.asked) for n in options.n.split(",")])
    print(text)
    if options.out is not None:
        put(options.out, "why", text)


if __name__ == "__main__":
    main()
