"""The policy of the decisions that the tests of `verify` begin with."""

from __future__ import annotations

import portfolio as pf

POLICY = """
budget = 10
traits = { new = "merit > 4" }
[[reserve]]
trait = "new"
amount = 3
[[limit]]
per = "dept"
max_amount = 8
"""


def holds_but_for_the_policy(found: pf.Verification) -> bool:
    """Whether all holds of a decision whose policy was made in Python, so that no file of it is compared."""
    open_ = {check.name: check.holds for check in found.checks if not check.holds}
    return open_ == {"policy": None}
