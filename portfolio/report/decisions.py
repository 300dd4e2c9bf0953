"""The table ``decisions.csv``: every proposal with its decision, and what the call and its scores say of it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

import polars as pl

from portfolio.call.csvfile import read_csv
from portfolio.call.money import exponent
from portfolio.errors import DataError, Issue
from portfolio.optimize import Portfolio, ReservePrice

FILE = "decisions.csv"
# What a reader of the decision wants to see beside it; columns that are empty, or that the call has not, are left out.
_DESCRIPTION = (
    "title",
    "investigator",
    "institution",
    "region",
    "field",
    "scheme",
    "research_type",
    "merit_low",
    "merit_high",
    "paradigm",
    "conflicts",
)
_NUMBERS = ("merit", "risk", "horizon_years", "basicness", "price_bound", "merit_low", "merit_high")
_MONEY = ("amount_awarded", "amount_requested")
_ROWS = 50_000
_ALWAYS = ("id", "decision", *_MONEY, "merit", "early_career", "reason", "price_bound")


def decisions_of(portfolio: Portfolio, prices: Sequence[ReservePrice] = ()) -> pl.DataFrame:
    """Return `Portfolio.to_frame`, and behind its columns those that describe the proposals.

    A trait of the policy comes before a column of the same name.
    """
    return pl.concat(decision_parts(portfolio, prices))


def decision_parts(portfolio: Portfolio, prices: Sequence[ReservePrice] = ()) -> Iterator[pl.DataFrame]:
    """Yield `decisions_of` in parts of so many rows that a large call need not be held in sentences."""
    described = _described(portfolio)
    for start in range(0, max(1, described.height), _ROWS):
        decided = portfolio.to_frame(prices, slice(start, start + _ROWS))
        beside = [name for name in described.columns if name not in decided.columns]
        yield decided.hstack(described[start : start + _ROWS].select(beside).get_columns())


def _described(portfolio: Portfolio) -> pl.DataFrame:
    table = portfolio.problem.instance.table
    # Where the file has a column of the name of a score, the score goes by the longer name.
    scored = {name: f"scored_{name}" if f"scored_{name}" in table.columns else name for name in _DESCRIPTION}
    shown = [name for name in _DESCRIPTION if scored[name] in table.columns]
    described = table.select(pl.col(scored[name]).alias(name) for name in shown)
    floats = [name for name, dtype in described.schema.items() if dtype.is_float()]
    described = described.with_columns(pl.col(floats).fill_nan(None))
    return described.select(column.name for column in described if column.null_count() < column.len())


def stored_cells(folder: Path, columns: Sequence[str] | None = None) -> pl.DataFrame:
    """Return the cells of ``decisions.csv`` as they stand there.

    Raises
    ------
    DataError
        If there is no such file, or columns are missing.
    """
    file = folder / FILE
    try:
        return read_csv(file, columns)
    except OSError as error:
        hint = "it stands beside portfolio.json"
        raise DataError([Issue(f"cannot be read: {error.strerror}", hint, file=str(file))]) from None
    except pl.exceptions.PolarsError as error:
        what = f"is not the table that was written with the decision: {str(error).splitlines()[0]}"
        raise DataError([edited(what, str(file))]) from None


def stored_decisions(folder: Path, currency: str, traits: Collection[str] = ()) -> pl.DataFrame:
    """Return ``decisions.csv`` with the types that it was written from.

    Parameters
    ----------
    folder
        Of the decision.
    currency
        Its currency: money is exact decimals in units of it.
    traits
        Names of the policy's traits, whose columns hold 0 or 1.

    Raises
    ------
    DataError
        If the file is missing, or was changed.
    """
    cells, money = stored_cells(folder), pl.Decimal(38, exponent(currency))
    missing = [name for name in (*_ALWAYS, *traits) if name not in cells.columns]
    if missing:
        what = f"is not the table that was written with the decision: {', '.join(missing)} missing"
        raise DataError([edited(what, FILE)])
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
        what = "is not the table that was written with the decision"
        raise DataError([edited(what, FILE)]) from None


def edited(what: str, file: str) -> Issue:
    """Say what is wrong with a file that the program wrote itself."""
    return Issue(
        what, "the folder was changed by hand, or holds files of two decisions: decide again", file=file
    )
