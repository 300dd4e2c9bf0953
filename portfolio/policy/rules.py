"""The rules a funder can state, one class each."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, PlainSerializer

from portfolio.call.value import Value


def _decimal(value: Any) -> Any:
    """Let whole numbers and floats stand for money: a float means the decimal that it prints as."""
    if isinstance(value, int) and not isinstance(value, bool):
        return Decimal(value)
    if isinstance(value, float):
        return Decimal(repr(float(value)))
    if not isinstance(value, Decimal):
        raise ValueError("must be an amount of money")
    return value


def _plain(value: Decimal) -> int | Decimal:
    return int(value) if value == value.to_integral_value() else value


Money = Annotated[
    Decimal,
    BeforeValidator(_decimal),
    PlainSerializer(_plain, return_type=int | Decimal),
    Field(ge=0, le=Decimal(10) ** 18, allow_inf_nan=False),
]
# More awards, or more value, than anything means.
_MANY, _HUGE = 10**9, 1e12
Share = Annotated[float, Field(ge=0, le=1)]
Names = Annotated[tuple[str, ...], Field(strict=False)]


def exact(share: float) -> Fraction:
    """Return the decimal number that the funder wrote, exactly: 0.1 is one tenth."""
    return Fraction(repr(float(share)))


class Objective(Value):
    """What a portfolio is worth: the sum of (merit - zero) x amount^e over the awards (Clemen & Smith 2009)."""

    zero: float = Field(
        0.0,
        ge=-_HUGE,
        le=_HUGE,
        description="merit at which a proposal is worth nothing; those below are not funded",
    )
    size: Literal["per_award", "per_money"] | Annotated[float, Field(ge=0, le=1)] = Field(
        "per_award", description="per_award: e = 0; per_money: e = 1; or the exponent e itself"
    )
    partial: Literal[False] = Field(
        False, description="partial funding; only whole awards are made at present"
    )

    @property
    def exponent(self) -> float:
        """The power of the amount by which merit is multiplied."""
        match self.size:
            case "per_award":
                return 0.0
            case "per_money":
                return 1.0
            case exponent:
                return float(exponent)


class Reserve(Value):
    """A guaranteed share of the money, held back for the proposals that have a trait."""

    trait: str = Field(description="name of a condition in [traits]")
    share: Share | None = Field(None, description="share of the base that is held back")
    amount: Money | None = Field(None, description="money that is held back; instead of share")
    base: Literal["budget", "spent"] = Field("budget", description="what the share is a share of")
    shortfall: Literal["fail", "release", "hold"] = Field(
        "fail", description="what to do when demand is too small"
    )
    min_merit: float | None = Field(None, description="nobody counts towards the reserve below this merit")

    @property
    def key(self) -> str:
        """The name of the reserve in messages and results."""
        return f"reserve.{self.trait}"


class Limit(Value):
    """A floor or a cap on money or awards, for one condition or for every value of a column."""

    per: str | None = Field(None, description="a column: the limit holds for each of its values")
    where: str | None = Field(
        None, description="an SQL condition: the limit holds for the proposals that meet it"
    )
    min_share: Share | None = Field(None, description="at least this share of the base")
    max_share: Share | None = Field(None, description="at most this share of the base")
    min_amount: Money | None = Field(None, description="at least this much money")
    max_amount: Money | None = Field(None, description="at most this much money")
    min_awards: int | None = Field(None, ge=0, le=_MANY, description="at least so many awards")
    max_awards: int | None = Field(None, ge=0, le=_MANY, description="at most so many awards")
    base: Literal["budget", "spent"] = Field("budget", description="what a share is a share of")


class Link(Value):
    """A rule between a few proposals."""

    kind: Literal["at_most", "requires", "all_or_none", "synergy"]
    k: int | None = Field(None, ge=0, le=_MANY, description="at_most: how many")
    per: str | None = Field(None, description="at_most: of each value of this column")
    proposals: Names | None = Field(None, description="at_most, all_or_none, synergy: of this list")
    proposal: str | None = Field(None, description="requires: the one that needs another")
    needs: str | None = Field(None, description="requires: the one that is needed")
    value: float | None = Field(
        None, ge=0, le=_HUGE, description="synergy: value added when all of them are funded"
    )


class Coverage(Value):
    """At least so many awards for every value (every tag) of a column."""

    per: str = Field(description="a column of labels or of lists of tags")
    min_awards: int = Field(1, ge=1, le=_MANY)


class SolverSettings(Value):
    """How hard to try, and with what."""

    engine: str = Field("highs", description="highs, or pulp:NAME for a solver that PuLP can call")
    gap: float = Field(1e-4, ge=0, le=1, description="relative gap between value and bound at which to stop")
    time_limit: float = Field(60.0, gt=0, description="seconds")
    seed: int = Field(0, ge=0, le=2**31 - 1)
