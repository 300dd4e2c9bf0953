"""Analysis: what may become of a decision, how sure what it rests on is, and what it would take to change it."""

from portfolio.analysis.inclusion import Inclusion, inclusion
from portfolio.analysis.needed import MeritNeeded, Needed, RequestNeeded, needed
from portfolio.analysis.outcomes import Outcomes, Spread, outcomes
from portfolio.analysis.sensitivity import sensitivity

__all__ = [
    "Inclusion",
    "MeritNeeded",
    "Needed",
    "Outcomes",
    "RequestNeeded",
    "Spread",
    "inclusion",
    "needed",
    "outcomes",
    "sensitivity",
]
