"""Terms that lean to a pole of the paradigm table, and the untrained score that they make.

Each different term t of a text that occurs n_t times has the strength s_t = weight * log2(1 + n_t), positive at the
basic pole and negative at the applied pole. The score on the logit scale is ::

    logit = GAIN * sum_t s_t / (CAUTION + sum_t |s_t|)

a mean of the poles, drawn to 0 where few terms speak: a text needs about CAUTION of strength before half of
what its terms say is believed, and no text is ever surer than GAIN, odds of about 20 to 1. The form and both
numbers are decisions of this project, made from the definitions and before any labelled call was looked at.
"""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from math import log2
from typing import Any

from portfolio.scoring.paradigm import RowName
from portfolio.scoring.text.words import plain, words

GAIN = 3.0
CAUTION = 6.0

#: The languages that have a lexicon, as tags of BCP 47.
LANGUAGES = ("de", "en", "es", "fr", "zh")
_UNSPACED = {"zh"}


@dataclass(frozen=True, slots=True)
class Term:
    """A term with the row of the paradigm table that it speaks to; `weight` is positive at the basic pole."""

    text: str
    row: RowName
    weight: float


@dataclass(frozen=True, slots=True)
class Found:
    """A term as a text has it: `contribution` on the logit scale, positive towards basic."""

    text: str
    row: RowName
    count: int
    contribution: float


class Lexicon:
    """The terms of one language.

    Parameters
    ----------
    terms
        Words in lower case without accents. A star stands for any letters, at the beginning or the end.
    spaced
        Whether the language writes spaces between words.
    """

    def __init__(self, terms: Sequence[Term], *, spaced: bool = True) -> None:
        self.terms = {term.text: term for term in terms}
        if len(self.terms) < len(terms):
            twice = [text for text, count in Counter(term.text for term in terms).items() if count > 1]
            raise ValueError(f"terms occur twice: {', '.join(sorted(twice))}")
        longest_first = sorted(self.terms, key=lambda text: (-len(text), text))
        self._order = longest_first
        self._pattern = None if spaced else re.compile("|".join(map(re.escape, longest_first)))
        self._by_word: dict[str, tuple[tuple[re.Pattern[str], str, int], ...]] = {}

    def find(self, text: str) -> dict[str, int]:
        """Return how often each term occurs; where several fit at one place, the longest counts."""
        if self._pattern is not None:
            return dict(Counter(self._pattern.findall(plain(text))))
        found, place, counts = words(text), 0, Counter[str]()
        while place < len(found):
            term, length = self._at(found, place)
            if term is not None:
                counts[term] += 1
            place += length
        return dict(counts)

    def contributions(self, text: str) -> tuple[Found, ...]:
        """Return the terms found, strongest first; their contributions add up to the score on the logit scale."""
        counts = self.find(text)
        strength = {name: self.terms[name].weight * log2(1 + n) for name, n in sorted(counts.items())}
        whole = CAUTION + sum(map(abs, strength.values()))
        found = [
            Found(name, self.terms[name].row, counts[name], GAIN * s / whole)
            for name, s in strength.items()
            if s
        ]
        return tuple(sorted(found, key=lambda term: (-abs(term.contribution), term.text)))

    def _at(self, found: list[str], place: int) -> tuple[str | None, int]:
        for pattern, name, length in self._starting(found[place]):
            if pattern.fullmatch(" ".join(found[place : place + length])):
                return name, length
        return None, 1

    def _starting(self, word: str) -> tuple[tuple[re.Pattern[str], str, int], ...]:
        """Return the terms that can begin with a word, the longest first; remembered, since words recur."""
        known = self._by_word.get(word)
        if known is None:
            known = tuple(
                (_pattern(name), name, len(name.split()))
                for name in self._order
                if _pattern(name.split()[0]).fullmatch(word)
            )
            self._by_word[word] = known
        return known


@lru_cache(maxsize=4096)
def _pattern(term: str) -> re.Pattern[str]:
    return re.compile(re.escape(term).replace(r"\*", "[^ ]*"))


@lru_cache(maxsize=len(LANGUAGES))
def lexicon(language: str) -> Lexicon:
    """Return the lexicon of one of `LANGUAGES`."""
    text = files(__package__).joinpath("lexicon", f"{language}.toml").read_text(encoding="utf-8")
    terms = [term for group in tomllib.loads(text)["group"] for term in _terms(group)]
    return Lexicon(terms, spaced=language not in _UNSPACED)


def _terms(group: Mapping[str, Any]) -> list[Term]:
    sign = {"basic": 1.0, "applied": -1.0}[group["pole"]]
    return [Term(text, group["row"], sign * group["weight"]) for text in group["terms"]]
