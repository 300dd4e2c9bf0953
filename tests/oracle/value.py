"""What awards are worth, straight from the formulas."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from oracle.facts import Facts


@dataclass(frozen=True)
class Goal:
    """What is made as large as possible before the next goal is looked at.

    `kind` is priority (relative violations of one level), shortfall, exploratory or value. A value is the sum of
    coefficient x share over the awards; `last` adds what is neither an award nor a share of one. The goals after it
    may lose the share `loss` of the best.
    """

    kind: str
    level: int = 0
    coefficients: np.ndarray | None = None
    loss: float = 0.0
    last: bool = False

    def floor(self, best: float) -> float:
        return best if self.last else best - self.loss * abs(best)


def goals(facts: Facts, levels: set[int], soft_reserves: bool) -> list[Goal]:
    """Return the goals in order: priorities, shortfalls, the exploratory pool, the criteria."""
    made = [Goal("priority", level) for level in sorted(levels, reverse=True)]
    if soft_reserves:
        made.append(Goal("shortfall"))
    pool = facts.policy.exploratory
    if pool is not None and pool.left == "return":
        made.append(Goal("exploratory", coefficients=facts.coefficients[0] * facts.explores))
    *others, final = facts.coefficients
    for criterion, coefficients in zip(facts.policy.objective.criterion, others):  # noqa: B905
        made.append(Goal("value", coefficients=coefficients, loss=criterion.may_lose))
    return [*made, Goal("value", coefficients=final, last=True)]


def synergies(facts: Facts, funded: np.ndarray) -> np.ndarray:
    total = np.zeros(len(funded))
    for link in facts.policy.link:
        if link.kind == "synergy":
            total = total + link.value * funded[:, facts.at(link.proposals)].all(axis=1)
    return total


def splits(facts: Facts, funded: np.ndarray) -> dict[str, np.ndarray]:
    """Per link all_or_none, whether some of the list are funded and others not."""
    found = {}
    for index, link in enumerate(facts.policy.link, 1):
        if link.kind == "all_or_none":
            inside = funded[:, facts.at(link.proposals)]
            found[f"link[{index}]"] = inside.any(axis=1) & ~inside.all(axis=1)
    return found


def chances(facts: Facts, funded: np.ndarray) -> np.ndarray:
    """Weight times the chance of at least one success, over all tags: 1 - product of (1 - p)."""
    total = np.zeros(len(funded))
    for coverage in facts.policy.coverage:
        if not coverage.weight:
            continue
        p = np.nan_to_num(facts.numbers(coverage.probability))
        for member in facts.groups(coverage.per):
            fails = np.where(funded & member, 1 - p, 1.0).prod(axis=1)
            total = total + coverage.weight * (1 - fails)
    return total


def overcommitted(facts: Facts, amounts: np.ndarray, year: int, spent: np.ndarray) -> np.ndarray:
    """Return the money that is enough in all but the share epsilon of cases, in minor units."""
    rule = facts.policy.overcommit
    stays, used = 1 - rule.attrition, 1 - rule.underspend
    mean = stays * used
    variance = stays * (rule.underspend_sd**2 + used**2) - mean**2
    each = amounts * (facts.by_year[year] / facts.cost)
    return mean * spent + NormalDist().inv_cdf(1 - rule.epsilon) * np.sqrt(variance * (each**2).sum(axis=1))
