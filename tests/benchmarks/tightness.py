"""How hard a national call is by how much its reserves and floors ask for."""

from __future__ import annotations

from collections.abc import Iterable

from measure import compare
from page import table

TIGHT_SIZES = (1_000, 2_000, 5_000, 10_000)
_PARTS = (0.5, 0.7, 0.9)

_SETUP = """
import portfolio as pf
from compiled import Compiled
from families import national
from peers import highs_alone, library
call, policy = national({n}, {part})
policy = policy.replace(solver={{"time_limit": {limit}, "gap": {gap}}})
problem = Compiled(pf.Problem(call, policy).instance, policy)
problem.model.arrays
"""
_NOTE = "[answer.checked(problem)['value'], answer.bound]"


def tightness(sizes: Iterable[int], runs: int, limit: float, gap: float) -> str:
    """Measure the solve of national calls whose rules ask for more and more; return the table."""
    rows = []
    for n in sizes:
        for part in _PARTS:
            setup = _SETUP.format(n=n, part=part, limit=limit, gap=gap)
            pieces = {
                name: (setup, f"answer = {name}(problem)", _NOTE) for name in ("library", "highs_alone")
            }
            found = compare(pieces, runs, warm_up=False)
            cells = []
            for result in found.values():
                value, bound = result["note"]
                missing = "none" if value is None else f"{(bound - value) / abs(value):.1e}"
                cells += [f"{result['seconds']:.2f}", missing]
            rows.append([f"{n:,}", f"{100 * part:.0f}%", *cells])
    heading = ("n", "asked for", "this library, s", "proven gap", "HiGHS alone, s", "proven gap")
    return table(heading, rows)
