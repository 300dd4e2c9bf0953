"""``portfolio report``: a decision as a page to read, as a workbook, and as grants to publish."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from portfolio.call.files import together
from portfolio.report import read_decision, read_publication, write_giving, write_report, write_workbook
from portfolio.report.giving import Publication, refuse_giving_suffix, without_identifier
from portfolio.report.stored import StoredDecision
from portfolio.report.workbook import refuse_other_suffix
from portfolio_cli.options import Quiet
from portfolio_cli.terminal import say, steps

_PAGE = Path("report.html")
_SHOWN = 5


def _workbook_file(path: Path | None) -> Path | None:
    if path is not None:
        refuse_other_suffix(path)
    return path


def _giving_file(path: Path | None) -> Path | None:
    if path is not None:
        refuse_giving_suffix(path)
    return path


_Decision = Annotated[
    Path,
    typer.Argument(
        metavar="DIR", help="Folder that `portfolio optimize --out DIR` wrote.", show_default=False
    ),
]
_Page = Annotated[
    Path | None,
    typer.Option(
        "--out",
        "-o",
        metavar="FILE",
        help="The page to write, HTML; report.html if no file is asked for.",
        show_default=False,
    ),
]
_Title = Annotated[str, typer.Option("--title", help="What stands above the page.")]
_Robustness = Annotated[
    Path | None,
    typer.Option(
        "--robustness",
        metavar="FILE",
        help="Table of `portfolio robustness --out FILE`: adds how sure borderline decisions are.",
        show_default=False,
    ),
]
_Anonymous = Annotated[
    bool, typer.Option("--anonymous", help="For publication: do not name who was not funded.")
]
_Workbook = Annotated[
    Path | None,
    typer.Option(
        "--excel",
        metavar="FILE",
        help="Workbook to write, .xlsx: awards, decisions, rules, and what every column means.",
        show_default=False,
        callback=_workbook_file,
    ),
]
_Scenarios = Annotated[
    Path | None,
    typer.Option(
        "--scenarios",
        metavar="FILE",
        help="Table of `portfolio whatif --out FILE`: a sheet of the workbook.",
        show_default=False,
    ),
]
_Giving = Annotated[
    Path | None,
    typer.Option(
        "--giving",
        metavar="FILE",
        help="Awards to publish as 360Giving 1.4 has them: .json, .csv or .xlsx.",
        show_default=False,
        callback=_giving_file,
    ),
]
_Said = Annotated[
    Path | None,
    typer.Option(
        "--publication",
        metavar="FILE",
        help="What the funder says of every award, TOML; goes with --giving.",
        show_default=False,
    ),
]


def report(
    folder: _Decision,
    file: _Page = None,
    title: _Title = "Funding decision",
    robustness: _Robustness = None,
    anonymous: _Anonymous = False,
    workbook: _Workbook = None,
    scenarios: _Scenarios = None,
    giving: _Giving = None,
    publication: _Said = None,
    quiet: Quiet = False,
) -> None:
    """Write a decision as a page to read and to print, as a workbook, or as grants to publish.

    Example: portfolio report decision --out report.html --excel awards.xlsx
    """
    if (giving is None) != (publication is None):
        raise typer.BadParameter(
            "go together: grants are published with what the funder says of them, a TOML file as in docs/workbook.md",
            param_hint="--giving and --publication",
        )
    if scenarios is not None and workbook is None:
        raise typer.BadParameter("goes with --excel", param_hint="--scenarios")
    if file is None and workbook is None and giving is None:
        file = _PAGE
    if file is None and (robustness is not None or anonymous):
        raise typer.BadParameter("go with the page: add --out", param_hint="--robustness and --anonymous")
    if anonymous and workbook is not None:
        what = "do not go together: the workbook names every proposal"
        raise typer.BadParameter(what, param_hint="--anonymous and --excel")
    with steps(quiet=quiet) as step:
        step("Reading")
        decision = read_decision(folder)
        said = None if publication is None else read_publication(publication)
        # All that is read and written can still be refused: then none of the files is replaced.
        with together():
            if giving is not None and said is not None:
                step("Writing the grants")
                write_giving(decision, giving, said)
            if workbook is not None:
                step("Writing the workbook")
                write_workbook(decision, workbook, scenarios)
            if file is not None:
                step("Writing the page")
                write_report(decision, file, title=title, robustness=robustness, anonymous=anonymous)
    for written in (giving, workbook, file):
        if written is not None:
            say(f"Wrote {written}.", quiet=quiet)
    if said is not None:
        _say_who_has_no_identifier(decision, said, quiet=quiet)


def _say_who_has_no_identifier(decision: StoredDecision, said: Publication, *, quiet: bool) -> None:
    unknown = without_identifier(decision, said)
    if unknown:
        more = f" and {len(unknown) - _SHOWN:,} more" if len(unknown) > _SHOWN else ""
        names = ", ".join(unknown[:_SHOWN])
        say(
            f"Identified by {said.prefix} and their name, for [organizations] has no identifier: {names}{more}.",
            quiet=quiet,
        )
