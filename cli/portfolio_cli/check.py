"""``portfolio check``: what is wrong or odd, before anything is decided."""

from __future__ import annotations

import typer

from portfolio.call import read_call
from portfolio.call.confusable import look_alikes
from portfolio.optimize import Problem
from portfolio.optimize.mistyped import scaled
from portfolio.policy import read_policy
from portfolio_cli.options import Encoding, PolicyFile, Proposals, Quiet, Reviews
from portfolio_cli.terminal import out, say, steps


def check(
    proposals: Proposals,
    reviews: Reviews = None,
    policy: PolicyFile = None,
    encoding: Encoding = None,
    quiet: Quiet = False,
) -> None:
    """Check proposals, reviews and policy, and say everything that is wrong.

    Example: portfolio check proposals.csv --reviews reviews.csv --policy policy.toml
    """
    with steps(quiet=quiet) as step:
        step("Reading")
        rules = read_policy(policy) if policy else None
        call = read_call(proposals, reviews, policy=rules, encoding=encoding)
    for note in call.notes:
        out().print(f"Note: {note}", markup=False, soft_wrap=True)
    aside = call.set_aside.height
    if rules is None:
        out().print(f"{len(call):,} proposals can be used.", markup=False)
        for group in look_alikes(call.ids):
            out().print(f"Note: these ids look alike: {', '.join(group)}", markup=False, soft_wrap=True)
        for finding in scaled(call.frame["amount"].to_numpy(), call.currency):
            out().print(f"\nNote: {finding}", markup=False, soft_wrap=True)
        say("No policy was given, so no rules were checked.", quiet=quiet)
        return
    problem = Problem(call, rules)
    out().print(str(problem), markup=False, soft_wrap=True)
    if aside:
        out().print(f"Set aside: {call.set_aside.select('file', 'row').n_unique():,} rows", markup=False)
    for note in problem.instance.scores.notes:
        out().print(f"Note: {note}", markup=False, soft_wrap=True)
    findings = problem.check()
    for finding in findings:
        out().print(
            f"\n{'Cannot work' if finding.fatal else 'Note'}: {finding}", markup=False, soft_wrap=True
        )
    if any(finding.fatal for finding in findings):
        raise typer.Exit(4)
