"""How a file is to be read: the funder's headings, derived columns, and what to do with bad rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal


@dataclass(frozen=True, slots=True)
class ReadingRules:
    """How the columns of a file become the columns of a call.

    Parameters
    ----------
    currency
        ISO 4217 code of all the money in the call; it decides how many decimals an amount may have.
    columns
        Our name = the file's heading. ``id = "row_number"`` numbers the rows of the file 1, 2, ...; a name that
        starts with ``reviews.`` is a column of the reviews.
    derive
        Further columns, each from an SQL expression over the file's headings, our names and earlier derived ones.
    only
        An SQL condition; the rows for which it is not true are not part of this call.
    on_bad_rows
        ``"refuse"``: any bad row is an error. ``"set_aside"``: bad rows leave the call, with their reasons.
    decimal_mark
        ``"."``, ``","``, or ``"auto"``: decided once per file from all its money.
    """

    currency: str = "EUR"
    columns: Mapping[str, str] = field(default_factory=dict)
    derive: Mapping[str, str] = field(default_factory=dict)
    only: str | None = None
    on_bad_rows: Literal["refuse", "set_aside"] = "refuse"
    decimal_mark: Literal["auto", ".", ","] = "auto"


def reading_rules(policy: Any | None) -> ReadingRules:
    """Take from a policy, or anything with attributes of the same names, what reading needs."""
    if policy is None or isinstance(policy, ReadingRules):
        return policy or ReadingRules()
    names = ReadingRules.__dataclass_fields__
    given = {name: getattr(policy, name) for name in names if getattr(policy, name, None) is not None}
    return ReadingRules(**given)
