"""Promising more than there is: some awards are declined, and some money is left over (Caglar & Gurel 2017).

Each award a is declined with probability q (attrition); otherwise the share 1 - U of it is spent, with U of mean u and
standard deviation s. Awards are independent. The spending S of a portfolio has

    mean = m sum(a_i),  m = (1 - q)(1 - u),    variance = v sum(a_i^2),  v = (1 - q)(s^2 + (1 - u)^2) - m^2,

and the rule P(S > B) <= epsilon is, by the normal approximation, mean + z sqrt(variance) <= B with z the quantile of
1 - epsilon.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from portfolio.optimize.vectors import Floats
from portfolio.policy import Overcommit

_DRAWS = 20_000
_CELLS = 20_000_000


@dataclass(frozen=True)
class Spending:
    """How one unit of money that is promised is spent: `mean`, `variance`, and the `quantile` z of the rule."""

    mean: float
    variance: float
    quantile: float

    @classmethod
    def of(cls, rule: Overcommit) -> Spending:
        """Return the moments that a rule implies."""
        stays, kept = 1 - rule.attrition, 1 - rule.underspend
        mean = stays * kept
        variance = max(0.0, stays * (rule.underspend_sd**2 + kept**2) - mean**2)
        return cls(mean, variance, NormalDist().inv_cdf(1 - rule.epsilon))

    @property
    def deviation(self) -> float:
        """Z times the standard deviation of what is spent of a single unit."""
        return self.quantile * math.sqrt(self.variance)

    def load(self, amounts: Floats) -> float:
        """Return mean + z x standard deviation of what is spent of some awards: what the budget must cover."""
        total, squares = math.fsum(amounts.tolist()), math.fsum(np.square(amounts).tolist())
        return self.mean * total + self.deviation * math.sqrt(squares)

    def excess(self, amounts: Floats, budget: float) -> float:
        """Return P(S > budget) by the normal approximation."""
        mean = self.mean * math.fsum(amounts.tolist())
        deviation = math.sqrt(self.variance * math.fsum(np.square(amounts).tolist()))
        if deviation == 0:
            return float(mean > budget)
        return 1 - NormalDist(mean, deviation).cdf(budget)


def simulated_excess(rule: Overcommit, amounts: Floats, budget: float, seed: int) -> tuple[float, int]:
    """Draw the spending of some awards many times.

    The share left over is drawn from a beta distribution of the given mean and deviation.

    Returns
    -------
    excess, draws
        Share of the draws in which more than the budget was spent, and how many draws there were.
    """
    rng = np.random.default_rng(seed)
    draws = int(min(_DRAWS, max(1_000, _CELLS // max(1, len(amounts)))))
    over, chunk = 0, max(1, 2_000_000 // max(1, len(amounts)))
    for start in range(0, draws, chunk):
        shape = (min(chunk, draws - start), len(amounts))
        stays = rng.random(shape) >= rule.attrition
        over += int(np.count_nonzero((stays * _spent(rule, rng, shape)) @ amounts > budget))
    return over / draws, draws


def _spent(rule: Overcommit, rng: np.random.Generator, shape: tuple[int, int]) -> Floats | float:
    if not rule.underspend_sd:
        return 1 - rule.underspend
    mean, variance = rule.underspend, rule.underspend_sd**2
    size = mean * (1 - mean) / variance - 1
    left: Floats = rng.beta(mean * size, (1 - mean) * size, shape)
    return 1 - left
