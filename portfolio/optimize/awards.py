"""Who gets how much: the decision itself, in minor units."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from portfolio.call.money import total
from portfolio.optimize.instance import Instance
from portfolio.optimize.vectors import Bools, Floats, Integers


@dataclass(frozen=True, eq=False)
class Awards:
    """The awards to n proposals.

    Attributes
    ----------
    funded
        (n,) which proposals are funded.
    amount
        (n,) the award in minor units; 0 for those that are not funded.
    """

    funded: Bools
    amount: Integers

    @classmethod
    def of(cls, instance: Instance, funded: Bools) -> Awards:
        """Fund some proposals with the largest award that they may get."""
        return cls(funded, np.where(funded, instance.sizes.top, 0))

    @classmethod
    def none(cls, n: int) -> Awards:
        """Fund nothing."""
        return cls(np.zeros(n, dtype=bool), np.zeros(n, dtype=np.int64))

    @property
    def spent(self) -> int:
        """Money awarded, in minor units."""
        return total(self.amount)

    def among(self, mask: Bools) -> Awards:
        """Return the awards to some of the proposals alone."""
        return Awards(self.funded & mask, np.where(mask, self.amount, 0))


def values(instance: Instance, awards: Awards, whole: Floats) -> Floats:
    """Return (n,) what each award is worth if the whole requests are worth `whole`; 0 for those not funded."""
    if instance.sizes.whole_only:
        return np.where(awards.funded, whole, 0.0)
    shares = instance.sizes.shares(instance.amount, awards.amount)
    return np.where(awards.funded, whole * shares, 0.0)


def awards_in_year(instance: Instance, awards: Awards, year: int) -> Floats:
    """Return the money of a year of each award that is made, in minor units."""
    funded = np.flatnonzero(awards.amount)
    part = awards.amount[funded] / instance.amount[funded]
    money: Floats = instance.by_year[funded, year] * part
    return money
