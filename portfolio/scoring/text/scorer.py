"""The text scorer as a scikit-learn classifier."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal, Self

import numpy as np
import numpy.typing as npt
import polars as pl
from scipy.special import expit
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils import Tags

from portfolio.errors import DataError, Issue, nearest
from portfolio.scoring.estimate import Flags, Floats
from portfolio.scoring.text.language import NAMES
from portfolio.scoring.text.lexicon import lexicon
from portfolio.scoring.text.model import TextModel
from portfolio.scoring.text.reading import Readings, read
from portfolio.scoring.text.saved import read_model, write_model
from portfolio.scoring.text.targets import as_labels, as_texts
from portfolio.scoring.text.train import train

Way = Literal["combined", "trained"]

DEFAULT_CLASSES = ("applied", "basic")


class ParadigmTextScorer(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """Tell how likely a text (title and abstract) describes basic research, and by which words.

    Untrained, it weighs the terms of a lexicon made from the paradigm table, in English, German, French, Spanish
    and Chinese. Trained on a funder's own labelled calls, it learns words and parts of words and keeps as much of
    the lexicon as the labels support. A text in a language that it cannot read has the probability NaN.

    Parameters
    ----------
    way
        ``combined`` trusts the lexicon until the labels have earned trust of their own; ``trained`` lets the
        labels decide from the first. Without labels both are the lexicon.
    positive
        The label that means basic. It may be left out if the labels are 0 and 1, false and true, or two of
        which one is ``basic``; all other labels are the rest.
    language
        The language of all texts, a tag such as ``en``. None: each text tells.

    Attributes
    ----------
    classes_ : ndarray of shape (2,)
        The label of the rest, and the label that means basic.
    languages_ : dict
        How many of the texts seen by `fit` are in each language.
    model_ : TextModel or None
        What was learnt; None without labels.
    """

    def __init__(self, way: Way = "combined", positive: object = None, language: str | None = None) -> None:
        self.way = way
        self.positive = positive
        self.language = language

    def fit(self, X: Sequence[str | None], y: Any = None) -> Self:
        """Learn from labelled texts; without labels, there is nothing to learn.

        Parameters
        ----------
        X
            n texts, the title on the first line; None where there is none.
        y
            n labels.

        Raises
        ------
        DataError
            If labels are missing, or there are fewer than two different texts of either kind.
        """
        readings = self._read(X)
        self.languages_ = dict(sorted(Counter(readings.languages).items()))
        if y is None:
            self.model_, self.classes_ = None, np.array(DEFAULT_CLASSES, dtype=object)
            return self
        if self.way not in ("combined", "trained"):
            raise ValueError(f"way must be 'combined' or 'trained', and is {self.way!r}")
        labels = as_labels(y, self.positive, len(readings.texts))
        self.model_ = train(
            readings.texts,
            labels.basic,
            readings.lexicon,
            way=self.way,
            other=labels.other,
            positive=labels.positive,
        )
        self.languages_ = dict(self.model_.languages)
        self.classes_ = labels.classes
        return self

    def decision_function(self, X: Sequence[str | None]) -> Floats:
        """Return the score of each text on the logit scale, shape (n,); NaN in a language that cannot be read."""
        return self._logits(self._read(X))

    def predict_proba(self, X: Sequence[str | None]) -> Floats:
        """Return the probabilities of the rest and of basic, an array of shape (n, 2).

        A text that says nothing (it is missing, or has a few words of no language) has the probability that a
        text has before it is read; one in a language that cannot be read has NaN.
        """
        basic = expit(self.decision_function(X))
        return np.column_stack([1.0 - basic, basic])

    def predict(self, X: Sequence[str | None]) -> npt.NDArray[Any]:
        """Return the more likely class of each text.

        Raises
        ------
        DataError
            If a text is in a language that cannot be read: there is no class to give.
        """
        readings = self._read(X)
        logits = self._logits(readings)
        _refuse_unreadable(readings, np.isnan(logits))
        return np.asarray(self._classes()[(logits > 0).astype(np.int64)])

    def evidence(self, X: Sequence[str | None]) -> Floats:
        """Return the probability of basic where the text is evidence, shape (n,), and NaN where it is none.

        Stricter than `predict_proba`: the language must be known and readable, and where only the lexicon can
        read it, at least one of its terms must occur.
        """
        readings, model = self._read(X), self._model()
        if model is None:
            return readings.evidence()
        return np.where(readings.readable(model.languages), expit(self._logits(readings)), np.nan)

    def languages(self, X: Sequence[str | None]) -> list[str]:
        """Return the language of each text as a tag of BCP 47, ``und`` where it cannot be told."""
        return list(self._read(X).languages)

    def explain(self, text: str | None) -> pl.DataFrame:
        """Return what each word adds to the score of a text on the logit scale.

        Columns word, source (``start``, ``lexicon`` or ``trained``), row (of the paradigm table, for terms of the
        lexicon) and contribution, the strongest first. The contributions add up to `decision_function`.

        Raises
        ------
        DataError
            If the text is in a language that cannot be read.
        """
        readings, model = self._read([text]), self._model()
        _refuse_unreadable(readings, np.isnan(self._logits(readings)))
        tag, said = readings.languages[0], readings.texts[0]
        found = lexicon(tag).contributions(said) if readings.spoken[0] else ()
        of_lexicon = 1.0 if model is None else model.theta[1]
        shares = {"": 0.0} if model is None else model.shares(said)
        lines: list[tuple[str, str, str | None, float]] = [("", "start", None, shares.pop(""))]
        lines += [(term.text, "lexicon", term.row, of_lexicon * term.contribution) for term in found]
        lines += [(word, "trained", None, value) for word, value in shares.items()]
        schema = {"word": pl.String, "source": pl.String, "row": pl.String, "contribution": pl.Float64}
        strongest = (-pl.col("contribution").abs(), pl.col("source"), pl.col("word"))
        made = pl.DataFrame(lines, schema=schema, orient="row")
        return made.filter((pl.col("contribution") != 0) | (pl.col("source") == "start")).sort(*strongest)

    def save(self, path: str | Path) -> None:
        """Write what was learnt to a file of JSON; equal training gives equal bytes.

        Raises
        ------
        ValueError
            If nothing was learnt.
        """
        model = self._model()
        if model is None:
            raise ValueError("nothing was learnt that could be saved: call fit with labels first")
        write_model(model, path)

    @classmethod
    def load(cls, path: str | Path, language: str | None = None) -> Self:
        """Return the scorer that was saved to a file.

        Raises
        ------
        DataError
            If the file cannot be read, is damaged, or is not such a file.
        """
        model = read_model(path)
        made = cls(way=model.way, positive=model.positive, language=language)  # type: ignore[arg-type]
        made.model_, made.languages_ = model, dict(model.languages)
        made.classes_ = np.array([model.other, model.positive], dtype=object)
        return made

    def _read(self, X: Sequence[str | None]) -> Readings:
        if self.language is not None and self.language not in NAMES:
            raise ValueError(f"language {self.language!r} is not known: {nearest(self.language, NAMES)}")
        return read(as_texts(X), self.language)

    def _logits(self, readings: Readings) -> Floats:
        model = self._model()
        if model is None:
            logits, known = readings.lexicon, readings.readable({})
        else:
            logits, known = model.logits(readings.texts, readings.lexicon), readings.readable(model.languages)
        return np.where(known | readings.short(), logits, np.nan)

    def _model(self) -> TextModel | None:
        return getattr(self, "model_", None)

    def _classes(self) -> npt.NDArray[Any]:
        found: npt.NDArray[Any] = getattr(self, "classes_", np.array(DEFAULT_CLASSES, dtype=object))
        return found

    def __sklearn_is_fitted__(self) -> bool:
        return True

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.requires_fit = False
        tags.target_tags.required = False
        tags.classifier_tags.multi_class = False
        tags.input_tags.one_d_array = True
        tags.input_tags.two_d_array = False
        tags.input_tags.string = True
        tags.input_tags.allow_nan = True
        return tags


def _refuse_unreadable(readings: Readings, unreadable: Flags) -> None:
    hint = "Texts can be read in the languages of the lexicons and of the training; predict_proba gives NaN here."
    issues = [
        Issue(
            f"is in {NAMES[readings.languages[row]]}, which cannot be read here", hint, rows=(int(row) + 1,)
        )
        for row in np.flatnonzero(unreadable)
    ]
    if issues:
        raise DataError(issues)
