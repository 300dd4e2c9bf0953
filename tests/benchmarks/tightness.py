"""How hard a national call is by how much its reserves and floors ask for."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from measure import Result, once, spread
from page import table

TIGHT_SIZES = (1_000, 2_000, 5_000, 10_000)
_PARTS = (0.5, 0.7, 0.9)
_METHODS = ("library", "highs_alone")

_SETUP = """
import portfolio as pf
from compiled import Compiled
from families import national
from peers import highs_alone, library
call, policy = national({n}, {part}, {seed})
policy = policy.replace(solver={{"time_limit": {limit}, "gap": {gap}}})
problem = Compiled(pf.Problem(call, policy).instance, policy)
problem.model.arrays
"""
_NOTE = "[answer.checked(problem)['value'], answer.bound]"


def tightness(sizes: Iterable[int], calls: int, limit: float, gap: float) -> str:
    """Measure the solve of national calls whose rules ask for more and more; return the table.

    Parameters
    ----------
    calls
        How many calls of each kind. The time of branch and bound is luck to a factor of five: one says little.
    """
    rows = []
    for n in sizes:
        for part in _PARTS:
            cells = []
            for name in _METHODS:
                setups = (
                    _SETUP.format(n=n, part=part, seed=seed, limit=limit, gap=gap)
                    for seed in range(1, calls + 1)
                )
                cells += _cells([once(setup, f"answer = {name}(problem)", _NOTE) for setup in setups])
            rows.append([f"{n:,}", f"{100 * part:.0f}%", *cells])
    heading = ("n", "asked for", *("this library, s", "largest gap", "HiGHS alone, s", "largest gap"))
    return table(heading, rows)


def _cells(found: Sequence[Result]) -> list[str]:
    seconds = [result["seconds"] for result in found]
    gaps = [_gap(*result["note"]) for result in found]
    return [
        spread(seconds),
        f"{max(gaps):.1e}" if max(gaps) < float("inf") else "none",
    ]


def _gap(value: float | None, bound: float) -> float:
    return float("inf") if value is None else (bound - value) / abs(value)
