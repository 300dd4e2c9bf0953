"""Published answers, with every engine that is installed."""

from __future__ import annotations

import itertools
from pathlib import Path

import polars as pl
import pytest
from small import ENGINES, call, policy, probe

import portfolio as pf

pytestmark = pytest.mark.once


@pytest.mark.parametrize("engine", ENGINES)
def test_probe(engine: str) -> None:
    rules = policy(5.0, solver=pf.SolverSettings(gap=0.0, engine=engine))
    free = pf.optimize(probe(), rules)
    assert free.ids == ("P03", "P04", "P09", "P10", "P12")
    assert (float(free.spent), free.value) == (4.8, pytest.approx(414.25))
    floors = pf.optimize(probe(), rules.replace(limit=[pf.Limit(per="dept", min_awards=1)]))
    assert floors.ids == ("P03", "P04", "P07", "P09", "P12")
    assert (float(floors.spent), floors.value) == (4.8, pytest.approx(396.46))
    assert free.value - floors.value == pytest.approx(17.79)
    assert free.status == floors.status == "optimal"


@pytest.mark.parametrize("engine", ENGINES)
def test_four_projects(engine: str) -> None:
    four = call(id=["1", "2", "3", "4"], amount=[4, 8, 10, 8], merit=[3, 4, 3, 2])
    best = pf.optimize(four, policy(20, solver=pf.SolverSettings(gap=0.0, engine=engine)))
    assert (best.ids, best.value) == (("1", "2", "4"), 9.0)


def knapsacks(folder: Path) -> dict[str, tuple[list[float], list[list[int]], list[int]]]:
    """Read all instances: values, one row of costs per year, budgets."""
    found = {}
    numbers = iter((folder / "mknap1.txt").read_text().split())
    for index in range(int(next(numbers))):
        found[f"mknap1-{index}"] = one_knapsack(numbers)
    for path in sorted(folder.glob("*/*.dat")):
        found[path.name] = one_knapsack(iter(path.read_text().split()))
    return found


def one_knapsack(numbers):
    n, m, _ = int(next(numbers)), int(next(numbers)), next(numbers)
    take = lambda count: [float(x) for x in itertools.islice(numbers, count)]  # noqa: E731
    return take(n), [take(n) for _ in range(m)], take(m)


@pytest.mark.needs_data("mkp")
@pytest.mark.parametrize("engine", ENGINES)
def test_multidimensional_knapsacks_reach_their_proven_optima(engine: str, real_data: Path) -> None:
    folder = real_data / "mkp"
    known = pl.read_csv(folder / "known_values.csv", schema_overrides={"best_known_listed": pl.Float64})
    problems = knapsacks(folder)
    assert len(problems) == known.height == 21
    for name, optimum in known.select("instance", "best_known_listed").iter_rows():
        values, costs, budgets = problems[name]
        years = {f"amount_y{y + 1}": row for y, row in enumerate(costs)}
        total = [sum(column) for column in zip(*costs, strict=True)]
        one = call(id=[f"{i:03d}" for i in range(len(values))], amount=total, merit=values, **years)
        best = pf.optimize(one, policy(budgets, solver=pf.SolverSettings(gap=0.0, engine=engine)))
        assert best.value == pytest.approx(optimum, abs=1e-6), name
        assert best.status == "optimal", name
