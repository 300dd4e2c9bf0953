"""The policy of the decisions that the tests of `verify` begin with."""

from __future__ import annotations

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
