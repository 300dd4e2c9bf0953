"""How hard a call of a few thousand is: by how much reserves and floors ask for, and with floors on tiny groups."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Sequence

from measure import Result, once, spread
from page import table

TIGHT_SIZES = (1_000, 2_000, 5_000, 10_000)
_CALLS = {
    **{f"national, {part:.0%}": f"national({{n}}, {part}, {{seed}})" for part in (0.5, 0.7, 0.9)},
    "floors on tiny groups": "tiny_floors({n}, {seed})",
}
_METHODS = ("library", "highs_alone")

_SETUP = """
import portfolio as pf
from compiled import Compiled
from families import national, tiny_floors
from peers import highs_alone, library
call, policy = {call}
policy = policy.replace(solver={{"time_limit": {limit}, "gap": {gap}}})
problem = Compiled(pf.Problem(call, policy).instance, policy)
problem.model.arrays
"""
_NOTE = "[answer.checked(problem)['value'], answer.bound]"


def tightness(sizes: Iterable[int], calls: int, limit: float, gap: float) -> str:
    """Measure the solve of calls whose rules ask for more and more; return the table.

    Parameters
    ----------
    calls
        How many calls of each kind. The time of branch and bound is luck to a factor of five: one says little. The
        ratio is the geometric mean of ours to HiGHS alone, where a limit that is reached counts as time.
    """
    rows = []
    for n in sizes:
        for title, made in _CALLS.items():
            ours, alone = (
                [
                    once(
                        _SETUP.format(call=made.format(n=n, seed=seed), limit=limit, gap=gap),
                        f"answer = {name}(problem)",
                        _NOTE,
                    )
                    for seed in range(1, calls + 1)
                ]
                for name in _METHODS
            )
            pairs = zip(ours, alone, strict=True)
            ratio = statistics.geometric_mean(mine["seconds"] / theirs["seconds"] for mine, theirs in pairs)
            rows.append([f"{n:,}", title, *_cells(ours), *_cells(alone), f"{ratio:.2f}"])
    heading = ("n", "calls", *("this library, s", "largest gap", "HiGHS alone, s", "largest gap"), "ratio")
    return table(heading, rows)


def _cells(found: Sequence[Result]) -> list[str]:
    gaps = [_gap(*result["note"]) for result in found]
    return [
        spread([result["seconds"] for result in found]),
        f"{max(gaps):.1e}" if max(gaps) < float("inf") else "none",
    ]


def _gap(value: float | None, bound: float) -> float:
    return float("inf") if value is None else (bound - value) / abs(value)
