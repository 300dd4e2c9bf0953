"""The text scorer on grants of a funder that labels them: no worse than the model card says, within chance."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from scipy.special import expit

from portfolio.scoring.text.checks import Sample, auc, calibration_error, cross_validated
from portfolio.scoring.text.labelled import read_labelled
from portfolio.scoring.text.reading import read
from portfolio.scoring.text.splits import same
from portfolio.scoring.text.targets import as_labels

pytestmark = pytest.mark.once


@pytest.mark.needs_data("nhmrc_2015/grants.csv")
def test_basic_science_is_told_from_the_rest(real_data: Path) -> None:
    path = real_data / "nhmrc_2015" / "grants.csv"
    given = read_labelled(path, "Broad Research Area", ("Grant Title", "Plain Description"))
    labels = as_labels(given.labels, "Basic Science", len(given.texts))
    readings = read(given.texts)
    assert set(readings.languages) == {"en", "und"}
    # Grants for equipment have one of two texts without a description: each text once, as in the right half of it.
    once, _ = same(given.texts)
    texts = [given.texts[row] for row in once]
    sample = Sample.of(texts, labels.basic[once], readings.lexicon[once])
    assert auc(sample.basic, expit(sample.lexicon)) > 0.75
    (held_out,) = cross_validated(sample, "combined")
    # The card has 0.901, and 0.012 for the choice of grants.
    assert auc(sample.basic, held_out) > 0.901 - 2 * 0.012
    assert calibration_error(sample.basic, held_out) < 0.05
    assert np.isfinite(held_out).all()
