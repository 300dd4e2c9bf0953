"""The rounds of an over-and-above decision in the row of a scenario."""

from __future__ import annotations

import math
from collections.abc import Iterable
from decimal import Decimal

from portfolio.call.value import Value
from portfolio.optimize import Stop
from portfolio.optimize.solution import Round


class RoundRow(Value):
    """A round, as in `Round`: its money in units of the currency, and who is funded with it; no bound is null."""

    name: str
    pot: Decimal
    spent: Decimal
    value: float
    bound: float | None
    status: Stop
    awards: tuple[str, ...]


def round_rows(rounds: Iterable[Round]) -> tuple[RoundRow, ...]:
    """Return rounds as they are written down."""
    return tuple(
        RoundRow(
            name=part.name,
            pot=part.pot,
            spent=part.spent,
            value=part.value,
            bound=part.bound if math.isfinite(part.bound) else None,
            status=part.stop,
            awards=part.awards,
        )
        for part in rounds
    )


def rounds_in(rows: Iterable[RoundRow]) -> tuple[Round, ...]:
    """Return rounds that were written down; their solver is not."""
    return tuple(
        Round(
            name=row.name,
            pot=row.pot,
            spent=row.spent,
            value=row.value,
            bound=math.inf if row.bound is None else row.bound,
            stop=row.status,
            solver="",
            awards=row.awards,
        )
        for row in rows
    )
