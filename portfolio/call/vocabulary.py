"""The words that a cell may hold, in the field's own vocabulary."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import polars as pl

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

TRUE_WORDS = ("true", "yes", "1", "ja", "oui", "wahr", "vrai", "t", "y")
FALSE_WORDS = ("false", "no", "0", "nein", "non", "falsch", "faux", "f", "n")

MISSING_WORDS = ("-", "–", "—", "na", "n/a", "#n/a", "nan", "null", "none")
"""Cells that mean "not known", in any case, outside columns of text; an empty cell always does."""


def in_words(cells: pl.Series, choices: Sequence[str]) -> pl.Series:
    """Write texts, or lists of them, in the form that the words of a vocabulary have: Pure basic as pure_basic."""
    if single(cells).is_in(list(choices)).all():
        return cells
    cell = pl.col("cells")
    form = cell.list.eval(_form(pl.element())) if isinstance(cells.dtype, pl.List) else _form(cell)
    return cells.alias("cells").to_frame().select(form.alias(cells.name)).to_series()


def single(cells: pl.Series) -> pl.Series:
    """Return the texts that stand in a column, or in its lists, each once."""
    texts = cells.explode() if isinstance(cells.dtype, pl.List) else cells
    return texts.drop_nulls().unique(maintain_order=True)


def _form(text: pl.Expr) -> pl.Expr:
    return text.str.to_lowercase().str.replace_all(r"[\s-]+", "_")
