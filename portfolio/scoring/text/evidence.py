"""How basic a text reads as evidence: weaker than anything that a person entered.

On a row of the paradigm table where people entered evidence with the mean position e, a text at p counts as ::

    max(p, 0.5)  if e > 0.5,      min(p, 0.5)  if e < 0.5,      0.5  if e = 0.5

so that it can draw a row towards the middle but never across it, and cannot settle what people left at the
middle; where nobody entered anything, it counts as p. Its half-width is the same in all cases, so that removing what
people entered narrows no interval, as removing any evidence must not; because the rule is monotone in e and in p, so
is the score. This is a decision of this project.
"""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

import numpy as np
import polars as pl

from portfolio.call.sheet import Source
from portfolio.errors import Issue, PolicyError, nearest
from portfolio.scoring.columns import series
from portfolio.scoring.estimate import BASE, Estimate, Floats, rounded
from portfolio.scoring.paradigm import RowName
from portfolio.scoring.text.reading import read
from portfolio.scoring.text.settings import UNTRAINED, TextSettings
from portfolio.scoring.text.words import joined

#: The rows that a text speaks to (what it is for, and by what success is known).
TEXT_ROWS: tuple[RowName, ...] = ("primary_goal", "key_metric")


def beside(text: Floats, entered: Floats, half_width: float) -> Estimate:
    """Return the position of texts beside what people entered on a row, with its interval.

    Parameters
    ----------
    text, entered
        Positions of shape (n,), NaN where there is none.
    half_width
        How vague a text is.
    """
    people, position = rounded(entered), np.clip(text, 0.0, 1.0)
    lowest = np.where(people >= BASE, BASE, 0.0)
    highest = np.where(people <= BASE, BASE, 1.0)
    kept = np.where(np.isnan(people), position, np.clip(position, lowest, highest))
    return Estimate(kept, np.full(len(kept), half_width))


def text_positions(
    frame: pl.DataFrame, settings: TextSettings | None, folder: Path | None = None
) -> Floats | None:
    """Return how basic the texts of proposals read, shape (n,), NaN where that is not known; None without settings.

    Raises
    ------
    PolicyError
        If the columns of text are not in the call.
    DataError
        If the model cannot be used.
    """
    if settings is None:
        return None
    texts = joined_texts(frame, settings.columns)
    if settings.model == UNTRAINED:
        return read(texts, settings.language).evidence()
    from portfolio.scoring.text.scorer import ParadigmTextScorer

    path = (folder or Path()) / settings.model
    return ParadigmTextScorer.load(path, language=settings.language).evidence(texts)


def text_sources(settings: TextSettings | None, folder: Path | None = None) -> tuple[Source, ...]:
    """Return the file of the trained model with its fingerprint, so that a decision can name it; empty without."""
    if settings is None or settings.model == UNTRAINED:
        return ()
    path = (folder or Path()) / settings.model
    return (Source(path.name, sha256(path.read_bytes()).hexdigest(), "text model"),)


def joined_texts(frame: pl.DataFrame, columns: tuple[str, ...]) -> list[str]:
    """Return the text of each proposal, one line per column that is not empty.

    Raises
    ------
    PolicyError
        With every column that is not in the call.
    """
    lost = [name for name in columns if name not in frame.columns]
    if lost:
        raise PolicyError(
            [
                Issue(
                    "is not a column of the call",
                    nearest(name, frame.columns),
                    column="scoring.text.columns",
                    value=name,
                )
                for name in lost
            ]
        )
    parts = [series(frame, name, pl.String).to_list() for name in columns]
    return [joined(cells) for cells in zip(*parts, strict=True)]
