"""Splits of labelled texts into those that a model sees and those that it is tried on.

A proposal that was handed in again stands in the past calls twice. If one of the two were seen, the other would be
recognised and not judged: the same text is always on one side.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt
from sklearn.model_selection import StratifiedKFold, StratifiedShuffleSplit

from portfolio.errors import DataError, Issue
from portfolio.scoring.text.words import words

FOLDS = 5

Rows = npt.NDArray[np.int64]


def same(texts: Sequence[str]) -> tuple[Rows, Rows]:
    """Return which texts are the same to a model: those with the same words in the same order.

    Case, accents, digits, punctuation and white space make no difference.

    Returns
    -------
    first
        (m,) the row of the first text of each kind, rising.
    kind
        (n,) which kind each text is of, so that ``first[kind]`` is the row of the first that is the same.
    """
    numbers: dict[str, int] = {}
    kind = [numbers.setdefault(" ".join(words(text)), len(numbers)) for text in texts]
    first = np.unique(kind, return_index=True)[1]
    return first.astype(np.int64), np.array(kind, dtype=np.int64)


def folds(texts: Sequence[str], basic: Rows, seed: int | None = None) -> Iterator[tuple[Rows, Rows]]:
    """Yield the rows that are seen and those that are not, stratified by label; in blocks, or at random by a seed.

    Raises
    ------
    DataError
        If there are fewer than two different texts of a label.
    """
    first, kind = same(texts)
    count = np.bincount(basic[first], minlength=2)
    if count.min() < 2:
        raise DataError([_too_few(int(number), label) for label, number in enumerate(count) if number < 2])
    made = StratifiedKFold(min(FOLDS, int(count.min())), shuffle=seed is not None, random_state=seed)
    for _, unseen in made.split(first, basic[first]):
        out = np.isin(kind, unseen)
        yield np.flatnonzero(~out), np.flatnonzero(out)


def samples(basic: Rows, size: int, draws: int, seed: int) -> Iterator[tuple[Rows, Rows]]:
    """Yield draws of so many texts, all different, stratified by label, and the rows of the others."""
    yield from StratifiedShuffleSplit(draws, train_size=size, random_state=seed).split(basic, basic)


def _too_few(number: int, label: int) -> Issue:
    kind = "basic research" if label else "the rest"
    what = f"of {kind} there are different texts: {number:,}, and at least 2 are needed"
    return Issue(what, "texts with the same words count once, by the label of one of them: label more")
