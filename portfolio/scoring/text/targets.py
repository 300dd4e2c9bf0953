"""Texts and labels as people hand them over, checked once."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from portfolio.errors import DataError, Issue, nearest

_SHOWN = 5
# Labels that need no explanation where there are two.
_CLEAR = {"basic", "1", "1.0", "true"}


@dataclass(frozen=True, slots=True, eq=False)
class Labels:
    """The two labels, and which texts have the positive one: 1 or 0, of shape (n,)."""

    other: Any
    positive: Any
    basic: npt.NDArray[np.int64]
    classes: npt.NDArray[Any]


def as_texts(X: Any) -> list[str]:
    """Return texts as a list; one that is missing is empty.

    Raises
    ------
    TypeError
        If X is a single text or no sequence of texts.
    """
    if isinstance(X, str | bytes) or not hasattr(X, "__iter__") or getattr(X, "ndim", 1) != 1:
        raise TypeError("a sequence of texts is needed, such as a list of titles with abstracts")
    texts = ["" if _missing(text) else text for text in X]
    wrong = next((row for row, text in enumerate(texts) if not isinstance(text, str)), None)
    if wrong is not None:
        raise TypeError(f"text {wrong + 1} is not text but {type(texts[wrong]).__name__}")
    return [str(text) for text in texts]


def as_labels(y: Any, positive: Any, count: int) -> Labels:
    """Return labels as 1 for basic and 0 for the rest.

    Raises
    ------
    DataError
        If a label is missing, it is not clear which means basic, or there are fewer than two of either kind.
    """
    given = [value.item() if isinstance(value, np.generic) else value for value in y]
    if len(given) != count:
        raise DataError(
            [Issue(f"there are {count:,} texts and {len(given):,} labels", "Give one label per text.")]
        )
    missing = [row + 1 for row, value in enumerate(given) if _missing(value)]
    if missing:
        hint = "Leave texts without a label out of the training."
        raise DataError([Issue("has no label", hint, rows=tuple(missing[:_SHOWN]), count=len(missing))])
    known = sorted(set(given), key=lambda value: (str(type(value)), value))
    chosen = _positive(known, positive)
    basic = np.array([value == chosen for value in given], dtype=np.int64)
    for share, kind in ((basic, "basic research"), (1 - basic, "the rest")):
        if share.sum() < 2:
            what = f"{share.sum()} of {count:,} labels mean {kind}, and at least 2 are needed"
            raise DataError([Issue(what, "Training needs examples of both kinds, and better 40 than 4.")])
    rest = [value for value in known if value != chosen]
    other = rest[0] if len(rest) == 1 else "other"
    # As an array of the labels' own type where they have one, so that scikit-learn's metrics take them.
    return Labels(other, chosen, basic, np.array([other, chosen], dtype=None if len(rest) == 1 else object))


def _positive(known: Sequence[Any], positive: Any) -> Any:
    if positive is not None:
        if positive not in known:
            hint = nearest(str(positive), map(str, known))
            raise DataError([Issue("is not among the labels", hint, value=str(positive))])
        return positive
    named = [value for value in known if str(value).casefold() in _CLEAR]
    if len(named) == 1 and len(known) <= 2:
        return named[0]
    hint = f"Say which it is (positive, or --positive on the command line); {nearest('', map(str, known))}"
    raise DataError([Issue("it is not clear which label means basic research", hint)])


def _missing(value: Any) -> bool:
    return value is None or (isinstance(value, float) and math.isnan(value))
