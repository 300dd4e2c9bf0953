"""Who counts as early-career, by a rule that is data: counted from what, how many years, which extensions."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType
from typing import Annotated, Literal, Self

from pydantic import Discriminator, Field, Tag, field_validator, model_validator

from portfolio.call.value import Value
from portfolio.errors import nearest

Start = Literal["doctorate_date", "clinical_training_end", "birth_date"]
Gender = Literal["woman", "man", "other"]
Extension = Literal[
    "career_break_months",
    "parental_leave_months",
    "illness_months",
    "clinical_training_months",
    "service_months",
]
Years = Annotated[int, Field(ge=0, le=120)]
Allowance = Annotated[int, Field(ge=0)] | Literal["in_full"]


class EarlyCareerRule(Value):
    """A funder's definition of early-career.

    Parameters
    ----------
    name, source
        What the rule is called, with the year where the funder changes it, and where it is written.
    counted_from
        Date columns; where several are given for a person, the latest counts.
    counted_to
        In words, the day to give as `on`.
    max_years
        Years that may have passed, the same for all or per gender.
    min_years
        Years that must have passed.
    includes_max, includes_min
        Whether the day on which exactly that many years have passed still, or already, counts.
    extensions
        Columns of months that lengthen `max_years`, each with the most that it may add, or ``in_full``. Where
        a rule has any, `career_break_months` counts as well, in full unless the rule says otherwise: it holds
        breaks that are in none of the other columns.
    disqualified_by_prior_award
        Whether `prior_major_award` rules a person out.
    """

    name: Annotated[str, Field(min_length=1)]
    source: str = ""
    counted_from: Annotated[tuple[Start, ...], Field(strict=False, min_length=1)]
    counted_to: str = "the date given in the policy"
    max_years: Years | dict[Gender, Years]
    min_years: Years = 0
    includes_max: bool = True
    includes_min: bool = True
    extensions: dict[Extension, Allowance] = Field(default_factory=dict)
    disqualified_by_prior_award: bool = False

    @model_validator(mode="after")
    def _usable(self) -> Self:
        if not self.limits:
            raise ValueError("max_years must name at least one gender, or be a number")
        if min(self.limits) < self.min_years:
            raise ValueError("max_years must not be less than min_years")
        return self

    @property
    def limits(self) -> tuple[int, ...]:
        """The different limits in years, smallest first."""
        years = self.max_years
        return tuple(sorted(set(years.values()))) if isinstance(years, dict) else (years,)

    @property
    def allowances(self) -> Mapping[str, int | str]:
        """Every column of months that extends the rule, with its allowance."""
        if not self.extensions:
            return {}
        return {"career_break_months": "in_full"} | dict(self.extensions.items())


_ERC_BREAKS: dict[Extension, int | Literal["in_full"]] = {
    "parental_leave_months": "in_full",
    "illness_months": "in_full",
    "clinical_training_months": 48,
    "service_months": "in_full",
}


def _erc(name: str, years: tuple[int, int], programme: int, includes_min: bool = True) -> EarlyCareerRule:
    return EarlyCareerRule(
        name=name,
        source=f"ERC Work Programme {programme}, eligible Principal Investigator",
        counted_from=("doctorate_date",),
        counted_to=f"1 January {programme}",
        min_years=years[0],
        max_years=years[1],
        includes_min=includes_min,
        extensions=_ERC_BREAKS,
    )


_RULES = (
    EarlyCareerRule(
        name="nih_esi",
        source="NIH, Early Stage Investigator Policies; extensions: NOT-OD-09-034",
        counted_from=("doctorate_date", "clinical_training_end"),
        counted_to="the day the application is submitted",
        max_years=10,
        extensions={
            "parental_leave_months": "in_full",
            "illness_months": "in_full",
            "clinical_training_months": "in_full",
            "service_months": "in_full",
        },
        disqualified_by_prior_award=True,
    ),
    _erc("erc_stg_2026", (2, 7), 2026),
    _erc("erc_stg_2027", (0, 10), 2027),
    _erc("erc_cog_2026", (7, 12), 2026, includes_min=False),
    _erc("erc_cog_2027", (5, 15), 2027),
    EarlyCareerRule(
        name="nsfc_youth",
        source="NSFC, project guide of the Young Scientists Fund; births on 1 January are included",
        counted_from=("birth_date",),
        counted_to="1 January of the year of application",
        max_years={"man": 35, "woman": 40},
    ),
)

#: The rules that a policy can name. The first day of an ERC window follows the wording of the programmes: a
#: Starting Grant "at least 2 and up to 7 years", a Consolidator Grant "over 7 and up to 12 years".
EARLY_CAREER_RULES: Mapping[str, EarlyCareerRule] = MappingProxyType({rule.name: rule for rule in _RULES})


class EarlyCareerSettings(Value):
    """Which rule decides who is early-career, and on which day.

    Parameters
    ----------
    rule
        The name of one of `EARLY_CAREER_RULES`, or a rule of the funder's own.
    on
        The day to count to.
    """

    rule: Annotated[
        Annotated[str, Tag("name")] | Annotated[EarlyCareerRule, Tag("rule")],
        Discriminator(lambda value: "name" if isinstance(value, str) else "rule"),
    ]
    on: date

    @field_validator("rule", mode="before")
    @classmethod
    def _known(cls, value: object) -> object:
        if isinstance(value, str) and value not in EARLY_CAREER_RULES:
            raise ValueError(f"is not a known rule: {nearest(value, EARLY_CAREER_RULES)}")
        return value

    @property
    def resolved(self) -> EarlyCareerRule:
        """The rule itself."""
        return EARLY_CAREER_RULES[self.rule] if isinstance(self.rule, str) else self.rule
