"""``portfolio waiting``: who comes next when awardees of a decision decline."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import polars as pl
import typer
from rich.console import Console

from portfolio.analysis import (
    Replacement,
    WaitingList,
    lost_in_words,
    replace_decliners,
    waiting_list,
    worse_in_words,
)
from portfolio.optimize import Portfolio, Stop
from portfolio.optimize.broken import all_rules
from portfolio.optimize.figures import figure
from portfolio.report import problem_of, read_decision, restored
from portfolio.report.tables import write_tables
from portfolio_cli.options import Corpus, Encoding, Jobs, Proposals, Quiet, Reviews, table_file
from portfolio_cli.terminal import add_row, grade, out, say, steps, table

_SHOWN = 60
_LIMIT = 5


_Decision = Annotated[
    Path,
    typer.Argument(metavar="DIR", help="The folder that `optimize --out DIR` wrote.", show_default=False),
]
_Declined = Annotated[
    list[str] | None,
    typer.Option(
        "--declined",
        "-d",
        metavar="ID",
        help="An awardee who declines; repeat it for several who decline together.",
        show_default=False,
    ),
]
_File = Annotated[
    Path | None,
    typer.Option(
        "--out",
        "-o",
        metavar="FILE",
        help="Who enters for each single decline, or with --declined the awards after it: .csv or .parquet.",
        show_default=False,
        callback=table_file,
    ),
]
_Ranked = Annotated[
    Path | None,
    typer.Option(
        "--ranked",
        metavar="FILE",
        help="The ranked list: .csv or .parquet.",
        show_default=False,
        callback=table_file,
    ),
]


def waiting(
    decision: _Decision,
    proposals: Proposals,
    reviews: Reviews = None,
    declined: _Declined = None,
    file: _File = None,
    ranked: _Ranked = None,
    jobs: Jobs = None,
    corpus: Corpus = None,
    encoding: Encoding = None,
    quiet: Quiet = False,
) -> None:
    """Say who comes next when awardees decline, so that promises, budget and reserves still hold.

    Example: portfolio waiting decision proposals.csv --reviews reviews.csv --out waiting.csv --ranked ranked.csv
    """
    if declined and ranked is not None:
        raise typer.BadParameter(
            "is made of all single declines; leave out --declined", param_hint="--ranked"
        )
    with steps(quiet=quiet) as step:
        step("Reading")
        stored = read_decision(decision)
        problem = problem_of(stored, proposals, reviews, corpus=corpus, encoding=encoding)
        portfolio = restored(stored, problem)
        found: Replacement | WaitingList
        if declined:
            step("Choosing who enters")
            found = _replaced(portfolio, declined)
        else:

            def watch(done: int, total: int) -> None:
                step(f"Choosing who enters: {done:,} of {total:,} declines")

            found = waiting_list(portfolio, jobs=jobs, watch=watch)
    if isinstance(found, Replacement):
        written = _write([(after(found), file)])
        _show_one(portfolio, found, out())
        stopped = found.status.cut_short
    else:
        written = _write([(found.declines, file), (found.ranked, ranked)])
        _show_list(portfolio, found, out())
        stopped = not found.complete or not found.proven
    for line in written:
        say(line, quiet=quiet)
    if stopped:
        raise typer.Exit(_LIMIT)


def _replaced(portfolio: Portfolio, declined: Sequence[str]) -> Replacement:
    try:
        return replace_decliners(portfolio, declined)
    except KeyError as error:
        raise typer.BadParameter(str(error.args[0]), param_hint="--declined") from None


def after(found: Replacement) -> pl.DataFrame:
    """Return the awards after a replacement: id, amount_awarded, merit, and whether each is new."""
    frame = found.portfolio.to_frame().filter(pl.col("decision") == "funded")
    return frame.select("id", "amount_awarded", "merit", new=pl.col("id").is_in(list(found.entered)))


def _show_one(portfolio: Portfolio, found: Replacement, console: Console) -> None:
    currency = portfolio.problem.call.currency
    console.print(
        f"If {', '.join(found.declined)} declined, {found.freed:,} {currency} would be free. "
        + (f"These would enter, for {found.spent:,} {currency}:" if found.entered else "Nobody would enter."),
        markup=False,
        soft_wrap=True,
    )
    if found.entered:
        shown = table("Who enters", "id", "amount", "merit", numbers=("amount", "merit"))
        for row in after(found).filter("new").iter_rows(named=True):
            add_row(shown, row["id"], f"{row['amount_awarded']:,}", grade(row["merit"]))
        console.print(shown)
    words = [f"{line}." for line in worse_in_words(portfolio, found)] or [
        f"Every {all_rules(portfolio.problem.policy)} still holds."
    ]
    for line in [*words, lost_in_words(portfolio, found)]:
        console.print(line, markup=False, soft_wrap=True)


def _show_list(portfolio: Portfolio, found: WaitingList, console: Console) -> None:
    shown = table(
        "If one declines", "id", "freed", "enters", "lost", "rules that give way", numbers=("freed", "lost")
    )
    for row in found.declines.head(_SHOWN).iter_rows(named=True):
        names = "not found in time" if row["enters"] is None else ", ".join(row["enters"]) or "nobody"
        lost = "" if row["lost"] is None else figure(row["lost"], 4)
        add_row(shown, row["id"], f"{row['freed']:,}", names, lost, row["gives_way"] or "")
    console.print(shown)
    if found.declines.height > _SHOWN:
        console.print(f"and {found.declines.height - _SHOWN:,} more; all are in --out FILE", markup=False)
    heads = ("rank", "amount", "merit", "enters for")
    ranks = table("Ranked list", "rank", "id", "amount", "merit", "enters for", numbers=heads)
    for row in found.ranked.head(_SHOWN).iter_rows(named=True):
        cells = f"{row['amount_requested']:,}", grade(row["merit"]), f"{row['called']:,}"
        add_row(ranks, str(row["rank"]), row["id"], *cells)
    console.print(ranks)
    if found.ranked.height > _SHOWN:
        console.print(f"and {found.ranked.height - _SHOWN:,} more; all are in --ranked FILE", markup=False)
    for line in _summary(found, all_rules(portfolio.problem.policy)):
        console.print(line, markup=False, soft_wrap=True)


def _summary(found: WaitingList, rule: str) -> list[str]:
    done, compared = found.declines.height, found.declines["list_agrees"].count()
    hold = int(found.declines["rules_hold"].sum())
    best = "best replacement" if found.proven else "best replacement found"
    lines = [
        f"Single declines: {done:,} of {found.awards:,} looked at. All {rule}s still hold after {hold:,} of them.",
        f"Walking down the ranked list is as good as the {best} for {found.agrees:,} of {compared:,}; "
        "for the others follow the first table.",
    ]
    nobody = found.declines.filter(status=Stop.INFEASIBLE)["id"].to_list()
    if nobody:
        names = ", ".join(nobody[:_SHOWN])
        lines.append(f"If one of these declined, nobody could enter, whatever else gave way: {names}.")
    open_ = done - len(nobody) - int(found.declines["status"].is_in(["optimal", "gap"]).sum())
    if open_:
        lines.append(
            f"For {open_:,} a limit was reached before the best was proven; lost_at_least says what is."
        )
    unknown = found.declines.filter(pl.col("enters").is_null())["id"].to_list()
    if unknown:
        names = ", ".join(unknown[:_SHOWN])
        lines.append(f"For these no replacement at all was found within the limit: {names}.")
    return lines


def _write(tables: Sequence[tuple[pl.DataFrame, Path | None]]) -> list[str]:
    """Write tables, before anything is shown to a reader who may leave early, and return what to say of them."""
    write_tables(tables)
    return [f"Wrote {path}: {frame.height:,} rows." for frame, path in tables if path is not None]
