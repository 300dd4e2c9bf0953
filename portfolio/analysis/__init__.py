"""Analysis: what may become of a decision, and how sure what it rests on is."""

from portfolio.analysis.alternatives import Alternatives, Ended, alternatives
from portfolio.analysis.frontier import Frontier, evenly, frontier
from portfolio.analysis.outcomes import Outcomes, Spread, outcomes
from portfolio.analysis.sensitivity import sensitivity
from portfolio.analysis.trade_off import TradeOff, trade_off

__all__ = [
    "Alternatives",
    "Ended",
    "Frontier",
    "Outcomes",
    "Spread",
    "TradeOff",
    "alternatives",
    "evenly",
    "frontier",
    "outcomes",
    "sensitivity",
    "trade_off",
]
