"""Analysis: what may become of a decision, and how sure what it rests on is."""

from portfolio.analysis.outcomes import Outcomes, Spread, outcomes
from portfolio.analysis.sensitivity import sensitivity

__all__ = ["Outcomes", "Spread", "outcomes", "sensitivity"]
