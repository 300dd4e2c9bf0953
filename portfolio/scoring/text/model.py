"""A trained text model: weights of words and parts of words, and how far the lexicon still has a say."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer

from portfolio.scoring.estimate import Floats
from portfolio.scoring.text.words import weighted

WORDS, PARTS = "word", "char_wb"
RANGES = {WORDS: (1, 2), PARTS: (3, 5)}


def vectorizer(kind: str, **options: Any) -> TfidfVectorizer:
    """Return the TF-IDF of words and pairs of words, or of parts of words of 3 to 5 letters."""
    pattern = {"token_pattern": r"\S+"} if kind == WORDS else {}
    return TfidfVectorizer(
        analyzer=kind, ngram_range=RANGES[kind], sublinear_tf=True, lowercase=False, **pattern, **options
    )


@dataclass(frozen=True, eq=False)
class Block:
    """Weights of the n-grams of one kind, ``word`` or ``char_wb``.

    Parameters
    ----------
    kind
        A kind of `RANGES`.
    grams
        The n-grams, sorted.
    idf, weights
        Inverse document frequency and weight of each; arrays of shape (n_grams,).
    """

    kind: str
    grams: tuple[str, ...]
    idf: Floats
    weights: Floats

    @cached_property
    def _vectorizer(self) -> TfidfVectorizer:
        made = vectorizer(self.kind, vocabulary=self.grams)
        made.idf_ = self.idf
        return made

    def scores(self, lines: Sequence[str]) -> Floats:
        """Return the score of each line of words, an array of shape (n,)."""
        # One row of a sparse product is summed by itself: a text never depends on its neighbours.
        return np.asarray(self._vectorizer.transform(lines) @ self.weights, dtype=np.float64)

    def shares(self, line: str) -> dict[str, float]:
        """Return what each word adds to the score of a line; a part of words is shared by the words that have it."""
        row = self._vectorizer.transform([line])
        value = {self.grams[i]: x * self.weights[i] for i, x in zip(row.indices, row.data, strict=True)}
        if self.kind == WORDS:
            return value
        analyzer = self._vectorizer.build_analyzer()
        parts = {word: analyzer(word) for word in dict.fromkeys(line.split())}
        repeats = Counter(line.split())
        times = Counter(part for word, some in parts.items() for part in some for _ in range(repeats[word]))
        return {
            word: repeats[word] * sum(value[part] / times[part] for part in some if part in value)
            for word, some in parts.items()
        }


@dataclass(frozen=True, eq=False)
class TextModel:
    """What training found out; predictions need nothing else.

    Parameters
    ----------
    other, positive
        The label of the rest and the label that means basic.
    languages
        How many of the labelled texts are in each language (tags of BCP 47).
    labels
        How many texts of the rest and of the positive label there were.
    way
        ``combined`` or ``trained``.
    penalty
        The inverse strength of regularisation that cross-validation chose.
    intercept, spread
        Intercept of the trained score, and the standard deviation that it is divided by.
    theta
        Starting point, weight of the lexicon's score, weight of the trained score.
    blocks
        The weights of the n-grams.
    """

    other: Any
    positive: Any
    languages: Mapping[str, int]
    labels: tuple[int, int]
    way: str
    penalty: float
    intercept: float
    spread: float
    theta: tuple[float, float, float]
    blocks: tuple[Block, ...] = field(repr=False)

    def logits(self, texts: Sequence[str], lexicon: Floats) -> Floats:
        """Return the score of each text on the logit scale, given the score of the lexicon."""
        lines = [weighted(text) for text in texts]
        trained = self.intercept + sum(block.scores(lines) for block in self.blocks)
        start, of_lexicon, of_words = self.theta
        return np.asarray(start + of_lexicon * lexicon + of_words * trained / self.spread)

    def shares(self, text: str) -> dict[str, float]:
        """Return what the trained part adds to the score of a text: by word, and ``""`` for the starting point."""
        line, scale = weighted(text), self.theta[2] / self.spread
        added = Counter[str]()
        for block in self.blocks:
            for word, value in block.shares(line).items():
                added[word] += scale * value  # type: ignore[assignment]
        return {"": self.theta[0] + scale * self.intercept} | dict(added)
