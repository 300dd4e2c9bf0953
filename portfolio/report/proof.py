"""The proof of a decision as plain data, for ``proof.json``: what a bound needs, and no solver."""

from __future__ import annotations

from typing import Any

import numpy as np

from portfolio.call.money import exponent
from portfolio.optimize import Portfolio
from portfolio.optimize.proof import ProofRow
from portfolio.optimize.vectors import Floats, Integers

FORMAT = 1


def as_proof(portfolio: Portfolio) -> dict[str, Any]:
    """Return every rule in whole numbers, the price of each, and the value of every column.

    Columns are numbered: first the proposals that may be funded, then the steps by which awards can be reduced, then
    what else the rules need. What is as long as the call comes as iterators, for `write_json` to go through once.

    Raises
    ------
    ValueError
        If there is none: where reserves are spent over and above, each round is proven by itself.
    """
    proof, model, instance = portfolio.proof(), portfolio.problem.model, portfolio.problem.instance
    top = instance.sizes.top[model.proposals]
    ids = [instance.ids[position] for position in model.proposals.tolist()]
    whole = model.integer[model.size : model.decisions].tolist()
    parts = slice(0, model.size), slice(model.size, model.decisions), slice(model.decisions, None)
    proposed, reduced, further = (
        (proof.value[part].tolist(), _ends(proof.low[part]), _ends(proof.high[part])) for part in parts
    )
    return {
        "format": FORMAT,
        "minor_units": 10 ** exponent(instance.currency),
        "proposals": zip(ids, top.tolist(), *proposed, strict=True),
        "reductions": zip(model.owner.tolist(), _ends(model.reductions), whole, *reduced, strict=True),
        "further": zip(*further, strict=True),
        "rules": (_rule(row, top, model.size) for row in proof.rows),
    }


def _ends(numbers: Floats | Integers) -> list[float | int | None]:
    """Return numbers as JSON has them: whole ones without a point, infinite ones as null."""
    cells, whole = numbers.astype(object), np.isfinite(numbers) & (numbers == np.floor(numbers))
    cells[whole] = [int(number) for number in numbers[whole].tolist()]
    cells[np.isinf(numbers)] = None
    ends: list[float | int | None] = cells.tolist()
    return ends


def _rule(row: ProofRow, top: Integers, size: int) -> dict[str, Any]:
    return {
        "rules": list(row.rules),
        "words": row.words,
        "name": row.name,
        "columns": "all" if _is_all(row.columns, size) else row.columns.tolist(),
        "coefficients": _coefficients(row, top),
        "at_most" if row.cap else "at_least": row.bound,
        "price": row.price,
    }


def _is_all(columns: Integers, size: int) -> bool:
    return len(columns) == size and bool(np.all(columns == np.arange(size)))


def _coefficients(row: ProofRow, top: Integers) -> str | int | list[int]:
    """Return the coefficients in short: one for all, or the awards themselves, as most rules on money have them."""
    if len(row.coefficients) and np.all(row.coefficients == row.coefficients[0]):
        return int(row.coefficients[0])
    if (
        len(row.columns)
        and row.columns.max() < len(top)
        and np.array_equal(top[row.columns], row.coefficients)
    ):
        return "awards"
    coefficients: list[int] = row.coefficients.tolist()
    return coefficients
