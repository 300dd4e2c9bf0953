"""Money: whole minor units inside, a decimal with a currency outside."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from types import MappingProxyType

import numpy as np
import numpy.typing as npt
import polars as pl

_WITHOUT_DECIMALS = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"
_THREE_DECIMALS = "BHD IQD JOD KWD LYD OMR TND"
EXPONENTS: Mapping[str, int] = MappingProxyType(
    dict.fromkeys(_WITHOUT_DECIMALS.split(), 0) | dict.fromkeys(_THREE_DECIMALS.split(), 3)
)
"""How many decimals currencies have that have not two (ISO 4217)."""


def exponent(currency: str) -> int:
    """Return how many decimals a currency has (ISO 4217); 2 where the list says nothing else."""
    return EXPONENTS.get(currency, 2)


def to_minor(amount: Decimal | int, currency: str) -> int:
    """Return an amount in minor units.

    Raises
    ------
    ValueError
        If the amount has more decimals than the currency.
    """
    scaled = Decimal(amount).scaleb(exponent(currency)) if amount else Decimal(0)
    if scaled != scaled.to_integral_value():
        raise ValueError(fractions(currency))
    return int(scaled)


def to_major(minor: int, currency: str) -> Decimal:
    """Return minor units as an exact decimal amount: 123450 is 1234.50."""
    sign, digits = (1 if minor < 0 else 0), tuple(int(digit) for digit in str(abs(minor)))
    return Decimal((sign, digits, -exponent(currency)))


def in_units(minor: pl.Series, currency: str) -> pl.Series:
    """Return minor units as the floats that are nearest to the amounts: 180060 is 1800.6, as if it were typed."""
    # By a single number polars multiplies with its inverse: that is 1800.6000000000001.
    return minor / pl.repeat(10 ** exponent(currency), len(minor), eager=True)


def format_money(minor: int, currency: str) -> str:
    """Write minor units for people: ``CHF 1,234,567.50``."""
    places = exponent(currency)
    whole, part = divmod(abs(int(minor)), 10**places)
    decimals = f".{part:0{places}d}" if places else ""
    return f"{currency} {'-' if minor < 0 else ''}{whole:,}{decimals}"


def total(minor: npt.NDArray[np.int64]) -> int:
    """Add up minor units exactly, whatever their number and size.

    The halves of 32 bits are added apart: neither sum can leave 64 bits below 2**31 amounts.
    """
    high, low = minor >> 32, minor & 0xFFFFFFFF
    return (int(high.sum(dtype=np.int64)) << 32) + int(low.sum(dtype=np.int64))


def fractions(currency: str) -> str:
    """Say that an amount has more decimals than its currency."""
    places = exponent(currency)
    if places == 0:
        return f"has decimals, and {currency} has none"
    return "has fractions of a cent" if places == 2 else f"has more than {places} decimals"
