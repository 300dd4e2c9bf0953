"""The words that a cell may hold, in the field's own vocabulary."""

from __future__ import annotations

from collections.abc import Sequence
from types import MappingProxyType
from typing import Literal, get_args

import polars as pl

from portfolio.call.words import gender_of

ResearchType = Literal["basic", "pure_basic", "oriented_basic", "applied", "experimental_development"]
"""Frascati Manual (OECD 2015), with basic research divided as there into pure and oriented."""

Driver = Literal["curiosity", "scientific_goal", "application_purpose"]

Output = Literal[
    "theory",
    "discovery",
    "method",
    "dataset",
    "publication",
    "patent",
    "product",
    "efficiency",
    "market_share",
]

Gender = Literal["woman", "man", "other"]

SCORED = MappingProxyType(
    {
        "paradigm": ("applied", "mixed", "basic"),
        "quadrant": ("bohr", "pasteur", "edison", "neither"),
    }
)
"""The words of the scores that are words, by column; a file may have columns of the same name."""


def in_words(cells: pl.Series, choices: Sequence[str], column: pl.Series | None = None) -> pl.Series:
    """Write texts, or lists of them, in the form that the words of a vocabulary have: Pure basic as pure_basic.

    Parameters
    ----------
    column
        Whose other cells tell what a letter stands for; the cells themselves if None.
    """
    if single(cells).is_in(list(choices)).all():
        return cells
    beside = set(single(cells if column is None else column).str.to_lowercase())
    genders = set(get_args(Gender)).issubset(choices)

    def form(cell: pl.Expr) -> pl.Expr:
        word = cell.str.to_lowercase().str.replace_all(r"[\s-]+", "_")
        return gender_of(word, beside) if genders else word

    cell = pl.col("cells")
    words = cell.list.eval(form(pl.element())) if isinstance(cells.dtype, pl.List) else form(cell)
    return cells.alias("cells").to_frame().select(words.alias(cells.name)).to_series()


def single(cells: pl.Series) -> pl.Series:
    """Return the texts that stand in a column, or in its lists, each once."""
    texts = cells.explode() if isinstance(cells.dtype, pl.List) else cells
    return texts.drop_nulls().unique(maintain_order=True)
