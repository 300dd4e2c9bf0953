"""``portfolio fairness``: success and money of groups, beside demand and beside what merit alone would fund."""

from __future__ import annotations

from typing import Annotated, Any

import typer
from rich.console import Console

from portfolio.analysis import Fairness
from portfolio.analysis import fairness as compare
from portfolio.call import read_call
from portfolio.optimize import Problem
from portfolio.optimize.figures import percent
from portfolio.policy import read_policy
from portfolio.report import gap_in_words, write_table
from portfolio_cli.options import Encoding, Proposals, Quiet, RequiredPolicy, Reviews, TableFile
from portfolio_cli.terminal import add_row, noted, out, say, steps, table

_LIMIT = 5
_SHOWN = 60


def fairness(
    proposals: Proposals,
    policy: RequiredPolicy,
    by: Annotated[
        list[str],
        typer.Option(
            "--by",
            "-b",
            metavar="COLUMN",
            help="A column or a trait whose groups are compared; repeatable.",
            show_default=False,
        ),
    ],
    reviews: Reviews = None,
    least: Annotated[
        int | None,
        typer.Option(
            "--least",
            metavar="K",
            min=1,
            help="Merge groups of fewer proposals, to protect people in what is published.",
            show_default=False,
        ),
    ] = None,
    file: TableFile = None,
    encoding: Encoding = None,
    quiet: Quiet = False,
) -> None:
    """Compare success rates and money of groups with demand and with what merit alone would fund.

    Example: portfolio fairness proposals.csv --policy policy.toml --by early_career --by region --least 10
    """
    with steps(quiet=quiet) as step:
        step("Reading")
        rules = read_policy(policy)
        call = noted(read_call(proposals, reviews, policy=rules, encoding=encoding))
        step("Deciding")
        found = compare(Problem(call, rules).solve(), by, least=least, watch=step)
    if file is None:
        _show(found, out())
    else:
        write_table(found.groups, file)
        say(f"Wrote {file}. {gap_in_words(found.portfolio)}", quiet=quiet)
    if any(one is not None and one.status.cut_short for one in (found.portfolio, found.best)):
        say("A limit was reached before the gap asked for was proven; other awards may be as good or better.")
        raise typer.Exit(_LIMIT)


def _show(found: Fairness, console: Console) -> None:
    numbers = (
        "proposals",
        "awards",
        "success",
        "95% interval",
        "money",
        "of demand",
        "of awards",
        "of money",
    )
    merit = ("by rank", "best on merit")
    shown = table("Success and money by group", "group", *numbers, *merit, numbers=(*numbers, *merit))
    add_row(shown, "all proposals", *_figures(found.total.row(0, named=True)))
    rows = found.groups.head(_SHOWN)
    for row in rows.iter_rows(named=True):
        add_row(shown, f"{row['column']}: {row['group']}", *_figures(row))
    console.print(shown)
    if found.groups.height > _SHOWN:
        console.print(
            f"and {found.groups.height - _SHOWN:,} more; all are in the file of --out FILE", markup=False
        )
    for line in (*found.statements, *found.notes, gap_in_words(found.portfolio)):
        console.print(line, markup=False, soft_wrap=True)


def _figures(row: dict[str, Any]) -> tuple[str, ...]:
    """Write the figures of a group; of all proposals, shares of demand and of awards say nothing."""
    shares = [_percent(row.get(f"{name}_share")) for name in ("requested", "awards", "awarded")]
    low, high = row["success_low"], row["success_high"]
    interval = "" if low is None else f"{100 * low:.0f}-{100 * high:.0f}%"
    merit = [_changed(row[f"{name}_awards"], row[f"{name}_change"]) for name in ("ranking", "best")]
    counts = f"{row['proposals']:,}", f"{row['awards']:,}"
    return (*counts, _percent(row["success_rate"]), interval, _percent(row["money_rate"]), *shares, *merit)


def _changed(awards: int | None, change: int | None) -> str:
    return "" if awards is None or change is None else f"{awards:,} ({change:+,})"


def _percent(share: float | None) -> str:
    return "" if share is None else percent(share)
