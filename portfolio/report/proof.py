"""The proof of a decision as plain data, for ``proof.json``: what a bound needs, and no solver."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from portfolio.call.money import exponent
from portfolio.optimize import Portfolio
from portfolio.optimize.proof import ProofRow
from portfolio.optimize.vectors import Integers

FORMAT = 1


def as_proof(portfolio: Portfolio) -> dict[str, Any]:
    """Return every rule in whole numbers, the price of each, and the value of every column.

    Columns are numbered: first the proposals that may be funded, then the steps by which awards can be reduced, then
    what else the rules need.

    Raises
    ------
    ValueError
        If there is none: where reserves are spent over and above, each round is proven by itself.
    """
    proof, model, instance = portfolio.proof(), portfolio.problem.model, portfolio.problem.instance
    top = instance.sizes.top[model.proposals]
    ids = [instance.ids[position] for position in model.proposals.tolist()]
    cells = list(
        zip(proof.value.tolist(), map(_end, proof.low.tolist()), map(_end, proof.high.tolist()), strict=True)
    )
    whole = model.integer[model.size : model.decisions].tolist()
    steps = zip(model.owner.tolist(), model.reductions.tolist(), whole, strict=True)
    return {
        "format": FORMAT,
        "minor_units": 10 ** exponent(instance.currency),
        "proposals": [
            [name, award, *cell] for name, award, cell in zip(ids, top.tolist(), cells, strict=False)
        ],
        "reductions": [
            [owner, _end(money), whole, *cell]
            for (owner, money, whole), cell in zip(steps, cells[model.size :], strict=False)
        ],
        "further": [list(cell) for cell in cells[model.decisions :]],
        "rules": [_rule(row, top, model.size) for row in proof.rows],
    }


def _end(number: float) -> float | int | None:
    if math.isinf(number):
        return None
    return int(number) if number == math.floor(number) else number


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
    if len(set(row.coefficients)) == 1:
        return row.coefficients[0]
    if (
        len(row.columns)
        and row.columns.max() < len(top)
        and top[row.columns].tolist() == list(row.coefficients)
    ):
        return "awards"
    return list(row.coefficients)
