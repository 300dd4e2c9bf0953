"""What the funder wants: one immutable value that reads from and writes to TOML."""

from portfolio.policy.document import read_policy
from portfolio.policy.model import Policy
from portfolio.policy.rules import Coverage, Limit, Link, Objective, Reserve, SolverSettings

__all__ = ["Coverage", "Limit", "Link", "Objective", "Policy", "Reserve", "SolverSettings", "read_policy"]
