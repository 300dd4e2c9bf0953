"""Grant portfolios: choose what to fund, with money held back for risk, long horizons and the young."""

from portfolio._version import __version__
from portfolio.call import Call, Investigator, Proposal, ReadingRules, Review, read_call
from portfolio.errors import (
    DataError,
    InfeasibleError,
    Issue,
    LimitError,
    PolicyError,
    PortfolioError,
    SolverError,
)
from portfolio.optimize import Portfolio, Problem, optimize, price_reserves
from portfolio.policy import Coverage, Limit, Link, Objective, Policy, Reserve, SolverSettings, read_policy
from portfolio.report import write_decision
from portfolio.scoring import (
    PARADIGM,
    EarlyCareerRule,
    EarlyCareerSettings,
    ReviewSettings,
    RiskHorizonScorer,
    Scores,
    ScoringSettings,
    score,
)
from portfolio.simulate import simulate_call

__all__ = [
    "PARADIGM",
    "Call",
    "Coverage",
    "DataError",
    "EarlyCareerRule",
    "EarlyCareerSettings",
    "InfeasibleError",
    "Investigator",
    "Issue",
    "Limit",
    "LimitError",
    "Link",
    "Objective",
    "Policy",
    "PolicyError",
    "Portfolio",
    "PortfolioError",
    "Problem",
    "Proposal",
    "ReadingRules",
    "Reserve",
    "Review",
    "ReviewSettings",
    "RiskHorizonScorer",
    "Scores",
    "ScoringSettings",
    "SolverError",
    "SolverSettings",
    "__version__",
    "optimize",
    "price_reserves",
    "read_call",
    "read_policy",
    "score",
    "simulate_call",
    "write_decision",
]
