"""Analysis: how sure a decision and what it rests on are."""

from portfolio.analysis.sensitivity import sensitivity

__all__ = ["sensitivity"]
