"""The proof of a decision as plain data, for ``proof.json``: what a bound needs, and no solver."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from portfolio.call.money import exponent
from portfolio.optimize import Portfolio
from portfolio.optimize.proof import Proof, ProofRow
from portfolio.optimize.vectors import Floats, Integers

FORMAT = 1
# So many cells of a column become numbers of Python at a time.
_AT_ONCE = 10_000


def as_proof(portfolio: Portfolio, proof: Proof) -> dict[str, Any]:
    """Return every rule in whole numbers, the price of each, and the value of every column.

    Columns are numbered: first the proposals that may be funded, then the steps by which awards can be reduced, then
    what else the rules need. What is as long as the call comes as iterators, for `write_json` to go through once.

    Parameters
    ----------
    proof
        Its proof, with all rules.
    """
    model, instance = portfolio.problem.model, portfolio.problem.instance
    top = instance.sizes.top[model.proposals]
    ids = (instance.ids[position] for position in model.proposals.tolist())
    whole = model.integer[model.size : model.decisions].tolist()
    parts = slice(0, model.size), slice(model.size, model.decisions), slice(model.decisions, None)
    proposed, reduced, further = (
        (_cells(proof.value[part]), _cells(proof.low[part], _ends), _cells(proof.high[part], _ends))
        for part in parts
    )
    return {
        "format": FORMAT,
        "minor_units": 10 ** exponent(instance.currency),
        "proposals": zip(ids, _cells(top), *proposed, strict=True),
        "reductions": zip(model.owner.tolist(), _ends(model.reductions), whole, *reduced, strict=True),
        "further": zip(*further, strict=True),
        "rules": (_rule(row, top, model.size) for row in proof.rows),
    }


def _cells(
    numbers: Floats | Integers, as_list: Callable[[Floats | Integers], list[Any]] = np.ndarray.tolist
) -> Iterator[Any]:
    for start in range(0, len(numbers), _AT_ONCE):
        yield from as_list(numbers[start : start + _AT_ONCE])


def _ends(numbers: Floats | Integers) -> list[float | int | None]:
    """Return numbers as JSON has them: whole ones without a point, infinite ones as null."""
    whole = np.isfinite(numbers) & (numbers == np.floor(numbers))
    if whole.all():
        return list(map(int, numbers.tolist()))
    cells = numbers.astype(object)
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
