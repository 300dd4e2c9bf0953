"""JSON with a line for each member of a list."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portfolio.report.layout import as_json, write_json

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


@given(st.lists(VALUES, min_size=1))
def test_members_are_written_as_if_each_were_alone(members: list[Any]) -> None:
    alone = [json.dumps(member, ensure_ascii=False, sort_keys=True) for member in members]
    assert as_json({"a": members}) == '{\n  "a": [\n    ' + ",\n    ".join(alone) + "\n  ]\n}\n"


@pytest.mark.parametrize(
    "member", [7, "a\nb", [1, "]\n["], [[1], [2]], {"k": [{"b": 1}, {"c": 2}]}, {"z": 1, "k": []}]
)
def test_long_lists_are_written_in_parts(member: Any) -> None:
    members = [member] * 20_001
    line = json.dumps(member, ensure_ascii=False, sort_keys=True)
    text = as_json({"a": iter(members)})
    assert text == as_json({"a": members})
    assert text.splitlines()[2:-2] == [*[f"    {line},"] * 20_000, f"    {line}"]


def test_a_file_holds_the_text(tmp_path: Path) -> None:
    record = {"a": ["ä\r\n", "\x85"], "b": [], "c": {}}
    write_json(record, tmp_path / "record.json")
    assert (tmp_path / "record.json").read_bytes() == as_json(record).encode()


@pytest.mark.parametrize("number", [float("nan"), float("inf")])
def test_what_is_no_number_is_refused(number: float) -> None:
    with pytest.raises(ValueError, match="JSON"):
        as_json({"value": number})
