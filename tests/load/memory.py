"""One command for the figure of memory: ten thousand solves in one process, and how much it holds afterwards.

    python tests/load/memory.py [--solves 10000] [--every 1000] [--seed 0] [--out docs/reliability/load.md]

Twenty random policies on calls of 50 to 200 proposals are solved over and over: from nothing, warm after another
budget, relaxed, near an earlier decision, with other merits, refused as impossible, and as steps of the explorer. What
the process holds is sampled every so many solves. Growth is the slope of a straight line through the samples of the
second half, so that what is kept once (modules, caches, arenas of the allocator) is not counted.
"""

from __future__ import annotations

import argparse
import gc
import sys
from collections.abc import Callable, Iterator
from itertools import cycle
from pathlib import Path
from threading import Event
from time import process_time

import numpy as np

import portfolio as pf

sys.path.append(str(Path(__file__).parents[1] / "benchmarks"))
from page import put, table

HEAD = ("solves", "CPU, s", "memory of the process, MB", "objects of Python")
_PROBLEMS = 20
_PAGE = "/proc/self/statm"


def main() -> None:
    """Measure and print, or write into the page."""
    options = _options()
    rows = []
    for row in samples(options.solves, options.every, options.seed):
        print(*row, file=sys.stderr, flush=True)
        rows.append(row)
    text = table(
        HEAD, [(f"{n:,}", f"{cpu:,.0f}", f"{mb:,.1f}", f"{objects:,}") for n, cpu, mb, objects in rows]
    )
    half = rows[len(rows) // 2 :]
    if len(half) > 2:
        slope = float(np.polyfit([row[0] for row in half], [row[2] for row in half], 1)[0])
        text += f"\n\nGrowth over the second half: {1000 * slope:+.2f} MB per thousand solves."
    else:
        text += "\n\nToo few samples to say whether it grows."
    if options.out is None:
        print(text)
    else:
        put(options.out, "memory", text)


def samples(solves: int, every: int, seed: int) -> Iterator[tuple[int, float, float, int]]:
    """Yield how many solves were made, the CPU seconds they took, megabytes held, and objects of Python."""
    begun = process_time()
    for done, step in enumerate(_steps(seed), start=1):
        step()
        if done % every == 0:
            gc.collect()
            yield done, process_time() - begun, resident(), len(gc.get_objects())
        if done >= solves:
            return


def _steps(seed: int) -> Iterator[Callable[[], object]]:
    """Yield pieces of work without end, each one solve: the same seed gives the same."""
    rng = np.random.default_rng(seed)
    problems = [_problem(int(rng.integers(50, 201)), int(rng.integers(2**31))) for _ in range(_PROBLEMS)]
    sessions = [_session(problem) for problem in problems]
    for problem, session in cycle(zip(problems, sessions, strict=True)):
        budget = round(float(problem.policy.budgets[0]) * float(rng.uniform(0.6, 1.2)))
        yield from _round(problem, session, budget, rng.normal(4, 1, len(problem.instance.ids)))


def _round(
    problem: pf.Problem, session: Callable[[int], object], budget: int, merit: np.ndarray
) -> Iterator[Callable[[], object]]:
    afresh = problem.afresh()
    yield afresh.solve
    yield lambda: problem.replace(budget=budget).solve()
    yield lambda: afresh.replace(budget=budget).relax()
    yield lambda: afresh.replace(budget=budget).solve(near=afresh.solve())
    yield lambda: problem.rescored({"merit": merit}).solve()
    yield lambda: _impossible(problem)
    yield lambda: session(budget)


def _problem(n: int, seed: int) -> pf.Problem:
    made = pf.simulate_call(n, seed=seed, reviews_per_proposal=0).call
    total = float(made.frame["amount"].sum())
    rules = pf.Policy(
        budget=round(total / 100 / 4),
        traits={"risky": "success_probability <= 0.4", "applied": "driver = 'application_purpose'"},
        reserve=[pf.Reserve(trait="risky", share=0.1, shortfall="release")],
        limit=[pf.Limit(per="institution", max_share=0.3)],
        solver={"gap": 1e-3},
    )
    return pf.Problem(made, rules)


def _impossible(problem: pf.Problem) -> None:
    try:
        problem.replace(must_fund=problem.instance.ids, budget=1).solve()
    except pf.InfeasibleError:
        return
    raise AssertionError("there is money for all")


def _session(problem: pf.Problem) -> Callable[[int], object]:
    from portfolio.report.explorer.requests import read
    from portfolio.report.explorer.session import Session

    session = Session(problem)

    def ask(budget: int) -> object:
        request = read({"step": 1, "kind": "solve", "set": {"budget": budget}})
        kinds = [answer["kind"] for answer in session.answers(request, Event())]
        assert "decided" in kinds, kinds
        return kinds

    return ask


def resident() -> float:
    """Return how many megabytes of memory the process holds now."""
    if Path(_PAGE).exists():
        import resource

        return int(Path(_PAGE).read_text().split()[1]) * resource.getpagesize() / 1e6
    raise SystemExit("What a process holds is read from /proc, which this system has not.")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--solves", type=int, default=10_000)
    parser.add_argument("--every", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, default=None)
    return parser.parse_args()


if __name__ == "__main__":
    main()
