"""What a record holds, key by key: the schema of ``portfolio.json``."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError

from portfolio.call.value import Value
from portfolio.optimize import Stop

Digest = Annotated[str, Field(pattern="^[0-9a-f]{64}$", description="SHA-256, in hexadecimal digits")]
Number = int | float
Rows = list[dict[str, Any]]
Versions = dict[Literal["grant-portfolio"], str]
Role = Literal["proposals", "reviews", "corpus", "text model"]
"""What a file that was read is, in the order in which records name them."""

_LONGEST = 200
_END = "null where it is not known"
_UNPRICED = "null if it was not priced, or the search without it was cut short"


class RecordedFile(Value):
    """A file that a record names."""

    name: str
    sha256: Digest


class RecordedInput(RecordedFile):
    """A file that was read."""

    role: Role


class RecordFrame(Value):
    """What the record of a lottery or a sweep says beside its results, format 1."""

    kind: Literal["lottery", "whatif"]
    format: Literal[1]
    inputs: list[RecordedInput]
    policy: dict[str, Any]
    policy_file: RecordedFile | None
    previous: RecordedFile | None
    versions: Versions


class RecordedScenario(Value):
    """A scenario of a sweep, and its whole policy; null if no policy can be so."""

    name: str
    policy: dict[str, Any] | None


class SweepRecord(RecordFrame):
    """The record of a sweep, format 1: nothing stands in it that is not looked at."""

    asked: int
    scenarios: list[RecordedScenario]
    rows: Rows
    seed: int


class RecordedPrice(Value):
    """The dual of one row of the model."""

    rules: list[str]
    block: int
    name: str
    price: float


class RecordedReserve(Value):
    """How a reserve was met, and what it costs."""

    trait: str
    required: Number
    delivered: Number
    eligible: Number
    shadow_price: Number | None = Field(description=_END)
    price: Number | None = Field(description=_UNPRICED)
    price_low: Number | None = Field(description=_END)
    price_high: Number | None = Field(description=_END)
    enters: list[str] | None = Field(description=f"funded only without the reserve; {_UNPRICED}")
    leaves: list[str] | None = Field(description=f"funded only with the reserve; {_UNPRICED}")


class RecordedPool(Value):
    """The exploratory pool."""

    money: Number
    spent: Number


class RecordedGoal(Value):
    """What was reached before the value."""

    name: str
    value: Number
    bound: Number | None = Field(description=_END)
    delivered: Number
    status: Stop


class RecordedRound(Value):
    """One round of an over-and-above decision."""

    name: str
    pot: Number
    spent: Number
    value: Number
    bound: Number | None = Field(description=_END)
    status: Stop
    awards: list[str]


class Certified(Value):
    """The bound that the prices prove without any solver."""

    bound: Number | None = Field(description=_END)
    gap: Number | None = Field(description=_END)
    why_not: str | None = Field(description="why nothing is certified; null where something is")


class Record(Value):
    """The record of a decision, format 1."""

    format: Literal[1]
    status: Stop
    value: Number
    bound: Number | None = Field(description=_END)
    gap: Number | None = Field(description=_END)
    certified: Certified
    currency: str
    budget: Number
    spent: Number
    n_proposals: int
    n_awards: int
    n_set_aside: int
    awards: list[str]
    reserves: list[RecordedReserve]
    exploratory: RecordedPool | None = Field(
        None, description="left out where the policy has no exploratory pool"
    )
    rounds: list[RecordedRound]
    limits: Rows
    goals: list[RecordedGoal]
    gave_way: Rows
    chances: Rows
    overspending: Rows
    prices: list[RecordedPrice]
    notes: list[str]
    seed: int
    solver: str
    versions: Versions
    inputs: list[RecordedInput]
    policy: dict[str, Any]
    policy_file: RecordedFile | None = Field(description="null if the policy was not read from a file")
    files: dict[Literal["awards.csv", "decisions.csv", "set_aside.csv", "proof.json"], Digest] = Field(
        description="SHA-256 of each other file of the folder"
    )
    previous: RecordedFile | None = Field(
        description="folder and SHA-256 of the record that this one follows; null if it is the first"
    )


def faults_in(error: ValidationError) -> str:
    """Say what is wrong with a record that does not keep to its schema."""
    first = error.errors()[0]
    key = ".".join(map(str, first["loc"]))[:_LONGEST]
    return f"{error.error_count()} keys are wrong, first {key}: {first['msg'][:_LONGEST]}"


def record_schema() -> dict[str, Any]:
    """Return the JSON schema (draft 2020-12) of ``portfolio.json``."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema"} | Record.model_json_schema()
