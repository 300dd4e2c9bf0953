"""A problem as a tree that a person can read, with "none" said out loud."""

from __future__ import annotations

from collections.abc import Iterable

from portfolio.call.money import total
from portfolio.optimize.instance import Instance
from portfolio.optimize.rows.limits import bounds, limit_groups
from portfolio.optimize.rows.reserves import reserve_words
from portfolio.policy import Link, Policy


def tree(instance: Instance, policy: Policy) -> str:
    """Draw a problem: its data, the policy, and how it is optimised."""
    heads = {
        "data": _data(instance),
        "policy": _policy(instance, policy),
        "optimisation": _optimisation(policy),
    }
    lines = ["Problem"]
    for index, (head, items) in enumerate(heads.items()):
        last = index == len(heads) - 1
        lines.append(f"{'└' if last else '├'}─ {head}")
        stem = "   " if last else "│  "
        entries = list(items)
        lines += [
            f"{stem}{'└' if i == len(entries) - 1 else '├'}─ {entry}" for i, entry in enumerate(entries)
        ]
    return "\n".join(lines)


def _data(instance: Instance) -> Iterable[str]:
    n = len(instance.ids)
    ineligible = sum(bool(reason) for reason in instance.ineligible)
    yield f"proposals: {n:,}, of which {ineligible:,} are ineligible and {int(instance.open.sum()):,} may be funded"
    yield f"asked for: {instance.money(total(instance.amount))}"
    yield f"traits: {_listed(f'{name} ({int(mask.sum()):,})' for name, mask in instance.traits.items())}"


def _policy(instance: Instance, policy: Policy) -> Iterable[str]:
    years = f" over {len(instance.budgets)} years" if len(instance.budgets) > 1 else ""
    yield f"budget: {instance.money(instance.budget)}{years}"
    yield f"eligible: {policy.eligible or 'all'}"
    yield f"reserves: {_listed(reserve_words(instance, reserve) for reserve in policy.reserve)}"
    if policy.reserve:
        yield f"reserves count {policy.reserve_accounting} as {policy.reserve_order}".replace("_", " ")
    yield f"limits: {_listed(_limits(instance, policy))}"
    yield f"coverage: {_listed(f'{c.min_awards} for each of {c.per}' for c in policy.coverage)}"
    yield f"links: {_listed(_link(link) for link in policy.link)}"
    yield f"must fund: {_listed(policy.must_fund)}"
    yield f"must not fund: {_listed(policy.must_not_fund)}"


def _limits(instance: Instance, policy: Policy) -> Iterable[str]:
    for index, limit in enumerate(policy.limit):
        of, words = limit_groups(instance, index, limit)
        name = f"(each of {len(of.names)})" if limit.per else str(limit.where)
        for bound in bounds(instance, limit):
            yield f"{words.replace('{name}', name)} {bound.words}"


def _link(link: Link) -> str:
    match link.kind:
        case "at_most":
            return f"at most {link.k} of {link.per or ', '.join(link.proposals or ())}"
        case "requires":
            return f"{link.proposal} only if {link.needs}"
        case "all_or_none":
            return f"all or none of {', '.join(link.proposals or ())}"
        case "synergy":
            return f"{', '.join(link.proposals or ())} together add {link.value:g}"


def _optimisation(policy: Policy) -> Iterable[str]:
    objective, solver = policy.objective, policy.solver
    size = {0.0: "", 1.0: " x amount"}.get(objective.exponent, f" x amount^{objective.exponent:g}")
    yield f"maximise: the sum of (merit - {objective.zero:g}){size} over the awards"
    effort = f"to a gap of {solver.gap:g} within {solver.time_limit:g} seconds"
    yield f"engine: {solver.engine}, {effort}, seed {solver.seed}"


def _listed(items: Iterable[str]) -> str:
    return "; ".join(items) or "none"
