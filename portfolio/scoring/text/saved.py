"""A trained model as a file of JSON: readable, comparable, and unable to run anything when it is loaded.

The file holds its format, its version, the SHA-256 of the model as it is written there, and the model. Equal
models are equal byte for byte.
"""

from __future__ import annotations

import json
from functools import lru_cache
from hashlib import sha256
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any, Literal, Self

import numpy as np
from pydantic import Field, ValidationError, model_validator

from portfolio.call.files import atomic_write
from portfolio.call.value import Value
from portfolio.errors import DataError, Issue
from portfolio.scoring.text.lexicon import LANGUAGES
from portfolio.scoring.text.model import PARTS, WORDS, Block, TextModel

FORMAT = "portfolio text model"
VERSION = 1

Label = str | bool | int
Count = Annotated[int, Field(ge=0)]
# What training makes is far within: beyond, the sums of a text would overflow, and say nothing of it.
_MOST = 1e9
Number = Annotated[float, Field(ge=-_MOST, le=_MOST)]
Positive = Annotated[float, Field(ge=1 / _MOST, le=_MOST)]
_AGAIN = "Train it again: portfolio score PROPOSALS --train LABELLED --label COLUMN --model FILE."


class _Block(Value):
    kind: Literal["word", "char_wb"]
    grams: Annotated[list[str], Field(min_length=1)]
    idf: list[Positive]
    weights: list[Number]

    @model_validator(mode="after")
    def _aligned(self) -> Self:
        if not len(self.grams) == len(self.idf) == len(self.weights):
            raise ValueError("grams, idf and weights must be of one length")
        if self.grams != sorted(set(self.grams)):
            raise ValueError("grams must be sorted, each of them once")
        return self


class _Model(Value):
    other: Label
    positive: Label
    languages: dict[str, Count]
    labels: Annotated[tuple[Count, Count], Field(strict=False)]
    way: Literal["combined", "trained"]
    penalty: Positive
    intercept: Number
    spread: Positive
    theta: Annotated[tuple[Number, Number, Number], Field(strict=False)]
    blocks: Annotated[tuple[_Block, _Block], Field(strict=False)]
    lexicon: str

    @model_validator(mode="after")
    def _usable(self) -> Self:
        if tuple(block.kind for block in self.blocks) != (WORDS, PARTS):
            raise ValueError("blocks must be word and char_wb")
        return self


def write_model(model: TextModel, path: str | Path) -> None:
    """Write a model, whole or not at all."""
    body = _body(model)
    document = {"format": FORMAT, "version": VERSION, "sha256": _digest(body), "model": body}
    text = json.dumps(document, ensure_ascii=False, allow_nan=False, indent=0, sort_keys=True)
    with atomic_write(path) as temporary:
        temporary.write_bytes(f"{text}\n".encode())


def read_model(path: str | Path) -> TextModel:
    """Read a model that `write_model` wrote.

    Raises
    ------
    DataError
        If the file is missing, damaged, of another kind or version, or was trained with other lexicons.
    """
    body = _checked(Path(path))
    return TextModel(
        other=body.other,
        positive=body.positive,
        languages=body.languages,
        labels=body.labels,
        way=body.way,
        penalty=body.penalty,
        intercept=body.intercept,
        spread=body.spread,
        theta=body.theta,
        blocks=tuple(
            Block(one.kind, tuple(one.grams), np.array(one.idf), np.array(one.weights)) for one in body.blocks
        ),
    )


def _checked(path: Path) -> _Model:
    document = _document(path)
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise _refused(path, "is not a text model of this library", "Was another file meant?")
    if document.get("version") != VERSION:
        what = f"is a text model of version {document.get('version')!r}, and this library reads version {VERSION}"
        raise _refused(path, what, _AGAIN)
    if document.get("sha256") != _digest(document.get("model")):
        raise _refused(path, "is damaged: its content does not have the fingerprint that it names", _AGAIN)
    try:
        body = _Model.model_validate(document["model"])
    except ValidationError as error:
        key = ".".join(map(str, error.errors()[0]["loc"]))
        raise _refused(
            path, f"is not a complete text model: {key}: {error.errors()[0]['msg']}", _AGAIN
        ) from None
    if body.lexicon != lexicon_fingerprint():
        raise _refused(path, "was trained with another version of the lexicons, which it leans on", _AGAIN)
    return body


def _document(path: Path) -> Any:
    try:
        return json.loads(path.read_bytes())
    except OSError as error:
        raise _refused(
            path, f"cannot be read: {error.strerror}", "Check the path and the permissions."
        ) from None
    except (ValueError, RecursionError):
        raise _refused(path, "is not a text model: it is not JSON", "Was another file meant?") from None


def _refused(path: Path, what: str, hint: str) -> DataError:
    return DataError([Issue(what, hint, file=path.name)])


def _body(model: TextModel) -> dict[str, Any]:
    blocks = [
        {"kind": b.kind, "grams": list(b.grams), "idf": b.idf.tolist(), "weights": b.weights.tolist()}
        for b in model.blocks
    ]
    names = ("other", "positive", "way", "penalty", "intercept", "spread")
    return {name: getattr(model, name) for name in names} | {
        "languages": dict(model.languages),
        "labels": list(model.labels),
        "theta": list(model.theta),
        "blocks": blocks,
        "lexicon": lexicon_fingerprint(),
    }


def _digest(body: Any) -> str:
    return sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()


@lru_cache(maxsize=1)
def lexicon_fingerprint() -> str:
    """Return the SHA-256 of the lexicons, whatever ends their lines."""
    folder = files(__package__).joinpath("lexicon")
    texts = [folder.joinpath(f"{tag}.toml").read_text(encoding="utf-8") for tag in LANGUAGES]
    return sha256("\0".join(texts).encode()).hexdigest()
