"""``portfolio robustness``: how sure each decision is, and which awards depend on the selection rule."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Annotated, TypeVar

import polars as pl
import typer
from rich.console import Console

from portfolio import analysis
from portfolio.analysis import Agreement, Robustness
from portfolio.call import read_call
from portfolio.optimize import Problem
from portfolio.optimize.figures import counted, percent
from portfolio.policy import read_policy
from portfolio.report import gap_in_words, write_table
from portfolio_cli.options import Encoding, Jobs, Proposals, Quiet, RequiredPolicy, Reviews, TableFile
from portfolio_cli.terminal import add_row, gap_cell, noted, out, say, steps, table

_LIMIT = 5
_SHOWN = 60
_REASONS = 5


def robustness(
    proposals: Proposals,
    policy: RequiredPolicy,
    reviews: Reviews = None,
    draws: Annotated[int, typer.Option("--draws", help="How many at most (in each round).", min=1)] = 1000,
    rounds: Annotated[
        int | None,
        typer.Option(
            "--rounds",
            help="Rounds in which errors shrink to nothing: when is each proposal settled?",
            min=2,
            show_default=False,
        ),
    ] = None,
    merits_only: Annotated[
        bool, typer.Option("--merits-only", help="Draw only merits; traits stay as they were assigned.")
    ] = False,
    rules: Annotated[
        bool,
        typer.Option("--rules", help="Instead of draws: which awards depend on the selection rule."),
    ] = False,
    seed: Annotated[int, typer.Option("--seed", help="The same seed gives the same draws.", min=0)] = 0,
    file: TableFile = None,
    jobs: Jobs = None,
    encoding: Encoding = None,
    quiet: Quiet = False,
) -> None:
    """Decide again on draws of what is not known for sure, and say how often each proposal is funded.

    Example: portfolio robustness proposals.csv --reviews reviews.csv --policy policy.toml --draws 500
    """
    if rules and rounds is not None:
        raise typer.BadParameter("rules are compared without draws; leave out --rounds", param_hint="--rules")
    read = read_policy(policy)
    with steps(quiet=quiet) as step:
        step("Reading")
        call = noted(read_call(proposals, reviews, policy=read, encoding=encoding))
        if rules:
            agreed = analysis.agreement(call, read, jobs=jobs, watch=step)
        else:
            sure = analysis.robustness(
                Problem(call, read),
                draws=draws,
                rounds=rounds,
                scores=not merits_only,
                seed=seed,
                jobs=jobs,
                watch=step,
            )
    if rules:
        _put(agreed.proposals, file, _show_rules, agreed, quiet=quiet)
        return
    _put(sure.proposals, file, _show_draws, sure, quiet=quiet)
    _end(sure)


Found = TypeVar("Found", Robustness, Agreement)


def _put(
    frame: pl.DataFrame,
    file: Path | None,
    show: Callable[[Found, Console], None],
    found: Found,
    *,
    quiet: bool,
) -> None:
    """Show what was found, and write the table of proposals where that was asked for.

    It is written first: a reader who leaves early loses nothing.
    """
    if file is not None:
        write_table(frame, file)
    show(found, out())
    if file is not None:
        say(f"Wrote {file}.", quiet=quiet)


def _show_draws(found: Robustness, console: Console) -> None:
    """Show the proposals whose fate is least sure first, then totals in words."""
    heads = ["share", "from", "to", "above line", "rank from", "to "]
    rounds = ["round"] if found.rounds.height else []
    shown = table("How sure", "id", "decision", "label", *heads, *rounds, numbers=(*heads, *rounds))
    unsure = pl.col("funded_share").sub(0.5).abs()
    rows = found.proposals.filter(pl.col("label") == "borderline").sort(unsure, "id")
    for row in rows.head(_SHOWN).iter_rows(named=True):
        shares = [_percent(row[name]) for name in ("funded_share", "share_low", "share_high", "above_line")]
        ranks = [_count(row[name]) for name in ("rank_low", "rank_high", *rounds)]
        label = row["label"] if row["settled"] else f"{row['label']} ?"
        add_row(shown, row["id"], row["base"].replace("_", " "), label, *shares, *ranks)
    if rows.height:
        console.print(shown)
    if rows.height > _SHOWN:
        console.print(f"and {rows.height - _SHOWN:,} more; all are in the file of --out FILE", markup=False)
    if found.rounds.height:
        _show_rounds(found.rounds, console)
    for line in _in_words(found):
        console.print(line, markup=False, soft_wrap=True)


def _show_rounds(rounds: pl.DataFrame, console: Console) -> None:
    numbers = ("round", "errors", "draws", "with a portfolio", "green", "red", "grey")
    shown = table("Rounds", *numbers, numbers=numbers)
    for row in rounds.iter_rows(named=True):
        counts = [_count(row[name]) for name in ("draws", "feasible", "green", "red", "grey")]
        add_row(shown, str(row["round"]), _percent(row["spread"]), *counts)
    console.print(shown)


def _in_words(found: Robustness) -> list[str]:
    """Return totals, what the draws were made of, and what in the decision they speak against."""
    tail, table_ = 100 * found.tail, found.proposals
    lines = [
        f"{counted(found.count('core'), 'proposal is', 'proposals are')} core (funded in at least "
        f"{100 - tail:g}% of the draws), "
        f"{found.count('borderline'):,} borderline, {found.count('exterior'):,} exterior (in at most {tail:g}%).",
        f"{found.draws:,} draws of at most {found.asked:,}, seed {found.seed}. Merits: {found.merits.in_words()}.",
        f"The decision on the scores as they are: {gap_in_words(found.base)}",
    ]
    if not found.feasible:
        lines[0] = "No draw has a portfolio, so that nothing can be said of how sure the decision is."
    unsettled = int((~table_["settled"]).sum())
    if unsettled:
        sure, labels = f"{100 * found.confidence:g}%", counted(unsettled, "label", "labels")
        lines.append(f"{labels} could change with more draws ({sure} intervals; marked ?).")
    against = {
        "core and yet not funded": (pl.col("label") == "core") & (pl.col("base") != "funded"),
        "exterior and yet funded": (pl.col("label") == "exterior") & (pl.col("base") == "funded"),
    }
    for words, chosen in against.items():
        names = table_.filter(chosen)["id"].to_list()
        if names:
            lines.append(f"{len(names):,} {words}: {', '.join(names[:_SHOWN])}.")
    return [*lines, *_failures(found)]


def _failures(found: Robustness) -> Iterator[str]:
    """Say how many draws have no portfolio, and why."""
    if not found.failures.height:
        return
    yield f"Draws without a portfolio, which count for no share: {found.failures.height:,}. The first of them:"
    for round_, draw, reason in found.failures.head(_REASONS).iter_rows():
        where = f"round {round_}, " if found.rounds.height else ""
        yield f"  {where}draw {draw:,}: {reason}"


def _show_rules(found: Agreement, console: Console) -> None:
    """Show the proposals that the rules disagree on, then the rules and how far each two of them agree."""
    names = found.rules["rule"].to_list()
    shown = table("Where the rules disagree", "id", "rules", "funded by", numbers=("rules",))
    rows = found.proposals.filter("depends").sort((pl.col("rules") - len(names) / 2).abs(), "id")
    for row in rows.head(_SHOWN).iter_rows(named=True):
        add_row(shown, row["id"], f"{row['rules']} of {len(names)}", "; ".join(row["funded_by"]))
    if rows.height:
        console.print(shown)
    if rows.height > _SHOWN:
        console.print(f"and {rows.height - _SHOWN:,} more; all are in the file of --out FILE", markup=False)
    numbers = ("awards", "spent", "gap")
    shown = table("Selection rules", "rule", *numbers, numbers=numbers)
    for row in found.rules.iter_rows(named=True):
        gap = gap_cell(row["gap"])
        add_row(shown, row["rule"], f"{row['awards']:,}", f"{row['spent']:,}", gap)
    console.print(shown)
    numbers = ("both", "of awards", "of money")
    shown = table("How far two rules agree", "rule", "other", *numbers, numbers=numbers)
    for row in found.pairs.iter_rows(named=True):
        shares = [_percent(row[name]) for name in ("awards_agree", "money_agree")]
        add_row(shown, row["rule"], row["other"], f"{row['both']:,}", *shares)
    console.print(shown)
    every = int((found.proposals["rules"] == len(names)).sum())
    merits = int(found.proposals["depends_on_merits"].sum())
    lines = [
        f"{counted(every, 'proposal is', 'proposals are')} funded by all {len(names)} rules, "
        f"{rows.height:,} by some of them only, "
        f"{found.proposals.height - every - rows.height:,} by none.",
        f"Of the optimizer's awards {counted(merits, 'depends', 'depend')} on how grades become merits.",
        *(f"Not used: {rule}: {reason}" for rule, reason in found.refused.items()),
        *found.notes,
    ]
    for line in lines:
        console.print(line, markup=False, soft_wrap=True)


def _end(found: Robustness) -> None:
    if not found.complete:
        say(f"Interrupted: this is what {found.draws:,} draws say; rounds that were not done are left out.")
    elif found.cut_short:
        say(f"{found.cut_short:,} draws were stopped by a limit before the gap asked for was proven.")
    if not found.complete or found.cut_short or found.base.status.cut_short:
        raise typer.Exit(_LIMIT)


def _percent(share: float | None) -> str:
    return "" if share is None else percent(share)


def _count(number: int | None) -> str:
    return "" if number is None else f"{number:,}"
