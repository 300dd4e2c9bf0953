"""The command: assembles its parts and turns every error into a message and an exit code."""

from __future__ import annotations

import io
import os
import sys

import typer

from portfolio.errors import PortfolioError
from portfolio.optimize.running import left_behind
from portfolio_cli import (
    alternatives,
    check,
    dominance,
    explain,
    explore,
    fairness,
    frontier,
    lottery,
    new,
    optimize,
    report,
    reviewers,
    robustness,
    score,
    simulate,
    verify,
    waiting,
    whatif,
)
from portfolio_cli.command import Command
from portfolio_cli.faults import fault_in_words
from portfolio_cli.terminal import complain

app = typer.Typer(
    name="portfolio",
    help="Choose which research proposals to fund, with money held back for risk, long horizons and the young.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
for command in (
    new.new,
    check.check,
    score.score,
    reviewers.reviewers,
    optimize.optimize,
    explain.explain,
    report.report,
    whatif.whatif,
    explore.explore,
    frontier.frontier,
    alternatives.alternatives,
    robustness.robustness,
    dominance.dominance,
    lottery.lottery,
    waiting.waiting,
    fairness.fairness,
    verify.verify,
    simulate.simulate,
):
    app.command(cls=Command)(command)


def run() -> None:
    """Run the command; the exit codes are those of the manual."""
    _open_standard_streams()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # A terminal or file that cannot show a character gets a question mark, not a traceback.
            stream.reconfigure(errors="replace")
    try:
        _run()
    except SystemExit as end:
        if left_behind():
            # The solver is deaf, and would abort the process if it came back while Python shuts down.
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(end.code if isinstance(end.code, int) else int(end.code is not None))
        raise


def _open_standard_streams() -> None:
    """Lead streams that were closed to nowhere: the next file that is opened would get their number, and the output."""
    for name in ("stdin", "stdout", "stderr"):
        if getattr(sys, name) is None:
            handle = os.open(os.devnull, os.O_RDWR)
            setattr(sys, name, os.fdopen(handle, "r" if name == "stdin" else "w", encoding="utf-8"))


def _run() -> None:
    try:
        app()
    except PortfolioError as error:
        complain(str(error))
        sys.exit(error.exit_code)
    except OSError as error:
        complain(fault_in_words(error))
        sys.exit(2)
