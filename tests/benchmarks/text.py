"""How well the text scorer tells basic research from the rest, on labelled grants.

    python tests/benchmarks/text.py [PATH] [--label COLUMN] [--positive VALUE] [--text COLUMN ...] [--repeats 10]
        [--draws 20]

Without PATH it takes the 576 health grants of the NHMRC (2015) from the folder of real data, `Broad Research Area`
being `Basic Science` or not, and the text being title and plain description. The lexicon is untrained; the others
are trained on four fifths and tested on the last, stratified, repeated with other folds: mean and standard deviation
over repeats. The second half of the figures leaves out texts whose language is not recognised, which here are grants
for equipment without a description.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from pathlib import Path

import numpy as np
from scipy.special import expit

from portfolio.scoring.text.checks import (
    WAYS,
    Sample,
    auc,
    calibration_error,
    cross_validated,
    learning_curve,
    reliability,
)
from portfolio.scoring.text.labelled import read_labelled
from portfolio.scoring.text.language import UNDETERMINED
from portfolio.scoring.text.reading import Readings, read
from portfolio.scoring.text.targets import as_labels

ROOT = Path(__file__).parents[2]
DATA = Path(os.environ.get("PORTFOLIO_DATA") or ROOT.parent / "shared" / "data")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("path", nargs="?", type=Path, default=DATA / "nhmrc_2015" / "grants.csv")
    parser.add_argument("--label", default="Broad Research Area")
    parser.add_argument("--positive", default="Basic Science")
    parser.add_argument("--text", nargs="+", default=["Grant Title", "Plain Description"])
    parser.add_argument("--repeats", type=int, default=10)
    parser.add_argument("--draws", type=int, default=20)
    options = parser.parse_args()
    if not options.path.exists():
        sys.exit(
            f"{options.path} is not there; name a file of labelled grants, or its folder in PORTFOLIO_DATA."
        )
    given = read_labelled(options.path, options.label, options.text)
    basic = as_labels(given.labels, options.positive, len(given.texts)).basic
    readings = read(given.texts)
    known = np.array([tag != UNDETERMINED for tag in readings.languages])
    for name, rows in (("All texts", known | True), ("Texts in a recognised language", known)):
        show(name, sample_of(readings, basic, rows), options.repeats, options.draws)
        if known.all():
            break


def sample_of(readings: Readings, basic: np.ndarray, rows: np.ndarray) -> Sample:
    texts = [text for text, kept in zip(readings.texts, rows, strict=True) if kept]
    return Sample.of(texts, basic[rows], readings.lexicon[rows])


def show(name: str, sample: Sample, repeats: int, draws: int) -> None:
    print(f"\n## {name}: {sample.basic.size}, of which {sample.basic.sum()} basic\n")
    print("| way | AUC | sd | calibration error | sd | CPU seconds per training |\n|---|---|---|---|---|---|")
    shown = None
    for way in WAYS:
        start = time.process_time()
        held_out = cross_validated(sample, way, repeats=repeats)
        found = [expit(sample.lexicon)] if way == "default" else list(held_out)
        seconds = (time.process_time() - start) / (5 * repeats)
        areas = [auc(sample.basic, one) for one in found]
        errors = [calibration_error(sample.basic, one) for one in found]
        cells = [f"{f(v):.3f}" for v in (areas, errors) for f in (np.mean, np.std)]
        print(f"| {way} | {' | '.join(cells)} | {seconds:.2f} |", flush=True)
        shown = found[0] if way == "combined" else shown
    assert shown is not None
    print("\nReliability of `combined`, first repeat:\n")
    print("| texts | mean probability | share basic |\n|---|---|---|")
    for count, mean, share in reliability(sample.basic, shown).iter_rows():
        print(f"| {count} | {mean:.3f} | {share:.3f} |")
    print(
        f"\nLearning curve, AUC on the other texts over {draws} draws (sd; worst difference to the default):\n"
    )
    print(f"| labels | {' | '.join(WAYS)} |\n|---|{'---|' * len(WAYS)}")
    for (size,), rows in learning_curve(sample, draws=draws).group_by("labels", maintain_order=True):
        cells = [f"{area:.3f} ({sd:.3f}; {gain:+.3f})" for _, _, area, sd, gain in rows.iter_rows()]
        print(f"| {size} | {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
