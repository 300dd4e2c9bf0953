"""How good a text scorer is on labelled texts: cross-validated, never on texts that it has seen, see `splits`.

*AUC*: the probability that a text of basic research gets a higher score than one of the rest (Hanley & McNeil
1982). *Expected calibration error*: texts are sorted by probability and cut into ten bins of equal number; the
error is the mean over texts of the distance, in their bin, between mean probability and share of basic research
(Guo et al. 2017, with the bins of equal mass of Nixon et al. 2019).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl
from scipy.special import expit
from sklearn.metrics import roc_auc_score

from portfolio.scoring.estimate import Floats
from portfolio.scoring.text.splits import folds, same, samples
from portfolio.scoring.text.train import Labels, canonical, train

BINS = 10
SIZES = (20, 40, 80, 160, 320)
WAYS = ("default", "combined", "trained")

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """Labelled texts in their canonical order.

    Parameters
    ----------
    texts
        n texts.
    basic
        1 or 0, of shape (n,).
    lexicon
        The lexicon's score on the logit scale, of shape (n,).
    """

    texts: tuple[str, ...]
    basic: Labels
    lexicon: Floats

    @classmethod
    def of(cls, texts: Sequence[str], basic: Labels, lexicon: Floats) -> Sample:
        """Return the sample in its canonical order."""
        order = canonical(texts, basic)
        return cls(tuple(texts[row] for row in order), basic[order], lexicon[order])

    def different(self) -> Sample:
        """Return the first of each text that stands there several times, see `same`."""
        first, _ = same(self.texts)
        return self.take(first)

    def take(self, rows: npt.NDArray[np.int64]) -> Sample:
        """Return some of the texts."""
        return Sample(tuple(self.texts[row] for row in rows), self.basic[rows], self.lexicon[rows])

    def logits(self, seen: npt.NDArray[np.int64], unseen: npt.NDArray[np.int64], way: str) -> Floats:
        """Return the scores of the unseen texts, trained on the seen."""
        new = self.take(unseen)
        if way == "default":
            return new.lexicon
        old = self.take(seen)
        model = train(old.texts, old.basic, old.lexicon, way=way, other=0, positive=1)
        return model.logits(new.texts, new.lexicon)


def cross_validated(sample: Sample, way: str, *, repeats: int = 1, seed: int = 0) -> Iterator[Floats]:
    """Yield, per repeat, the probability of each text by a model that did not see it; stratified folds."""
    for repeat in range(repeats):
        held_out = np.empty(sample.basic.size)
        for seen, unseen in folds(sample.texts, sample.basic, seed + repeat):
            held_out[unseen] = expit(sample.logits(seen, unseen, way))
        yield held_out


def auc(basic: Labels, probability: Floats) -> float:
    """Return the area under the receiver operating characteristic."""
    return float(roc_auc_score(basic, probability))


def calibration_error(basic: Labels, probability: Floats) -> float:
    """Return the expected calibration error over ten bins of equal number."""
    table = reliability(basic, probability)
    apart = (table["probability"] - table["basic"]).abs() * table["texts"]
    return float(apart.sum()) / basic.size


def reliability(basic: Labels, probability: Floats) -> pl.DataFrame:
    """Return, per bin of equal number: texts, mean probability and share of basic research."""
    bins = [rows for rows in np.array_split(np.argsort(probability, kind="stable"), BINS) if rows.size]
    return pl.DataFrame(
        {
            "texts": [rows.size for rows in bins],
            "probability": [float(probability[rows].mean()) for rows in bins],
            "basic": [float(basic[rows].mean()) for rows in bins],
        }
    )


def learning_curve(
    sample: Sample, *, draws: int = 10, seed: int = 0, progress: Progress = lambda _: None
) -> pl.DataFrame:
    """Return the AUC on all other texts after training on few: columns labels, way, auc, sd, worst_gain.

    ``sd`` is the standard deviation over draws, ``worst_gain`` the smallest difference to the default on the same
    texts. Each text counts once. Sizes that leave less than a fifth of the texts to test on, or bring fewer than three
    of the rarer label, are left out.
    """
    sample = sample.different()
    lines, rarer = [], min(sample.basic.mean(), 1.0 - sample.basic.mean())
    for size in (size for size in SIZES if 5 * size <= 4 * sample.basic.size and size * rarer >= 3.0):
        progress(f"Learning curve: {size} labels")
        splits = samples(sample.basic, size, draws, seed)
        found = np.array([_compare(sample, seen, unseen) for seen, unseen in splits])
        gains = found - found[:, :1]
        for way, values, gain in zip(WAYS, found.T, gains.T, strict=True):
            lines.append((size, way, values.mean(), values.std(), gain.min()))
    schema = {
        "labels": pl.Int64,
        "way": pl.String,
        "auc": pl.Float64,
        "sd": pl.Float64,
        "worst_gain": pl.Float64,
    }
    return pl.DataFrame(lines, schema=schema, orient="row")


def _compare(sample: Sample, seen: npt.NDArray[np.int64], unseen: npt.NDArray[np.int64]) -> list[float]:
    return [auc(sample.basic[unseen], sample.logits(seen, unseen, way)) for way in WAYS]
