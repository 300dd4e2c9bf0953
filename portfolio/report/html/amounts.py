"""Money on a page: with decimals only where a sum of the decision has some."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from portfolio.call.money import exponent
from portfolio.optimize import figures


@dataclass(frozen=True)
class Amounts:
    """Writes the sums of one decision, all with the same number of decimals."""

    currency: str
    places: int

    @classmethod
    def of(cls, currency: str, sums: Iterable[Decimal]) -> Amounts:
        """Choose the decimals: none if all sums are whole, else those of the currency."""
        whole = all(one == one.to_integral_value() for one in sums)
        return cls(currency, 0 if whole else exponent(currency))

    def __call__(self, amount: Decimal | float | None) -> str:
        """Write a sum; nothing where there is none."""
        return "" if amount is None else f"{Decimal(str(amount)):,.{self.places}f}"


def percent(part: Decimal | float, whole: Decimal | float) -> str:
    """Write a share, never as all or nothing if it is not; nothing where there is no whole."""
    if not whole:
        return ""
    return figures.percent(float(part) / float(whole))
