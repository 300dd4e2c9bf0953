"""``portfolio frontier``: the best portfolio along a key of the policy, or against a second criterion."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Annotated, Any

import polars as pl
import typer
from rich.console import Console

from portfolio.analysis import Frontier, TradeOff, evenly, trade_off
from portfolio.analysis import frontier as along
from portfolio.call import read_call
from portfolio.errors import InfeasibleError
from portfolio.optimize import Problem, Stop
from portfolio.optimize.figures import counted
from portfolio.optimize.words import none_is
from portfolio.policy import read_policy
from portfolio.report.tables import write_tables
from portfolio_cli.options import (
    Encoding,
    Jobs,
    Proposals,
    Quiet,
    RequiredPolicy,
    Reviews,
    TableFile,
    set_by,
    table_file,
)
from portfolio_cli.terminal import Steps, add_row, noted, out, say, steps, table

_LIMIT = 5
_HEADS = ("value", "none above", "spent", "awards", "in", "out")
_CUT_SHORT = {str(stop) for stop in Stop if stop.cut_short}


_Over = Annotated[
    str | None,
    typer.Option("--over", metavar="KEY", help="A key of the policy, such as budget.", show_default=False),
]
_First = Annotated[
    str | None, typer.Option("--from", metavar="A", help="Its first value.", show_default=False)
]
_Last = Annotated[str | None, typer.Option("--to", metavar="B", help="Its last value.", show_default=False)]
_Number = Annotated[int, typer.Option("--steps", help="How many values or points, evenly spaced.", min=1)]
_Against = Annotated[
    str | None,
    typer.Option(
        "--against",
        metavar="NAME",
        help="A trait or a column of numbers, against value.",
        show_default=False,
    ),
]
_Every = Annotated[bool, typer.Option("--every", help="Every point of --against, for small calls.")]
_Nested = Annotated[
    Path | None,
    typer.Option(
        "--nested",
        metavar="FILE",
        help="Where each proposal is funded, as a table.",
        show_default=False,
        callback=table_file,
    ),
]


def frontier(
    proposals: Proposals,
    policy: RequiredPolicy,
    reviews: Reviews = None,
    over: _Over = None,
    first: _First = None,
    last: _Last = None,
    number: _Number = 20,
    against: _Against = None,
    least: Annotated[bool, typer.Option("--least", help="Less of --against is better.")] = False,
    every: _Every = False,
    file: TableFile = None,
    nested: _Nested = None,
    jobs: Jobs = None,
    encoding: Encoding = None,
    quiet: Quiet = False,
) -> None:
    """Find the best portfolio at each value of a key, or what more of a second criterion costs in value.

    Example: portfolio frontier proposals.csv --reviews reviews.csv --policy policy.toml --over budget
    --from 8000000 --to 12000000 --steps 9
    """
    _refuse_misuse(over, first, last, against, least, every)
    with steps(quiet=quiet) as step:
        step("Reading")
        rules = read_policy(policy)
        problem = Problem(noted(read_call(proposals, reviews, policy=rules, encoding=encoding)), rules)
        found: Frontier | TradeOff
        if against is not None:
            points = None if every else number
            found = trade_off(problem, against, points=points, least=least, jobs=jobs, watch=step)
        else:
            found = _along(problem, str(over), str(first), str(last), number, jobs, step)
    rows = found.steps if isinstance(found, Frontier) else found.points
    tables = [(rows, file), (found.proposals, nested)]
    write_tables(tables)
    for frame, target in tables:
        if target is not None:
            say(f"Wrote {target}: {frame.height:,} rows.", quiet=quiet)
    if file is None:
        _show(found, rows, out())
    _end(found, rows)


def _along(
    problem: Problem, over: str, first: str, last: str, number: int, jobs: int | None, step: Steps
) -> Frontier:
    ends = _number(first, "--from"), _number(last, "--to")
    with set_by(problem.policy, {over: f"--over {over} --from {first} --to {last}"}):
        return along(problem, over, evenly(problem.policy, over, *ends, number), jobs=jobs, watch=step)


def _refuse_misuse(
    over: str | None, first: str | None, last: str | None, against: str | None, least: bool, every: bool
) -> None:
    if (over is None) == (against is None):
        raise typer.BadParameter("give one of the two: --over KEY, or --against NAME", param_hint="--over")
    if against is not None and (first is not None or last is not None):
        raise typer.BadParameter("goes with --over; a trade-off finds its own ends", param_hint="--from")
    if over is not None and (first is None or last is None):
        raise typer.BadParameter("needs --from A and --to B", param_hint="--over")
    if over is not None and (least or every):
        raise typer.BadParameter("goes with --against", param_hint="--least" if least else "--every")


def _number(text: str, option: str) -> Decimal:
    try:
        number = Decimal(text.strip())
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite():
        raise typer.BadParameter(f"{text!r} is not a number; write it as 8000000 or 0.15", param_hint=option)
    return number


def _show(found: Frontier | TradeOff, rows: pl.DataFrame, console: Console) -> None:
    if isinstance(found, Frontier):
        shown = table(f"Over {found.over}", found.over, *_HEADS, "", numbers=(found.over, *_HEADS))
        for row in rows.iter_rows(named=True):
            add_row(shown, _plain(row["at"]), *_cells(row), row["status"])
        lines = _said_of_keys(found)
    else:
        heads = (found.over, *_HEADS, "lost")
        shown = table(f"Value against {found.over}", *heads, numbers=heads)
        for row in rows.iter_rows(named=True):
            add_row(shown, _plain(row["criterion"]), *_cells(row), f"{row['lost']:,.6g}")
        lines = _said_of_points(found)
    console.print(shown)
    for line in lines:
        console.print(line, markup=False, soft_wrap=True)


def _cells(row: dict[str, Any]) -> Sequence[str]:
    if row["value"] is None:
        return ("",) * 6
    bound = "" if row["bound"] is None else f"{row['bound']:,.6g}"
    changes = ("" if row[name] is None else str(len(row[name])) for name in ("entered", "left"))
    return (f"{row['value']:,.6g}", bound, f"{row['spent']:,}", f"{row['awards']:,}", *changes)


def _plain(number: Decimal | float) -> str:
    if isinstance(number, Decimal):
        text = f"{number:,f}"
        return text.rstrip("0").rstrip(".") if "." in text else text
    return f"{number:,.6g}"


def _said_of_keys(found: Frontier) -> list[str]:
    there = found.proposals
    if not there["funded_at"].max():
        return []
    again = there.filter(pl.col("changes") > 1).height
    whole = not found.interrupted and found.steps["value"].null_count() == 0
    where = "every step" if whole else "every step for which a portfolio was found"
    return [
        *([f"None above: {none_is(found, no='no portfolio')}."] if found.goals else ()),
        f"Funded at {where}: {counted(len(found.core), 'proposal', 'proposals')}. Funded at some: "
        f"{there.filter((pl.col('funded_at') > 0) & ~pl.col('core')).height:,}, of which {again:,} enter and leave "
        "again. --nested FILE says from where on each is funded.",
    ]


def _said_of_points(found: TradeOff) -> list[str]:
    where = "in every efficient portfolio" if found.core_proven else "at every point"
    return [
        found.guarantee,
        f"The list ends here: {found.ended}.",
        f"Funded {where}: {counted(len(found.core), 'proposal', 'proposals')}. --nested FILE says at which points "
        "each is funded.",
    ]


def _end(found: Frontier | TradeOff, rows: pl.DataFrame) -> None:
    if isinstance(found, Frontier) and (rows["status"] == "infeasible").all():
        raise InfeasibleError(
            [str(rows["conflict"][0])], f"None of the {rows.height:,} values of {found.over} has a portfolio."
        )
    cut = rows.filter(pl.col("status").is_in(sorted(_CUT_SHORT))).height
    missing = [f"{cut:,} of {rows.height:,} were stopped before the gap asked for was proven"] if cut else []
    if isinstance(found, Frontier):
        missing += ["it was interrupted"] if found.interrupted else []
    elif found.unfound or found.spacing is None:
        missing.append(found.ended)
    if missing:
        say(f"Not complete: {'; '.join(missing)}.")
        raise typer.Exit(_LIMIT)
