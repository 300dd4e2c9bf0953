"""``portfolio explore``: the what-if page in the browser."""

from __future__ import annotations

import errno
import webbrowser
from typing import Annotated

import typer

from portfolio.call import read_call
from portfolio.errors import ExtraError
from portfolio.optimize import Problem
from portfolio.policy import read_policy
from portfolio.scoring import with_novelty
from portfolio_cli.options import Corpus, Encoding, Proposals, Quiet, RequiredPolicy, Reviews
from portfolio_cli.terminal import noted, say, steps


def explore(
    proposals: Proposals,
    policy: RequiredPolicy,
    reviews: Reviews = None,
    port: Annotated[
        int,
        typer.Option(
            "--port",
            help="Where to serve the page; otherwise any port that is free.",
            min=0,
            max=65535,
            show_default=False,
        ),
    ] = 0,
    no_open: Annotated[
        bool, typer.Option("--no-open", help="Only print the address; do not open a browser.")
    ] = False,
    corpus: Corpus = None,
    encoding: Encoding = None,
    quiet: Quiet = False,
) -> None:
    """Open a page on which every number of the policy can be moved; the decision follows. Ctrl-C ends it.

    It is served to this machine only. Nothing is written: what was found can be saved there.

    Example: portfolio explore proposals.csv --reviews reviews.csv --policy policy.toml
    """
    try:
        from portfolio.report.explorer.serving import serve
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("portfolio"):
            raise
        raise ExtraError("The explorer", "explore") from None
    with steps(quiet=quiet) as step:
        step("Reading")
        rules = read_policy(policy)
        call = read_call(proposals, reviews, policy=rules, encoding=encoding)
        if corpus is not None:
            step("Comparing with earlier texts")
            call = with_novelty(call, corpus, encoding=encoding)
        noted(call)
        step("Looking at the rules")
        problem = Problem(call, rules)
        _ = problem.instance

    def ready(address: str) -> None:
        # The address is what the command is for; --quiet leaves it.
        say(address if quiet else f"The page is at {address} until you press Ctrl-C.")
        if not no_open:
            webbrowser.open(address)

    try:
        serve(problem, port, ready)
    except OSError as error:
        if error.errno not in {errno.EADDRINUSE, errno.EACCES}:
            raise
        what = f"{port} is taken or may not be used; give another, or leave --port out"
        raise typer.BadParameter(what, param_hint="--port") from None
