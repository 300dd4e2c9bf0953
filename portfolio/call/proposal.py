"""The single definition of a proposal and of a review: every field's name, type, unit, bounds and meaning.

The reader, the bulk check, the column reference and the JSON schema are all derived from these classes.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, ClassVar

from pydantic import (
    AfterValidator,
    AllowInfNan,
    BeforeValidator,
    Field,
    StringConstraints,
    ValidationInfo,
    field_validator,
)
from pydantic.config import JsonDict

from portfolio.call.plain import plain_text
from portfolio.call.shares import shares_of
from portfolio.call.value import FIELD_SHARE, LEVEL, TAG, VISIBLE, Value
from portfolio.call.vocabulary import Driver, Gender, Output, ResearchType

MOST_MONEY = 10**15


def _plain(value: object) -> object:
    return plain_text(value.replace("\r\n", "\n").replace("\r", "\n")) if isinstance(value, str) else value


def _composed(value: str) -> str:
    return unicodedata.normalize("NFC", value)


def _decimal(value: object) -> object:
    return Decimal(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _tuple(value: object) -> object:
    return tuple(value) if isinstance(value, list) else value


def _agreeing(value: tuple[str, ...]) -> tuple[str, ...]:
    if value:
        shares_of(value)
    return value


_PLAIN = BeforeValidator(_plain)
Name = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, pattern=VISIBLE), AfterValidator(_composed)
]
Text = Annotated[str, _PLAIN, StringConstraints(strip_whitespace=True, min_length=1)]
Tag = Annotated[str, _PLAIN, StringConstraints(strip_whitespace=True, min_length=1, pattern=TAG)]
Level = Annotated[str, _PLAIN, StringConstraints(strip_whitespace=True, min_length=1, pattern=LEVEL)]
FieldShare = Annotated[
    str, _PLAIN, StringConstraints(strip_whitespace=True, min_length=1, pattern=FIELD_SHARE)
]
Money = Annotated[Decimal, BeforeValidator(_decimal), Field(ge=0, le=MOST_MONEY)]
Day = Annotated[date, Field(ge=date(1900, 1, 1), le=date(2100, 12, 31))]
Months = Annotated[int, Field(ge=0, le=1200)]
Cell = int | date | Annotated[float, AllowInfNan(True)] | bool | str | None

_MONTHS: JsonDict = {"unit": "months"}
_MONEY: JsonDict = {"unit": "money"}
_DATE: JsonDict = {"unit": "date"}


class Investigator(Value):
    """Who applies, as far as the early-career rules ask."""

    investigator: Text | None = Field(None, title="Investigator", description="the lead investigator")
    institution: Text | None = Field(None, title="Institution", description="where the work would be done")
    region: Text | None = Field(
        None, title="Region", description="the institution's region, canton or country"
    )
    gender: Gender | None = Field(
        None, title="Gender", description="only for age limits that differ by gender"
    )
    doctorate_date: Day | None = Field(
        None, title="Doctorate", description="day of the defence", json_schema_extra=_DATE
    )
    birth_date: Day | None = Field(None, title="Birth", description="day of birth", json_schema_extra=_DATE)
    clinical_training_end: Day | None = Field(
        None,
        title="End of clinical training",
        description="end of post-graduate training",
        json_schema_extra=_DATE,
    )
    career_break_months: Months | None = Field(
        None,
        title="Career breaks",
        description="time away that extends eligibility",
        json_schema_extra=_MONTHS,
    )
    parental_leave_months: Months | None = Field(
        None, title="Parental leave", description="as the rule counts it", json_schema_extra=_MONTHS
    )
    illness_months: Months | None = Field(
        None, title="Illness", description="long-term illness", json_schema_extra=_MONTHS
    )
    clinical_training_months: Months | None = Field(
        None, title="Clinical training", description="training after the doctorate", json_schema_extra=_MONTHS
    )
    service_months: Months | None = Field(
        None, title="Service", description="military or civil service", json_schema_extra=_MONTHS
    )
    prior_major_award: bool | None = Field(
        None, title="Prior major award", description="has led a large award that ends early-career status"
    )
    early_career: bool | None = Field(
        None, title="Early career", description="early-career status, where it is known"
    )


class Proposal(Investigator):
    """One request for money, with all that the funder knows about it.

    Only `id` and `amount` are required. Money is a `Decimal` in units of the call's currency.
    """

    ORDERED: ClassVar[frozenset[str]] = frozenset({"amount_by_year"})

    id: Name = Field(title="Identifier", description="unique in the call, never changed")
    title: Text | None = Field(None, title="Title", description="title of the proposal")
    abstract: Text | None = Field(None, title="Abstract", description="summary")
    amount: Money = Field(title="Amount", description="money requested", json_schema_extra=_MONEY)
    min_amount: Money | None = Field(
        None,
        title="Least amount",
        description="least that makes sense; an award may be smaller than the request if the policy allows it",
        json_schema_extra=_MONEY,
    )
    levels: Annotated[tuple[Level, ...], BeforeValidator(_tuple)] = Field(
        (),
        title="Levels",
        description="smaller awards that would do, each with the share of the value that it brings: 300000: 0.8",
    )
    amount_by_year: Annotated[tuple[Money, ...], BeforeValidator(_tuple)] = Field(
        (),
        title="Amount by year",
        description="the request by year; adds up to amount",
        json_schema_extra=_MONEY,
    )
    cofunding: Money | None = Field(
        None, title="Co-funding", description="money from enterprises or others", json_schema_extra=_MONEY
    )
    field: Text | None = Field(None, title="Field", description="OECD FORD code or any label")
    fields: Annotated[tuple[FieldShare, ...], BeforeValidator(_tuple), AfterValidator(_agreeing)] = Field(
        (),
        title="Fields",
        description="all fields, each with its share or all without: 1.1: 60%; 2.3: 40%",
    )
    scheme: Text | None = Field(None, title="Scheme", description="funding line or instrument applied to")
    research_type: ResearchType | None = Field(
        None, title="Type of research", description="type of research (OECD Frascati 2015)"
    )
    driver: Driver | None = Field(None, title="Driver", description="what drives the research")
    organized: bool | None = Field(
        None,
        title="Organized",
        description="run by an institution with guaranteed resources over its whole life",
    )
    exploratory: bool | None = Field(
        None, title="Exploratory", description="small money for a serendipitous idea"
    )
    bottlenecks: Annotated[tuple[Tag, ...], BeforeValidator(_tuple)] = Field(
        (), title="Bottlenecks", description="tags of the capabilities that lack foundational science"
    )
    success_probability: float | None = Field(
        None,
        ge=0,
        le=1,
        title="Chance of success",
        description="elicited",
        json_schema_extra={"unit": "probability"},
    )
    trl: int | None = Field(
        None, ge=1, le=9, title="TRL", description="technology readiness level at the start"
    )
    years_to_outcome: float | None = Field(
        None,
        ge=0,
        le=200,
        title="Years to outcome",
        description="until the result is expected to matter; not the length of the grant",
        json_schema_extra={"unit": "years"},
    )
    expected_outputs: Annotated[tuple[Output, ...], BeforeValidator(_tuple)] = Field(
        (), title="Expected outputs", description="what success would leave behind"
    )
    merit: float | None = Field(
        None,
        title="Merit",
        description="grade, when there is no review table",
        json_schema_extra={"unit": "grade"},
    )
    merit_sd: float | None = Field(
        None,
        ge=0,
        title="Spread of merit",
        description="standard deviation",
        json_schema_extra={"unit": "grade"},
    )
    merit_low: float | None = Field(
        None, title="Merit, low", description="lower end of the interval", json_schema_extra={"unit": "grade"}
    )
    merit_high: float | None = Field(
        None,
        title="Merit, high",
        description="upper end of the interval",
        json_schema_extra={"unit": "grade"},
    )
    other: Mapping[str, Cell] = Field(
        default_factory=dict,
        title="Other columns",
        description="every further column of the file, by its heading",
    )

    @field_validator("*")
    @classmethod
    def _agrees(cls, value: Any, info: ValidationInfo) -> Any:
        for rule in RULES:
            if rule.columns[-1] == info.field_name and rule.is_broken(info.data, value):
                raise ValueError(rule.what)
        return value


class Review(Value):
    """One reviewer's grade of one proposal on one criterion."""

    proposal: Name = Field(title="Proposal", description="id of the proposal")
    reviewer: Name = Field(title="Reviewer", description="who graded")
    criterion: Text | None = Field(None, title="Criterion", description="what was graded")
    score: float | None = Field(
        title="Score", description="the grade; empty where there is none", json_schema_extra={"unit": "grade"}
    )
    confidence: float | None = Field(
        None,
        ge=0,
        title="Confidence",
        description="the reviewer's own confidence; kept, and no grade is weighed by it",
    )
    panel: Text | None = Field(None, title="Panel", description="the panel or section")


@dataclass(frozen=True, slots=True)
class Rule:
    """A relation between fields of one proposal that must hold when all of them are known.

    `broken` takes the fields in the order of `columns` and works on numbers and on polars expressions alike, so
    that the check of one proposal and the check of a table cannot drift apart. The last column is the one that is
    reported; it is declared after the others.
    """

    columns: tuple[str, ...]
    broken: Callable[[Any, Any], Any]
    what: str

    def is_broken(self, known: Mapping[str, Any], last: Any) -> bool:
        """Apply the rule to one proposal; nothing is broken while a field is missing."""
        first = known.get(self.columns[0])
        return first is not None and not _absent(last) and bool(self.broken(first, last))


def _absent(value: Any) -> bool:
    return value is None or value == ()


def _sum(values: Any) -> Any:
    return sum(values) if isinstance(values, Sequence) else values


RULES = (
    Rule(
        ("doctorate_date", "birth_date"),
        lambda degree, birth: birth >= degree,
        "must be before doctorate_date",
    ),
    Rule(("amount", "min_amount"), lambda amount, least: least > amount, "must not be more than amount"),
    Rule(("amount", "amount_by_year"), lambda amount, years: _sum(years) != amount, "must add up to amount"),
    Rule(("merit", "merit_low"), lambda merit, low: low > merit, "must not be more than merit"),
    Rule(("merit", "merit_high"), lambda merit, high: high < merit, "must not be less than merit"),
    Rule(("merit_low", "merit_high"), lambda low, high: high < low, "must not be less than merit_low"),
)
