"""Small calls whose answers a reader can check on paper."""

from __future__ import annotations

from typing import Any

import polars as pl

import portfolio as pf
from portfolio.optimize.finding import Finding
from portfolio.optimize.pulp_engine import available_solvers

_TRIED = {"HiGHS", "PULP_CBC_CMD", "COIN_CMD"}
ENGINES = ["highs", *(f"pulp:{name}" for name in available_solvers() if name in _TRIED)]

# Lourenco, Morton & Bana e Costa 2012: id, department, cost, and four benefits weighted .31 .19 .29 .21.
PROBE_WEIGHTS = (0.31, 0.19, 0.29, 0.21)
PROBE = """
P01 A 1.1 67 40 30 50; P02 A 1.9 55 37 40 20; P03 A 0.9 100 90 80 90; P04 A 0.9 90 80 70 95;
P05 B 1.8 48 35 40 33; P06 B 1.3 43 32 25 44; P07 B 1.3 42 64 80 55; P08 B 1.1 40 50 44 20;
P09 C 0.9 80 90 78 66; P10 C 1.3 88 66 80 70; P11 D 0.7 41 48 49 25; P12 D 0.8 86 88 90 72
"""


def seen(problem: pf.Problem) -> list[Finding]:
    """Return what is seen before solving, but that small calls ask for little."""
    return [finding for finding in problem.check() if "the middle request is" not in finding.fact]


def call(**columns: Any) -> pf.Call:
    """Make a call; ids are A, B, C, ... unless they are given."""
    n = len(columns["amount"])
    ids = columns.pop("id", [chr(ord("A") + i) for i in range(n)])
    return pf.Call.from_frame(pl.DataFrame({"id": ids, **columns}, strict=False))


def probe() -> pf.Call:
    rows = [row.split() for row in PROBE.split(";")]
    merit = [sum(w * float(b) for w, b in zip(PROBE_WEIGHTS, row[3:], strict=True)) for row in rows]
    return call(
        id=[row[0] for row in rows],
        amount=[float(row[2]) for row in rows],
        merit=merit,
        dept=[row[1] for row in rows],
    )


def policy(budget: Any, **rules: Any) -> pf.Policy:
    """Make a policy that is solved to proven optimality."""
    return pf.Policy(budget=budget, solver=rules.pop("solver", pf.SolverSettings(gap=0.0)), **rules)


def funded(of: pf.Call, by: pf.Policy) -> str:
    """Return the ids of the funded in one word."""
    return "".join(pf.optimize(of, by).ids)
