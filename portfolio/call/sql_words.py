"""Texts in an expression: words that a column cannot hold, where a text stands in another, numbers as texts."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from portfolio.call.sql_kinds import UnfitError
from portfolio.call.sql_numbers import settled
from portfolio.call.value import one_of
from portfolio.call.vocabulary import in_words, single


def refuse_strangers(cells: pl.Series, sought: pl.Series, choices: Sequence[str]) -> None:
    """Raise `UnfitError` if the cells are words of a vocabulary, and what they are compared with is none."""
    words, known = single(sought), single(in_words(cells, choices)).is_in(list(choices))
    strangers = words.filter(~in_words(words, choices, cells).is_in(list(choices)))
    if len(strangers) and len(known) and known.all():
        what = f"looks for {strangers[0][:40]!r} among the words of {cells.name!r}"
        raise UnfitError(what, f"such a cell {one_of(choices)}")


def place_in(text: pl.Series, wanted: pl.Series) -> pl.Series:
    """Return the number of the letter at which one text begins in another; 0 if it does not, null of an empty cell."""
    places = [
        None if cell is None or part is None else cell.find(part) + 1
        for cell, part in zip(text, wanted, strict=True)
    ]
    return pl.Series(places, dtype=pl.Int64)


def spelled(value: pl.Series) -> pl.Series:
    """Return numbers as people write them, 100000 and not 100000.0; what is no fraction as it is."""
    if value.dtype != pl.Float64:
        return value
    return settled(value).cast(pl.String).str.replace(r"\.0$", "").set(value == 0, "0")
