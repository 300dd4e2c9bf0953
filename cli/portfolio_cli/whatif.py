"""``portfolio whatif``: what other values of the policy, or other policies, would change."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import polars as pl
import typer
from rich.console import Console

from portfolio import analysis
from portfolio.analysis import Scenario, WhatIf, scenario_grid, whatif_record
from portfolio.analysis.sweeps.scenarios import as_scenarios, parse_setting
from portfolio.call import read_call
from portfolio.call.files import together
from portfolio.errors import InfeasibleError
from portfolio.optimize import Portfolio, Problem, Relaxed, Stop
from portfolio.optimize.figures import figure
from portfolio.optimize.words import none_is
from portfolio.policy import Policy, read_policy
from portfolio.report import write_record
from portfolio.report.tables import write_tables
from portfolio_cli.options import Encoding, Proposals, Quiet, RequiredPolicy, Reviews, set_by, table_file
from portfolio_cli.terminal import add_row, gap_cell, noted, out, say, steps, table

_SHOWN = 60
_LIMIT = 5


_Settings = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        "-s",
        metavar="KEY=V1,V2,...",
        help="A key of the policy and its values; several make a grid.",
        show_default=False,
    ),
]
_Named = Annotated[
    list[str] | None,
    typer.Option(
        "--scenario",
        metavar="NAME=FILE",
        help="A policy of its own, TOML; repeatable.",
        show_default=False,
    ),
]
_Bounds = Annotated[
    bool, typer.Option("--lp", help="Only bounds on the value, without whole proposals: much faster.")
]
_Gap = Annotated[
    float | None,
    typer.Option(
        "--gap",
        min=0,
        max=1,
        help="Relative gap for the base and all scenarios, instead of the policy's.",
        show_default=False,
    ),
]
_File = Annotated[
    Path | None,
    typer.Option(
        "--out",
        "-o",
        metavar="FILE",
        help="The table: .csv or .parquet.",
        show_default=False,
        callback=table_file,
    ),
]
_ByProposal = Annotated[
    Path | None,
    typer.Option(
        "--proposals-out",
        metavar="FILE",
        help="How often each proposal is funded: .csv or .parquet.",
        show_default=False,
        callback=table_file,
    ),
]
_Record = Annotated[
    Path | None,
    typer.Option(
        "--record",
        metavar="FILE",
        help="Record of the sweep, for `portfolio verify`: .json.",
        show_default=False,
    ),
]
_Jobs = Annotated[
    int | None,
    typer.Option(
        "--jobs",
        "-j",
        min=1,
        help="Scenarios worked on at a time; one per processor.",
        show_default=False,
    ),
]


def whatif(
    proposals: Proposals,
    policy: RequiredPolicy,
    settings: _Settings = None,
    named: _Named = None,
    reviews: Reviews = None,
    bounds: _Bounds = False,
    gap: _Gap = None,
    file: _File = None,
    by_proposal: _ByProposal = None,
    record: _Record = None,
    jobs: _Jobs = None,
    encoding: Encoding = None,
    quiet: Quiet = False,
) -> None:
    """Decide again under other values of the policy, and say what changes against the policy as it is.

    Example: portfolio whatif proposals.csv --policy policy.toml --set reserve.high_risk.share=0,0.1 --out out.csv
    """
    partial = None if file is None else file.with_name(f"{file.name}.partial")
    with steps(quiet=quiet) as step:
        step("Reading")
        rules = _with_gap(read_policy(policy), gap)
        scenarios = as_scenarios(_scenarios(rules, settings or [], named or [], gap), rules)
        call = noted(read_call(proposals, reviews, policy=rules, encoding=encoding))
        step("Deciding under the policy as it is")

        def watch(done: int, total: int) -> None:
            step(f"Deciding under other policies: {done:,} of {total:,}")

        # The rows are kept until the tables are written: a full disk loses none of them.
        problem = Problem(call, rules)
        found = analysis.whatif(
            problem, scenarios, exact=not bounds, jobs=jobs, journal=partial, keep=True, watch=watch
        )
    if found.complete:
        # Written before anything is shown: a reader who leaves early loses nothing.
        with together():
            write_tables([(found.scenarios, file), (found.proposals, by_proposal)])
            if record is not None:
                write_record(whatif_record(found, scenarios), record)
        if partial is not None:
            partial.unlink(missing_ok=True)
    if file is None or not quiet:
        _show(found, out())
    for written in (file, by_proposal, record):
        if found.complete and written is not None:
            say(f"Wrote {written}.", quiet=quiet)
    _end(found, partial)


def _scenarios(policy: Policy, settings: list[str], named: list[str], gap: float | None) -> list[Scenario]:
    if not settings and not named:
        hint = "--set / --scenario"
        raise typer.BadParameter("nothing is to be changed; give at least one", param_hint=hint)
    made: list[Scenario] = []
    if settings:
        keys = [parse_setting(text) for text in settings]
        if len({key for key, _ in keys}) < len(keys):
            hint = "--set"
            raise typer.BadParameter("a key is set twice; put its values into one --set", param_hint=hint)
        with set_by(policy, {key: f"--set {key}" for key, _ in keys}):
            made += scenario_grid(policy, dict(keys))
    for text in named:
        name, equals, path = text.partition("=")
        if not equals or not name.strip() or not path.strip():
            what = f"{text!r} is not NAME=FILE, as in generous=generous.toml"
            raise typer.BadParameter(what, param_hint="--scenario")
        made.append(Scenario(name.strip(), _with_gap(read_policy(Path(path.strip())), gap)))
    return made


def _with_gap(policy: Policy, gap: float | None) -> Policy:
    return policy if gap is None else policy.replace(solver=policy.solver.replace(gap=gap))


def _show(found: WhatIf, console: Console) -> None:
    frame = found.scenarios
    traits = [name for name in frame.columns if name.startswith("reserve.") and name.endswith(".delivered")]
    decided = frame["awards"].is_not_null().any()
    numbers = ["value", "gap", "spent", "awards", "enter", "leave"] if decided else ["bound", "spent"]
    if decided:
        numbers += [name.removesuffix(".delivered").removeprefix("reserve.") for name in traits]
    shown = table(
        f"What if ({found.problem.call.currency})", "scenario", "status", *numbers, numbers=tuple(numbers)
    )
    for row in frame.head(_SHOWN).iter_rows(named=True):
        cells = [_number(row["bound"]), _money(row["spent"])]
        if decided:
            counts = (row["awards"], row["entered"], row["left"])
            cells = [_number(row["value"]), gap_cell(row["gap"]), _money(row["spent"]), *map(_money, counts)]
            cells += [_money(row[name]) for name in traits]
        add_row(shown, row["scenario"], row["status"], *cells)
    console.print(shown)
    if frame.height > _SHOWN:
        console.print(f"and {frame.height - _SHOWN:,} more; all are in the file of --out FILE", markup=False)
    for row in frame.filter(pl.col("reason") != "").head(_SHOWN).iter_rows(named=True):
        console.print(f"{row['scenario']}: {row['reason']}", markup=False, soft_wrap=True)
    for line in _summary(found):
        console.print(line, markup=False, soft_wrap=True)


def _summary(found: WhatIf) -> list[str]:
    feasible = [row for row in found.rows[1:] if row.feasible]
    have = "have a bound" if isinstance(found.base, Relaxed) else "have a portfolio"
    lines = [f"{len(feasible):,} of {len(found.rows) - 1:,} scenarios {have}."]
    if found.base is None or not feasible:
        return lines
    counts = dict(found.proposals["stability"].value_counts().iter_rows())
    kinds = [f"{counts.get(kind, 0):,} {words}" for kind, words in _KINDS.items()]
    if isinstance(found.base, Portfolio):
        lines.append(f"Over them, of the proposals {', '.join(kinds)}.")
    else:
        first = next((row for row in found.rows if row.goals), found.rows[0])
        lines.append(
            f"{none_is(first, no='No portfolio')} is worth more than the bound; proposals are paid in parts, so "
            "nothing is decided."
        )
    return lines


_KINDS = {
    "always": "are always funded",
    "depends": "depend on the scenario",
    "never": "are never funded",
}


def _end(found: WhatIf, partial: Path | None) -> None:
    """End with what is left to be said: an interrupt, a limit, or that nothing keeps the rules."""
    if not found.complete:
        again = f"; run the same command again to go on, they are in {partial}" if partial else ""
        say(f"Interrupted: {len(found.rows) - 1:,} of {found.asked:,} scenarios were done{again}.")
        raise typer.Exit(_LIMIT)
    cut = {Stop.TIME_LIMIT, Stop.NODE_LIMIT, "nothing_found"}
    if any(row.status in cut for row in found.rows):
        say("Some scenarios were stopped by a limit before the gap asked for was proven; see their status.")
        raise typer.Exit(_LIMIT)
    if not any(row.feasible for row in found.rows):
        raise typer.Exit(InfeasibleError.exit_code)


def _number(value: float | None) -> str:
    return "" if value is None else figure(value)


def _money(value: object) -> str:
    return "" if value is None else f"{value:,}"
