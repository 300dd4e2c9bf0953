"""Sums of money in figures that fit on an axis."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

_MOST = 11


@dataclass(frozen=True)
class Unit:
    """What the numbers of a chart are counted in, such as a million euros."""

    size: int
    word: str
    currency: str

    @property
    def words(self) -> str:
        """The unit, as it stands at an axis; empty for plain numbers."""
        return f"{self.currency} {self.word}".strip()

    def of(self, amount: Decimal | float) -> float:
        """Return an amount in this unit."""
        return float(amount) / self.size

    def figure(self, amount: Decimal | float, places: int = 2) -> str:
        """Write an amount without its unit: to a few decimals of a large one."""
        return f"{self.of(amount):,.{places}f}" if self.size > 1 else f"{float(amount):,.10g}"

    def places(self, one: Decimal, other: Decimal) -> int:
        """Return how many decimals tell two amounts apart, at least two."""
        apart = (n for n in range(2, _MOST) if self.figure(one, n) != self.figure(other, n))
        return 2 if one == other else next(apart, _MOST)

    def in_full(self, amount: Decimal | float) -> str:
        """Write an amount with its unit: ``EUR 1.36 million``."""
        return f"{self.currency} {self.figure(amount)} {self.word}".strip()


def unit_for(amounts: Iterable[Decimal | float], currency: str = "") -> Unit:
    """Choose the unit in which the largest amount has one to three digits before the point."""
    largest = max((abs(float(amount)) for amount in amounts), default=0.0)
    sizes = ((10**9, "billion"), (10**6, "million"), (10**3, "thousand"))
    size, word = next(((size, word) for size, word in sizes if largest >= size), (1, ""))
    return Unit(size, word, currency)
