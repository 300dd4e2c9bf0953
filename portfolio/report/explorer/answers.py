"""What the page is told, as plain data that JSON can hold; money in units of the currency."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
import polars as pl

from portfolio.call.money import exponent, to_major
from portfolio.errors import InfeasibleError, IssuesError, PortfolioError
from portfolio.optimize import Portfolio, Problem, Relaxed, ReservePrice
from portfolio.optimize.awards import Awards
from portfolio.optimize.figures import at_most, figure, percent_above
from portfolio.optimize.portfolio import KNOWN
from portfolio.optimize.reports import floor_price
from portfolio.optimize.tally import deliveries
from portfolio.optimize.words import gap_in_words, none_is, price_in_words, rules_in_words
from portfolio.report.explorer.controls import Control
from portfolio.report.record import finite, number

Answer = dict[str, Any]

# Labels by which a page can sort and search, where a call has them.
_LABELS = ("field", "institution", "region")
# The solver holds a reserve to a tolerance, and shares of awards are shown to the nearest coin.
_HELD = 1e-6


def start(problem: Problem, controls: Sequence[Control]) -> Answer:
    """Say what is there: proposals, the policy's numbers, and who is locked."""
    instance, policy, call = problem.instance, problem.policy, problem.call
    keys = {control.key: control for control in controls}
    return {
        "kind": "start",
        "title": ", ".join(source.name for source in call.sources) or "Call for proposals",
        "currency": call.currency,
        "decimals": exponent(call.currency),
        "n": len(instance.ids),
        "controls": [asdict(control) for control in controls],
        "locked": {"fund": list(policy.must_fund), "decline": list(policy.must_not_fund)},
        "proposals": _proposals(problem),
        "traits": {name: mask.astype(int).tolist() for name, mask in instance.traits.items()},
        "reserves": [
            {"trait": reserve.trait, "key": key, "label": keys[key].label}
            for reserve, key in zip(
                policy.reserve, (key for key in keys if key.startswith("reserve.")), strict=True
            )
        ],
        "notes": list(instance.scores.notes),
        "merit_zero": policy.objective.zero,
        "over_and_above": policy.reserve_order == "over_and_above",
    }


def relaxed(problem: Problem, answer: Relaxed, seconds: float) -> Answer:
    """Say what the answer without whole numbers shows: a bound, and no decision."""
    scale = 10 ** exponent(problem.call.currency)
    return {
        "kind": "relaxed",
        "bound": finite(answer.bound),
        "budget": number(to_major(problem.instance.budget, problem.call.currency)),
        "spent": number(answer.spent),
        "share": _shares(answer),
        "reserves": [
            {
                "trait": reserve.trait,
                "required": need,
                "delivered": got,
                "met": got >= need * (1 - _HELD),
                "shadow_price": floor_price(answer.shadow_prices, reserve.key, scale),
            }
            for reserve, (need, got) in zip(
                problem.policy.reserve, _relaxed_reserves(problem, answer), strict=True
            )
        ],
        "seconds": seconds,
        "words": f"As if proposals could be funded in parts: {none_is(answer, no='no portfolio')} is worth more than "
        f"{at_most(answer.bound)}.",
    }


def decided(portfolio: Portfolio, stage: str, seconds: float) -> Answer:
    """Say what was decided; `stage` is ``first`` for an answer that is still being improved, or ``proof``."""
    solution = portfolio.solution
    funded = np.flatnonzero(solution.chosen)
    places = 10 ** exponent(portfolio.problem.call.currency)
    return {
        "kind": "decided",
        "stage": stage,
        "status": str(portfolio.status),
        "value": portfolio.value,
        "bound": finite(portfolio.bound),
        "gap": finite(portfolio.gap),
        "budget": number(portfolio.budget),
        "spent": number(portfolio.spent),
        "n_awards": len(funded),
        "funded": funded.tolist(),
        "amounts": [_major(minor, places) for minor in solution.awards.amount[funded].tolist()],
        "reserves": [
            {
                "trait": report.trait,
                "required": number(report.required),
                "delivered": number(report.delivered),
                "eligible": number(report.eligible),
                "met": report.met,
                "shadow_price": report.shadow_price,
            }
            for report in portfolio.reserves
        ],
        "limits": [
            {
                "limit": report.limit,
                "name": report.name,
                "kind": "min" if report.floor else "max",
                "words": report.bound,
                "bound": report.reference,
                "delivered": number(report.size),
                "unit": report.unit,
                "binding": report.binding,
            }
            for report in portfolio.limits
        ],
        "gave_way": rules_in_words(portfolio),
        "words": gap_in_words(portfolio) if stage == "proof" else _for_now(portfolio),
        "seconds": seconds,
    }


def prices(portfolio: Portfolio, found: Sequence[ReservePrice]) -> Answer:
    """Say what each reserve costs, and who is funded only with it or only without it."""
    position = portfolio.problem.instance.position
    return {
        "kind": "prices",
        "reserves": [
            {
                "trait": price.trait,
                "price": finite(price.found),
                "low": finite(price.low),
                "high": finite(price.high),
                "words": price_in_words(price),
                "entered": [position[name] for name in price.entered],
                "left": [position[name] for name in price.left],
            }
            for price in found
        ],
    }


def why(row: Mapping[str, Any], lines: Sequence[str], *, exact: bool) -> Answer:
    """Say why one proposal was decided so; `exact` once it was decided the other way as well."""
    return {"kind": "why", "id": row["id"], "decision": row["decision"], "lines": list(lines), "exact": exact}


def frontier(key: str, points: Iterable[tuple[float, float | None]]) -> Answer:
    """Say what no portfolio exceeds at some values of a control; null where no portfolio keeps the rules."""
    return {
        "kind": "frontier",
        "key": key,
        "points": [{"x": x, "most": most} for x, most in points],
        "words": "At most: bounds on the value of every portfolio, as if proposals could be funded in parts.",
    }


def file(name: str, kind: str, text: str) -> Answer:
    """Hand out a file."""
    return {"kind": "file", "name": name, "type": kind, "text": text}


def problem_of_ours(error: BaseException) -> Answer:
    """Say that something failed that should not have, by its kind alone: its text may quote proposals."""
    return {
        "kind": "failed",
        "message": f"This should not have happened, and is a fault of the program: {type(error).__name__}",
    }


def mistake(error: PortfolioError) -> Answer:
    """Say in plain words what is wrong with what was asked, every part of it."""
    head = str(error).splitlines()[0]
    if isinstance(error, InfeasibleError):
        hints = error.hint.splitlines()
        return {"kind": "infeasible", "message": head, "lines": list(error.conflict), "hints": hints}
    lines = [str(issue) for issue in error.issues] if isinstance(error, IssuesError) else []
    return {"kind": "refused", "message": head if lines else str(error), "lines": lines}


def refused(message: str) -> Answer:
    """Refuse a request in one sentence."""
    return {"kind": "refused", "message": message, "lines": []}


def _for_now(portfolio: Portfolio) -> str:
    bound, value = at_most(portfolio.bound), figure(portfolio.value)
    none = none_is(portfolio, no="No portfolio")
    above = percent_above(portfolio.gap) if np.isfinite(portfolio.gap) else "an unknown share"
    return (
        f"For now: worth {value}. {none} is worth more than {bound}, at most {above} more; the decision "
        "to the gap asked for is being looked for."
    )


def _major(minor: int, places: int) -> int | float:
    return minor // places if minor % places == 0 else minor / places


def _shares(answer: Relaxed) -> list[int | float]:
    """Return the shares, whole ones as whole numbers: a page of thousands of proposals is sent at every step."""
    return [int(share) if share in {0.0, 1.0} else share for share in np.round(answer.share, 6).tolist()]


def _relaxed_reserves(problem: Problem, answer: Relaxed) -> list[tuple[float, float]]:
    """Return what each reserve asks for and what shares of awards bring it, in units of the currency."""
    instance = problem.instance
    paid = np.rint(answer.share * instance.amount).astype(np.int64)
    given = deliveries(instance, problem.policy, Awards(answer.share > 0, paid))
    scale = 10 ** exponent(instance.currency)
    return [(float(one.required / scale), float(one.delivered / scale)) for one in given]


def _proposals(problem: Problem) -> Answer:
    """Return the columns of the proposals that a page shows, in the order of ids; what is not known is null."""
    instance = problem.instance
    table, places = instance.table, 10 ** exponent(instance.currency)
    titles = table["title"].fill_null("") if "title" in table.columns else pl.Series([""] * table.height)
    merit = pl.Series(instance.merit).fill_nan(None)
    labels = {
        name: table[name].cast(pl.String).to_list()
        for name in _LABELS
        if name in table.columns and table[name].null_count() < table.height
    }
    return {
        "id": list(instance.ids),
        "title": titles.to_list(),
        "amount": [_major(minor, places) for minor in instance.amount.tolist()],
        "merit": merit.to_list(),
        **{series.name: series.cast(pl.Float64).to_list() for series in table.select(KNOWN)},
        "eligible": instance.eligible.tolist(),
        **labels,
    }
