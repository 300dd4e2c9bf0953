"""``portfolio reviewers``: what reviewers, and the way from grades to merits, do to a call."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from portfolio.call import read_call
from portfolio.errors import Issue, PolicyError
from portfolio.policy import read_policy
from portfolio.report import comparison_in_words, write_comparison
from portfolio_cli.options import Encoding, Proposals, Quiet, RequiredPolicy
from portfolio_cli.terminal import noted, out, say, steps


def reviewers(
    proposals: Proposals,
    policy: RequiredPolicy,
    reviews: Annotated[
        Path, typer.Option("--reviews", "-r", help="Reviews of the proposals.", show_default=False)
    ],
    k: Annotated[
        int | None,
        typer.Option("--k", help="How many would be funded; otherwise a third.", min=1, show_default=False),
    ] = None,
    folder: Annotated[
        Path | None,
        typer.Option("--out", "-o", metavar="DIR", help="Folder to write into.", show_default=False),
    ] = None,
    seed: Annotated[
        int | None,
        typer.Option(
            "--seed", help="Seed of the Bayesian model, instead of the policy's.", min=0, show_default=False
        ),
    ] = None,
    encoding: Encoding = None,
    quiet: Quiet = False,
) -> None:
    """Compare the ways from grades to merits, and report on reviewers and the reliability of panels.

    Example: portfolio reviewers proposals.csv --reviews reviews.csv --policy policy.toml --k 30 --out reviewers
    """
    from portfolio.scoring import compare_methods

    with steps(quiet=quiet) as step:
        step("Reading")
        rules = read_policy(policy)
        if rules.reviews is None:
            hint = "Add [reviews] with the best and the worst grade: they give the scale and its direction."
            raise PolicyError([Issue("is missing", hint, file=policy.name, column="reviews")])
        call = noted(read_call(proposals, reviews, policy=rules, encoding=encoding))
        settings = rules.reviews
        if seed is not None:
            settings = settings.replace(bayes=settings.bayes.replace(seed=seed))
        step("Comparing")
        try:
            compared = compare_methods(call, settings, k)
        except ValueError as error:
            raise typer.BadParameter(str(error), param_hint="--k") from None
        if folder is not None:
            step("Writing")
            written = write_comparison(compared, folder)
    for line in comparison_in_words(compared):
        out().print(line, markup=False, soft_wrap=True)
    if folder is not None:
        say(f"Wrote {', '.join(path.name for path in written)} into {folder}.", quiet=quiet)
