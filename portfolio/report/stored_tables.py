"""The tables in the folder of a decision, with the types that they were written from."""

from __future__ import annotations

import polars as pl

from portfolio.call.money import exponent
from portfolio.errors import DataError
from portfolio.report.columns import SET_ASIDE
from portfolio.report.decisions import FILE, edited
from portfolio.report.stored import StoredDecision

_SET_ASIDE = "set_aside.csv"
_NUMBERS = ("merit", "risk", "horizon_years", "basicness", "price_bound", "merit_low", "merit_high")
_MONEY = ("amount_awarded", "amount_requested")
_ALWAYS = ("id", "decision", *_MONEY, "merit", "early_career", "reason", "price_bound")
_OTHER = "is not the table that was written with the decision"


def stored_decisions(decision: StoredDecision) -> pl.DataFrame:
    """Return ``decisions.csv``: money in exact decimals of units of the currency, traits as 0 or 1.

    Raises
    ------
    DataError
        If the file is missing, or is not the one that the decision was read with.
    """
    cells, traits = decision.cells(), decision.policy.traits
    money = pl.Decimal(38, exponent(decision.currency))
    missing = [name for name in (*_ALWAYS, *traits) if name not in cells.columns]
    if missing:
        raise DataError([edited(f"{_OTHER}: {', '.join(missing)} missing", FILE)])
    numbers = [name for name in _NUMBERS if name in cells.columns and name not in traits]
    try:
        return cells.with_columns(
            pl.col(numbers).cast(pl.Float64),
            pl.col(_MONEY).cast(money),
            *(pl.col(name).cast(pl.Int8) for name in traits),
            *(
                pl.col(name).replace_strict({"true": True, "false": False}, return_dtype=pl.Boolean)
                for name in ("early_career",)
                if name not in traits
            ),
        )
    except pl.exceptions.PolarsError:
        raise DataError([edited(_OTHER, FILE)]) from None


def stored_set_aside(decision: StoredDecision) -> pl.DataFrame:
    """Return the reasons for which rows of the files were left out, one line each.

    Raises
    ------
    DataError
        If their file is missing, or is not the one that the decision was read with.
    """
    try:
        table = decision.cells(list(SET_ASIDE), name=_SET_ASIDE).cast({"row": pl.Int64})
    except pl.exceptions.PolarsError:
        raise DataError([edited(_OTHER, _SET_ASIDE)]) from None
    number = table.select("file", "row").n_unique() if table.height else 0
    if number != decision.record.get("n_set_aside", number):
        raise DataError([edited("has not the rows that portfolio.json counts", _SET_ASIDE)])
    return table
