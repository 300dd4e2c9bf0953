"""Analysis: what may become of a decision, and how sure what it rests on is."""

from portfolio.analysis.lottery import (
    Draw,
    Lottery,
    check_lottery,
    fair_lottery,
    lottery_of,
    lottery_record,
    merit_lottery,
    rank_lottery,
    smoothness,
)
from portfolio.analysis.outcomes import Outcomes, Spread, outcomes
from portfolio.analysis.sensitivity import sensitivity

__all__ = [
    "Draw",
    "Lottery",
    "Outcomes",
    "Spread",
    "check_lottery",
    "fair_lottery",
    "lottery_of",
    "lottery_record",
    "merit_lottery",
    "outcomes",
    "rank_lottery",
    "sensitivity",
    "smoothness",
]
