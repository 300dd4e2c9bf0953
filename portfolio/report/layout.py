"""JSON that people can read and that a large decision can afford: one line for each member of a list."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

# The standard library indents in Python, which takes longer than the solve where there are 300,000 awards; members of
# lists are written without, in C.
_ENCODE = json.JSONEncoder(ensure_ascii=False, allow_nan=False, sort_keys=True).encode


def as_json(record: Mapping[str, Any]) -> str:
    """Write a record with its keys sorted; the same record gives the same text.

    Raises
    ------
    ValueError
        If a number is infinite or none.
    """
    lines = ",\n".join(f"  {_ENCODE(key)}: {_value(record[key])}" for key in sorted(record))
    return f"{{\n{lines}\n}}\n"


def _value(value: Any) -> str:
    if isinstance(value, list | tuple) and value:
        return "[\n    " + ",\n    ".join(map(_ENCODE, value)) + "\n  ]"
    text = json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False, sort_keys=True)
    return text.replace("\n", "\n  ")
