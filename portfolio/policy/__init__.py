"""What the funder wants: one immutable value that reads from and writes to TOML."""

from portfolio.policy.document import read_policy, recorded_policy
from portfolio.policy.keys import with_keys
from portfolio.policy.model import Policy
from portfolio.policy.rules import (
    Coverage,
    Criterion,
    Exploratory,
    Limit,
    Link,
    Objective,
    Overcommit,
    Overspend,
    Reserve,
    SolverSettings,
    Stable,
)

__all__ = [
    "Coverage",
    "Criterion",
    "Exploratory",
    "Limit",
    "Link",
    "Objective",
    "Overcommit",
    "Overspend",
    "Policy",
    "Reserve",
    "SolverSettings",
    "Stable",
    "read_policy",
    "recorded_policy",
    "with_keys",
]
