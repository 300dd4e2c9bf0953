"""What can be said of texts before any model: their language, what the lexicon says, and whether that is enough."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from portfolio.scoring.estimate import Flags, Floats
from portfolio.scoring.text.language import UNDETERMINED, detect
from portfolio.scoring.text.lexicon import LANGUAGES, lexicon
from portfolio.scoring.text.words import words

#: A text of fewer words that names no language is short, not foreign.
SHORT = 10
#: A model can read a language of which it was trained on so many texts.
ENOUGH = 10


@dataclass(frozen=True, slots=True, eq=False)
class Readings:
    """What is known of n texts.

    Parameters
    ----------
    texts
        The texts; one that is missing is empty.
    languages
        Of each text, as a tag of BCP 47.
    lexicon
        The lexicon's score on the logit scale, 0 where it says nothing; of shape (n,).
    spoken
        Whether the lexicon found any term; of shape (n,).
    """

    texts: tuple[str, ...]
    languages: tuple[str, ...]
    lexicon: Floats
    spoken: Flags

    def readable(self, trained: Mapping[str, int]) -> Flags:
        """Return which texts are in a language that has a lexicon or enough texts in training."""
        known = {*LANGUAGES, *(tag for tag, count in trained.items() if count >= ENOUGH)} - {UNDETERMINED}
        return np.array([tag in known for tag in self.languages], dtype=np.bool_)

    def evidence(self) -> Floats:
        """Return the lexicon's probability of basic where it is evidence, and NaN where no term was found."""
        # Imported when it is needed: it takes a fifth of the time of importing this library.
        from scipy.special import expit

        return np.where(self.spoken, expit(self.lexicon), np.nan)

    def short(self) -> Flags:
        """Return which texts say too little to tell their language: they are not known to be foreign."""
        pairs = zip(self.texts, self.languages, strict=True)
        return np.array(
            [tag == UNDETERMINED and len(words(text)) < SHORT for text, tag in pairs], dtype=np.bool_
        )


def read(texts: Sequence[str], language: str | None = None) -> Readings:
    """Read texts, all of them in `language` if it is given and in that of each otherwise."""
    languages = tuple(language or detect(text) for text in texts)
    scores, spoken = np.zeros(len(texts)), np.zeros(len(texts), dtype=np.bool_)
    for row, (text, tag) in enumerate(zip(texts, languages, strict=True)):
        if tag in LANGUAGES:
            found = lexicon(tag).contributions(text)
            scores[row], spoken[row] = sum(term.contribution for term in found), bool(found)
    return Readings(tuple(texts), languages, scores, spoken)
