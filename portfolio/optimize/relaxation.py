"""The cheapest relaxation: the least change to one rule, or to all together, that lets some portfolio exist."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction

import numpy as np

from portfolio.optimize.engine import Engine, Stop
from portfolio.optimize.figures import counted, percent_below
from portfolio.optimize.instance import Instance
from portfolio.optimize.loosening import GAP, Loosened, bound_of, counts_money, effort, giving
from portfolio.optimize.model import Model
from portfolio.optimize.rows.reserves import required
from portfolio.optimize.tally import gap_reached
from portfolio.optimize.vectors import Floats
from portfolio.policy import Policy, SolverSettings

# Rules between single proposals.
_SINGLE = ("link", "coverage")
# Changes below this are rounding; of whole counts, such as cents, below this part of one.
_NOTHING, _COUNT = 1e-6, 1e-3
# How much more than what is needed at least is tried, for so long each; and how long for a proof that it is the least.
_TRIES, _SECONDS_EACH = (0.1, GAP, 1e-5), 0.7


def cheapest_relaxation(
    instance: Instance,
    policy: Policy,
    engine: Engine,
    model: Model,
    named: tuple[str, str],
    rows: Sequence[tuple[int, int]],
) -> str | None:
    """Say how far one rule has to give way, everything else as it is; None if it cannot help by itself.

    Parameters
    ----------
    named
        The rule's key, and the rule in the funder's words.
    rows
        Its rows: index of the block, row within the block. All of them give way by the same size.
    """
    rule, words = named
    loose, settings, first = giving(model, rows), effort(policy.solver), len(model.value)
    relaxed = engine.relax(loose, settings)
    if relaxed.stop is Stop.INFEASIBLE:
        return None
    size = None if relaxed.x is None else relaxed.x[first:]
    if size is not None and _counts_awards(instance, policy, model, rows):
        # Awards are given way by as a whole.
        size = np.ceil(size - _NOTHING)
    x, _ = _least(engine, model, loose, size, settings)
    return None if x is None else _said(instance, policy, model, rule, words, rows, x, -1)


def relax_together(
    instance: Instance,
    policy: Policy,
    engine: Engine,
    model: Model,
    loosened: Loosened,
    words: Mapping[str, str],
) -> tuple[list[str], bool]:
    """Say by how much each rule gives way if all may and the changes, as shares of each rule, are small in all.

    Parameters
    ----------
    words
        The firm rules by their keys, in the funder's words.

    Returns
    -------
    changes, proven
        And whether less is proven not to be enough.
    """
    size = None if loosened.relaxed.x is None else loosened.relaxed.x[len(model.value) :]
    x, proven = _least(engine, model, loosened.model, size, effort(policy.solver))
    said = []
    for rule, columns, rows in loosened.changes if x is not None else ():
        for column, row in zip(columns, rows, strict=True):
            if x is not None and x[column] > _NOTHING:
                text = words[rule] if len(rows) == 1 else model.blocks[row[0]].text(row[1])
                said.append(_said(instance, policy, model, rule, text, [row], x, column))
    # Links may have been left as they are, and what is dearer than the budget has no column.
    every = {rule for rule, *_ in loosened.changes} >= set(words) and not instance.unpayable.any()
    return said, proven and every


def _least(
    engine: Engine, model: Model, giving: Model, size: Floats | None, settings: SolverSettings
) -> tuple[Floats | None, bool]:
    """Return a portfolio for which rules give way as little as can be found, and whether less is proven impossible.

    Parameters
    ----------
    giving
        The model with columns by which rules give way, and their cost as its objective.
    size
        By how much they must give way at least; None if that is not known.
    """
    best = None
    if size is not None and np.any(size > _NOTHING):
        first = len(model.value)
        best = _tried(engine, model, giving, size, settings)
        if best is not None and giving.value @ best >= (1 + GAP) * (giving.value[first:] @ size) - _NOTHING:
            return best, True
        if np.any(size <= _NOTHING):
            # Only those that have to: few, and those that matter.
            high = np.concatenate([giving.high[:first], np.where(size > _NOTHING, np.inf, 0.0)])
            best = _better(giving, best, engine.solve(giving.bound(high=high), settings).x)
    if best is not None:
        settings = settings.replace(time_limit=min(settings.time_limit, _SECONDS_EACH))
    whole = engine.solve(giving, settings)
    return _better(giving, best, whole.x), whole.x is not None and not whole.stop.cut_short


def _better(giving: Model, best: Floats | None, found: Floats | None) -> Floats | None:
    if best is None or found is None:
        return found if best is None else best
    return found if giving.value @ found > giving.value @ best else best


def _tried(
    engine: Engine, model: Model, giving: Model, size: Floats, settings: SolverSettings
) -> Floats | None:
    """Return a portfolio of some value for which rules give way by little more than a size; None if none is found.

    Whether there is any is found sooner than the least that rules have to give way. The value of the awards tells the
    search which of them to try.
    """
    first = len(model.value)
    value = np.concatenate([model.value, np.zeros(len(size))])
    best, limits = None, settings.replace(gap=1.0, time_limit=min(settings.time_limit, _SECONDS_EACH))
    for more in _TRIES:
        high = np.concatenate([giving.high[:first], size * (1 + more) + _NOTHING])
        found = engine.solve(giving.bound(high=high).aim(value), limits).x
        if found is None:
            break
        best = found
    if best is None:
        return None
    # Those awards may need less than they were allowed.
    same = [np.where(model.integer, best[:first], end) for end in (model.low, model.high)]
    bounds = {"low": np.append(same[0], giving.low[first:]), "high": np.append(same[1], giving.high[first:])}
    return engine.solve(giving.bound(**bounds), settings).x


def _said(
    instance: Instance,
    policy: Policy,
    model: Model,
    rule: str,
    words: str,
    rows: Sequence[tuple[int, int]],
    x: Floats,
    column: int,
) -> str:
    """Say what a portfolio needs of a rule; the entry of a column is by how much its rows give way."""
    size = float(x[column])
    limit = policy.limit[int(rule[6:-1]) - 1] if rule.startswith("limit[") else None
    if limit is not None and limit.max_gap is not None:
        gap = gap_reached(instance, int(rule[6:-1]) - 1, limit, model.awards(instance, x))
        return f"{words}: max_gap = {math.ceil(1000 * gap) / 1000:g} would be enough"
    if rule.startswith(_SINGLE) and not all(np.all(model.blocks[block].data > 0) for block, _ in rows):
        return f"{words}: would have to be dropped"
    if _counts_awards(instance, policy, model, rows):
        return f"{words}: would have to give way by {counted(math.ceil(size - _NOTHING), 'award', 'awards')}"
    if limit is not None and limit.of is not None:
        sums = instance.sums[int(rule[6:-1]) - 1]
        missed = Decimal(math.ceil(size * sums.scale - _COUNT)) / sums.unit
        return f"{words}: would have to give way by {missed:,f} of {limit.of}"
    money = instance.money(minor := math.ceil(size * model.unit - _COUNT))
    if rule == "budget":
        same = ", with what is a share of it as it is" if _shares(policy) else ""
        return f"{words}: would have to be exceeded by {money}{same}"
    reserve = next((reserve for reserve in policy.reserve if reserve.key == rule), None)
    if reserve is None or reserve.base == "spent":
        return f"{words}: would have to give way by {money}"
    left = required(instance, reserve, 0) - minor
    share = percent_below(float(Fraction(left) / max(1, instance.budget)))
    return f"{words}: could be at most {instance.money(int(left))}, {share} of the budget"


def _counts_awards(instance: Instance, policy: Policy, model: Model, rows: Sequence[tuple[int, int]]) -> bool:
    block = rows[0][0]
    bound = bound_of(instance, policy, model, block)
    return not counts_money(instance, policy, model, block) and (bound is None or bound.of == "awards")


def _shares(policy: Policy) -> bool:
    """Whether other rules are shares of the budget."""
    of_budget = any(rule.share is not None and rule.base == "budget" for rule in policy.reserve)
    limits = any(
        rule.base == "budget" and (rule.min_share, rule.max_share) != (None, None) for rule in policy.limit
    )
    pool = policy.exploratory is not None and policy.exploratory.share is not None
    return of_budget or limits or pool or policy.stable is not None
