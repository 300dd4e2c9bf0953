"""What is said of a problem before it is solved."""

from __future__ import annotations

from typing import Any

import pytest
from small import call, policy

import portfolio as pf


@pytest.mark.parametrize(
    ("partial", "columns", "words"),
    [
        (False, {}, "awards: whole requests"),
        (True, {}, "awards: whole requests, since no proposal has min_amount"),
        (True, {"min_amount": [None, None]}, "awards: whole requests, since no proposal has min_amount"),
        (True, {"min_amount": [1.0, 2.0]}, "awards: any amount from min_amount to the request"),
        (
            True,
            {"min_amount": [None, 1.0]},
            "awards: any amount from min_amount to the request; whole for 1 of 2 without min_amount",
        ),
        ("levels", {}, "awards: whole requests, since no proposal has levels"),
        (
            "levels",
            {"levels": [None, "2: 0.5"]},
            "awards: the request or one of its levels; whole for 1 of 2 without levels",
        ),
    ],
)
def test_what_awards_may_be_is_said_of_this_call(partial: Any, columns: dict[str, Any], words: str) -> None:
    of = call(amount=[4.0, 4.0], merit=[2.0, 1.0], **columns)
    problem = pf.Problem(of, policy(6, objective=pf.Objective(partial=partial)))
    assert words in [line.lstrip(" │├└─").rstrip() for line in str(problem).splitlines()]
    # It is what happens: without a least amount the second award is not cut.
    cut = any("from" in part or "or one" in part for part in words.split("; "))
    assert len(problem.solve().ids) == (2 if cut else 1)
