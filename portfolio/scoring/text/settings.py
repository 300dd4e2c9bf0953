"""What a funder decides about text: the table [scoring.text] of a policy."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field, field_validator

from portfolio.call.value import Value
from portfolio.errors import nearest
from portfolio.scoring.text.language import NAMES

#: What `TextSettings.model` says where there is no trained model.
UNTRAINED = "lexicon"

_Text = Annotated[str, Field(min_length=1)]


class TextSettings(Value):
    """Title and abstract as evidence on two rows of the paradigm table, primary_goal and key_metric.

    A text is weaker than what a person entered. It never moves a row across the middle once a person has entered
    evidence on that row. A text that is missing, or in a language that cannot be read, is missing evidence.

    Parameters
    ----------
    columns
        Columns of text, the title first; all of them must be there, and cells may be empty.
    model
        ``lexicon``, or the path of a trained model, from the folder of the policy.
    language
        The language of all texts, a tag such as ``en``; none: each text tells.
    weight, half_width
        Weight within each of the two rows, and how vague a text is on the scale from 0 to 1: nine errors in ten are no
        larger. At 0.5 a text alone is never sure of a side; less is for a model that was checked on one's own calls.
    """

    ORDERED: ClassVar[frozenset[str]] = frozenset({"columns"})

    columns: Annotated[tuple[_Text, ...], Field(strict=False, min_length=1)] = ("title", "abstract")
    model: _Text = UNTRAINED
    language: str | None = None
    weight: Annotated[float, Field(ge=0, le=1e6)] = 0.5
    half_width: Annotated[float, Field(ge=0, le=1)] = 0.5

    @field_validator("language")
    @classmethod
    def _known(cls, value: str | None) -> str | None:
        if value is not None and value not in NAMES:
            raise ValueError(f"is not the tag of a language that is known here: {nearest(value, NAMES)}")
        return value
