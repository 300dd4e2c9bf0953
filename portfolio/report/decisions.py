"""The table ``decisions.csv``: every proposal with its decision, and what the call and its scores say of it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path

import polars as pl

from portfolio.call.csvfile import read_csv
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
_ROWS = 50_000


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


def stored_cells(
    folder: Path, columns: Sequence[str] | None = None, *, name: str = FILE, sha256: str | None = None
) -> pl.DataFrame:
    """Return the cells of a table of a decision as they stand there.

    Parameters
    ----------
    folder
        Of the decision.
    columns
        Those that are wanted; all if left out.
    name
        Of the file.
    sha256
        Of the bytes that were written with the record, where no others will do.

    Raises
    ------
    DataError
        If there is no such file, columns are missing, or it was replaced since the record was read.
    """
    file = folder / name
    try:
        data = file.read_bytes()
        if sha256 is not None and hashlib.sha256(data).hexdigest() != sha256:
            what, hint = "was rewritten since the decision was read", "read the folder of the decision again"
            raise DataError([Issue(what, hint, file=str(file))])
        return read_csv(data, columns)
    except OSError as error:
        hint = "it stands beside portfolio.json"
        raise DataError([Issue(f"cannot be read: {error.strerror}", hint, file=str(file))]) from None
    except pl.exceptions.PolarsError as error:
        what = f"is not the table that was written with the decision: {str(error).splitlines()[0]}"
        raise DataError([edited(what, str(file))]) from None


def edited(what: str, file: str) -> Issue:
    """Say what is wrong with a file that the program wrote itself."""
    return Issue(
        what, "the folder was changed by hand, or holds files of two decisions: decide again", file=file
    )
