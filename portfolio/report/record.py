"""A decision as plain data, for ``portfolio.json``."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from decimal import Decimal
from typing import Any

from portfolio._version import __version__
from portfolio.optimize import (
    LimitReport,
    OverspendingReport,
    Portfolio,
    ReachedGoal,
    ReservePrice,
    ReserveReport,
    Round,
)
from portfolio.optimize.engine import relative_gap
from portfolio.optimize.inputs import recorded_inputs
from portfolio.optimize.proof import Proof
from portfolio.optimize.reports import PoolReport
from portfolio.optimize.value import size_of_values

FORMAT = 1
# Values are added up from floats, and written with all their digits.
SAME = 1e-9


def as_record(
    portfolio: Portfolio, prices: Sequence[ReservePrice] = (), proof: Proof | None = None
) -> dict[str, Any]:
    """Return everything that a script needs to know of a decision.

    Money is in units of the currency. A bound or gap that is not known is null, never a guess.

    Parameters
    ----------
    prices
        Of the reserves, if they are known.
    proof
        Of the decision, if it has been put together already.
    """
    policy, call = portfolio.problem.policy, portfolio.problem.call
    priced = {price.trait: price for price in prices}
    return {
        "format": FORMAT,
        "certified": certified(portfolio, proof),
        "status": str(portfolio.status),
        "value": portfolio.value,
        "bound": finite(portfolio.bound),
        "gap": finite(portfolio.gap),
        "currency": call.currency,
        "budget": number(portfolio.budget),
        "spent": number(portfolio.spent),
        "n_proposals": len(call),
        "n_awards": len(portfolio.ids),
        "n_set_aside": n_set_aside(portfolio),
        "reserves": [_reserve(report, priced.get(report.trait)) for report in portfolio.reserves],
        **_exploratory(portfolio.pool),
        "rounds": [_round(part) for part in portfolio.rounds],
        "limits": [_limit(report) for report in portfolio.limits],
        "gave_way": [asdict(given) for given in portfolio.gave_way],
        "goals": [_goal(goal) for goal in portfolio.goals],
        "chances": [asdict(report) for report in portfolio.chances],
        "overspending": [_overspending(report) for report in portfolio.overspending],
        "prices": [
            {"rules": list(rules), "block": block, "name": name, "price": price}
            for (rules, block, name), price in portfolio.solution.prices.items()
        ],
        "notes": list(portfolio.problem.instance.scores.notes),
        "seed": policy.solver.seed,
        "solver": portfolio.solution.solver,
        "versions": {"grant-portfolio": __version__},
        "inputs": recorded_inputs(portfolio.problem),
        "policy": policy.model_dump(mode="json", exclude_none=True),
        "awards": list(portfolio.ids),
    }


def certified(portfolio: Portfolio, proof: Proof | None = None) -> dict[str, Any]:
    """Return the bound that the prices prove without any solver, and its gap; null where they prove none.

    The bound is rounded up to the next number that a float can hold.
    """
    try:
        exact = portfolio.certified_bound() if proof is None else proof.bound()
    except ValueError as error:
        return {"bound": None, "gap": None, "why_not": str(error)}
    bound = float(exact)
    bound = bound if bound >= exact else math.nextafter(bound, math.inf)
    # Both are added up from the same floats, in another order.
    same = SAME * max(size_of_values(portfolio.problem.instance), abs(bound))
    bound = max(bound, portfolio.value) if portfolio.value - bound <= same else bound
    return {"bound": bound, "gap": finite(relative_gap(portfolio.value, bound)), "why_not": None}


def n_set_aside(portfolio: Portfolio) -> int:
    """Return how many rows of the files were set aside."""
    return portfolio.problem.call.set_aside.select("file", "row").n_unique()


def _reserve(report: ReserveReport, price: ReservePrice | None) -> dict[str, Any]:
    record = {
        "trait": report.trait,
        "required": number(report.required),
        "delivered": number(report.delivered),
        "eligible": number(report.eligible),
        "shadow_price": report.shadow_price,
    }
    if price is None:
        return record | dict.fromkeys(("price", "price_low", "price_high", "enters", "leaves"))
    # Of a search that was cut short there is what it proved, and nothing that a longer one would find otherwise.
    return record | {
        "price": finite(price.found) if price.finished else None,
        "price_low": finite(price.low),
        "price_high": finite(price.high),
        "enters": list(price.entered) if price.finished else None,
        "leaves": list(price.left) if price.finished else None,
    }


def _exploratory(pool: PoolReport | None) -> dict[str, Any]:
    """Return the key of the pool; without one there is none, as in records that are older than it."""
    if pool is None or pool.spent is None:
        return {}
    return {"exploratory": {"money": number(pool.money), "spent": number(pool.spent)}}


def _round(part: Round) -> Mapping[str, Any]:
    return {
        "name": part.name,
        "pot": number(part.pot),
        "spent": number(part.spent),
        "value": part.value,
        "bound": finite(part.bound),
        "status": str(part.stop),
        "awards": list(part.awards),
    }


def _goal(goal: ReachedGoal) -> Mapping[str, Any]:
    record = asdict(goal) | {"bound": finite(goal.bound), "status": str(goal.stop)}
    del record["stop"]
    return record


def _overspending(report: OverspendingReport) -> Mapping[str, Any]:
    return asdict(report) | {"available": number(report.available), "promised": number(report.promised)}


def _limit(report: LimitReport) -> Mapping[str, Any]:
    return {
        "limit": report.limit,
        "name": report.name,
        "bound": report.bound,
        "delivered": number(report.size),
        "binding": report.binding,
    }


def number(value: Decimal | int) -> int | float:
    """Return a sum as a number that JSON writes without needless decimals."""
    return int(value) if value == int(value) else float(value)


def finite(value: float | None) -> float | None:
    """Return a number that JSON can hold; null for what is not known or infinite."""
    return None if value is None or not math.isfinite(value) else value
