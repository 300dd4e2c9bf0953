"""The files of a lottery: the table of chances, and the record."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from portfolio.call.files import atomic_write
from portfolio.errors import DataError, Issue
from portfolio.report.layout import as_json


def write_record(record: Mapping[str, Any], path: str | Path) -> None:
    """Write the record of a lottery as JSON, whole or not at all; the same lottery gives the same bytes."""
    with atomic_write(path) as temporary:
        temporary.write_bytes(as_json(record).encode())


def read_record(path: str | Path) -> dict[str, Any]:
    """Read the record of a lottery.

    Raises
    ------
    DataError
        If it is no JSON.
    OSError
        If the file cannot be read.
    """
    try:
        record = json.loads(Path(path).read_bytes())
    except ValueError as error:
        raise DataError(
            [Issue(f"is no JSON: {error}", "take the file as it was written", file=str(path))]
        ) from None
    if not isinstance(record, dict):
        raise DataError(
            [Issue("is no record of a lottery", "take the file as it was written", file=str(path))]
        )
    return record
