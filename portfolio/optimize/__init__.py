"""Who is funded: the problem, its model, the engines that solve it, and the portfolio that comes out."""

from portfolio.optimize.checks import Finding
from portfolio.optimize.engine import Stop
from portfolio.optimize.portfolio import Diff, LimitReport, Portfolio, ReserveReport
from portfolio.optimize.prices import ReservePrice, price_reserves
from portfolio.optimize.problem import Problem, optimize
from portfolio.optimize.solution import Round

__all__ = [
    "Diff",
    "Finding",
    "LimitReport",
    "Portfolio",
    "Problem",
    "ReservePrice",
    "ReserveReport",
    "Round",
    "Stop",
    "optimize",
    "price_reserves",
]
