"""The record of a lottery, read back."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from portfolio.errors import DataError, Issue


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
    except (ValueError, RecursionError) as error:
        raise DataError(
            [Issue(f"is no JSON: {error}", "take the file as it was written", file=str(path))]
        ) from None
    if not isinstance(record, dict):
        raise DataError(
            [Issue("is no record of a lottery", "take the file as it was written", file=str(path))]
        )
    return record
