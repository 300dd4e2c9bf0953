"""A problem on compiled arrays, and nothing else in the memory of the process that solves it.

    python compiled.py FAMILY N LIMIT GAP FILE

What it took to invent the call and to score it is left behind in the process that did so.
"""

from __future__ import annotations

import pickle
import subprocess
import sys
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from families import FAMILIES

import portfolio as pf
from portfolio.optimize.compile import compile_model
from portfolio.optimize.instance import Instance
from portfolio.optimize.model import Model


@dataclass(frozen=True)
class Compiled:
    """What a solve needs: arrays, the columns by which the policy groups proposals, and the policy."""

    instance: Instance
    policy: pf.Policy

    @cached_property
    def model(self) -> Model:
        """The program, for solvers that are handed one."""
        return compile_model(self.instance, self.policy)


def make(family: str, n: int, limit: float, gap: float) -> Compiled:
    """Invent a problem of a family, to be solved within a limit in seconds to a relative gap."""
    call, policy = FAMILIES[family].make(n)
    policy = policy.replace(solver={"time_limit": limit, "gap": gap})
    instance = pf.Problem(call, policy).instance
    columns = {rule.per for rule in (*policy.limit, *policy.link) if rule.per}
    scores = pf.Scores(instance.scores.frame.clear(), dict)
    return Compiled(replace(instance, table=instance.table.select(sorted(columns)), scores=scores), policy)


def store(family: str, n: int, limit: float, gap: float, file: Path) -> None:
    """Write a problem of a family to a file, from a process of its own."""
    arguments = [family, str(n), str(limit), str(gap), str(file)]
    subprocess.run([sys.executable, __file__, *arguments], check=True)


def load(file: str) -> Compiled:
    """Read what `store` has written."""
    with Path(file).open("rb") as stored:
        problem: Compiled = pickle.load(stored)
    return problem


if __name__ == "__main__":
    # By its name in this folder, under which the process that reads it knows the class.
    from compiled import make as invent

    name, size, seconds, share, place = sys.argv[1:]
    with Path(place).open("wb") as out:
        pickle.dump(invent(name, int(size), float(seconds), float(share)), out)
