"""Whether the files of a folder were written together.

Each takes its place in one step, but the folder does not: a program that is killed between two of them leaves the
tables of one decision beside the record of another.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl

from portfolio.call.csvfile import read_csv
from portfolio.errors import Issue
from portfolio.report.decisions import edited

_AWARDS = "awards.csv"


def of_other_decisions(
    folder: Path, record: Mapping[str, Any], amounts: Mapping[str, Decimal]
) -> list[Issue]:
    """Return an issue for each file of a folder that was not written with the others.

    Parameters
    ----------
    folder
        Of a decision.
    record
        ``portfolio.json``. Where it holds the SHA-256 of files by their names (``files``), they are compared.
    amounts
        The award of each funded proposal in ``decisions.csv``, in units of the currency.
    """
    return [
        edited("was not written with portfolio.json", name)
        for name in sorted(_others(folder, record, amounts))
    ]


def _others(folder: Path, record: Mapping[str, Any], amounts: Mapping[str, Decimal]) -> set[str]:
    found = {name for name, digest in record.get("files", {}).items() if _digest(folder / name) != digest}
    return found if dict(_awards(folder)) == amounts else found | {_AWARDS}


def _digest(file: Path) -> str | None:
    try:
        return hashlib.sha256(file.read_bytes()).hexdigest()
    except OSError:
        return None


def _awards(folder: Path) -> Iterator[tuple[str, Decimal | None]]:
    try:
        for name, money in read_csv(folder / _AWARDS, ["id", "amount_awarded"]).iter_rows():
            yield name, Decimal(money)
    except (OSError, pl.exceptions.PolarsError, ArithmeticError, TypeError):
        # No award is without a sum, so that this is the list of no decision.
        yield "", None
