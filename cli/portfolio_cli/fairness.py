"""``portfolio fairness``: how groups fare, against demand and against merit alone."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from portfolio.analysis import Fairness
from portfolio.analysis import fairness as monitor
from portfolio.analysis.fairness import compared_in_words
from portfolio.call import read_call
from portfolio.optimize import Portfolio, Problem
from portfolio.policy import read_policy
from portfolio.report import gap_in_words, write_table
from portfolio.report.tables import refuse_suffix
from portfolio_cli.options import Encoding, Proposals, Quiet, RequiredPolicy, Reviews
from portfolio_cli.terminal import add_row, out, say, steps, table

_LIMIT = 5
_HEADS = (
    "proposals",
    "awards",
    "rate (95%)",
    "less the others (95%)",
    "merit alone",
    "best",
    "money rate (95%)",
)


def fairness(
    proposals: Proposals,
    policy: RequiredPolicy,
    by: Annotated[
        list[str],
        typer.Option(
            "--by",
            metavar="COLUMN",
            help="A column or trait that forms groups; repeatable.",
            show_default=False,
        ),
    ],
    reviews: Reviews = None,
    min_proposals: Annotated[
        int,
        typer.Option("--min-proposals", min=1, help="Groups with fewer proposals are shown together."),
    ] = 1,
    file: Annotated[
        Path | None,
        typer.Option(
            "--out", "-o", metavar="FILE", help="The whole table: .csv or .parquet.", show_default=False
        ),
    ] = None,
    encoding: Encoding = None,
    quiet: Quiet = False,
) -> None:
    """Say how groups fare: success rates and money, against all others and against merit alone.

    Example: portfolio fairness proposals.csv --policy policy.toml --by early_career --by region --out fairness.csv
    """
    if file is not None:
        refuse_suffix(file)
    with steps(quiet=quiet) as step:
        step("Reading")
        rules = read_policy(policy)
        call = read_call(proposals, reviews, policy=rules, encoding=encoding)
        step("Choosing")
        portfolio = Problem(call, rules).solve()
        step("Choosing by merit alone")
        try:
            found = monitor(portfolio, by, min_proposals=min_proposals)
        except KeyError as error:
            raise typer.BadParameter(str(error.args[0]), param_hint="--by") from None
    _show(portfolio, found, out())
    if file is not None:
        write_table(found.groups, file)
        say(f"Wrote {file}: {found.groups.height:,} rows.", quiet=quiet)
    if portfolio.status.cut_short or found.best.status.cut_short:
        say(gap_in_words(portfolio if portfolio.status.cut_short else found.best))
        raise typer.Exit(_LIMIT)


def _show(portfolio: Portfolio, found: Fairness, console: Console) -> None:
    for (column,), rows in found.groups.group_by("by", maintain_order=True):
        shown = table(f"By {column}", str(column), *_HEADS, numbers=_HEADS)
        for row in rows.iter_rows(named=True):
            add_row(shown, *_cells(row))
        console.print(shown)
    if found.groups["small"].any():
        words = "* fewer than 20 proposals: one award more or less moves the rate by more than five points"
        console.print(words, markup=False, soft_wrap=True)
    for line in (*compared_in_words(found), f"This decision: {gap_in_words(portfolio)}"):
        console.print(line, markup=False, soft_wrap=True)


def _cells(row: dict[str, Any]) -> tuple[str, ...]:
    name = "not given" if row["group"] is None else row["group"]
    return (
        f"{name} ({row['together']})" if row["together"] > 1 else name,
        f"{row['proposals']:,}{'*' if row['small'] else ''}",
        f"{row['awards']:,}",
        _interval(row, "rate"),
        _interval(row, "gap", signed=True),
        _percent(row["merit_rate"]),
        _percent(row["best_rate"]),
        _interval(row, "money_rate"),
    )


def _interval(row: dict[str, Any], name: str, *, signed: bool = False) -> str:
    if row[name] is None:
        return ""
    low, high = (_percent(row[f"{name}_{end}"], signed=signed) for end in ("low", "high"))
    return f"{_percent(row[name], signed=signed)} ({low} to {high})"


def _percent(share: float | None, *, signed: bool = False) -> str:
    if share is None:
        return ""
    return f"{100 * share:{'+' if signed else ''}.0f}%"
