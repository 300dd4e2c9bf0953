"""Parts of an expression that are evaluated: their values, and what is known of them beside these."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace

import polars as pl

from portfolio.call.sql_tree import Node, constant_of
from portfolio.call.sql_words import Words


@dataclass(frozen=True, slots=True)
class Part:
    """A part of an expression: its values, and how it is written if it is the same for every row.

    `words` are those of the columns of ours that its texts are taken from; `compared` marks a comparison, `pointed`
    texts with decimal points that no file has written.
    """

    values: pl.Series
    written: Node | None = None
    words: Words | None = None
    compared: bool = False
    pointed: bool = False


def run(node: Node, columns: Sequence[pl.Series] = ()) -> pl.Series:
    """Let the library evaluate a node on columns; without any, one that is constant."""
    expression = pl.Expr.deserialize(json.dumps(node).encode(), format="json").alias("")
    return (
        pl.DataFrame(columns).select(expression).to_series() if columns else pl.select(expression).to_series()
    )


def changed(part: Part, values: pl.Series) -> Part:
    """Return a part with other values."""
    if values is part.values:
        return part
    return replace(part, values=values, written=None if part.written is None else constant_of(values))


def of_one_length(parts: Sequence[Part], height: int) -> Sequence[pl.Series]:
    """Return the values of parts, constants as often as there are rows, unless all are constants."""
    if all(part.written is not None for part in parts):
        return [part.values for part in parts]
    return [part.values if part.written is None else part.values.new_from_index(0, height) for part in parts]
