"""A decision as plain data, for ``portfolio.json``."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from portfolio._version import __version__
from portfolio.call.money import to_major
from portfolio.optimize import LimitReport, Portfolio, ReservePrice, ReserveReport


def as_record(portfolio: Portfolio, prices: Sequence[ReservePrice] = ()) -> dict[str, Any]:
    """Return everything that a script needs to know of a decision.

    Money is in units of the currency. A bound or gap that is not known is null, never a guess.
    """
    policy, call = portfolio.problem.policy, portfolio.problem.call
    priced = {price.trait: price for price in prices}
    return {
        "status": str(portfolio.status),
        "value": portfolio.value,
        "bound": _finite(portfolio.bound),
        "gap": _finite(portfolio.gap),
        "currency": call.currency,
        "budget": _number(portfolio.budget),
        "spent": _number(portfolio.spent),
        "n_proposals": len(call),
        "n_awards": len(portfolio.ids),
        "n_set_aside": n_set_aside(portfolio),
        "reserves": [
            _reserve(report, priced.get(report.trait), call.currency) for report in portfolio.reserves
        ],
        "rounds": [_round(part, call.currency) for part in portfolio.rounds],
        "limits": [_limit(report, call.currency) for report in portfolio.limits],
        "seed": policy.solver.seed,
        "solver": portfolio.solution.solver,
        "versions": {"grant-portfolio": __version__},
        "inputs": [{"name": source.name, "sha256": source.sha256} for source in call.sources],
        "policy": policy.model_dump(mode="json", exclude_none=True),
        "awards": list(portfolio.ids),
    }


def n_set_aside(portfolio: Portfolio) -> int:
    """Return how many rows of the files were set aside."""
    return portfolio.problem.call.set_aside.select("file", "row").n_unique()


def _reserve(report: ReserveReport, price: ReservePrice | None, currency: str) -> dict[str, Any]:
    record = {
        "trait": report.trait,
        "required": _money(report.required, currency),
        "delivered": _money(report.delivered, currency),
        "eligible": _money(report.eligible, currency),
        "shadow_price": report.shadow_price,
    }
    if price is None:
        return record | {"price": None, "price_low": None, "price_high": None}
    return record | {"price": price.found, "price_low": _finite(price.low), "price_high": _finite(price.high)}


def _round(part: Any, currency: str) -> Mapping[str, Any]:
    return {
        "name": part.name,
        "pot": _money(part.pot, currency),
        "spent": _money(part.spent, currency),
        "value": part.value,
        "bound": _finite(part.bound),
        "status": str(part.stop),
    }


def _limit(report: LimitReport, currency: str) -> Mapping[str, Any]:
    size = _money(report.size, currency) if report.money else report.size
    return {
        "limit": report.limit,
        "name": report.name,
        "bound": report.bound,
        "delivered": size,
        "binding": report.binding,
    }


def _money(minor: int, currency: str) -> int | float:
    return _number(to_major(minor, currency))


def _number(value: Decimal) -> int | float:
    return int(value) if value == value.to_integral_value() else float(value)


def _finite(value: float | None) -> float | None:
    return None if value is None or not math.isfinite(value) else value
