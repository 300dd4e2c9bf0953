"""``portfolio report``: a decision as a page to read, to print and to publish."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from portfolio.report import read_decision, write_report
from portfolio_cli.options import Quiet
from portfolio_cli.terminal import say, steps


def report(
    folder: Annotated[
        Path,
        typer.Argument(
            metavar="DIR", help="Folder that `portfolio optimize --out DIR` wrote.", show_default=False
        ),
    ],
    file: Annotated[
        Path, typer.Option("--out", "-o", metavar="FILE", help="The page to write, HTML.")
    ] = Path("report.html"),
    title: Annotated[str, typer.Option("--title", help="What stands above the page.")] = "Funding decision",
    robustness: Annotated[
        Path | None,
        typer.Option(
            "--robustness",
            metavar="FILE",
            help="Table of `portfolio robustness --out FILE`: adds how sure borderline decisions are.",
            show_default=False,
        ),
    ] = None,
    anonymous: Annotated[
        bool, typer.Option("--anonymous", help="For publication: do not name who was not funded.")
    ] = False,
    quiet: Quiet = False,
) -> None:
    """Write a decision as one page to read, to print and to publish.

    Example: portfolio report decision --out report.html
    """
    with steps(quiet=quiet) as step:
        step("Reading")
        decision = read_decision(folder)
        step("Writing the page")
        write_report(decision, file, title=title, robustness=robustness, anonymous=anonymous)
    say(f"Wrote {file}.", quiet=quiet)
