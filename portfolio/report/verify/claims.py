"""Whether what a record says of its proof, and of the prices of reserves, can be true."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from portfolio.call.money import exponent
from portfolio.optimize import Portfolio, Problem, ReservePrice, Stop
from portfolio.optimize.audit import broken_rules
from portfolio.optimize.awards import Awards
from portfolio.optimize.broken import soft_rules
from portfolio.optimize.duals import margins_beside_goals, prices_of, row_keys, shadow_prices
from portfolio.optimize.engine import Outcome
from portfolio.optimize.goals import delivered_goals, goals, kept_goals, least_given
from portfolio.optimize.model import Model
from portfolio.optimize.removals import removals
from portfolio.optimize.reports import floor_price
from portfolio.optimize.rounds_again import wrong_rounds
from portfolio.optimize.solution import RowKey
from portfolio.optimize.value import portfolio_value, priced_out, size_of_values
from portfolio.report.verify.check import Check
from portfolio.report.verify.ended import ROUNDING, ended, gap_of, told_early, tolerance
from portfolio.report.verify.rounds import ended_in_rounds

_NAMED = 5


def stages(found: Portfolio) -> Check | None:
    """Return what is wrong with the goals before the value, and with rounds; None if they are those of the policy."""
    instance, policy = found.problem.instance, found.policy
    wrong = wrong_rounds(instance, policy, found.solution.awards, found.rounds)
    if wrong:
        return Check("rounds", False, "; ".join(wrong))
    expected = [] if found.rounds else [goal.name for goal in goals(instance, policy, found.problem.model)]
    if [goal.name for goal in found.goals] != expected:
        words = f"what the policy reaches before the value is {', '.join(expected) or 'nothing'}"
        return Check("goals", False, f"{words}, and the record says otherwise")
    return None


def claims(found: Portfolio) -> Iterator[Check]:
    """Check that how the search ended fits the values and bounds, of the decision and of what comes before it."""
    if found.rounds:
        words = "every award is of money that its proposal may have, and none spends more than its pot"
        yield Check("rounds", True, words)
        faults = list(ended_in_rounds(found.problem, found.solution))
    else:
        cost = priced_out(found.problem.instance, found.policy, found.solution.awards)
        gap, size = gap_of(found.policy), size_of_values(found.problem.instance)
        faults = list(ended("the decision", found.value, found.bound, found.status, gap, cost, size))
        if not any(goal.stop.cut_short for goal in found.goals):
            asked = found.policy.solver.gap
            faults += told_early("the decision", found.value, found.bound, found.status, asked, cost)
    for goal in found.goals:
        faults += ended(goal.name, goal.value, goal.bound, goal.stop, 1.0)
    yield Check(
        "search", not faults, "; ".join(faults) or "how it ended fits the value, the bound and the gap"
    )
    if found.rounds:
        return
    problem, awards = found.problem, found.solution.awards
    delivered = delivered_goals(problem.instance, found.policy, problem.model, awards)
    for goal, reached in zip(found.goals, delivered, strict=True):
        same = abs(goal.delivered - reached) <= tolerance(reached)
        # A goal may be missed again by what later ones may cost, but no awards reach more than the best.
        most = math.inf if found.policy.objective.partial is True else goal.value
        possible = reached <= most + ROUNDING * max(1.0, abs(goal.value))
        told = "as the record says" if same else f"not {goal.delivered:g}"
        told += "" if possible else f", and the record says that {goal.value:g} is the best"
        yield Check(f"goal {goal.name}", same and possible, f"the awards reach {reached:g}, {told}")


def losses(found: Portfolio, reserves: Sequence[Mapping[str, Any]]) -> Check:
    """Check the losses that are said to be proven, and the shadow prices of reserves, by the prices of the record."""
    stored, shadows = found.solution.margins, [row["shadow_price"] for row in reserves]
    if found.rounds:
        ends = [row[key] for row in reserves for key in ("price_low", "price_high")]
        known = (*shadows, *ends, *found.solution.prices.values())
        none = not np.any(stored > 0) and all(price is None for price in known)
        return Check(
            "losses", none, "nothing is proven across rounds" + ("" if none else ", but the record says so")
        )
    instance, policy, rules, awards = (
        found.problem.instance,
        found.policy,
        found.problem.model,
        found.solution.awards,
    )
    best, prices = [goal.value for goal in found.goals], found.solution.prices
    proven = margins_beside_goals(instance, policy, rules, awards, best, prices, found.value)
    model = rules.add(*kept_goals(instance, policy, rules, awards, best))
    duals = prices_of(model, prices)
    slack = ROUNDING * max(size_of_values(instance), abs(found.value))
    beyond = np.flatnonzero(stored > np.nan_to_num(proven) + slack)
    faults = [f"{instance.ids[place]} loses more than the prices prove" for place in beyond.tolist()]
    marginal = shadow_prices(model, Outcome(Stop.OPTIMAL, None, 0.0, 0.0, duals))
    faults += priced_otherwise(prices, model)
    for row, said in zip(reserves, shadows, strict=True):
        due = floor_price(marginal, f"reserve.{row['trait']}", 10 ** exponent(instance.currency))
        # Without prices a shadow price may not be known.
        if said is None and (due is None or not prices):
            continue
        if said is None or abs(said - (due or 0.0)) > ROUNDING * max(said, due or 0.0):
            faults.append(f"the shadow price of {row['trait']} is {due or 0.0:g}")
    return Check(
        "losses", not faults, "; ".join(faults[:_NAMED]) or "follow from the prices, as the shadow prices do"
    )


def priced_otherwise(prices: Mapping[RowKey, float], model: Model) -> Iterator[str]:
    """Yield the prices of rows that a model does not have."""
    for rules, which, name in sorted(prices.keys() - row_keys(model)):
        row = f"{' and '.join(rules)}{f' {name}' if name else ''}"
        yield f"there is a price of {row} ({which}), which is no row of the rules of the policy"


def recorded_prices(reserves: Sequence[Mapping[str, Any]]) -> tuple[ReservePrice, ...]:
    """Return the prices of reserves that a record holds, as far as reasons are made from them."""
    return tuple(
        ReservePrice(
            rule=f"reserve.{row['trait']}",
            found=row["price"],
            low=row["price_low"],
            high=row["price_high"],
            entered=tuple(row["enters"] or ()),
            left=tuple(row["leaves"] or ()),
            # Why a search ended is not recorded, but one that was cut short names nobody.
            stop=None if row["enters"] is None else Stop.GAP,
        )
        for row in reserves
        if any(row[key] is not None for key in ("enters", "price", "price_low", "price_high"))
    )


def reserve_prices(found: Portfolio, prices: Sequence[ReservePrice]) -> tuple[str, ...]:
    """Return what is wrong with the prices of reserves: who enters and leaves, the ranges, and the prices themselves.

    Without the reserve, those who enter and leave keep the other rules and are worth the price more. That is not added
    up where awards can be cut, since the record does not say how far they are, nor over and above.
    """
    rules = {one.rule: one for one in removals(found.problem.instance, found.policy)}
    whole = found.problem.instance.sizes.whole_only and not found.rounds
    faults: list[str] = []
    for one in prices:
        if one.rule not in rules:
            faults.append(f"{one.rule} is no rule of the policy")
            continue
        wrong = list(_impossible(found, one))
        if whole and not wrong and one.found is not None:
            wrong = list(_otherwise_priced(found, one, rules[one.rule].changes))
        faults += [f"{one.rule}: {fault}" for fault in wrong]
    return tuple(faults)


def priced_words(found: Portfolio, prices: Sequence[ReservePrice]) -> str:
    """Say of which prices who enters and leaves shows that they are right."""
    if found.rounds or not found.problem.instance.sizes.whole_only:
        return "the prices can be those of who enters and leaves, and rest on the solver"
    ranges = [one.rule for one in prices if not one.finished]
    words = (
        "the prices are those of who enters and leaves, and that no others are worth more rests on the solver"
    )
    return f"{words}; ranges alone, which rest on it too: {', '.join(ranges)}" if ranges else words


def _impossible(found: Portfolio, price: ReservePrice) -> Iterator[str]:
    funded, every = set(found.ids), set(found.problem.instance.ids)
    if not (set(price.left) <= funded and set(price.entered) <= every - funded):
        yield "those who enter and leave are not those who could"
    for names in (price.entered, price.left):
        if names != tuple(name for name in found.problem.instance.ids if name in set(names)):
            yield "those who enter and leave are named twice, or not in the order of the call"
    if price.found is None:
        return
    # Where nothing is proven of an end, the price may lie anywhere: it can be negative over and above.
    low = -math.inf if price.low is None else price.low
    high = math.inf if price.high is None else price.high
    slack = ROUNDING * min(1.0, max(size_of_values(found.problem.instance), abs(found.value)))
    if not low - slack <= price.found <= high + slack:
        yield "the price does not lie in its range"
    elif price.low is not None and price.high is not None and high - low > _widest(found, price):
        yield "the range of the price is wider than a search that was finished leaves"


def _widest(found: Portfolio, price: ReservePrice) -> float:
    """Return how wide the range of a price can be: what the decision leaves open, and the gap of the other search."""
    priced = any(rule.price is not None for rule in soft_rules(found.policy).values())
    if not price.finished or price.found is None or priced or found.policy.objective.partial is True:
        return math.inf
    open_ = max(0.0, found.bound - found.value) + found.policy.solver.gap * abs(found.value + price.found)
    size = size_of_values(found.problem.instance)
    return open_ + 2 * ROUNDING * max(size, abs(found.value) + abs(price.found))


def _otherwise_priced(found: Portfolio, price: ReservePrice, changes: Mapping[str, Any]) -> Iterator[str]:
    names = (set(found.ids) | set(price.entered)) - set(price.left)
    worth = _worth(found.problem.replace(**changes), names)
    if worth is None:
        yield "those who enter and leave break another rule"
        return
    # What is found without a reserve may be worth less, within the gap; nothing is lost then.
    more = max(0.0, worth - found.value)
    size = max(size_of_values(found.problem.instance), abs(worth))
    if abs(more - max(0.0, price.found or 0.0)) > ROUNDING * size:
        yield f"the price is {more:g} by those who enter and leave, not {price.found:g}"


def _worth(problem: Problem, names: set[str]) -> float | None:
    """Return what whole awards to some proposals are worth; None if they break a rule."""
    instance, policy = problem.instance, problem.policy
    funded = np.isin(np.array(instance.ids), list(names))
    awards = Awards(funded, np.where(funded, instance.amount, 0))
    broken = broken_rules(instance, policy, awards, least_given(instance, policy, awards))
    return None if broken else portfolio_value(instance, policy, awards)
