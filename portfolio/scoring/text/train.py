"""Training on a funder's own labelled calls.

Words, pairs of words and parts of words (TF-IDF) enter a logistic regression. Its strength of regularisation is
chosen by cross-validation inside the labelled texts, and the same cross-validated scores calibrate it (`stack`).
Texts are ordered by a hash of what they say before anything is fitted, and fitted numbers are rounded, so that
neither the order of the rows nor the last bit of a machine's arithmetic moves a byte of the result.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from hashlib import sha256
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array, hstack
from sklearn.linear_model import LogisticRegression

from portfolio.scoring.estimate import Floats
from portfolio.scoring.text import stack
from portfolio.scoring.text.language import detect
from portfolio.scoring.text.model import PARTS, WORDS, Block, TextModel, vectorizer
from portfolio.scoring.text.splits import folds
from portfolio.scoring.text.words import weighted

#: Inverse strengths of regularisation to choose from, the strongest first.
PENALTIES = (0.3, 1.0, 3.0, 10.0)
_FEW = 20
_DECIMALS = 6
_BELIEFS = {"combined": stack.COMBINED, "trained": stack.TRAINED}

Labels = npt.NDArray[np.int64]


def train(
    texts: Sequence[str], basic: Labels, lexicon: Floats, *, way: str, other: Any, positive: Any
) -> TextModel:
    """Return the model of labelled texts.

    Parameters
    ----------
    texts
        At least two different ones of each label.
    basic
        1 for the positive label and 0 for the rest, of shape (n,).
    lexicon
        The lexicon's score of each text on the logit scale, of shape (n,).
    way
        ``combined`` starts from the lexicon, ``trained`` from nothing.
    other, positive
        The two labels.

    Raises
    ------
    DataError
        If there are fewer than two different texts of a label.
    """
    order = canonical(texts, basic)
    texts, basic, lexicon = [texts[row] for row in order], basic[order], lexicon[order]
    lines = [weighted(text) for text in texts]
    grams = [_fitted(kind, lines) for kind in (WORDS, PARTS)]
    matrix = csr_array(hstack([matrix for _, matrix in grams]))
    penalty, spread, theta = _choose(matrix, basic, lexicon, _BELIEFS[way], list(folds(texts, basic)))
    final = _regression(penalty).fit(matrix, basic)
    sizes = [len(vocabulary.vocabulary_) for vocabulary, _ in grams]
    weights = np.split(_rounded(final.coef_[0]), np.cumsum(sizes)[:-1])
    return TextModel(
        other=other,
        positive=positive,
        languages=dict(sorted(Counter(map(detect, texts)).items())),
        labels=(int(basic.size - basic.sum()), int(basic.sum())),
        way=way,
        penalty=penalty,
        intercept=float(_rounded(final.intercept_)[0]),
        spread=spread,
        theta=theta,
        blocks=tuple(
            Block(kind, tuple(made.get_feature_names_out()), _rounded(made.idf_), some)
            for kind, (made, _), some in zip((WORDS, PARTS), grams, weights, strict=True)
        ),
    )


def canonical(texts: Sequence[str], basic: Labels) -> npt.NDArray[np.int64]:
    """Return the order that the rows are trained in: by a hash of the text, whatever the order they come in.

    Folds are cut from this order.
    """
    keys = [
        (sha256(text.encode(errors="replace")).digest(), label)
        for text, label in zip(texts, basic, strict=True)
    ]
    return np.array(sorted(range(len(keys)), key=keys.__getitem__), dtype=np.int64)


def _fitted(kind: str, lines: list[str]) -> tuple[Any, Any]:
    made = vectorizer(kind, min_df=2 if len(lines) >= _FEW else 1)
    return made, made.fit_transform(lines)


def _choose(
    matrix: Any, basic: Labels, lexicon: Floats, belief: stack.Belief, parts: Sequence[tuple[Labels, Labels]]
) -> tuple[float, float, tuple[float, float, float]]:
    """Return the penalty with the most probable cross-validated scores, their deviation, and theta."""
    tried = []
    for penalty in PENALTIES:
        held_out = _held_out(matrix, basic, penalty, parts)
        spread = float(_rounded(held_out.std())) or 1.0
        scores = stack.features(lexicon, held_out / spread)
        theta = stack.fit(scores, basic.astype(np.float64), belief)
        tried.append((stack.loss(scores, basic.astype(np.float64), theta, belief), penalty, spread, theta))
    _, penalty, spread, theta = min(tried, key=lambda one: (round(one[0], 9), one[1]))
    first, second, third = _rounded(theta).tolist()
    return penalty, spread, (first, second, third)


def _held_out(matrix: Any, basic: Labels, penalty: float, parts: Sequence[tuple[Labels, Labels]]) -> Floats:
    """Return the score of each text by a regression that did not see it."""
    held_out = np.empty(basic.size)
    for seen, unseen in parts:
        fold = _regression(penalty).fit(matrix[seen], basic[seen])
        held_out[unseen] = fold.decision_function(matrix[unseen])
    return held_out


def _regression(penalty: float) -> LogisticRegression:
    # Newton's method comes so near to the optimum that rounding hides which machine it was found on.
    return LogisticRegression(C=penalty, solver="newton-cg", tol=1e-10, max_iter=1000)


def _rounded(values: Any) -> Any:
    return np.round(values, _DECIMALS) + 0.0
