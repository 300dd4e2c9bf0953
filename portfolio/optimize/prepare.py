"""From a call and a policy to an instance: scores, conditions, and who may be funded."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

import numpy as np
import polars as pl

from portfolio.call import Call
from portfolio.call.money import exponent, to_minor
from portfolio.call.proposal import MOST_MONEY
from portfolio.errors import DataError, Issue
from portfolio.optimize.fits import conditions, fractions, misfits, not_eligible, shared_names
from portfolio.optimize.groups import Groups
from portfolio.optimize.instance import Counted, Instance
from portfolio.optimize.names import Positions
from portfolio.optimize.room import unpayable
from portfolio.optimize.sizes import Sizes, sizes
from portfolio.optimize.vectors import Bools, Floats, Integers
from portfolio.optimize.worth import numbers, worth
from portfolio.policy import Policy
from portfolio.policy.conditions import evaluate
from portfolio.policy.rules import exact
from portfolio.policy.scored import scores_of
from portfolio.scoring import Scores

# Cells of a limited column that is no money are counted in millionths.
_MILLION, _MOST = 1_000_000, 1e12


@dataclass(frozen=True, eq=False)
class Scored:
    """A call in the order of its ids, with its scores; the part of an instance that few changes of a policy touch.

    Attributes
    ----------
    groups
        See `Instance.known_groups`; another table begins with none.
    """

    call: Call
    scores: Scores
    table: pl.DataFrame
    groups: dict[tuple[str, int], Groups] = field(default_factory=dict, init=False, repr=False, compare=False)


def score_call(call: Call, policy: Policy) -> Scored:
    """Score a call as a policy says.

    Raises
    ------
    PolicyError
        If the policy states money finer than the smallest coin, or years that the call does not have.
    DataError
        If there is no proposal.
    """
    if not len(call):
        hint = (
            "there are no rows" if policy.only is None else f"`only` may leave none: only = {policy.only!r}"
        )
        raise DataError([Issue("the call has no proposals", hint)])
    policy.refuse(list(fractions(policy, call.currency)))
    call = call.sorted()
    scores = scores_of(call, policy)
    return Scored(call, scores, _table(call, scores))


def prepare(scored: Scored, policy: Policy) -> Instance:
    """Evaluate every condition of a policy on a call.

    Raises
    ------
    PolicyError
        With every fault: unknown columns, ids and conditions, missing years.
    DataError
        If none has a merit, or a level of funding makes no sense.
    """
    call, scores, table = scored.call, scored.scores, scored.table
    policy.refuse(list(fractions(policy, call.currency)))
    masks, faults = evaluate(table, dict(conditions(policy)), call.decimal_mark, policy.columns)
    ids = tuple(call.ids.to_list())
    position = Positions(ids)
    policy.refuse([*faults, *misfits(policy, call, table, position, shared_names(call, scores))])
    amount = call.frame["amount"].to_numpy()
    nobody = np.zeros(len(call), dtype=bool)
    stable, pool = masks.get(("stable", "where"), nobody), masks.get(("exploratory", "where"), nobody)
    by_year = _by_year(call, policy)
    budgets, committed = (_minor(sums, call.currency) for sums in (policy.budgets, policy.commitments))
    beyond = _beyond(policy, call.currency, budgets)
    room = [sum(sums) - minus for *sums, minus in zip(budgets, beyond, committed, strict=True)]
    most = _most(policy, call.currency, pool, int(amount.max()))
    freely, awards = _all_sizes(policy, call, most, stable, room)
    value, carry = worth(policy, table), to_minor(policy.carry_over or Decimal(0), call.currency)
    merit = table["merit"].cast(pl.Float64).fill_null(np.nan).to_numpy()
    if value.needs_merit:
        _refuse_no_merit(merit, policy, call)
    uneven = (by_year.sum(axis=1) != amount) & (len(budgets) > 1)
    why = {
        not_eligible(policy): ~masks.get(("eligible",), ~nobody),
        **_without_merit(call, np.isnan(merit) & value.needs_merit),
        "does not say how much it asks for in each year, and the budget is by year": uneven,
        "asks for more than the exploratory pool awards": awards.least > most,
    }
    locked = np.isin(np.arange(len(call)), [position[name] for name in policy.must_fund])
    wanted = ~np.any(list(why.values()), axis=0) & value.positive
    over = unpayable(policy, amount, by_year, awards.least, room, carry)
    return Instance(
        currency=call.currency,
        ids=ids,
        amount=amount,
        by_year=by_year,
        sizes=awards,
        freely=freely,
        merit=merit,
        value=value.total,
        criteria=value.criteria,
        ineligible=_first_reasons(why),
        open=(~np.any(list(why.values()), axis=0) & locked) | (wanted & ~over.any(axis=1)),
        wanted=wanted,
        unpayable=over,
        traits={name: masks["traits", name] for name in policy.traits},
        where={int(path[1]): mask for path, mask in masks.items() if path[0] == "limit"},
        sums=_sums(call, table, policy),
        stable=stable,
        pool=pool,
        budgets=budgets,
        committed=committed,
        beyond=beyond,
        carry=carry,
        position=position,
        table=table,
        scores=scores,
        known_groups=scored.groups,
    )


def _minor(sums: Sequence[Decimal], currency: str) -> tuple[int, ...]:
    return tuple(to_minor(money, currency) for money in sums)


def _sums(call: Call, table: pl.DataFrame, policy: Policy) -> dict[int, Counted]:
    """Return, per index of a limit on a column, its cells."""
    return {
        i: _counted(call, table, limit.of) for i, limit in enumerate(policy.limit) if limit.of is not None
    }


def _most(policy: Policy, currency: str, pool: Bools, largest: int) -> Integers:
    """Return (n,) the most that each proposal may be awarded: the cap of the pool, or the largest request."""
    cap = None if policy.exploratory is None else policy.exploratory.max_award
    return np.where(pool & (cap is not None), to_minor(cap or Decimal(0), currency), largest)


def _all_sizes(
    policy: Policy, call: Call, most: Integers, stable: Bools, room: Sequence[float]
) -> tuple[Sizes, Sizes]:
    """Return what awards may be by their rules alone, and with the money that there is."""
    freely = sizes(policy, call.frame, call.currency, most, stable)
    money = _all_money(policy, room)
    if money >= most.max(initial=0):
        return freely, freely
    return freely, sizes(policy, call.frame, call.currency, np.minimum(most, money), stable)


def _all_money(policy: Policy, room: Sequence[float]) -> int:
    """Return all the money there is, where an award may be cut: none is ever larger."""
    if policy.objective.partial is True and math.isfinite(sum(room)):
        return int(sum(room))
    return MOST_MONEY * 1_000


def _first_reasons(why: Mapping[str, Bools]) -> tuple[str, ...]:
    """Return, for each proposal, the first reason that applies to it; empty where none does."""
    reasons = np.zeros(len(next(iter(why.values()))), dtype=np.int8)
    for code, mask in reversed(list(enumerate(why.values(), start=1))):
        reasons[mask] = code
    words = ("", *why)
    return tuple(words[code] for code in reasons.tolist())


def _beyond(policy: Policy, currency: str, budgets: tuple[int, ...]) -> tuple[float, ...]:
    """Return by how much the budget of each year may be exceeded, in minor units; shares of it are rounded down."""
    rule = policy.overspend
    if rule is None:
        return (0,) * len(budgets)
    if rule.max_amount is not None:
        return (to_minor(rule.max_amount, currency),) * len(budgets)
    if rule.max_share is None:
        return (math.inf,) * len(budgets)
    return tuple(math.floor(exact(rule.max_share) * budget) for budget in budgets)


def _counted(call: Call, table: pl.DataFrame, column: str) -> Counted:
    if column in call.money:
        return Counted(call.frame[column].fill_null(0).to_numpy(), 10 ** exponent(call.currency))
    cells = np.nan_to_num(numbers(table, column))
    if np.abs(cells).max(initial=0.0) > _MOST:
        what = f"must be at most {_MOST:g} to be limited"
        raise DataError([Issue(what, "state it in larger units", column=column)])
    return Counted(np.rint(cells * _MILLION).astype(np.int64), _MILLION)


def _without_merit(call: Call, without: Bools) -> dict[str, Bools]:
    """Return why proposals have no merit: n booleans for each reason, the first that holds is the one."""
    # What is set aside of a proposal that is in the call are its reviews.
    aside = call.ids.is_in(call.set_aside["id"].drop_nulls().implode()).to_numpy()
    return {
        "has no merit: reviews of it are set aside, and no grade that counts is left": without & aside,
        "has no merit: no review with a grade that counts, and no merit in the data": without,
    }


def _refuse_no_merit(merit: Floats, policy: Policy, call: Call) -> None:
    if len(merit) and np.isnan(merit).all():
        hint = 'give a file of reviews, or map the column that holds it: [columns] merit = "..."'
        if call.reviews is not None:
            hint = "no grade of the reviews counts: look at the scores, the weights, and the rows that are set aside"
        elif policy.reviews is not None:
            hint = "the policy has [reviews], but no review with a grade was given: add --reviews FILE"
        raise DataError([Issue("no proposal has a merit, so there is nothing to choose by", hint)])


def _table(call: Call, scores: Scores) -> pl.DataFrame:
    """Join the columns of the call and the scores.

    Where the file has a column of its own with the name of a score, ``risk`` is the score, ``file_risk`` and
    ``scored_risk`` say which of the two is meant. A score without evidence is empty to every rule.
    """
    table, shared, known = call.table(), shared_names(call, scores), scores.known
    own = [table[name].alias(f"file_{name}") for name in shared]
    named = [known[name].alias(f"scored_{name}") for name in shared]
    return table.with_columns(*own, *named, *known.drop("id").get_columns())


def _by_year(call: Call, policy: Policy) -> Integers:
    if len(policy.budgets) == 1:
        return call.frame["amount"].to_numpy()[:, None]
    columns = [call.frame[f"amount_y{year + 1}"].fill_null(0).to_numpy() for year in range(call.years)]
    return np.column_stack(columns)
