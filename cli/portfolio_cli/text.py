"""Texts as ``portfolio score`` is asked to score them."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Annotated

import typer

from portfolio.call import Call
from portfolio.policy import Policy
from portfolio.scoring import TextSettings
from portfolio.scoring.estimate import Flags
from portfolio.scoring.text.evidence import joined_texts
from portfolio.scoring.text.language import NAMES
from portfolio.scoring.text.reading import Readings, read
from portfolio.scoring.text.settings import UNTRAINED

Model = Annotated[
    Path | None,
    typer.Option("--model", "-m", help="Text model to use, or to write with --train.", show_default=False),
]
Train = Annotated[
    Path | None,
    typer.Option("--train", help="Labelled proposals of past calls to train on.", show_default=False),
]
Label = Annotated[
    str | None,
    typer.Option("--label", help="Column of --train that says what is basic.", show_default=False),
]
Positive = Annotated[
    str | None, typer.Option("--positive", help="The label that means basic research.", show_default=False)
]
Texts = Annotated[
    list[str] | None,
    typer.Option("--text", help="Column of --train with text, the title first; repeat.", show_default=False),
]


def check_options(
    train: Path | None, label: str | None, positive: str | None, text: list[str] | None, model: Path | None
) -> None:
    """Refuse options that make no sense together."""
    if train is None and (label or positive or text):
        what = "--label, --positive and --text say how to train, and need --train LABELLED."
        raise typer.BadParameter(what)
    if train is not None and (label is None or model is None):
        what = "--train needs --label COLUMN and --model FILE, to which the model is written."
        raise typer.BadParameter(what)


def with_model(policy: Policy, model: Path) -> Policy:
    """Return the policy with texts scored by a model."""
    text = (policy.scoring.text or TextSettings()).replace(model=str(model.resolve()))
    return policy.replace(scoring=policy.scoring.replace(text=text))


def texts_read(call: Call, policy: Policy) -> str:
    """Say which languages the texts of a call are in, and how many of them can be read."""
    settings = policy.scoring.text or TextSettings()
    readings = read(joined_texts(call.frame, settings.columns), settings.language)
    trained = {}
    if settings.model != UNTRAINED:
        from portfolio.scoring import ParadigmTextScorer

        trained = ParadigmTextScorer.load(policy.folder / settings.model).languages_
    said = readings.readable(trained)
    lines = [f"Texts: {said.sum():,} of {said.size:,} can be read ({_languages(readings, said) or 'none'})."]
    if not said.all():
        lines.append(f"The others are no evidence: {_languages(readings, ~said)}.")
    return "\n".join(lines)


def _languages(readings: Readings, chosen: Flags) -> str:
    named = zip(readings.texts, readings.languages, chosen, strict=True)
    counts = Counter(NAMES[tag] if text else "no text" for text, tag, one in named if one)
    return ", ".join(f"{name} {count:,}" for name, count in sorted(counts.items()))
