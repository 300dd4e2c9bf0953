"""The rules a funder can state, one class each."""

from __future__ import annotations

from decimal import Context, Decimal
from fractions import Fraction
from typing import Annotated, Any, ClassVar, Literal

from pydantic import AfterValidator, BeforeValidator, Field, PlainSerializer

from portfolio.call.value import MONEY, Value


def _decimal(value: Any) -> Any:
    """Let whole numbers and floats stand for money: a float means the decimal that it prints as."""
    if isinstance(value, int) and not isinstance(value, bool):
        return Decimal(value)
    if isinstance(value, float):
        return Decimal(int(value)) if value.is_integer() else Decimal(repr(float(value)))
    if not isinstance(value, Decimal):
        raise ValueError(MONEY)
    return value


def _plain(value: Decimal) -> int | Decimal:
    return int(value) if value == value.to_integral_value() else value


def _shortest(value: Decimal) -> Decimal:
    """Return an amount without zeros at its end: 30000.00 is 30000, in words as in the record."""
    plain = _plain(value)
    return (
        Decimal(plain) if isinstance(plain, int) else value.normalize(Context(len(value.as_tuple().digits)))
    )


Money = Annotated[
    Decimal,
    BeforeValidator(_decimal),
    PlainSerializer(_plain, return_type=int | Decimal),
    Field(ge=0, le=Decimal(10) ** 18, allow_inf_nan=False),
    AfterValidator(_shortest),
]
# More awards, or more value, than anything means.
_MANY, _HUGE = 10**9, 1e12
Share = Annotated[float, Field(ge=0, le=1)]
Number = Annotated[float, Field(ge=-_HUGE, le=_HUGE)]
Point = Annotated[tuple[Share, Share], Field(strict=False)]
Names = Annotated[tuple[str, ...], Field(strict=False)]
# A name that stands twice says nothing new, and each would be a rule of its own.
DifferentNames = Annotated[Names, AfterValidator(lambda names: tuple(dict.fromkeys(names)))]


def exact(share: float) -> Fraction:
    """Return the decimal number that the funder wrote, exactly: 0.1 is one tenth."""
    return Fraction(repr(float(share)))


class Criterion(Value):
    """One thing that makes a proposal valuable: (column - zero) / scale."""

    column: str = Field(description="a numeric column, of the file or scored; an empty cell adds nothing")
    zero: Number = Field(0.0, description="where the column is worth nothing")
    scale: float = Field(
        1.0, ge=1 / _HUGE, le=_HUGE, description="the difference in the column that is worth one"
    )
    weight: float = Field(1.0, ge=0, le=_HUGE, description="weight in the sum")
    may_lose: Share = Field(
        0.0, description="lexicographic: the share of its best total that later criteria may cost"
    )


class Objective(Value):
    """What a portfolio is worth: the sum of (merit - zero) x amount^e over the awards (Clemen & Smith 2009)."""

    ORDERED: ClassVar[frozenset[str]] = frozenset({"curve", "criterion"})

    zero: Number = Field(
        0.0,
        description="merit at which a proposal is worth nothing; those below are funded only by must_fund",
    )
    size: Literal["per_award", "per_money"] | Annotated[float, Field(ge=0, le=1)] = Field(
        "per_award", description="per_award: e = 0; per_money: e = 1; or the exponent e itself"
    )
    partial: bool | Literal["levels"] = Field(
        False, description="whether awards may be smaller than the requests"
    )
    curve: Annotated[tuple[Point, ...], Field(strict=False)] = Field(
        (), description="partial: [share of the request, share of its value] points from (0, 0) to (1, 1)"
    )
    criterion: Annotated[tuple[Criterion, ...], Field(strict=False)] = Field(
        (), description="instead of merit alone"
    )
    order: Literal["weighted", "lexicographic"] = Field(
        "weighted", description="how several criteria are put together"
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


class Softenable(Value):
    """A rule that may give way: at a price, or after all rules of higher priority."""

    price: float | None = Field(
        None,
        gt=0,
        le=_HUGE,
        description="value lost per unit that is missed; the rule is then no longer firm",
    )
    priority: int | None = Field(
        None, ge=1, le=99, description="gives way when rules clash, those of the lowest number first"
    )

    @property
    def soft(self) -> bool:
        """Whether the rule may give way."""
        return self.price is not None or self.priority is not None


class Reserve(Softenable):
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


class Limit(Softenable):
    """A floor or a cap on money or awards, for one condition or for every value of a column."""

    per: str | None = Field(None, description="a column: the limit holds for each of its values")
    where: str | None = Field(
        None, description="an SQL condition: the limit holds for the proposals that meet it"
    )
    trait: str | None = Field(None, description="the limit holds for the proposals with this trait")
    of: str | None = Field(
        None, description="what is limited instead of the awards: the sum of this numeric column"
    )
    min_share: Share | None = Field(None, description="at least this share of the base")
    max_share: Share | None = Field(None, description="at most this share of the base")
    min_amount: Money | None = Field(None, description="at least this much money")
    max_amount: Money | None = Field(None, description="at most this much money")
    min_awards: int | None = Field(None, ge=0, le=_MANY, description="at least so many awards")
    max_awards: int | None = Field(None, ge=0, le=_MANY, description="at most so many awards")
    base: Literal["budget", "spent"] = Field("budget", description="what a share is a share of")
    max_gap: float | None = Field(
        None,
        gt=0,
        le=1,
        description="at most so far may the success rate of a group be from that of the whole call: 0.1 is ten points",
    )
    gap_of: Literal["awards", "money"] = Field(
        "awards",
        description="max_gap: the rate is awards by eligible proposals, or money awarded by money asked for",
    )
    gap_side: Literal["both", "below"] = Field(
        "both", description="max_gap: on both sides, or only below the whole call"
    )
    min_proposals: int | None = Field(
        None,
        ge=1,
        le=_MANY,
        description="max_gap: smaller groups are left out; without it those in which one award moves the rate by more "
        "than the gap",
    )


class Link(Softenable):
    """A rule between a few proposals."""

    kind: Literal["at_most", "requires", "all_or_none", "synergy", "differs"]
    k: int | None = Field(
        None, ge=0, le=_MANY, description="at_most: how many; differs: how many decisions at least"
    )
    per: str | None = Field(None, description="at_most: of each value of this column")
    proposals: Names | None = Field(
        None, description="at_most, all_or_none, synergy: of this list; differs: from it"
    )
    proposal: str | None = Field(None, description="requires: the one that needs another")
    needs: str | None = Field(None, description="requires: the one that is needed")
    value: float | None = Field(
        None, ge=0, le=_HUGE, description="synergy: value added when all of them are funded"
    )


class Coverage(Softenable):
    """Awards for every value (every tag) of a column: a least number, or a value for the chance of a success."""

    per: str = Field(description="a column of labels or of lists of tags")
    min_awards: int | None = Field(
        None, ge=1, le=_MANY, description="how many awards each value or tag needs"
    )
    weight: float | None = Field(
        None, ge=0, le=_HUGE, description="value of certainty that a tag sees at least one success"
    )
    probability: str = Field("success_probability", description="the column that holds the chance of success")

    @property
    def least(self) -> int:
        """The awards that each tag needs: 1 unless the policy says otherwise or only gives a weight."""
        return self.min_awards or (1 if self.weight is None else 0)


class Overspend(Softenable):
    """The budget of a year may be exceeded, at a price or by priority (either is required); it is no longer firm."""

    max_amount: Money | None = Field(
        None,
        description="most by which the budget of each year may be exceeded; without it there is no limit",
    )
    max_share: Share | None = Field(
        None, description="the same as a share of the budget of the year; instead of max_amount"
    )


class Stable(Softenable):
    """Funding that is whole and certain in every year, for organized research (needs a budget per year)."""

    where: str = Field("organized", description="SQL condition: the proposals that are funded so")
    firm: Share = Field(1.0, description="share of each year's budget that is certain")


class Exploratory(Softenable):
    """A pool of small grants: an own line of the budget."""

    where: str = Field(
        "exploratory", description="SQL condition: the proposals that compete for the pool alone"
    )
    share: Share | None = Field(None, description="share of the budget that is the pool")
    amount: Money | None = Field(None, description="money of the pool; instead of share")
    max_award: Money | None = Field(None, description="no member gets more")
    left: Literal["return", "hold"] = Field(
        "return", description="what becomes of money that the pool leaves"
    )


class Overcommit(Value):
    """More may be promised than there is, since some awards are declined and some money is left over.

    Of few or large awards less than the budget may be allowed: the chance is that of a normal distribution.
    """

    epsilon: float = Field(
        gt=0, lt=0.5, description="the chance of spending more than the budget that is accepted"
    )
    attrition: float = Field(ge=0, lt=1, description="chance that an award is declined")
    underspend: float = Field(0.0, ge=0, lt=1, description="share of an award that is left over, on average")
    underspend_sd: float = Field(0.0, ge=0, le=1, description="standard deviation of that share")


class SolverSettings(Value):
    """How hard to try, and with what."""

    engine: str = Field("highs", description="highs, or pulp:NAME for a solver that PuLP can call")
    method: Literal["auto", "whole", "margins"] = Field(
        "auto", description="how HiGHS is used; the answer is the same to within the gap"
    )
    gap: float = Field(1e-4, ge=0, le=1, description="relative gap between value and bound at which to stop")
    time_limit: float = Field(60.0, gt=0, description="seconds")
    nodes: int | None = Field(
        None,
        ge=1,
        le=_MANY,
        description="nodes that each search may visit; a limit that is the same on every machine",
    )
    seed: int = Field(0, ge=0, le=2**31 - 1)
