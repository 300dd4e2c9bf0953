"""A problem as a tree that a person can read, with "none" said out loud."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator

import polars as pl

from portfolio.call.money import total
from portfolio.optimize.figures import counted
from portfolio.optimize.instance import Instance
from portfolio.optimize.rows.limits import bounds, group_name, limit_groups
from portfolio.optimize.rows.links import listed
from portfolio.optimize.rows.pool import pool_money
from portfolio.optimize.rows.reserves import reserve_words
from portfolio.optimize.terms import as_given
from portfolio.policy import Coverage, Limit, Link, Objective, Overspend, Policy, Stable
from portfolio.policy.rules import Softenable
from portfolio.shown import Outline


def tree(instance: Instance, policy: Policy) -> Outline:
    """Return the parts of a problem: its data, the policy, and how it is optimised."""
    heads = {
        "data": list(_data(instance)),
        "policy": list(_policy(instance, policy)),
        "optimisation": list(_optimisation(instance, policy)),
    }
    return Outline("Problem", heads)


def _data(instance: Instance) -> Iterable[str]:
    n = len(instance.ids)
    ineligible = sum(bool(reason) for reason in instance.ineligible)
    yield f"proposals: {n:,}, of which {ineligible:,} are ineligible and {int(instance.open.sum()):,} may be funded"
    yield f"asked for: {instance.money(total(instance.amount))}"
    yield f"traits: {_listed(f'{name} ({int(mask.sum()):,})' for name, mask in instance.traits.items())}"


def _policy(instance: Instance, policy: Policy) -> Iterable[str]:
    yield f"budget: {', '.join(_budget(instance, policy))}"
    yield f"eligible: {policy.eligible or 'all'}"
    yield f"reserves: {_listed(reserve_words(instance, reserve) + _softly(reserve) for reserve in policy.reserve)}"
    if policy.reserve:
        yield f"reserves count {policy.reserve_accounting} as {policy.reserve_order}".replace("_", " ")
    yield f"limits: {_listed(_limits(instance, policy))}"
    yield f"coverage: {_listed(coverage_words(coverage) for coverage in policy.coverage)}"
    yield f"links: {_listed(link_words(link) + _softly(link) for link in policy.link)}"
    yield f"exploratory pool: {pool_words(instance, policy)}"
    yield f"must fund: {_listed(policy.must_fund)}"
    yield f"must not fund: {_listed(policy.must_not_fund)}"


def _budget(instance: Instance, policy: Policy) -> Iterable[str]:
    years = len(instance.budgets)
    yield instance.money(instance.budget) + (f" over {years} years" if years > 1 else "")
    if any(instance.committed):
        yield f"after {instance.money(sum(instance.committed))} that are promised already"
    if policy.carry_over is not None:
        yield f"up to {instance.money(instance.carry)} carried from a year to the next"
    if policy.overspend is not None:
        yield _overspend(instance, policy.overspend)
    if policy.stable is not None:
        yield stable_words(policy.stable)
    if policy.overcommit is not None:
        yield f"over-committed to a chance of {100 * policy.overcommit.epsilon:g}% of spending more"


def stable_words(stable: Stable) -> str:
    """Say who gets stable funding, and within what."""
    return f"stable funding where {stable.where}, within {100 * stable.firm:g}% of each year{_softly(stable)}"


def _overspend(instance: Instance, rule: Overspend) -> str:
    most = "" if math.isinf(instance.most) else f" by at most {instance.money(int(sum(instance.beyond)))}"
    return f"may be exceeded{most}{_softly(rule)}"


def pool_words(instance: Instance, policy: Policy) -> str:
    """Say what the exploratory pool is."""
    pool = policy.exploratory
    if pool is None:
        return "none"
    most = "" if pool.max_award is None else f", at most {pool.max_award:,} {instance.currency} per award"
    left = {"return": "what it leaves goes to the others", "hold": "what it leaves is held"}[pool.left]
    return f"{instance.money(pool_money(instance, pool))} where {pool.where}{most}; {left}{_softly(pool)}"


def coverage_words(coverage: Coverage) -> str:
    """Say what coverage asks for, and what it adds."""
    least = f"{coverage.least} for each of {coverage.per}{_softly(coverage)}" if coverage.least else ""
    chance = f"{coverage.weight:g} for a sure success in each of {coverage.per}" if coverage.weight else ""
    return "; ".join(part for part in (least, chance) if part)


def _softly(rule: Softenable) -> str:
    if rule.price is not None:
        return f" (or {rule.price:g} of value per unit missed)"
    return "" if rule.priority is None else f" (priority {rule.priority})"


def _limits(instance: Instance, policy: Policy) -> Iterable[str]:
    for index, limit in enumerate(policy.limit):
        yield from limit_words(instance, index, limit)


def limit_words(instance: Instance, index: int, limit: Limit) -> Iterator[str]:
    """Say each bound of a limit in words."""
    of, words = limit_groups(instance, index, limit)
    name = f"(each of {len(of.names)})" if limit.per else group_name(limit)
    for bound in bounds(instance, index, limit):
        yield f"{words.replace('{name}', name)} {bound.words}{_softly(limit)}"


def link_words(link: Link) -> str:
    """Say a link in words."""
    match link.kind:
        case "at_most":
            return f"at most {link.k} of {link.per or ', '.join(link.proposals or ())}"
        case "requires":
            return f"{link.proposal} only if {link.needs}"
        case "all_or_none":
            return f"all or none of {', '.join(link.proposals or ())}"
        case "synergy":
            return f"{', '.join(link.proposals or ())} together add {link.value:g}"
        case "differs":
            unlike = counted(link.k or 0, "decision", "decisions")
            return f"at least {unlike} unlike funding {listed(link.proposals or ()) or 'nothing'}"


def _optimisation(instance: Instance, policy: Policy) -> Iterable[str]:
    objective, solver = policy.objective, policy.solver
    size = {0.0: "", 1.0: " x amount"}.get(objective.exponent, f" x amount^{objective.exponent:g}")
    yield f"maximise: the sum of {_worth(objective)}{size} over the awards"
    match objective.partial:
        case True:
            yield _cut(instance.table, "min_amount", "any amount from min_amount to the request")
        case "levels":
            yield _cut(instance.table, "levels", "the request or one of its levels")
        case _:
            yield "awards: whole requests"
    effort = f"to a gap of {solver.gap:g} within {solver.time_limit:g} seconds"
    yield f"engine: {solver.engine}, {effort}, seed {solver.seed}"


def _cut(table: pl.DataFrame, column: str, words: str) -> str:
    """Say what awards may be, and of how many proposals nothing is stated: those are funded whole."""
    if column not in table.columns:
        return f"awards: whole requests, since no proposal has {column}"
    cells = table[column]
    stated = cells.is_not_null() if cells.dtype != pl.List else cells.list.len().fill_null(0) > 0
    if (whole := table.height - int(stated.sum())) == table.height:
        return f"awards: whole requests, since no proposal has {column}"
    return f"awards: {words}" + (
        f"; whole for {whole:,} of {table.height:,} without {column}" if whole else ""
    )


def _worth(objective: Objective) -> str:
    if not objective.criterion:
        return f"(merit - {as_given(objective.zero)})"
    terms = [f"({c.column} - {as_given(c.zero)}) / {as_given(c.scale)}" for c in objective.criterion]
    if objective.order == "lexicographic":
        return ", then ".join(terms)
    weighted = zip(objective.criterion, terms, strict=True)
    return f"({' + '.join(f'{as_given(c.weight)} {term}' for c, term in weighted)})"


def _listed(items: Iterable[str]) -> str:
    return "; ".join(items) or "none"
