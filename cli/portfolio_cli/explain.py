"""``portfolio explain``: why single proposals were decided as they were, and what it would take."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from portfolio.analysis import Inclusion, Needed, inclusion, needed
from portfolio.optimize import Portfolio
from portfolio.report import (
    StoredDecision,
    explanation,
    explanation_in_words,
    gap_in_words,
    problem_of,
    read_decision,
    restored,
    stored_rows,
)
from portfolio_cli.options import Corpus, Encoding, Quiet, Reviews
from portfolio_cli.terminal import Steps, out, say, steps

_LIMIT = 5


def explain(
    folder: Annotated[
        Path,
        typer.Argument(
            metavar="DIR", help="Folder that `portfolio optimize --out DIR` wrote.", show_default=False
        ),
    ],
    ids: Annotated[
        list[str], typer.Argument(metavar="ID...", help="Proposals to explain.", show_default=False)
    ],
    proposals: Annotated[
        Path | None,
        typer.Option(
            "--proposals",
            metavar="FILE",
            help="The proposals that were decided on: adds exact prices and what it would take.",
            show_default=False,
        ),
    ] = None,
    reviews: Reviews = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of sentences.")] = False,
    jobs: Annotated[
        int, typer.Option("--jobs", help="Proposals that are worked on at a time.", min=1, show_default=True)
    ] = 1,
    corpus: Corpus = None,
    encoding: Encoding = None,
    quiet: Quiet = False,
) -> None:
    """Explain single proposals of a decision: why, at what price otherwise, and what it would take.

    Example: portfolio explain decision P-017 P-030 --proposals proposals.csv --reviews reviews.csv
    """
    if proposals is None and (reviews is not None or corpus is not None):
        raise typer.BadParameter("go with --proposals", param_hint="--reviews and --corpus")
    ids = list(dict.fromkeys(ids))
    with steps(quiet=quiet) as step:
        step("Reading")
        decision = read_decision(folder)
        rows = _rows(decision, ids)
        answers: dict[str, Inclusion] = {}
        needs: dict[str, Needed] = {}
        currency = decision.policy.currency
        if proposals is not None:
            problem = problem_of(decision, proposals, reviews, corpus=corpus, encoding=encoding)
            answers, needs = _ask(restored(decision, problem), ids, jobs, step)
    found = [(row, answers.get(row["id"]), needs.get(row["id"])) for row in rows]
    ended = [f"Of the decision as a whole: {gap_in_words(decision)}"] if decision.status.cut_short else []
    if as_json:
        json.dump([explanation(*one) for one in found], sys.stdout, indent=2, ensure_ascii=False)
        sys.stdout.write("\n")
        for line in ended:
            say(line)
    else:
        texts = ["\n".join(explanation_in_words(*one, currency=currency)) for one in found]
        out().print("\n\n".join([*texts, *ended]), markup=False, soft_wrap=True)
    if proposals is None:
        say("Add --proposals (and --reviews) for exact prices and what it would take.", quiet=quiet)
    elif len(answers) + len(needs) < len(rows) + sum(row["decision"] != "funded" for row in rows):
        say(f"Interrupted: {len(answers)} of {len(rows)} proposals were priced.")
        raise typer.Exit(_LIMIT)
    elif any(one.stop is not None and one.stop.cut_short for one in answers.values()):
        raise typer.Exit(_LIMIT)


def _rows(decision: StoredDecision, ids: list[str]) -> list[dict[str, Any]]:
    try:
        return stored_rows(decision, ids)
    except KeyError as error:
        raise typer.BadParameter(error.args[0], param_hint="ID") from None


def _ask(
    portfolio: Portfolio, ids: list[str], jobs: int, step: Steps
) -> tuple[dict[str, Inclusion], dict[str, Needed]]:
    """Price each proposal, then look for what those that are not funded would need."""
    step(f"Deciding {len(ids):,} proposals the other way")
    answers = inclusion(
        portfolio, ids, jobs=jobs, progress=lambda name: step(f"Decided {name} the other way")
    )
    step("Looking for what it would take")
    needs = needed(portfolio, answers, jobs=jobs)
    return {answer.id: answer for answer in answers}, {one.id: one for one in needs}
