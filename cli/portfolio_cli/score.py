"""``portfolio score``: merit, risk, horizon and basicness of every proposal."""

from __future__ import annotations

import sys
from decimal import Decimal
from pathlib import Path
from typing import Annotated

import typer

from portfolio.call import read_call
from portfolio.call.files import atomic_write
from portfolio.policy import Policy, read_policy
from portfolio.scoring import score as score_call
from portfolio_cli.options import Encoding, PolicyFile, Proposals, Quiet, Reviews
from portfolio_cli.terminal import say, steps
from portfolio_cli.text import check_options, texts_read, with_model


def score(
    proposals: Proposals,
    reviews: Reviews = None,
    policy: PolicyFile = None,
    file: Annotated[
        Path | None,
        typer.Option("--out", "-o", help="File to write; otherwise standard output.", show_default=False),
    ] = None,
    model: Annotated[
        Path | None,
        typer.Option(
            "--model", "-m", help="Text model to use, or to write with --train.", show_default=False
        ),
    ] = None,
    train: Annotated[
        Path | None,
        typer.Option("--train", help="Labelled proposals of past calls to train on.", show_default=False),
    ] = None,
    label: Annotated[
        str | None,
        typer.Option("--label", help="Column of --train that says what is basic.", show_default=False),
    ] = None,
    positive: Annotated[
        str | None,
        typer.Option("--positive", help="The label that means basic research.", show_default=False),
    ] = None,
    text: Annotated[
        list[str] | None,
        typer.Option(
            "--text", help="Column of --train with text, the title first; repeat.", show_default=False
        ),
    ] = None,
    encoding: Encoding = None,
    quiet: Quiet = False,
) -> None:
    """Score proposals: merit, risk, ambiguity, horizon and basicness, each with its interval, as CSV.

    Example: portfolio score proposals.csv --reviews reviews.csv --policy policy.toml --out scores.csv
    """
    check_options(train, label, positive, text, model)
    with steps(quiet=quiet) as step:
        step("Reading")
        rules = read_policy(policy) if policy else Policy(budget=Decimal(0))
        call = read_call(proposals, reviews, policy=rules if policy else None, encoding=encoding)
        trained = ""
        if train and label and model:
            # Only training needs scikit-learn, which takes a second to import.
            from portfolio_cli.training import train_model

            trained = train_model(train, label, positive, text, model, rules, encoding, step)
        rules = with_model(rules, model) if model else rules
        step("Scoring")
        scores = score_call(
            call,
            scoring=rules.scoring,
            reviews=rules.reviews,
            early_career=rules.early_career,
            folder=rules.folder,
        )
    if trained:
        say(trained, quiet=quiet)
    if rules.scoring.text:
        say(texts_read(call, rules), quiet=quiet)
    written = scores.frame.write_csv()
    if file is None:
        sys.stdout.write(written)
        return
    with atomic_write(file) as temporary:
        temporary.write_bytes(written.encode())
    say(f"Wrote {file}: {len(call):,} proposals.", quiet=quiet)
