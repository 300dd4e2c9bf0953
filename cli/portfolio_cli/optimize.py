"""``portfolio optimize``: the main job, from a call and a policy to awards."""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from portfolio.analysis import outcomes
from portfolio.call import read_call
from portfolio.call.money import to_major
from portfolio.optimize import (
    Portfolio,
    Problem,
    ReservePrice,
    RulePrice,
    Stage,
    Stop,
    price_reserves,
    price_rules,
)
from portfolio.optimize.clock import ended_together
from portfolio.optimize.figures import at_most
from portfolio.optimize.mistyped import mistyped
from portfolio.policy import Policy, read_policy
from portfolio.report import (
    RECORD,
    as_record,
    gap_in_words,
    price_in_words,
    rules_in_words,
    value_in_words,
    write_decision,
)
from portfolio.scoring import with_novelty
from portfolio_cli.options import Corpus, Encoding, Proposals, Quiet, RequiredPolicy, Reviews, set_by
from portfolio_cli.rule_prices import show_rule_prices
from portfolio_cli.terminal import Steps, add_row, grade, noted, out, say, steps, table

_SHOWN = 60
_LIMIT = 5


_Budget = Annotated[
    float | None,
    typer.Option("--budget", "-b", help="Instead of the policy's budget.", show_default=False),
]
_Folder = Annotated[
    Path | None,
    typer.Option(
        "--out", "-o", metavar="DIR", help="Folder for the files of the decision.", show_default=False
    ),
]
_AsJson = Annotated[bool, typer.Option("--json", help="Print the decision as JSON instead of tables.")]
_Expected = Annotated[
    bool,
    typer.Option("--outcomes", help="Also say what may become of the awards: successes and failures."),
]
_EveryRule = Annotated[
    bool,
    typer.Option("--rules", help="Also price every rule of the policy by deciding again without it."),
]
_Previous = Annotated[
    Path | None,
    typer.Option(
        "--previous",
        metavar="DIR",
        help="Folder of the decision that this one follows: the record names it by its SHA-256.",
        show_default=False,
    ),
]


def optimize(
    proposals: Proposals,
    policy: RequiredPolicy,
    reviews: Reviews = None,
    budget: _Budget = None,
    folder: _Folder = None,
    as_json: _AsJson = False,
    expected: _Expected = False,
    every_rule: _EveryRule = False,
    previous: _Previous = None,
    corpus: Corpus = None,
    encoding: Encoding = None,
    quiet: Quiet = False,
) -> None:
    """Find the best portfolio that keeps every rule of the policy, and say what was proven.

    Example: portfolio optimize proposals.csv --reviews reviews.csv --policy policy.toml --out decision
    """
    if (expected or every_rule) and as_json:
        what = "is shown beside the tables, not as JSON"
        raise typer.BadParameter(what, param_hint="--outcomes" if expected else "--rules")
    if previous is not None and folder is None:
        raise typer.BadParameter("goes with --out", param_hint="--previous")
    with steps(quiet=quiet) as step, ended_together():
        portfolio, prices = _decide(proposals, reviews, policy, budget, corpus, encoding, step)
        priced = price_rules(portfolio, lambda rule: step(f"Pricing {rule}")) if every_rule else ()
    for note in portfolio.problem.instance.scores.notes:
        say(f"Note: {note}")
    if not quiet:
        for finding in mistyped(portfolio.problem.instance, portfolio.policy):
            say(f"Note: {finding}")
    if folder is not None:
        written = [path.name for path in write_decision(portfolio, folder, prices, previous=previous)]
    if as_json:
        record = (
            as_record(portfolio, prices) if folder is None else json.loads((folder / RECORD).read_bytes())
        )
        json.dump(record, sys.stdout, indent=2, sort_keys=True, ensure_ascii=False)
        sys.stdout.write("\n")
    else:
        _show(portfolio, prices, out())
        if priced:
            show_rule_prices(priced, out())
        if expected:
            out().print(str(outcomes(portfolio)), markup=False, soft_wrap=True)
    if folder is not None:
        say(f"Wrote {', '.join(written[:-1])} and {written[-1]} into {folder}.", quiet=quiet)
    _end(portfolio, (*prices, *priced))


def _end(portfolio: Portfolio, prices: Sequence[RulePrice]) -> None:
    """Say which searches were cut short, and end with the exit code for it."""
    early = {price.rule: price.stop for price in prices if price.stop is not None and price.stop.cut_short}
    interrupted = Stop.INTERRUPTED in early.values()
    if portfolio.status.cut_short:
        say(gap_in_words(portfolio))
    if interrupted:
        say(
            "Interrupted before every rule was priced. The awards stand as they are; a true price is proven to lie in "
            "the range that is given, and where none is given, nothing is known of it."
        )
    elif early:
        say(
            f"Note: a limit stopped the search for the price of {', '.join(early)}; no more is proven than is shown."
        )
    if portfolio.status.cut_short or interrupted:
        raise typer.Exit(_LIMIT)


def _decide(
    proposals: Path,
    reviews: Path | None,
    policy: Path,
    budget: float | None,
    corpus: Path | None,
    encoding: str | None,
    step: Steps,
) -> tuple[Portfolio, tuple[ReservePrice, ...]]:
    step("Reading")
    rules = read_policy(policy)
    if budget is not None and len(rules.budgets) > 1:
        raise typer.BadParameter("the policy has a budget per year; change it there", param_hint="--budget")
    with set_by(rules, {} if budget is None else {"budget": "--budget"}):
        changed = rules if budget is None else rules.replace(budget=budget)
        return _decided(changed, proposals, reviews, corpus, encoding, step)


def _decided(
    rules: Policy,
    proposals: Path,
    reviews: Path | None,
    corpus: Path | None,
    encoding: str | None,
    step: Steps,
) -> tuple[Portfolio, tuple[ReservePrice, ...]]:
    call = read_call(proposals, reviews, policy=rules, encoding=encoding)
    if corpus is not None:
        step("Comparing with earlier texts")
        call = with_novelty(call, corpus, encoding=encoding)
    noted(call)
    choosing = f"Choosing among {len(call):,} proposals"
    step(choosing)

    def watch(stage: Stage) -> None:
        within = "" if math.isinf(stage.gap) else f", within {at_most(100 * stage.gap, 2)}% of the best"
        step(f"{choosing}{within}")

    portfolio = Problem(call, rules).solve(watch)
    if portfolio.status is Stop.INTERRUPTED:
        return portfolio, ()
    prices = price_reserves(portfolio, lambda trait: step(f"Pricing the reserve for {trait}"))
    return portfolio, prices


def _show(portfolio: Portfolio, prices: tuple[ReservePrice, ...], console: Console) -> None:
    _show_awards(portfolio, console)
    if portfolio.reserves:
        _show_reserves(portfolio, prices, console)
    for line in _summary(portfolio):
        console.print(line, markup=False, soft_wrap=True)


def _show_awards(portfolio: Portfolio, console: Console) -> None:
    instance, awards = portfolio.problem.instance, portfolio.solution.awards
    shown = table("Awards", "id", "amount", "merit", *instance.traits, numbers=("amount", "merit"))
    for name in portfolio.ids[:_SHOWN]:
        row = instance.position[name]
        amount = to_major(int(awards.amount[row]), portfolio.currency)
        marks = ["yes" if mask[row] else "" for mask in instance.traits.values()]
        add_row(shown, name, f"{amount:,}", grade(float(instance.merit[row])), *marks)
    console.print(shown)
    if len(portfolio.ids) > _SHOWN:
        console.print(
            f"and {len(portfolio.ids) - _SHOWN:,} more; all are in awards.csv of --out DIR", markup=False
        )


def _show_reserves(portfolio: Portfolio, prices: tuple[ReservePrice, ...], console: Console) -> None:
    numbers = ("required", "delivered", "eligible demand", "price (value lost)")
    currency = portfolio.problem.call.currency
    last = "pot spent" if portfolio.rounds else "met"
    shown = table(f"Reserves ({currency})", "trait", *numbers, last, numbers=numbers)
    priced = {price.trait: price_in_words(price) for price in prices}
    for report in portfolio.reserves:
        money = [f"{sum_:,}" for sum_ in (report.required, report.delivered, report.eligible)]
        price = priced.get(report.trait, "not priced")
        add_row(shown, report.trait, *money, price, "yes" if report.met else "no")
    console.print(shown)


def _summary(portfolio: Portfolio) -> list[str]:
    problem = portfolio.problem
    order = problem.policy.reserve_order.replace("_", " ")
    ineligible = int((~problem.instance.eligible & ~portfolio.solution.chosen).sum())
    aside = problem.call.set_aside.select("file", "row").n_unique()
    lines = [
        f"Funded {len(portfolio.ids):,} of {len(problem.call):,} proposals with {portfolio.spent:,} of "
        f"{portfolio.budget:,} {problem.call.currency}; {ineligible:,} were ineligible, "
        f"{aside:,} row{'' if aside == 1 else 's'} set aside.",
        f"Value: {value_in_words(portfolio)}. {gap_in_words(portfolio)}",
    ]
    if problem.policy.reserve:
        lines.append(f"Reserves: {order}.")
    lines += [f"  {line}" for line in rules_in_words(portfolio)]
    currency = problem.call.currency
    lines += [
        f"  Round {part.name}: {part.spent:,} of {part.pot:,} {currency} spent." for part in portfolio.rounds
    ]
    held = sum(
        report.required - report.delivered
        for rule, report in zip(problem.policy.reserve, portfolio.reserves, strict=True)
        if rule.shortfall == "hold" and not report.met
    )
    return [*lines, f"Held and not spent: {held:,} {currency}."] if held else lines
