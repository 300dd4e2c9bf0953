"""Who is funded: the problem, its model, the engines that solve it, and the portfolio that comes out."""

from portfolio.optimize.engine import Stage, Stop
from portfolio.optimize.finding import Finding
from portfolio.optimize.portfolio import Diff, Portfolio
from portfolio.optimize.prices import GoalChange, Price, ReservePrice, RulePrice, price_reserves, price_rules
from portfolio.optimize.problem import Problem, optimize
from portfolio.optimize.relaxed import Relaxed
from portfolio.optimize.reports import ChanceReport, LimitReport, OverspendingReport, ReserveReport
from portfolio.optimize.solution import ReachedGoal, Round
from portfolio.optimize.value import GaveWay

__all__ = [
    "ChanceReport",
    "Diff",
    "Finding",
    "GaveWay",
    "GoalChange",
    "LimitReport",
    "OverspendingReport",
    "Portfolio",
    "Price",
    "Problem",
    "ReachedGoal",
    "Relaxed",
    "ReservePrice",
    "ReserveReport",
    "Round",
    "RulePrice",
    "Stage",
    "Stop",
    "optimize",
    "price_reserves",
    "price_rules",
]
