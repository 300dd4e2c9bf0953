"""Training the text scorer on labelled proposals, and saying how good it is."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from portfolio.errors import DataError, Issue
from portfolio.policy import Policy
from portfolio.scoring import ParadigmTextScorer, TextSettings
from portfolio.scoring.text.checks import (
    WAYS,
    Sample,
    auc,
    calibration_error,
    cross_validated,
    learning_curve,
    reliability,
)
from portfolio.scoring.text.labelled import Labelled, read_labelled
from portfolio.scoring.text.language import NAMES
from portfolio.scoring.text.reading import read
from portfolio.scoring.text.targets import as_labels
from portfolio_cli.terminal import Steps

# With fewer texts of the rarer label no figure would mean anything.
_ENOUGH = 10


def train_model(
    path: Path,
    label: str,
    positive: str | None,
    columns: list[str] | None,
    model: Path,
    policy: Policy,
    encoding: str | None,
    step: Steps,
) -> str:
    """Train on a file of labelled proposals, write the model, and return what is to be said of it."""
    settings = policy.scoring.text or TextSettings()
    step("Reading labelled proposals")
    chosen = columns or settings.columns
    given = read_labelled(path, label, chosen, headings=policy.columns, encoding=encoding)
    step("Training")
    try:
        labels = as_labels(given.labels, positive, len(given.texts))
        scorer = ParadigmTextScorer(positive=labels.positive, language=settings.language)
        scorer.fit(given.texts, list(given.labels))
    except DataError as error:
        found = [Issue(one.what, one.hint, path.name, label, one.value) for one in error.issues]
        raise DataError(found) from None
    scorer.save(model)
    sample = Sample.of(given.texts, labels.basic, read(given.texts, settings.language).lexicon)
    lines = [*_trained(scorer, given, sample, model), *_checked(sample, scorer.way, step)]
    return "\n".join(lines)


def _trained(scorer: ParadigmTextScorer, given: Labelled, sample: Sample, model: Path) -> Iterable[str]:
    basic, name = int(sample.basic.sum()), scorer.classes_[1]
    rest = sample.basic.size - basic
    yield f"Trained on {basic + rest:,} texts: {basic:,} {name}, {rest:,} of the rest. Wrote {model}."
    if given.unlabelled:
        yield f"Without a label and left out: {given.unlabelled:,}."
    yield "Languages: " + ", ".join(f"{NAMES[tag]} {n:,}" for tag, n in scorer.languages_.items()) + "."


def _checked(sample: Sample, way: str, step: Steps) -> Iterable[str]:
    different = sample.different().basic
    again = sample.basic.size - different.size
    if again:
        have = "has the words of another" if again == 1 else "have the words of others"
        yield f"{again:,} of the texts {have}; those that are the same are never seen and tried at a time."
    if min(different.sum(), (1 - different).sum()) < _ENOUGH:
        yield f"Fewer than {_ENOUGH} different texts of one kind: too few to say how good the model is."
        return
    step("Cross-validation")
    (held_out,) = cross_validated(sample, way)
    error = calibration_error(sample.basic, held_out)
    yield f"Cross-validated in 5 folds: AUC {auc(sample.basic, held_out):.3f}."
    yield f"Expected calibration error: {error:.3f} (10 bins of equal number)."
    yield "Reliability, per bin: texts, mean probability, share that is basic"
    bins = reliability(sample.basic, held_out).iter_rows()
    yield from (f"  {n:6,d}   {p:.3f}   {share:.3f}" for n, p, share in bins)
    curve = learning_curve(sample, draws=5, progress=step)
    if curve.height:
        yield f"Learning curve, AUC on the other texts, mean of 5 draws: labels, {', '.join(WAYS)}"
    for (size,), rows in curve.group_by("labels", maintain_order=True):
        yield f"  {size:6,d}   " + "   ".join(f"{value:.3f}" for value in rows["auc"])
