"""Texts in an expression: words that a column cannot hold, where a text stands in another, numbers as texts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from operator import or_

import polars as pl

from portfolio.call.columns import proposal_column
from portfolio.call.sql_kinds import UnfitError
from portfolio.call.sql_numbers import settled
from portfolio.call.value import one_of
from portfolio.call.vocabulary import SCORED, in_words, single

_TEXTS = (pl.String, pl.List(pl.String))


@dataclass(frozen=True, slots=True)
class Words:
    """What the texts of a part of an expression may be.

    `choices` are the words of the vocabulary. `cells` are all that stand where the texts are taken from,
    each once: they tell what a letter means, whichever of them a row has.
    """

    choices: tuple[str, ...]
    cells: pl.Series


def words_of(cells: pl.Series) -> Words | None:
    """Return the words of a column of ours or of a score that has a vocabulary; None of others."""
    column = proposal_column(cells.name)
    scored = SCORED.get(cells.name.removeprefix("scored_"), ())
    choices = scored if column is None else column.choices
    if not choices or cells.dtype not in _TEXTS:
        return None
    words = single(cells)
    # A column of the file may have the name of a score, and words of its own.
    return None if scored and not words.is_in(list(scored)).all() else Words(choices, words)


def chosen(words: Sequence[Words | None], values: Sequence[pl.Series]) -> Words | None:
    """Return the words of what is chosen from several parts; None if none of them has any."""
    known = [one for one in words if one is not None]
    if not known:
        return None
    others = [
        single(value)
        for one, value in zip(words, values, strict=True)
        if one is None and value.dtype in _TEXTS
    ]
    choices = dict.fromkeys(choice for one in known for choice in one.choices)
    return Words(tuple(choices), pl.concat([*(one.cells for one in known), *others]))


def in_form(texts: pl.Series, words: Words) -> pl.Series:
    """Write texts in the form that the words have."""
    return in_words(texts, words.choices, words.cells)


def refuse_strangers(sought: pl.Series, words: Words) -> None:
    """Raise `UnfitError` if all cells are words of a vocabulary, and what they are compared with is none."""
    # An empty text is what an expression says of an empty cell.
    cells = words.cells.filter(words.cells != "")
    known = in_form(cells, words).is_in(list(words.choices))
    asked = single(sought)
    strange = ~in_form(asked, words).is_in(list(words.choices)) & ~asked.is_in(words.cells.implode())
    if strange.any() and len(known) and known.all():
        what = f"looks for {asked.filter(strange)[0][:40]!r} among the words of {words.cells.name!r}"
        raise UnfitError(what, f"such a cell {one_of(words.choices)}")


def empty_where_any_is(given: Sequence[pl.Series], said: pl.Series) -> pl.Series:
    """Return what a function of texts says, but nothing where it was given an empty cell.

    The library cuts nothing off where the length is empty, and strips blanks where the letters are.
    """
    empty = [values.is_null() for values in given if values.null_count()]
    # A constant stands for every row.
    return pl.select(pl.when(~reduce(or_, empty)).then(said)).to_series() if empty else said


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
