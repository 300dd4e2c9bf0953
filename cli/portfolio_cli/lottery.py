"""``portfolio lottery``: chances that are published, a draw that anyone can repeat, and the check of both."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
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
    lottery_of,
    lottery_record,
    smoothness,
)
from portfolio.call import read_call
from portfolio.call.files import together
from portfolio.errors import DataError, Issue
from portfolio.optimize import Problem, Stop
from portfolio.optimize.figures import at_least, at_most
from portfolio.policy import read_policy
from portfolio.report import fingerprint_of, read_record, refuse_another_draw, write_record
from portfolio.report.tables import write_tables
from portfolio_cli.chances import Group, Method, chances, intervals
from portfolio_cli.options import Encoding, Proposals, Quiet, RequiredPolicy, Reviews, table_file
from portfolio_cli.terminal import add_row, noted, out, say, steps, table

_LIMIT = 5
_WRONG = 3
# A chance is written to four digits.
_SMALLEST = 0.0001


_Method = Annotated[
    Method,
    typer.Option(
        "--method",
        help="bayes: a line through Bayesian ranks; merit: best in the worst case; fair: keeps every rule.",
    ),
]
_Places = Annotated[
    int | None,
    typer.Option("--places", help="How many win; for bayes and merit.", min=1, show_default=False),
]
_Group = Annotated[
    Group,
    typer.Option(
        "--group", help="fair: who is tied, by price and merit, or as --method bayes or merit finds them."
    ),
]
_Change = Annotated[
    float | None,
    typer.Option(
        "--smoothness",
        metavar="STEP",
        help="Also say how many places change hands when one merit rises by so much; needs --places.",
        show_default=False,
    ),
]
_Seed = Annotated[
    str | None,
    typer.Option("--seed", help="Draw by this public text; without it chances only.", show_default=False),
]
_ChancesOnly = Annotated[bool, typer.Option("--chances-only", help="Do not draw, whatever else is given.")]
_Tolerance = Annotated[
    float,
    typer.Option("--tolerance", help="fair: how much of a chance may be left unproven.", min=0, max=0.1),
]
_File = Annotated[
    Path | None,
    typer.Option(
        "--out",
        "-o",
        metavar="FILE",
        help="Table of chances: .csv or .parquet.",
        show_default=False,
        callback=table_file,
    ),
]
_Record = Annotated[
    Path | None,
    typer.Option("--record", metavar="FILE", help="Record of the lottery: .json.", show_default=False),
]
_Published = Annotated[
    Path | None,
    typer.Option(
        "--from", metavar="RECORD", help="Draw from this lottery as it was published.", show_default=False
    ),
]
_Check = Annotated[
    Path | None,
    typer.Option("--check", metavar="RECORD", help="Check this record and its draw.", show_default=False),
]


def lottery(
    proposals: Proposals,
    policy: RequiredPolicy,
    reviews: Reviews = None,
    method: _Method = Method.FAIR,
    places: _Places = None,
    group: _Group = Group.PRICE,
    change: _Change = None,
    seed: _Seed = None,
    chances_only: _ChancesOnly = False,
    tolerance: _Tolerance = 1e-3,
    file: _File = None,
    record: _Record = None,
    published: _Published = None,
    check: _Check = None,
    encoding: Encoding = None,
    quiet: Quiet = False,
) -> None:
    """Give proposals that cannot be told apart a fair chance, publish the chances, and draw.

    Example: portfolio lottery proposals.csv --policy policy.toml --method fair --record lottery.json
    """
    with steps(quiet=quiet) as step:
        step("Reading")
        rules = read_policy(policy)
        problem = Problem(noted(read_call(proposals, reviews, policy=rules, encoding=encoding)), rules)
        if check is not None:
            step("Checking")
            faults = check_lottery(read_record(check), problem)
            found = None
        else:
            found = (
                chances(problem, method, group, places, tolerance, step)
                if published is None
                else _published(published, problem)
            )
    if found is None:
        _report(check, faults)
        return
    draw = None if seed is None or chances_only else _draw(found, seed)
    frame = found.to_frame(draw)
    kept = None
    if record is not None:
        before = None if published is None else fingerprint_of(published)
        kept = lottery_record(found, problem, draw, before)
        refuse_another_draw(kept, record)
    with together():
        write_tables([(frame, file)])
        if record is not None and kept is not None:
            write_record(kept, record)
    _show(found, frame, draw, out())
    if change is not None:
        _show_smoothness(problem, places, change, out())
    written = " and ".join(str(path) for path in (file, record) if path is not None)
    if written:
        say(f"Wrote {written}.", quiet=quiet)
    early = list(_early(found))
    for line in early:
        say(line)
    if early:
        raise typer.Exit(_LIMIT)


def _early(found: Lottery) -> Iterator[str]:
    """Say which searches were cut short."""
    if "groups" in found.proof:
        yield (
            "The search that tells who is tied was stopped by a limit: a longer one may accept, draw and reject others."
        )
    status = found.proof.get("status")
    if status is not None and Stop(str(status)).cut_short:
        yield "Stopped before every chance was settled; every draw keeps the rules, but more may be possible."


def _published(path: Path, problem: Problem) -> Lottery:
    record = read_record(path)
    found, faults = lottery_of(record), list(check_lottery(record, problem))
    if record.get("draw") is not None:
        faults.append("the draw has been held already; its record can be checked, and not be drawn again")
    if faults:
        raise DataError([Issue(fault, file=path.name) for fault in faults])
    return found


def _draw(found: Lottery, seed: str) -> Draw:
    try:
        return found.draw(seed)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--seed") from None


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
        add_row(shown, row["id"], _chance(row["chance"]), *drawn)
    console.print(shown)
    for line in _summary(found, draw):
        console.print(line, markup=False, soft_wrap=True)


def _show_smoothness(problem: Problem, places: int | None, change: float, console: Console) -> None:
    if places is None:
        raise typer.BadParameter("needs the number of places", param_hint="--smoothness")
    if not 0 < change < math.inf:
        raise typer.BadParameter("must be above 0", param_hint="--smoothness")
    frame = smoothness(problem.instance.ids, *intervals(problem), places, change)
    shown = table(
        f"If one merit rises by {change:g}, by rule",
        "rule",
        "on average",
        "at most",
        numbers=("on average", "at most"),
    )
    for rule in frame["rule"].unique(maintain_order=True):
        moved = frame.filter(rule=rule)["moved"]
        average, most = float(np.mean(moved.to_numpy())), float(np.max(moved.to_numpy()))
        add_row(shown, rule, f"{average:.4f} places", f"{most:.4f} places")
    console.print(shown)


def _chance(share: float) -> str:
    """Write a chance; what is neither impossible nor sure never reads as if it were."""
    if 0 < share < _SMALLEST:
        return f"< {_SMALLEST}"
    return f"> {1 - _SMALLEST}" if 1 - _SMALLEST < share < 1 else f"{share:.4f}"


def _number(proof: Mapping[str, float | str | None], name: str) -> float:
    value = proof[name]
    assert isinstance(value, float | int)
    return float(value)


def _summary(found: Lottery, draw: Draw | None) -> list[str]:
    groups, proof = found.groups, found.proof
    counts = {name: groups.count(name) for name in ("accepted", "lottery", "rejected")}
    lines = [
        f"{counts['accepted']:,} accepted, {counts['lottery']:,} in the lottery, {counts['rejected']:,} rejected; "
        f"method {found.method}."
    ]
    if found.method == "fair":
        known = proof["gap"] is not None
        gap = (
            f"gap of the others {at_most(_number(proof, 'gap'), 2)}"
            if known
            else "gap of the others not known"
        )
        lines.append(
            f"{len(found.weights):,} portfolios can be drawn; each keeps every firm rule. The smallest chance is "
            f"{at_least(_number(proof, 'smallest_chance'), 4)}, and none can be above "
            f"{at_most(_number(proof, 'bound'), 4)}; {gap}, {str(proof['status']).replace('_', ' ')}."
        )
    elif found.method == "merit":
        lines.append(
            f"Of the {found.places:,} truly best, {at_least(_number(proof, 'value'), 5)} are expected to win at "
            f"least; no chances guarantee more than {at_most(_number(proof, 'bound'), 5)}."
        )
    else:
        lines.append(f"The funding line is the expected rank {_number(proof, 'line'):.2f}.")
    if draw is None:
        lines.append(
            "Nothing is drawn yet: publish the chances, name the source of the seed, then draw with --seed."
        )
    else:
        lines.append(
            f"Drawn with the seed {draw.seed!r}, winning number {draw.number:,}: {len(draw.funded):,} funded."
        )
    return lines
