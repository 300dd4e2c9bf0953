"""``portfolio dominance``: who is funded whatever scores and weights turn out to be, and what may beat the decision."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from portfolio.analysis import Competitors, CoreIndex, competitors, core_index
from portfolio.analysis.dominance.stated import stated
from portfolio.call import read_call
from portfolio.optimize import Problem
from portfolio.policy import read_policy
from portfolio.report.tables import write_tables
from portfolio_cli.options import Encoding, Proposals, Quiet, RequiredPolicy, Reviews, TableFile, table_file
from portfolio_cli.terminal import add_row, noted, out, say, steps, table

_LIMIT = 5
_LABELS = ("core", "borderline", "exterior", "unknown")
_SHOWN = 12


_Interval = Annotated[
    list[str] | None,
    typer.Option(
        "--interval",
        "-i",
        metavar="CRITERION=D|LOW:HIGH",
        help="How far a score may be off, or the two columns between which it lies; repeatable.",
        show_default=False,
    ),
]
_Weight = Annotated[
    list[str] | None,
    typer.Option(
        "--weight",
        "-w",
        metavar="CRITERION=LOW:HIGH",
        help="Least and greatest weight of a criterion; repeatable.",
        show_default=False,
    ),
]
_Order = Annotated[
    list[str] | None,
    typer.Option(
        "--order",
        metavar="A,B,...",
        help="Criteria, the most important first, whatever the weights; repeatable.",
        show_default=False,
    ),
]
_Dearer = Annotated[bool, typer.Option("--dearer", help="Also competitors that cost more than the decision.")]
_Rivals = Annotated[
    Path | None,
    typer.Option(
        "--competitors",
        metavar="FILE",
        help="The competitors, as a table.",
        show_default=False,
        callback=table_file,
    ),
]


def dominance(
    proposals: Proposals,
    policy: RequiredPolicy,
    reviews: Reviews = None,
    interval: _Interval = None,
    weight: _Weight = None,
    order: _Order = None,
    most: Annotated[int, typer.Option("--most", help="How many competitors to list.", min=1)] = 20,
    dearer: _Dearer = False,
    file: TableFile = None,
    rivals: _Rivals = None,
    encoding: Encoding = None,
    quiet: Quiet = False,
) -> None:
    """Say who is funded in every portfolio that may be best, and which portfolios may beat the decision.

    Example: portfolio dominance proposals.csv --reviews reviews.csv --policy policy.toml --interval merit=0.25
    """
    information = stated(interval or (), weight or (), order or ())
    with steps(quiet=quiet) as step:
        step("Reading")
        rules = read_policy(policy)
        problem = Problem(noted(read_call(proposals, reviews, policy=rules, encoding=encoding)), rules)
        found = core_index(problem, information, watch=step)
        against = competitors(problem, information, most=most, dearer=dearer, watch=step)
    write_tables([(found.table, file), (against.table, rivals)])
    if file is None:
        _show(found, out())
    else:
        say(f"Wrote {file}: {found.table.height:,} proposals. {_said(found)}", quiet=quiet)
    if rivals is not None:
        say(f"Wrote {rivals}: {against.table.height:,} competitors. {_ended(against)}", quiet=quiet)
    elif file is None:
        _show_competitors(against, out())
    if not found.settled or (not against.complete and against.table.height < most):
        say(f"Not everything was decided: {found.ended or against.ended}.")
        raise typer.Exit(_LIMIT)


def _show(found: CoreIndex, console: Console) -> None:
    shown = table("Proposals", "label", "number", "ids", numbers=("number",))
    for label in _LABELS:
        names = found.ids(label)
        if names or label != "unknown":
            add_row(shown, label, f"{len(names):,}", ", ".join(names))
    console.print(shown)
    if found.complete:
        border = found.table.filter(found.table["label"] == "borderline").sort(
            ["index", "id"], descending=[True, False]
        )
        if border.height:
            shares = table("Borderline", "id", "core index", numbers=("core index",))
            for row in border.iter_rows(named=True):
                add_row(shares, row["id"], f"{row['index']:.3f}")
            console.print(shares)
    console.print(_said(found), markup=False, soft_wrap=True)


def _said(found: CoreIndex) -> str:
    count = len(found.portfolios)
    if found.complete:
        return f"All non-dominated portfolios are listed: {count:,}."
    labels = "Labels are proven" if found.settled else "Labels other than unknown are proven"
    return f"{labels}; the core index is not counted, since not all portfolios are listed: {found.ended}."


def _show_competitors(against: Competitors, console: Console) -> None:
    numbers = ("regret", "central", "spent", "awards")
    shown = table("Competitors", "", *numbers, "enter", "leave", numbers=numbers)
    for row in against.table.iter_rows(named=True):
        figures = (
            f"{row['regret']:,.4g}",
            f"{row['central']:,.4g}",
            f"{row['spent']:,}",
            f"{row['awards']:,}",
        )
        add_row(shown, str(row["number"]), *figures, _some(row["entered"]), _some(row["left"]))
    if against.table.height:
        console.print(shown)
    console.print(_ended(against), markup=False, soft_wrap=True)


def _some(names: list[str]) -> str:
    more = len(names) - _SHOWN
    return ", ".join(names[:_SHOWN]) + (f" and {more:,} more" if more > 0 else "")


def _ended(against: Competitors) -> str:
    goals = ", reaches what comes before the value as far as can be" if against.portfolio.goals else ""
    cost = f"keeps the rules{goals}{'' if against.dearer else ' and costs no more'}"
    if against.robust:
        return f"The decision is robust: no other portfolio that {cost} is worth more for any scores and weights."
    if against.complete:
        return f"These are all portfolios that may beat the decision: no other one that {cost} may be worth more."
    least = (
        ""
        if against.beyond is None
        else f" No other one beats the decision by more than {against.beyond:,.4g}."
    )
    return f"The list is not complete: {against.ended}.{least}"
