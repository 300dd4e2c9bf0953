"""What a funder has to say of awards that no decision knows: who funds, since when, under which identifiers."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable
from datetime import date
from pathlib import Path
from string import Formatter
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    StringConstraints,
    ValidationError,
    model_validator,
)
from pydantic_core import ErrorDetails

from portfolio.call.value import VISIBLE, Value, sentence, unknown_hint
from portfolio.errors import DataError, Issue
from portfolio.policy.source import plain_keys

# The column that holds who applies.
_PERSON = "investigator"

_Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, pattern=VISIBLE)]


def _like(pattern: str, words: str) -> Callable[[str], str]:
    """Make a check that says in words what a text must look like."""

    def check(text: str) -> str:
        if not re.fullmatch(pattern, text):
            raise ValueError(words)
        return text

    return check


_Prefix = Annotated[
    str,
    AfterValidator(
        _like(r"360G-[A-Za-z0-9_.]+", "must be 360G- and then letters, digits, dots or underscores")
    ),
]
_Organization = Annotated[
    str,
    AfterValidator(
        _like(r"[A-Za-z0-9]+-\S+", "must be the code of a list, a hyphen and an identifier, without blanks")
    ),
]
_Link = Annotated[str, AfterValidator(_like(r"https?://\S+", "must be an address that starts with https://"))]


def _plain_template(text: str) -> str:
    try:
        parts = list(Formatter().parse(text))
    except ValueError as error:
        raise ValueError(f"is no template: {error}; write a brace as {{{{ or }}}}") from None
    for _, name, details, conversion in parts:
        if name is not None and (not name.isidentifier() or details or conversion):
            raise ValueError(f"names {name!r}, which is no column; write {{title}} for the title")
    return text


def _yes_or_no(value: Any) -> Any:
    """TOML and Python have true and false where the standard has words."""
    return ("Yes" if value else "No") if isinstance(value, bool) else value


_YesOrNo = Annotated[Literal["Yes", "No"], BeforeValidator(_yes_or_no)]
_Template = Annotated[_Text, AfterValidator(_plain_template)]


class Publication(Value):
    """What is published with every award."""

    prefix: _Prefix = Field(
        description="the prefix that 360Giving registered for the funder; it starts every identifier of a grant",
    )
    funder_id: _Organization = Field(
        description="identifier of the funder, such as GB-CHC-1164883: a list of org-id.guide and the number in it",
    )
    funder_name: _Text = Field(description="name of the funder")
    award_date: date = Field(description="day on which the awards were decided")
    title: _Template = Field(
        "{title}", description="title of a grant; {title} stands for that column of the decision"
    )
    description: _Template = Field(
        description='what a grant is for, in the same way: "Research project in {field}: {title}"'
    )
    recipient: Literal["organization", "individual"] = Field(
        "organization", description="whom the grants go to; individuals are published without their names"
    )
    organizations: dict[str, _Organization] = Field(
        default_factory=dict,
        description="identifier of each institution; others get one of the prefix and their name, as the standard has",
    )
    programme: _Text | None = Field(None, description="title of the grant programme")
    from_open_call: _YesOrNo | None = Field(
        None,
        description="whether anybody could apply; publish awards of an open call and others apart",
    )
    url: _Link | None = Field(None, description="page about the awards")
    issued: date | None = Field(None, description="day on which the file is first published")
    license: _Link | None = Field(None, description="address of the licence of the data")

    @model_validator(mode="after")
    def _keys_above_the_table(self) -> Self:
        for name in self.organizations:
            if name in plain_keys(type(self)):
                raise ValueError(f"organizations.{name} is a key of the top: write it above [organizations]")
        return self

    @model_validator(mode="after")
    def _names_nobody(self) -> Self:
        if self.recipient == "individual" and _PERSON in self.columns:
            raise ValueError(
                f"title or description names {{{_PERSON}}}, and individuals are published without their names"
            )
        return self

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of the decision that the templates name."""
        parts = [*Formatter().parse(self.title), *Formatter().parse(self.description)]
        return tuple(dict.fromkeys(name for _, name, _, _ in parts if name is not None))


def read_publication(path: str | Path) -> Publication:
    """Read what is published with every award from a TOML file.

    Raises
    ------
    DataError
        With everything that is wrong in it.
    """
    file = Path(path)
    try:
        return Publication.model_validate(tomllib.loads(file.read_text(encoding="utf-8")))
    except OSError as error:
        raise DataError(
            [Issue(f"cannot be read: {error.strerror}", "check the path", file=str(file))]
        ) from None
    except ValidationError as error:
        raise DataError([_issue(fault, file.name) for fault in error.errors()]) from None
    except (ValueError, RecursionError) as error:
        raise DataError([Issue(f"is not TOML: {error}", "see docs/workbook.md", file=file.name)]) from None


def _issue(fault: ErrorDetails, file: str) -> Issue:
    key = ".".join(map(str, fault["loc"]))
    field = Publication.model_fields.get(str(fault["loc"][0])) if fault["loc"] else None
    known = field.description if field is not None and field.description else ""
    hint = unknown_hint(fault, list(Publication.model_fields)) or known
    given = fault["input"] if isinstance(fault["input"], str) else ""
    return Issue(sentence(fault), hint, file=file, column=key, value=given)
