"""Which merits would have been enough, or would not be, and what deciding otherwise would lose: in words."""

from __future__ import annotations

import math
import re

import numpy as np

from portfolio.optimize.figures import at_least
from portfolio.optimize.instance import Instance
from portfolio.optimize.solution import Solution
from portfolio.optimize.turning import proven_merits
from portfolio.optimize.vectors import Floats, Integers, Texts
from portfolio.policy import Policy

# In units of the last decimal that is shown: at the turning point itself, both decisions are as good.
_TIE = 1e-4
_SAID = re.compile(
    r"; (?:merit \S+ would have been enough|even (?:merit \S+|the best grade, \S+,) would not be enough"
    r"|(?:not )?funding it would lose a value of at least [^;]+)"
)


def enough(instance: Instance, policy: Policy, solution: Solution, rows: Integers) -> Texts:
    """Say what is proven about other merits of some proposals, or else about the value lost."""
    funded, merit = solution.chosen[rows], instance.merit[rows]
    scale = 10.0 ** _decimals(instance.merit)
    merits = scale * proven_merits(instance, policy, solution)[rows]
    # Rounded towards the merit that it has, and never the turning point itself, so that what is said is true.
    merits = np.where(funded, np.ceil(merits + _TIE), np.floor(merits - _TIE)) / scale
    says = np.where(funded, merits < merit, merits > merit)
    losses = [
        "" if told else at_least(lost, 4) for told, lost in zip(says, solution.margins[rows], strict=True)
    ]
    lost = np.where(funded, "; not funding", "; funding").astype(object)
    lost += " it would lose a value of at least " + np.array(losses, dtype=object)
    # Such a portfolio may miss a reserve further, say, and be worth more for it.
    lost += ", or reach less of what comes before the value" if solution.goals else ""
    known, which = np.unique(np.where(says, merits, 0.0), return_inverse=True)
    lower = [f"; merit {merit:.15g} would have been enough" for merit in known.tolist()]
    higher = [f"; even {_merit(merit, instance, policy)} would not be enough" for merit in known.tolist()]
    texts = (np.array(part, dtype=object)[which] for part in (lower, higher))
    return np.where(says, np.where(funded, *texts), lost)


def without_enough(reason: str) -> str:
    """Return a reason without what `enough` says: with requests and merits that gives the price of money."""
    return _SAID.sub("", reason)


def _merit(merit: float, instance: Instance, policy: Policy) -> str:
    """Write a merit, or the grade that no merit is better than."""
    grades = policy.reviews if instance.graded else None
    if grades is None or merit < grades.highest:
        return f"merit {merit:.15g}"
    return f"the best grade, {grades.best:g},"


def _decimals(merit: Floats) -> int:
    """Return how many decimals say a merit to a few digits."""
    largest = np.nanmax(np.abs(merit), initial=0.0)
    return 3 - math.floor(math.log10(largest)) if largest > 0 else 0
