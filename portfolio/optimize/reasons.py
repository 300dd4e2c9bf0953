"""Why each proposal was decided as it was, in words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from portfolio.optimize.awards import Awards
from portfolio.optimize.figures import figure
from portfolio.optimize.groups import Groups
from portfolio.optimize.instance import Instance
from portfolio.optimize.rows.limits import Bound, bounds, limit_groups, limit_key
from portfolio.optimize.rows.links import at_most_groups, link_key
from portfolio.optimize.rows.pool import pool_money
from portfolio.optimize.rows.reserves import counts
from portfolio.optimize.rows.stable import firm_money
from portfolio.optimize.solution import Solution
from portfolio.optimize.tally import group_awards, group_totals, spent_in_year
from portfolio.optimize.vectors import Bools, Floats, Integers
from portfolio.policy import Policy

Texts = np.ndarray[tuple[int], np.dtype[Any]]
# Smaller losses read as 0.
_LEAST = 5e-5


def reasons(instance: Instance, policy: Policy, solution: Solution) -> tuple[str, ...]:
    """Return one sentence per proposal."""
    why = np.array(instance.ineligible, dtype=object)
    funded = solution.chosen
    left_out = ~funded & ~why.astype(bool)
    losses = _losses(solution)
    why[left_out] = _not_funded(instance, policy, solution, left_out)
    worse = left_out & losses.astype(bool)
    why[worse] += "; funding it would lose a value of at least " + losses[worse]
    why[funded] = _funded(instance, policy, solution)
    worse = funded & losses.astype(bool)
    why[worse] += "; not funding it would lose a value of at least " + losses[worse]
    return tuple(why.tolist())


def _funded(instance: Instance, policy: Policy, solution: Solution) -> Texts:
    """Say what each funded proposal is part of."""
    funded = np.flatnonzero(solution.chosen)
    traits = [reserve.trait for reserve in policy.reserve]
    counting = [counts(instance, reserve)[funded] for reserve in policy.reserve]
    also = [f"; counts towards {', '.join(names)}" if names else "" for names in _subsets(traits, counting)]
    why = np.array([f"part of the most valuable portfolio found{text}" for text in also], dtype=object)
    why = why[_kinds(counting, len(funded))]
    less = solution.awards.amount[funded] < instance.amount[funded]
    for row in np.flatnonzero(less).tolist():
        why[row] += (
            f"; awarded less than the {instance.money(int(instance.amount[funded[row]]))} that it asks for"
        )
    place = {int(index): row for row, index in enumerate(funded)}
    for part in solution.rounds:
        rows = [place[instance.position[name]] for name in part.awards]
        why[rows] = f"among the best for the money of the round {part.name}"
    why[[place[instance.position[name]] for name in policy.must_fund]] = (
        "the policy says that it must be funded"
    )
    return why


def _not_funded(instance: Instance, policy: Policy, solution: Solution, mask: Bools) -> Texts:
    """Say why each of some proposals is not funded."""
    rows = np.flatnonzero(mask)
    caps = [(words, over[rows]) for words, over in _caps(instance, policy, solution.awards)]
    rules = [
        " and ".join(names) for names in _subsets([words for words, _ in caps], [over for _, over in caps])
    ]
    texts = [
        f"others are worth more together; beside them it would break {text}"
        if text
        else "others are worth more together under the rules"
        for text in rules
    ]
    why = np.array(texts, dtype=object)[_kinds([over for _, over in caps], len(rows))]
    value, open_ = instance.value[rows], instance.open[rows]
    why[~open_] = f"it asks for more than {_whole(policy)}"
    worthless = value < 0
    if len(instance.criteria):
        worthless = (instance.criteria[0][rows] < 0) & ~open_
    if policy.objective.criterion:
        first = policy.objective.criterion[0].column
        why[~open_ & worthless] = (
            f"{first} is below its zero, at which a proposal is worth nothing"
            if len(instance.criteria)
            else "its criteria add up to less than zero, at which a proposal is worth nothing"
        )
    else:
        zero = policy.objective.zero
        for row in np.flatnonzero((~open_ & worthless) | (open_ & (value == 0))).tolist():
            merit = f"merit {instance.merit[rows[row]]:.4g} is"
            why[row] = (
                f"{merit} below {zero:g}, at which a proposal is worth nothing"
                if worthless[row]
                else f"{merit} just where a proposal is worth nothing, so funding it adds no value"
            )
    refused = np.isin(rows, [instance.position[name] for name in policy.must_not_fund])
    why[refused] = "the policy says that it must not be funded"
    return why


def _whole(policy: Policy) -> str:
    if policy.overcommit is not None:
        return "may be promised of the budget"
    return (
        "the whole budget" if policy.overspend is None else "the whole budget and what may be spent beyond it"
    )


def _losses(solution: Solution) -> Texts:
    """Return (n,) what deciding the other way would lose at least, in words; empty where nothing is proven."""
    losses = np.full(len(solution.margins), "", dtype=object)
    proven = np.flatnonzero(solution.margins > _LEAST)
    losses[proven] = [figure(margin, 4) for margin in solution.margins[proven].tolist()]
    return losses


def _kinds(masks: Sequence[Bools], rows: int) -> Integers:
    """Return (rows,) which of the `_subsets` each row is of."""
    return np.unique(_packed(masks, rows), return_inverse=True)[1].reshape(-1)


def _subsets(names: Sequence[str], masks: Sequence[Bools]) -> list[list[str]]:
    """Return, for each combination of masks that occurs, the names of those that are true in it."""
    rows = len(masks[0]) if masks else 0
    if not masks:
        return [[]]
    first = np.unique(_packed(masks, rows), return_index=True)[1].tolist()
    return [[name for name, mask in zip(names, masks, strict=True) if mask[row]] for row in first]


def _packed(masks: Sequence[Bools], rows: int) -> np.ndarray[tuple[int], np.dtype[np.void]]:
    """Write the masks of each row as one key."""
    bits = np.packbits(np.array(masks, dtype=bool).reshape(len(masks), rows), axis=0).T
    if not bits.shape[1]:
        bits = np.zeros((rows, 1), dtype=np.uint8)
    bits = np.ascontiguousarray(bits)
    return bits.view(np.dtype((np.void, bits.shape[1]))).reshape(-1)


def _caps(instance: Instance, policy: Policy, awards: Awards) -> Iterator[tuple[str, Bools]]:
    n = len(instance.ids)
    for year, budget in enumerate(instance.budgets):
        if any(rule is not None for rule in (policy.overcommit, policy.carry_over, policy.overspend)):
            continue
        left = int(budget - instance.committed[year] - spent_in_year(instance, awards, year))
        of = "" if len(instance.budgets) == 1 else f" of year {year + 1}"
        part = np.divide(instance.sizes.least, instance.amount, out=np.ones(n), where=instance.amount > 0)
        yield f"the budget{of} ({instance.money(left)} left)", instance.by_year[:, year] * part > left
    if policy.stable is not None and not policy.stable.soft:
        stable = awards.among(instance.stable)
        for year in range(len(instance.budgets)):
            firm = firm_money(instance, policy.stable, year)
            rest = max(0, int(firm - spent_in_year(instance, stable, year)))
            words = f"stable funding (of what is certain in year {year + 1}, {instance.money(rest)} are left)"
            yield words, instance.stable & (instance.by_year[:, year] > rest)
    if policy.exploratory is not None and not policy.exploratory.soft:
        left = pool_money(instance, policy.exploratory) - awards.among(instance.pool).spent
        words = f"the exploratory pool ({instance.money(left)} left)"
        yield words, instance.pool & (instance.sizes.least > left)
    for index, limit in enumerate(policy.limit):
        if limit.soft:
            continue
        of_limit, _ = limit_groups(instance, index, limit)
        for bound in bounds(instance, index, limit):
            if bound.floor or bound.of == "spent" or bound.gap:
                continue
            sizes = group_totals(instance, index, of_limit, awards, bound)
            step = _steps(instance, index, bound)
            left_over = np.array([float(bound.size) - size for size in sizes])
            yield f"{limit_key(index)} ({bound.words})", _over(instance, of_limit, step, left_over)
    for index, link in enumerate(policy.link):
        if link.kind == "at_most" and not link.soft:
            of_link = at_most_groups(instance, link)
            full = (link.k or 0) - group_awards(of_link, awards.funded).astype(float)
            words = f"{link_key(index)} (at most {link.k} of {link.per or 'a list'})"
            yield words, _over(instance, of_link, np.ones(len(instance.ids)), full)


def _steps(instance: Instance, index: int, bound: Bound) -> Floats:
    """Return (n,) what funding each proposal would add to a bound at least."""
    match bound.of:
        case "awards":
            return np.ones(len(instance.ids))
        case "column":
            return instance.sums[index].cells.astype(float)
        case _:
            return instance.sizes.least.astype(float)


def _over(instance: Instance, of: Groups, step: Floats, left: Floats) -> Bools:
    """Return which proposals need more than one of their groups has left."""
    over = np.zeros(len(instance.ids), dtype=bool)
    over[of.member[step[of.member] > left[of.group]]] = True
    return over
