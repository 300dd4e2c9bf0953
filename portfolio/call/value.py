"""The base of every typed value of the library: frozen, strict about keys, replaced and never changed."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any, ClassVar, Self

from pydantic import BaseModel, ConfigDict, ValidationInfo, field_validator, model_validator
from pydantic_core import ErrorDetails

from portfolio.call.numbers import own_numbers
from portfolio.call.sets import holds_set, in_order
from portfolio.errors import nearest


class Value(BaseModel):
    """A frozen pydantic model that refuses unknown fields.

    A set may stand for a list whose order says nothing; `ORDERED` names the fields where it says something.
    """

    ORDERED: ClassVar[frozenset[str]] = frozenset()

    model_config = ConfigDict(
        frozen=True, extra="forbid", strict=True, allow_inf_nan=False, validate_default=False
    )

    @model_validator(mode="before")
    @classmethod
    def _own_numbers(cls, data: Any) -> Any:
        return own_numbers(data)

    @field_validator("*", mode="before")
    @classmethod
    def _without_sets(cls, value: Any, info: ValidationInfo) -> Any:
        if info.field_name in cls.ORDERED and holds_set(value):
            raise ValueError(UNORDERED)
        # Sets further inside are those of other models, or are refused.
        return in_order(value) if isinstance(value, set | frozenset) else value

    def replace(self, **changes: Any) -> Self:
        """Return a validated copy with some fields changed."""
        return type(self).model_validate(self.model_dump() | changes)


TYPES = {
    "int": "a whole number",
    "float": "a number",
    "decimal": "an amount of money",
    "string": "text",
    "bool": "true or false",
    "date": "a date (YYYY-MM-DD)",
    "list": "a list",
    "tuple": "a list",
    "dict": "a table",
    "model": "a table",
}

MONEY = "must be an amount of money"
FINITE = "must be a finite number"
EMPTY = "must not be empty"
UNORDERED = "must be a list, since its order counts: a set has none; write [ ] in place of { }"
MISSING = "is missing"

VISIBLE = r"\A[^\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]*\z"


def _member(apart: str) -> str:
    """Match what is no list of its own: some programs write a whole list as ['a', 'b'] or {a,b}."""
    other = rf"[^;；﹔؛{apart}\p{{Cc}}]"
    return rf"([^;；﹔؛{apart}\p{{Cc}}\[{{]{other}*|[\[{{]({other}*[^;；﹔؛{apart}\p{{Cc}}\]}}\s])?)"


TAG = rf"\A{_member('')}?\z"
# 300.000 may be three hundred or three hundred thousand; 1500.250 and 0.250 have three decimals.
LEVEL = (
    r"\A([0-9]{1,15}(\.[0-9]{1,2})?|(0|[0-9]{4,15})\.[0-9]{3}) *: *"
    r"(0(\.[0-9]+)?|1(\.0+)?)\z"
)
# Physics (60%) and 1.1=60% are a field and its share, and no field of that name.
# No share is above 100, so that a comma in one is no mark of thousands.
_SHARE = r"0{0,9}(100([.,]0{1,15})?|[0-9]{1,2}([.,][0-9]{1,15})?)"
FIELD_SHARE = rf"\A{_member(':：﹕∶=＝%％﹪٪')} *(: *{_SHARE} *%?)?\z"
CURRENCY = "^[A-Z]{3}$"
PATTERNS = {
    CURRENCY: "must be three capital letters, such as EUR",
    VISIBLE: "must not contain control or invisible characters",
    TAG: "must not contain ';' or control characters, nor stand in [ ] or { }: write a;b and not ['a', 'b']",
    LEVEL: "must be an amount and the share of the value that it brings, such as 300000: 0.8, without groups of digits",
    FIELD_SHARE: (
        "must be a field, or a field and its share of at most 100, such as 1.1: 60%: no field has ; : = or % in its "
        "name, nor stands in [ ] or { }; write 1.1;2.3 and not ['1.1', '2.3']"
    ),
}


def bound(sign: str, limit: Any) -> str:
    """Say a bound in words: ``must be at least 0``; `sign` is one of ge, gt, le, lt."""
    words = {"ge": "at least", "gt": "more than", "le": "at most", "lt": "less than"}
    return f"must be {words[sign]} {_plain(limit)}"


def one_of(words: Iterable[str]) -> str:
    """Say which words are allowed: ``must be one of a, b or c``."""
    *first, last = words
    return f"must be one of {', '.join(first)} or {last}" if first else f"must be {last}"


def _plain(limit: Any) -> str:
    if isinstance(limit, str):
        # Pydantic writes the bounds of decimals as Python would.
        return _plain(Decimal(limit[9:-2])) if limit.startswith("Decimal('") else limit
    if isinstance(limit, date):
        return str(limit)
    whole = limit == int(limit)
    return f"{int(limit):,}" if whole else f"{limit:g}"


def _length(min_length: int = 0, max_length: int | None = None, **_: Any) -> str:
    if max_length is not None:
        return f"must have at most {max_length} entries"
    return EMPTY if min_length == 1 else f"must have at least {min_length} entries"


def sentence(error: ErrorDetails) -> str:
    """Say in one sentence fragment what a pydantic error means: ``must be at least 0``."""
    kind, context = error["type"], error.get("ctx", {})
    match kind:
        case "missing":
            return MISSING
        case "greater_than_equal":
            return bound("ge", context["ge"])
        case "greater_than":
            return bound("gt", context["gt"])
        case "less_than_equal":
            return bound("le", context["le"])
        case "less_than":
            return bound("lt", context["lt"])
        case "finite_number":
            return FINITE
        case "literal_error" | "enum":
            return f"must be one of {context['expected'].replace(chr(39), '')}"
        case "string_too_short" | "too_short" | "too_long":
            return _length(**context)
        case "string_pattern_mismatch":
            return PATTERNS.get(context["pattern"], f"must look like {context['pattern']}")
        case "extra_forbidden":
            return "is not known"
        case "value_error" | "assertion_error":
            return str(context["error"])
        case _:
            family = kind.split("_")[0]
            return f"must be {TYPES[family]}" if family in TYPES else error["msg"]


def unknown_hint(error: ErrorDetails, known: list[str]) -> str:
    """For an unknown key, the nearest known one."""
    return nearest(str(error["loc"][-1]), known) if error["type"] == "extra_forbidden" else ""
