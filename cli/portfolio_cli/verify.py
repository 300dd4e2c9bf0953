"""``portfolio verify``: a decision, a lottery or a sweep checked again from its record."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from portfolio.report import Places, verify_decision, verify_record
from portfolio_cli.options import Corpus, Encoding, PolicyFile, Quiet, Reviews
from portfolio_cli.terminal import out, steps

_WRONG = 3


def verify(
    folder: Annotated[
        Path,
        typer.Argument(
            metavar="DIR",
            help="Folder that `portfolio optimize --out DIR` wrote, or the record of a lottery or a sweep.",
            show_default=False,
        ),
    ],
    proposals: Annotated[
        Path | None,
        typer.Option(
            "--proposals",
            metavar="FILE",
            help="The proposals that were decided on, if they are not beside the folder.",
            show_default=False,
        ),
    ] = None,
    reviews: Reviews = None,
    policy: PolicyFile = None,
    corpus: Corpus = None,
    previous: Annotated[
        Path | None,
        typer.Option(
            "--previous",
            metavar="DIR",
            help="The decision or record that this one follows, if it is not beside it.",
            show_default=False,
        ),
    ] = None,
    solve: Annotated[
        bool,
        typer.Option(
            "--solve",
            help="Decide again too, and compare: fails if more is found than the record says there is.",
        ),
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of sentences.")] = False,
    encoding: Encoding = None,
    quiet: Quiet = False,
) -> None:
    """Check a decision again from its record: files, rules, sums and the bound, without any solver unless --solve.

    Example: portfolio verify decision --proposals proposals.csv --reviews reviews.csv --policy policy.toml
    """
    with steps(quiet=quiet) as step:
        step("Checking, and deciding again" if solve else "Checking")
        places = Places(proposals, reviews, corpus, policy, previous, encoding)
        check = verify_record if folder.is_file() else verify_decision
        found = check(folder, places, solve=solve)
    if as_json:
        json.dump(found.as_record(), sys.stdout, indent=2, ensure_ascii=False)
        sys.stdout.write("\n")
    else:
        out().print(str(found), markup=False, soft_wrap=True)
    if not found.holds:
        raise typer.Exit(_WRONG)
