"""``portfolio alternatives``: other portfolios that are nearly as good."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.console import Console

from portfolio.analysis import Alternatives, Ended
from portfolio.analysis import alternatives as find
from portfolio.call import read_call
from portfolio.optimize import Problem
from portfolio.optimize.words import none_is
from portfolio.policy import read_policy
from portfolio.report import gap_in_words, write_table
from portfolio_cli.options import Encoding, Proposals, Quiet, RequiredPolicy, Reviews, TableFile
from portfolio_cli.terminal import add_row, noted, out, say, steps, table

_LIMIT = 5
_SHOWN = 8


def alternatives(
    proposals: Proposals,
    policy: RequiredPolicy,
    reviews: Reviews = None,
    k: Annotated[int, typer.Option("--k", help="How many portfolios, the best one included.", min=1)] = 5,
    apart: Annotated[
        int, typer.Option("--apart", help="Decisions in which any two differ at least.", min=1)
    ] = 2,
    within: Annotated[
        float,
        typer.Option(
            "--within", help="Leave out what is worth less by this share of the best.", min=0, max=1
        ),
    ] = 0.01,
    file: TableFile = None,
    encoding: Encoding = None,
    quiet: Quiet = False,
) -> None:
    """Find the best portfolios that differ in several decisions, for a panel that wants to discuss.

    Example: portfolio alternatives proposals.csv --reviews reviews.csv --policy policy.toml --k 5 --apart 4
    """
    with steps(quiet=quiet) as step:
        step("Reading")
        rules = read_policy(policy)
        call = noted(read_call(proposals, reviews, policy=rules, encoding=encoding))
        found = find(Problem(call, rules), k, apart=apart, within=within, watch=step)
    if file is None:
        _show(found, out())
    else:
        write_table(found.to_frame(), file)
        say(f"Wrote {file}: {len(found.portfolios):,} portfolios. {_end(found)}", quiet=quiet)
    cut = sum(one.status.cut_short for one in found.portfolios)
    if cut or found.ended in {Ended.LIMIT, Ended.INTERRUPTED}:
        stopped = f"{cut:,} of {len(found.portfolios):,} were stopped before the gap asked for was proven. "
        say(f"Not complete: {stopped if cut else ''}{_end(found)}")
        raise typer.Exit(_LIMIT)


def _show(found: Alternatives, console: Console) -> None:
    numbers = ("value", "none above", "spent", "awards", "differs")
    shown = table("Alternatives", "", *numbers, "enter", "leave", numbers=numbers)
    for row in found.to_frame().iter_rows(named=True):
        changes = ("", "") if row["number"] == 1 else (_some(row["entered"]), _some(row["left"]))
        money = (f"{row['spent']:,}", f"{row['awards']:,}", f"{row['differs']:,}")
        add_row(shown, str(row["number"]), f"{row['value']:,.6g}", f"{row['bound']:,.6g}", *money, *changes)
    console.print(shown)
    none = none_is(found.best, no="no portfolio that far apart")
    above = [f"None above: {none}."] if found.best.goals else []
    for line in (f"The first: {gap_in_words(found.best)}", *above, _end(found)):
        console.print(line, markup=False, soft_wrap=True)


def _some(names: list[str]) -> str:
    more = len(names) - _SHOWN
    return ", ".join(names[:_SHOWN]) + (f" and {more:,} more" if more > 0 else "")


def _end(found: Alternatives) -> str:
    return f"The list ends here: {found.why}."
