"""``portfolio score``: merit, risk, horizon and basicness of every proposal, what they rest on, and how surely."""

from __future__ import annotations

import json
import sys
from decimal import Decimal
from pathlib import Path
from typing import Annotated

import typer

from portfolio.analysis import sensitivity
from portfolio.call import Call, read_call
from portfolio.call.csvfile import as_csv
from portfolio.errors import nearest
from portfolio.policy import Policy, read_policy
from portfolio.policy.scored import scores_of
from portfolio.report.tables import write_tables
from portfolio.scoring import Scores, explain_score, with_novelty
from portfolio_cli.explained import show
from portfolio_cli.options import Corpus, Encoding, PolicyFile, Proposals, Quiet, Reviews, table_file
from portfolio_cli.terminal import noted, out, say, steps
from portfolio_cli.text import (
    Label,
    Model,
    Positive,
    Texts,
    Train,
    check_options,
    texts_read,
    with_model,
)

File = Annotated[
    Path | None,
    typer.Option(
        "--out",
        "-o",
        metavar="FILE",
        help="File to write, .csv or .parquet; otherwise CSV on standard output.",
        show_default=False,
        callback=table_file,
    ),
]
Explained = Annotated[
    str | None,
    typer.Option(
        "--explain",
        metavar="ID",
        help="Show what the scores of one proposal rest on, instead of the scores of all.",
        show_default=False,
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="With --explain: print JSON.")]
Labels = Annotated[
    Path | None,
    typer.Option(
        "--sensitivity",
        metavar="FILE",
        help="Write how surely each proposal has each trait of the policy: .csv or .parquet.",
        show_default=False,
        callback=table_file,
    ),
]


def score(
    proposals: Proposals,
    reviews: Reviews = None,
    policy: PolicyFile = None,
    file: File = None,
    explained: Explained = None,
    as_json: AsJson = False,
    labels: Labels = None,
    corpus: Corpus = None,
    model: Model = None,
    train: Train = None,
    label: Label = None,
    positive: Positive = None,
    text: Texts = None,
    encoding: Encoding = None,
    quiet: Quiet = False,
) -> None:
    """Score proposals: merit, risk, ambiguity, horizon and basicness, each with its interval, as CSV.

    Example: portfolio score proposals.csv --reviews reviews.csv --policy policy.toml --out scores.csv
    """
    _refuse_misuse(policy, explained, as_json, labels, file)
    check_options(train, label, positive, text, model)
    with steps(quiet=quiet) as step:
        step("Reading")
        rules = read_policy(policy) if policy else Policy(budget=Decimal(0))
        call = read_call(proposals, reviews, policy=rules if policy else None, encoding=encoding)
        if corpus is not None:
            step("Comparing with earlier texts")
            call = with_novelty(call, corpus, encoding=encoding)
        noted(call)
        trained = ""
        if train and label and model:
            # Only training needs scikit-learn, which takes a second to import.
            from portfolio_cli.training import train_model

            trained = train_model(train, label, positive, text, model, rules, encoding, step)
        rules = with_model(rules, model) if model else rules
        step("Scoring")
        scores = scores_of(call, rules)
        surely = None if labels is None else sensitivity(call, rules, watch=step)
    for note in scores.notes:
        say(f"Note: {note}")
    frame = scores.frame if corpus is None else scores.frame.with_columns(call.frame["novelty"])
    if explained is not None:
        _explain(call, scores, explained, as_json)
        return
    if trained:
        say(trained, quiet=quiet)
    if rules.scoring.text:
        say(texts_read(call, rules), quiet=quiet)
    write_tables([*([] if surely is None else [(surely, labels)]), (frame, file)])
    if labels is not None:
        say(f"Wrote {labels}: how surely each proposal has each label.", quiet=quiet)
    if file is None:
        sys.stdout.write(as_csv(frame))
        return
    say(f"Wrote {file}: {len(call):,} proposals.", quiet=quiet)


def _refuse_misuse(
    policy: Path | None, explained: str | None, as_json: bool, labels: Path | None, file: Path | None
) -> None:
    if labels is not None and policy is None:
        raise typer.BadParameter("needs --policy, which says what the labels are", param_hint="--sensitivity")
    if as_json and explained is None:
        raise typer.BadParameter("goes with --explain ID", param_hint="--json")
    if explained is not None and (file is not None or labels is not None):
        raise typer.BadParameter(
            "prints one proposal; leave out --out and --sensitivity", param_hint="--explain"
        )


def _explain(call: Call, scores: Scores, name: str, as_json: bool) -> None:
    if name not in call.ids:
        hint = nearest(name, call.ids)
        raise typer.BadParameter(f"{name!r} is not the id of a proposal; {hint}", param_hint="--explain")
    found = explain_score(call, scores, name)
    if not as_json:
        show(found, out())
        return
    json.dump(found.as_record(), sys.stdout, indent=2, ensure_ascii=False)
    sys.stdout.write("\n")
