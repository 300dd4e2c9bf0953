"""The fairness monitor: how long it takes beside the decision that it looks at.

    python tests/benchmarks/fairness.py [--n 2437,10000,100000] [--gap 1e-3] [--family ordinary]

Seconds are processor seconds of one thread (set OMP_NUM_THREADS=1 and POLARS_MAX_THREADS=1), without making the call
and scoring it. The calls are those of `families.py`.
"""

from __future__ import annotations

import argparse
import time

from families import FAMILIES
from page import table

import portfolio as pf

HEADS = ["n", "gap asked for", "groups", "decision, s", "monitor, s", "of it best on merit, s"]
BY = ("early_career", "region", "institution", "bottlenecks")


def row(n: int, gap: float, family: str) -> list[str]:
    """Return what one call takes."""
    call, policy = FAMILIES[family].make(n)
    problem = pf.Problem(call, policy.replace(solver={"gap": gap}))
    assert problem.instance.ids
    marks: list[float] = [time.process_time()]
    decision = problem.solve()
    marks.append(time.process_time())
    found = pf.fairness(decision, BY, watch=lambda _: marks.append(time.process_time()))
    marks.append(time.process_time())
    start, decided, searching, counting, end = marks
    seconds = (decided - start, end - decided, counting - searching)
    return [f"{n:,}", f"{gap:g}", f"{found.groups.height:,}", *(f"{second:.2f}" for second in seconds)]


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n", maxsplit=1)[0])
    parser.add_argument("--n", default="2437,10000,100000")
    parser.add_argument("--gap", type=float, default=1e-3)
    parser.add_argument("--family", default="ordinary", choices=sorted(FAMILIES))
    given = parser.parse_args()
    # What is imported when it is first needed is not what is measured.
    row(60, given.gap, given.family)
    print(table(HEADS, [row(int(n), given.gap, given.family) for n in given.n.split(",")]))


if __name__ == "__main__":
    main()
