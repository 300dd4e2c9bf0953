"""Why one proposal was decided as it was, and what it would take, as plain data and in words."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import polars as pl

from portfolio.analysis import Inclusion, MeritNeeded, Needed, RequestNeeded
from portfolio.errors import nearest
from portfolio.optimize.figures import at_least, below_or_at, figure, percent_above, up_to
from portfolio.optimize.words import price_in_words
from portfolio.report.record import finite
from portfolio.report.stored import StoredDecision

_NAMED = 12
_COLUMNS = ["id", "decision", "amount_awarded", "reason", "price_bound"]


def stored_rows(decision: StoredDecision, ids: Sequence[str]) -> list[dict[str, Any]]:
    """Return what ``decisions.csv`` of a decision says of some proposals, in the order of the ids.

    Raises
    ------
    KeyError
        If there is no such proposal; the nearest id is named.
    DataError
        If the file is not the one that was written with the decision.
    """
    table = decision.cells(_COLUMNS)
    table = table.with_columns(pl.col("price_bound").cast(pl.Float64))
    place = dict(zip(table["id"], range(table.height), strict=True))
    for name in ids:
        if name not in place:
            hint = nearest(name, place)
            raise KeyError(f"{name!r} is not the id of a proposal of this decision; {hint}")
    return [table.row(place[name], named=True) for name in ids]


def explanation(
    row: Mapping[str, Any], answer: Inclusion | None = None, needs: Needed | None = None
) -> dict[str, Any]:
    """Return what there is to say of one proposal as plain data.

    Parameters
    ----------
    row
        Of ``decisions.csv``.
    answer, needs
        What deciding otherwise costs, and what it would take; left out where the call is not at hand.

    Returns
    -------
    dict
        Money in units of the currency. A figure that is not known, or that is infinite, is null; ``possible`` says
        whether it can be decided otherwise at all, and is null where that was not found out.
    """
    found: dict[str, Any] = {
        "id": row["id"],
        "decision": row["decision"],
        "amount_awarded": float(row["amount_awarded"]),
        "reason": row["reason"],
        "price_bound": row["price_bound"],
    }
    if answer is None:
        return found
    found["otherwise"] = {
        "possible": None if answer.found is None else not math.isinf(answer.found),
        "price": finite(answer.found),
        "price_low": finite(answer.low),
        "price_high": finite(answer.high),
        "enters": list(answer.entered),
        "leaves": list(answer.left),
        "goals_lost": {goal.name: goal.lost for goal in answer.goals},
        "goals_gained": {goal.name: goal.lost for goal in answer.gained},
        "because": list(answer.because),
        "status": None if answer.stop is None else str(answer.stop),
    }
    if needs is not None:
        found["needed"] = _needed(needs)
    return found


def explanation_in_words(
    row: Mapping[str, Any], answer: Inclusion | None = None, needs: Needed | None = None, currency: str = ""
) -> list[str]:
    """Say the same in lines: the decision and its reason, what deciding otherwise costs, and what it would take."""
    lines = [f"{row['id']}: {row['decision'].replace('_', ' ')}: {row['reason']}."]
    if answer is None:
        if row["price_bound"] is not None:
            lines.append(f"Deciding otherwise loses a value of at least {at_least(row['price_bound'], 4)}.")
        return lines
    return [*lines, *_otherwise(answer), *(() if needs is None else _takes(needs, currency))]


def _needed(needs: Needed) -> dict[str, Any]:
    merit, request = needs.merit, needs.request
    return {
        "merit": None
        if merit is None
        else {
            "now": merit.now,
            "low": finite(merit.low),
            "high": finite(merit.high),
            "highest_merit": merit.highest,
        },
        "request": None
        if request is None
        else {
            "now": float(request.now),
            "enough": None if request.enough is None else float(request.enough),
            "too_much": None if request.too_much is None else float(request.too_much),
        },
        "notes": list(needs.notes),
    }


def _otherwise(answer: Inclusion) -> Iterator[str]:
    verb = "Not funding" if answer.funded else "Funding"
    if answer.found is not None and math.isinf(answer.found):
        because = "; ".join(answer.because) or "the rules leave no room for it"
        yield f"It cannot be decided otherwise: {because}."
        return
    if answer.found is None and answer.stop is None:
        yield f"{verb} it: no such portfolio was found, and none was proven impossible."
        return
    if answer.found is None:
        yield f"{verb} it: nothing was found in the time given; it costs {price_in_words(answer)}."
        return
    kind = "a replacement cost" if answer.funded else "a price of inclusion"
    for goal in answer.goals:
        lost = f"by {figure(goal.lost)} more, which comes before the value"
        yield f"{verb} it would first of all miss {goal.name} {lost}."
    for goal in answer.gained:
        less = f"by {figure(goal.lost)} less, which comes before the value"
        yield f"{verb} it would miss {goal.name} {less}."
    yield f"{verb} it has {kind} (value lost) of {price_in_words(answer)}."
    if answer.entered or answer.left:
        yield f"Then {_listed(answer.entered)} would enter, and {_listed(answer.left)} would leave."
    if answer.stop is not None and answer.stop.cut_short:
        yield "That search was cut short, so a longer one may find a smaller loss."


def _listed(ids: tuple[str, ...]) -> str:
    if not ids:
        return "nobody else"
    return ", ".join(ids[:_NAMED]) + (f" and {len(ids) - _NAMED:,} more" if len(ids) > _NAMED else "")


def _takes(needs: Needed, currency: str) -> Iterator[str]:
    if needs.merit is not None:
        yield _merit(needs.merit)
    if needs.request is not None:
        yield _request(needs.request, currency)
    for note in needs.notes:
        yield f"{note[0].upper()}{note[1:]}."


def _merit(merit: MeritNeeded) -> str:
    if math.isinf(merit.low):
        return "No merit would be enough."
    digits = _digits(merit)
    low, high = (f"{end:.15g}" for end in (below_or_at(merit.low, digits), up_to(merit.high, digits)))
    now = f"{merit.now:.{digits}g}"
    # What is needed and what it has may read the same: at a tie, any more would do.
    instead = "" if high == now else f" instead of {now}"
    need = f"It would need a merit above {high}{instead}, everything else equal"
    if math.isinf(merit.high):
        need = f"It would need a merit above {low}, and none is proven to be enough"
    elif not merit.exact:
        need = f"It would need a merit above a figure between {low} and {high} instead of {now}"
    if merit.highest is not None and merit.low >= merit.highest:
        return f"{need}; no merit is above {merit.highest:g}."
    return f"{need}."


def _digits(merit: MeritNeeded) -> int:
    """Return how many digits tell the merit that it needs from the one that it has: three of the difference."""
    ends = [end for end in (merit.low, merit.high, merit.now) if math.isfinite(end) and end]
    apart = [
        abs(end - merit.now) for end in (merit.low, merit.high) if math.isfinite(end) and end != merit.now
    ]
    first = max((math.floor(math.log10(abs(end))) for end in ends), default=0)
    last = math.floor(math.log10(min(apart))) - 2 if apart else first - 3
    return min(15, max(4, first + 1, first - last + 1))


def _request(request: RequestNeeded, currency: str) -> str:
    if request.enough is None:
        if request.too_much is not None and request.too_much < request.now / 1000:
            return "Asking for less would not be enough."
        return "No smaller request was found to be enough."
    less = f"{percent_above(request.less or 0.0)} less, {currency} {request.enough:,},"
    if request.too_much is None:
        return f"Asking for {less} would be enough; a larger request may be too."
    return f"Asking for {less} would be enough; {currency} {request.too_much:,} or more would not."
