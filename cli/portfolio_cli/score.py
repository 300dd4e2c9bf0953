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


def score(
    proposals: Proposals,
    reviews: Reviews = None,
    policy: PolicyFile = None,
    file: Annotated[
        Path | None,
        typer.Option("--out", "-o", help="File to write; otherwise standard output.", show_default=False),
    ] = None,
    encoding: Encoding = None,
    quiet: Quiet = False,
) -> None:
    """Score proposals: merit, risk, ambiguity, horizon and basicness, each with its interval, as CSV.

    Example: portfolio score proposals.csv --reviews reviews.csv --policy policy.toml --out scores.csv
    """
    with steps(quiet=quiet) as step:
        step("Reading")
        rules = read_policy(policy) if policy else Policy(budget=Decimal(0))
        call = read_call(proposals, reviews, policy=rules if policy else None, encoding=encoding)
        step("Scoring")
        scores = score_call(
            call, scoring=rules.scoring, reviews=rules.reviews, early_career=rules.early_career
        )
    for note in scores.notes:
        say(f"Note: {note}")
    text = scores.frame.write_csv()
    if file is None:
        sys.stdout.write(text)
        return
    with atomic_write(file) as temporary:
        temporary.write_bytes(text.encode())
    say(f"Wrote {file}: {len(call):,} proposals.", quiet=quiet)
