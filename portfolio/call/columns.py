"""What a column of a file may hold, read off the pydantic models and never written twice."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import cache
from types import MappingProxyType, NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import polars as pl
from annotated_types import Ge, Le
from pydantic import StringConstraints
from pydantic.fields import FieldInfo

from portfolio.call.proposal import Proposal, Review
from portfolio.call.value import Value
from portfolio.errors import each_nearest, nearest

Kind = Literal["text", "word", "money", "integer", "number", "boolean", "date", "words", "tags"]

YEARLY = "amount_by_year"
REVIEW_KEY = "reviews."
_YEAR = re.compile(r"amount_y([1-9]\d?)")

_KINDS: Mapping[type, Kind] = {
    str: "text",
    bool: "boolean",
    int: "integer",
    float: "number",
    date: "date",
    Decimal: "money",
}
DTYPES: Mapping[Kind, pl.DataType] = MappingProxyType(
    {
        "text": pl.String(),
        "word": pl.String(),
        "money": pl.Int64(),
        "integer": pl.Int64(),
        "number": pl.Float64(),
        "boolean": pl.Boolean(),
        "date": pl.Date(),
        "words": pl.List(pl.String()),
        "tags": pl.List(pl.String()),
    }
)
_SPOKEN: Mapping[Kind, str] = {
    "word": "one word of the list",
    "words": "words of the list, separated by ;",
    "tags": "texts, separated by ;",
    "integer": "whole number",
    "boolean": "true or false",
}


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its name, what a cell may be, and what it means.

    `required` columns must be in the file; the cells of `nullable` ones may be empty.
    """

    name: str
    kind: Kind
    title: str = ""
    meaning: str = ""
    unit: str = ""
    required: bool = False
    nullable: bool = True
    ge: Any = None
    le: Any = None
    choices: tuple[str, ...] = ()
    nonempty: bool = False
    pattern: str = ""

    @property
    def dtype(self) -> pl.DataType:
        """The type of the column in the frame of a call."""
        return DTYPES[self.kind]

    @property
    def is_list(self) -> bool:
        """Whether a cell holds several values."""
        return self.kind in ("words", "tags")

    @property
    def spoken(self) -> str:
        """What a cell holds, in words."""
        return _SPOKEN.get(self.kind, self.kind)

    @property
    def bounds(self) -> str:
        """The bounds or the vocabulary in words, for the reference."""
        if self.choices:
            return ", ".join(self.choices)
        parts = (("at least", self.ge), ("at most", self.le))
        said = [
            f"{word} {limit:,}" if isinstance(limit, int) else f"{word} {limit}"
            for word, limit in parts
            if limit is not None
        ]
        return ", ".join(["unique", *said] if self.name == "id" else said)


@cache
def columns_of(model: type[Value]) -> Mapping[str, Column]:
    """Derive the columns of `Proposal` or `Review` from its fields; the yearly amounts stand as `amount_by_year`."""
    inherited = {name for base in model.__mro__[1:] if issubclass(base, Value) for name in base.model_fields}
    names = sorted((name for name in model.model_fields if name != "other"), key=inherited.__contains__)
    return MappingProxyType({name: _column(name, model.model_fields[name]) for name in names})


def proposal_column(name: str) -> Column | None:
    """Return the column of a proposal with this name, yearly amounts included, or None for a foreign one."""
    known = columns_of(Proposal)
    if _YEAR.fullmatch(name):
        return replace(known[YEARLY], name=name)
    return known[name] if name != YEARLY and name in known else None


def review_column(name: str) -> Column | None:
    """Return the column of a review with this name, or None for a foreign one."""
    return columns_of(Review).get(name)


def known_columns() -> tuple[str, ...]:
    """Name every column that `[columns]` of a policy can map; ``amount_y1`` stands for all the years."""
    ours = ["amount_y1" if name == YEARLY else name for name in columns_of(Proposal)]
    return (*ours, *(f"{REVIEW_KEY}{name}" for name in columns_of(Review)))


def written_key(name: str, *, proposals: bool = True) -> str:
    """Return the key of a column of proposals or reviews as it stands in `[columns]`."""
    return name if proposals else f'"{REVIEW_KEY}{name}"'


def nearest_columns(unknown: Iterable[str]) -> Iterator[str]:
    """Yield, for each name that `[columns]` cannot map, how to write the column that it is probably meant for."""
    names, known = list(unknown), known_columns()
    for name, hint in zip(names, each_nearest(names, known), strict=True):
        ours = written_key(name.casefold(), proposals=False)
        of_reviews = ours.strip('"') in known
        yield f'of reviews it is {ours} = "your heading", with all quotation marks' if of_reviews else hint


def nearest_column(name: str, known: Iterable[str], mapped: Mapping[str, str]) -> str:
    """Say how the column is called that a heading of the file became by `[columns]`, or which known one is nearest."""
    wanted = name.strip().casefold()
    for ours, heading in mapped.items():
        if heading.strip().casefold() == wanted:
            return f"[columns] of the policy maps this heading: the column is called {ours!r} here"
    return nearest(name, known)


def year_columns(names: Iterable[str]) -> list[str]:
    """Return the yearly amounts among some column names, in order of year."""
    years = [(int(found[1]), name) for name in names if (found := _YEAR.fullmatch(name))]
    return [name for _, name in sorted(years)]


def column_reference() -> list[dict[str, str]]:
    """Describe every column, one row each: table, name, type, unit, bounds, meaning, required."""
    return [*_described("proposals", Proposal), *_described("reviews", Review)]


def _described(table: str, model: type[Value]) -> Iterator[dict[str, str]]:
    for column in columns_of(model).values():
        yield {
            "table": table,
            "name": "amount_y1, amount_y2, ..." if column.name == YEARLY else column.name,
            "type": column.spoken,
            "unit": column.unit,
            "bounds": column.bounds,
            "meaning": column.meaning,
            "required": "yes" if column.required else "",
        }


def _column(name: str, info: FieldInfo) -> Column:
    kind, metadata, nullable = _anatomy(info)
    extra = info.json_schema_extra if isinstance(info.json_schema_extra, dict) else {}
    texts = [item for item in metadata if isinstance(item, StringConstraints)]
    return Column(
        name=name,
        kind=kind,
        title=info.title or name,
        meaning=info.description or "",
        unit=str(extra.get("unit", "")),
        required=info.is_required(),
        nullable=nullable or not info.is_required(),
        ge=next((item.ge for item in metadata if isinstance(item, Ge)), None),
        le=next((item.le for item in metadata if isinstance(item, Le)), None),
        choices=tuple(item for item in metadata if isinstance(item, str)),
        nonempty=any(item.min_length for item in texts),
        pattern=next((str(item.pattern) for item in texts if item.pattern), ""),
    )


def _anatomy(info: FieldInfo) -> tuple[Kind, list[Any], bool]:
    """Unwrap ``tuple[Annotated[X, ...], ...] | None`` into kind, every piece of metadata, and nullability."""
    annotation, nullable = _without_none(info.annotation)
    annotation, metadata = _unwrapped(annotation)
    metadata = [*info.metadata, *metadata]
    several = get_origin(annotation) is tuple
    if several:
        annotation, inner = _unwrapped(get_args(annotation)[0])
        metadata += inner
    if get_origin(annotation) is Literal:
        return ("words" if several else "word"), [*metadata, *get_args(annotation)], nullable
    kind = _KINDS[annotation]
    return ("tags" if several and kind == "text" else kind), metadata, nullable


def _without_none(annotation: Any) -> tuple[Any, bool]:
    if get_origin(annotation) in (Union, UnionType):
        kept = [part for part in get_args(annotation) if part is not NoneType]
        return kept[0], len(kept) < len(get_args(annotation))
    return annotation, False


def _unwrapped(annotation: Any) -> tuple[Any, list[Any]]:
    if get_origin(annotation) is not Annotated:
        return annotation, []
    inner, *metadata = get_args(annotation)
    flat = [part for item in metadata for part in (item.metadata if isinstance(item, FieldInfo) else [item])]
    return inner, flat
