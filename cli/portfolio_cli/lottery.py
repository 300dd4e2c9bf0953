"""``portfolio lottery``: chances that are published, a draw that anyone can repeat, and the check of both."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import numpy as np
import polars as pl
import typer
from rich.console import Console

from portfolio.analysis import (
    Draw,
    Lottery,
    check_lottery,
    fair_lottery,
    lottery_of,
    lottery_record,
    merit_lottery,
    rank_lottery,
)
from portfolio.analysis.lottery import refuse_rules
from portfolio.call import read_call
from portfolio.errors import DataError, Issue, PolicyError
from portfolio.optimize import Problem, Stop
from portfolio.policy import read_policy
from portfolio.report import read_record, write_chances, write_record
from portfolio_cli.options import Encoding, Proposals, Quiet, RequiredPolicy, Reviews
from portfolio_cli.terminal import Steps, add_row, out, say, steps, table

_LIMIT = 5
_WRONG = 3


class Method(StrEnum):
    """How chances are found."""

    BAYES = "bayes"
    MERIT = "merit"
    FAIR = "fair"


def lottery(
    proposals: Proposals,
    policy: RequiredPolicy,
    reviews: Reviews = None,
    method: Annotated[
        Method,
        typer.Option(
            "--method",
            help="bayes: a line through Bayesian ranks; merit: best in the worst case; fair: keeps every rule.",
        ),
    ] = Method.FAIR,
    places: Annotated[
        int | None,
        typer.Option("--places", help="How many win; for bayes and merit.", min=1, show_default=False),
    ] = None,
    seed: Annotated[
        str | None,
        typer.Option("--seed", help="Draw by this public text; without it chances only.", show_default=False),
    ] = None,
    chances_only: Annotated[
        bool, typer.Option("--chances-only", help="Do not draw, whatever else is given.")
    ] = False,
    tolerance: Annotated[
        float,
        typer.Option("--tolerance", help="fair: how much of a chance may be left unproven.", min=0, max=0.1),
    ] = 1e-3,
    file: Annotated[
        Path | None,
        typer.Option(
            "--out", "-o", metavar="FILE", help="Table of chances: .csv or .parquet.", show_default=False
        ),
    ] = None,
    record: Annotated[
        Path | None,
        typer.Option("--record", metavar="FILE", help="Record of the lottery: .json.", show_default=False),
    ] = None,
    published: Annotated[
        Path | None,
        typer.Option(
            "--from", metavar="RECORD", help="Draw from this lottery as it was published.", show_default=False
        ),
    ] = None,
    check: Annotated[
        Path | None,
        typer.Option("--check", metavar="RECORD", help="Check this record and its draw.", show_default=False),
    ] = None,
    encoding: Encoding = None,
    quiet: Quiet = False,
) -> None:
    """Give proposals that cannot be told apart a fair chance, publish the chances, and draw.

    Example: portfolio lottery proposals.csv --policy policy.toml --method fair --record lottery.json
    """
    with steps(quiet=quiet) as step:
        step("Reading")
        rules = read_policy(policy)
        problem = Problem(read_call(proposals, reviews, policy=rules, encoding=encoding), rules)
        if check is not None:
            step("Checking")
            faults = check_lottery(read_record(check), problem)
            found = None
        else:
            found = (
                _lottery(problem, method, places, tolerance, step)
                if published is None
                else _published(published, problem)
            )
    if found is None:
        _report(check, faults)
        return
    draw = None if seed is None or chances_only else _draw(found, seed)
    frame = found.to_frame(draw)
    if file is not None:
        write_chances(frame, file)
    if record is not None:
        write_record(lottery_record(found, problem, draw), record)
    _show(found, frame, draw, out())
    written = " and ".join(str(path) for path in (file, record) if path is not None)
    if written:
        say(f"Wrote {written}.", quiet=quiet)
    status = found.proof.get("status")
    if status is not None and Stop(str(status)).cut_short:
        say("Stopped before every chance was settled; every draw keeps the rules, but more may be possible.")
        raise typer.Exit(_LIMIT)


def _lottery(problem: Problem, method: Method, places: int | None, tolerance: float, step: Steps) -> Lottery:
    if method is Method.FAIR:
        if places is not None:
            raise typer.BadParameter(
                "a fair lottery counts money, not places; leave it out", param_hint="--places"
            )
        step("Looking for those that cannot be told apart")
        watch = lambda settled, chance: step(f"{settled:,} chances settled, the last at {chance:.3f}")  # noqa: E731
        return fair_lottery(problem, tolerance=tolerance, watch=watch)
    if places is None:
        raise typer.BadParameter(f"--method {method} needs the number of places", param_hint="--places")
    if places > len(problem.call):
        raise typer.BadParameter(f"there are {len(problem.call):,} proposals", param_hint="--places")
    step("Finding the chances")
    made = _by_ranks(problem, places) if method is Method.BAYES else _by_merit(problem, places)
    position = problem.instance.position
    chances = np.zeros(len(position))
    chances[[position[name] for name in made.ids]] = made.chances
    refuse_rules(problem.instance, problem.policy, chances, places)
    return made


def _by_ranks(problem: Problem, places: int) -> Lottery:
    from portfolio.scoring import rank_proposals

    settings = problem.policy.reviews
    if settings is None:
        hint = "Add [reviews] with the best and the worst grade: they give the scale and its direction."
        raise PolicyError([Issue("is missing", hint, file="policy", column="reviews")])
    ranking = rank_proposals(problem.call, settings)
    for note in ranking.calibration.notes:
        say(f"Note: {note}")
    if ranking.ranks.height < len(problem.call):
        missing = sorted({*problem.call.ids.to_list()} - {*ranking.ranks["id"].to_list()})
        what = f"has no review, and {len(missing):,} like it have no rank"
        raise DataError([Issue(what, "give reviews of all, or leave them out with `only`", id=missing[0])])
    return rank_lottery(ranking.ranks, places)


def _by_merit(problem: Problem, places: int) -> Lottery:
    table_ = problem.instance.table
    low, high = (table_[end].cast(pl.Float64) for end in ("merit_low", "merit_high"))
    missing = table_.filter(low.is_null() | high.is_null())["id"]
    if missing.len():
        hint = "give reviews, or fill in merit_low and merit_high"
        issue = Issue(
            "has no interval of merit", hint, column="merit_low", id=missing[0], count=missing.len()
        )
        raise DataError([issue])
    return merit_lottery(problem.instance.ids, low.to_numpy(), high.to_numpy(), places)


def _published(path: Path, problem: Problem) -> Lottery:
    record = read_record(path)
    found, faults = lottery_of(record), list(check_lottery(record, problem))
    if record.get("draw") is not None:
        faults.append("the draw has been held already; its record can be checked, and not be drawn again")
    if faults:
        raise DataError([Issue(fault, file=path.name) for fault in faults])
    return found


def _draw(found: Lottery, seed: str) -> Draw:
    if not seed.strip():
        raise typer.BadParameter("the seed is a public text, and this one is empty", param_hint="--seed")
    return found.draw(seed)


def _report(path: Path | None, faults: tuple[str, ...]) -> None:
    console = out()
    if not faults:
        console.print(
            f"{path}: the tickets, the files, the rules and the draw are as they should be.", markup=False
        )
        return
    for fault in faults:
        console.print(f"{path}: {fault}", markup=False, soft_wrap=True)
    raise typer.Exit(_WRONG)


def _show(found: Lottery, frame: pl.DataFrame, draw: Draw | None, console: Console) -> None:
    columns = ("id", "chance") if draw is None else ("id", "chance", "drawn")
    shown = table("In the lottery", *columns, numbers=("chance",))
    for row in frame.filter(pl.col("group") == "lottery").iter_rows(named=True):
        drawn = () if draw is None else ("yes" if row["funded"] else "no",)
        add_row(shown, row["id"], f"{row['chance']:.4f}", *drawn)
    console.print(shown)
    for line in _summary(found, draw):
        console.print(line, markup=False, soft_wrap=True)


def _summary(found: Lottery, draw: Draw | None) -> list[str]:
    groups, proof = found.groups, found.proof
    counts = {name: groups.count(name) for name in ("accepted", "lottery", "rejected")}
    lines = [
        f"{counts['accepted']:,} accepted, {counts['lottery']:,} in the lottery, {counts['rejected']:,} rejected; "
        f"method {found.method}."
    ]
    if found.method == "fair":
        lines.append(
            f"{len(found.weights):,} portfolios can be drawn; each keeps every rule. The smallest chance is "
            f"{proof['smallest_chance']:.4f}, and none can be above {float(proof['bound']):.4f}; gap of the others "
            f"{float(proof['gap']):.2g}, {str(proof['status']).replace('_', ' ')}."
        )
    elif found.method == "merit":
        lines.append(
            f"Of the {found.places:,} truly best, {float(proof['value']):.2f} are expected to win at least; no chances "
            f"guarantee more than {float(proof['bound']):.2f}."
        )
    else:
        lines.append(f"The funding line is the expected rank {float(proof['line']):.2f}.")
    if draw is None:
        lines.append(
            "Nothing is drawn yet: publish the chances, name the source of the seed, then draw with --seed."
        )
    else:
        lines.append(
            f"Drawn with the seed {draw.seed!r}, winning number {draw.number:,}: {len(draw.funded):,} funded."
        )
    return lines
