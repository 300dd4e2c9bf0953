"""The policy: everything that the funder decides, as one frozen value."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, Self

import tomli_w
from pydantic import (
    BeforeValidator,
    Field,
    ModelWrapValidatorHandler,
    PlainSerializer,
    PrivateAttr,
    SerializationInfo,
    ValidationError,
    ValidationInfo,
    model_validator,
)

from portfolio.call.sheet import Source
from portfolio.call.value import CURRENCY, Value
from portfolio.errors import PolicyError
from portfolio.policy.consistency import contradictions
from portfolio.policy.rules import (
    Coverage,
    DifferentNames,
    Exploratory,
    Limit,
    Link,
    Money,
    Objective,
    Overcommit,
    Overspend,
    Reserve,
    SolverSettings,
    Stable,
)
from portfolio.policy.source import Fault, PolicySource, faults_of, without
from portfolio.scoring import EarlyCareerSettings, ReviewSettings, ScoringSettings
from portfolio.shown import preformatted, rich_text, visible

if TYPE_CHECKING:
    from rich.text import Text


def _from_pairs(table: Any) -> Any:
    """Accept a list of names and expressions as well, whose order no program loses."""
    if isinstance(table, list) and all(isinstance(pair, list) and len(pair) == 2 for pair in table):
        pairs = [(str(name), sql) for name, sql in table]
        return dict(pairs) if len(dict(pairs)) == len(pairs) else table
    return table


def _in_order(table: dict[str, str], info: SerializationInfo) -> Any:
    """Return what is derived as JSON keeps it: an expression may use the columns that were derived before it."""
    return [list(pair) for pair in table.items()] if info.mode_is_json() and len(table) > 1 else table


class Policy(Value):
    """Everything that the funder decides.

    Raises
    ------
    PolicyError
        With every fault at once: unknown keys (with the nearest known one), wrong types, rules that contradict
        themselves.
    """

    ORDERED: ClassVar[frozenset[str]] = frozenset({"budget", "committed", "derive"})

    currency: str = Field("EUR", pattern=CURRENCY, description="ISO 4217 code")
    budget: Money | Annotated[tuple[Money, ...], Field(strict=False, min_length=1)] = Field(
        description="money for the call, or one sum per year"
    )
    committed: Money | Annotated[tuple[Money, ...], Field(strict=False, min_length=1)] = Field(
        Decimal(0), description="money that running grants are promised already, or one sum per year"
    )
    carry_over: Money | None = Field(None, description="most that may be carried from a year to the next")
    only: str | None = Field(None, description="SQL condition: the rows of the file that are this call")
    eligible: str | None = Field(
        None, description="SQL condition: the others are ineligible, with this as the reason"
    )
    on_bad_rows: Literal["refuse", "set_aside"] = "refuse"
    decimal_mark: Literal["auto", ".", ","] = Field(
        "auto", description="decimal mark of numbers that are texts"
    )
    must_fund: DifferentNames = ()
    must_not_fund: DifferentNames = ()
    reserve_accounting: Literal["one_to_all", "one_to_one", "shared"] = "one_to_all"
    reserve_order: Literal["minimum_guarantee", "over_and_above"] = "minimum_guarantee"
    columns: dict[str, str] = Field(default_factory=dict, description="our name = the file's heading")
    derive: Annotated[dict[str, str], BeforeValidator(_from_pairs), PlainSerializer(_in_order)] = Field(
        default_factory=dict, description="new columns from SQL expressions, one after the other"
    )
    reviews: ReviewSettings | None = None
    scoring: ScoringSettings = Field(default_factory=ScoringSettings)
    objective: Objective = Field(default_factory=Objective)
    early_career: EarlyCareerSettings | None = None
    traits: dict[str, str] = Field(default_factory=dict, description="a name = an SQL condition")
    reserve: Annotated[tuple[Reserve, ...], Field(strict=False)] = ()
    limit: Annotated[tuple[Limit, ...], Field(strict=False)] = ()
    link: Annotated[tuple[Link, ...], Field(strict=False)] = ()
    coverage: Annotated[tuple[Coverage, ...], Field(strict=False)] = ()
    overspend: Overspend | None = None
    stable: Stable | None = None
    exploratory: Exploratory | None = None
    overcommit: Overcommit | None = None
    solver: SolverSettings = Field(default_factory=SolverSettings)

    _source: PolicySource = PrivateAttr(default_factory=PolicySource)

    @model_validator(mode="wrap")
    @classmethod
    def _all_faults(cls, data: Any, handler: ModelWrapValidatorHandler[Self], info: ValidationInfo) -> Self:
        source = (info.context or {}).get("source", PolicySource())
        try:
            policy = handler(data)
        except ValidationError as error:
            faults = faults_of(error, cls)
            raise PolicyError(source.issues([*faults, *_beyond(data, faults, handler)])) from None
        if isinstance(data, cls):
            return policy
        policy._source = source
        policy.refuse(contradictions(policy))
        return policy

    def refuse(self, faults: list[Fault]) -> None:
        """Raise `PolicyError` with the line of each fault, if there are any."""
        if faults:
            raise PolicyError(self._source.issues(faults))

    def replace(self, **changes: Any) -> Self:
        """Return a validated copy with some keys changed; messages on the others still name their lines of the file."""
        before = self.model_dump()
        source = self._source.changed_to(before, before | changes)
        return type(self).model_validate(before | changes, context={"source": source})

    @property
    def folder(self) -> Path:
        """Where paths in the policy start: the folder of its file, or the working directory."""
        return Path(self._source.folder)

    @property
    def file(self) -> Source | None:
        """The file that the policy was read from, whatever was changed since; None if it was made otherwise."""
        source = self._source
        return Source(source.name, source.sha256, "policy") if source.sha256 else None

    @property
    def budgets(self) -> tuple[Any, ...]:
        """The budget of each year; one entry if there is only a total."""
        return self.budget if isinstance(self.budget, tuple) else (self.budget,)

    @property
    def commitments(self) -> tuple[Any, ...]:
        """The money promised already in each year of the budget."""
        given = self.committed if isinstance(self.committed, tuple) else (self.committed,)
        return given if any(given) else (Decimal(0),) * len(self.budgets)

    def to_toml(self) -> str:
        """Return the policy as TOML; `read_policy` gives the same policy back."""
        given = self.model_dump(exclude_none=True, exclude_defaults=True) | {"budget": self._budget()}
        # A table that is there says something even if all its keys are at their defaults.
        tables: dict[str, Any] = {
            name: {} for name in ("stable", "exploratory") if getattr(self, name) is not None
        }
        return tomli_w.dumps(tables | given)

    def __str__(self) -> str:
        return visible(self.to_toml().rstrip(), keep="\n")

    def __repr__(self) -> str:
        money = f"{self.currency} {sum(self.budgets):,}"
        years = f" over {len(self.budgets)} years" if len(self.budgets) > 1 else ""
        counted = ((len(getattr(self, kind)), kind) for kind in ("reserve", "limit", "link"))
        rules = ", ".join(f"{n or 'no'} {kind}{'' if n == 1 else 's'}" for n, kind in counted)
        return f"<Policy: {money}{years}; {rules}>"

    def __rich__(self) -> Text:
        return rich_text(self)

    def _repr_html_(self) -> str:
        return preformatted(str(self))

    def _budget(self) -> Any:
        return self.model_dump(include={"budget"})["budget"]


def _beyond(data: Any, faults: list[Fault], handler: Callable[[Any], Policy]) -> list[Fault]:
    """Return the contradictions among the rules that have no fault of their own, so that all is said at once."""
    faulty = {fault.path[:2] for fault in faults}
    for depth in (None, 1):
        try:
            policy = handler(without(data, [fault.path[:depth] for fault in faults]))
        except ValidationError:
            continue
        return [fault for fault in contradictions(policy) if fault.path[:2] not in faulty]
    return []
