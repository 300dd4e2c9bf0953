"""JSON with a line for each member of a list."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portfolio.report.layout import as_json

SCALARS = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
)
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=20
)


@given(st.dictionaries(st.text(), VALUES))
def test_what_is_written_is_what_is_read_whatever_the_order_of_keys(record: dict[str, Any]) -> None:
    text = as_json(record)
    assert json.loads(text) == record
    assert as_json(dict(reversed(record.items()))) == text


def test_members_of_lists_have_a_line_each() -> None:
    record = {"b": ["ä", "y"], "a": {"x": [1, {"k": 2}]}, "c": [], "d": [{"z": 1, "y": None}]}
    assert as_json(record).splitlines() == [
        "{",
        '  "a": {',
        '    "x": [',
        "      1,",
        "      {",
        '        "k": 2',
        "      }",
        "    ]",
        "  },",
        '  "b": [',
        '    "ä",',
        '    "y"',
        "  ],",
        '  "c": [],',
        '  "d": [',
        '    {"y": null, "z": 1}',
        "  ]",
        "}",
    ]


@pytest.mark.parametrize("number", [float("nan"), float("inf")])
def test_what_is_no_number_is_refused(number: float) -> None:
    with pytest.raises(ValueError, match="JSON"):
        as_json({"value": number})
