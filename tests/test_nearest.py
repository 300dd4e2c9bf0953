"""What is said of a name that nobody knows."""

from __future__ import annotations

import pytest

from portfolio.errors import nearest

KNOWN = ["AB-2026-006", "AB-2026-010", "C,D"]


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("AB-2026-0061", "did you mean 'AB-2026-006'?"),
        (
            "AB-2026-006,AB-2026-010",
            "these are 2 names in one: give each by itself; an option is repeated for each",
        ),
        (
            "ab-2026-006; ab-2026-010",
            "these are 2 names in one: give each by itself; an option is repeated for each",
        ),
        ("c,d ", "did you mean 'C,D'?"),
        ("AB-2026-006,", "did you mean 'AB-2026-006'?"),
        ("q", "known: AB-2026-006, AB-2026-010, C,D"),
    ],
)
def test_names_in_one_text_are_told_from_one_that_is_mistyped(name: str, said: str) -> None:
    assert nearest(name, KNOWN) == said
