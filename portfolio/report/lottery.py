"""The record of a lottery, read back."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from portfolio.analysis.lottery.record import other_lottery
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


def refuse_another_draw(record: Mapping[str, Any], path: str | Path) -> None:
    """Refuse to write a lottery over a draw of the same one that was held with another seed.

    Raises
    ------
    DataError
        If that draw would be lost: who has both could choose the one to show.
    """
    try:
        held = read_record(path)
    except (OSError, DataError):
        return
    if held.get("kind") != "lottery" or other_lottery(held, record):
        return
    if held.get("draw") is not None and held["draw"] != record["draw"]:
        what = "holds a draw of this lottery, which would be lost: now there is another seed, or none"
        hint = "a lottery is drawn once, with the seed that was announced; keep this file, or choose another name"
        raise DataError([Issue(what, hint, file=str(path))])
