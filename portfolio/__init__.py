"""Grant portfolios: choose what to fund, with money held back for risk, long horizons and the young."""

from typing import TYPE_CHECKING, Any

from portfolio import scoring as _scoring
from portfolio._version import __version__
from portfolio.analysis import (
    Alternatives,
    Competitors,
    CoreIndex,
    Frontier,
    Information,
    Outcomes,
    Scenario,
    ScenarioRow,
    TradeOff,
    WhatIf,
    alternatives,
    competitors,
    core_index,
    frontier,
    outcomes,
    scenario_grid,
    sensitivity,
    trade_off,
    whatif,
    whatif_rows,
)
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
from portfolio.optimize import Portfolio, Problem, Relaxed, optimize, price_reserves
from portfolio.policy import (
    Coverage,
    Criterion,
    Exploratory,
    Limit,
    Link,
    Objective,
    Overcommit,
    Overspend,
    Policy,
    Reserve,
    SolverSettings,
    Stable,
    read_policy,
)
from portfolio.report import gap_in_words, price_in_words, write_comparison, write_decision
from portfolio.scoring import (
    PARADIGM,
    BayesSettings,
    ColumnEvidence,
    EarlyCareerRule,
    EarlyCareerSettings,
    Explanation,
    ReviewSettings,
    Scores,
    ScoringSettings,
    TextSettings,
    explain_score,
    score,
    with_novelty,
)
from portfolio.simulate import simulate_call

if TYPE_CHECKING:
    from portfolio.scoring import (
        BayesianRanking,
        Comparison,
        ParadigmTextScorer,
        RiskHorizonScorer,
        compare_methods,
        rank_proposals,
    )

__all__ = [
    "PARADIGM",
    "Alternatives",
    "BayesSettings",
    "BayesianRanking",
    "Call",
    "ColumnEvidence",
    "Comparison",
    "Competitors",
    "CoreIndex",
    "Coverage",
    "Criterion",
    "DataError",
    "EarlyCareerRule",
    "EarlyCareerSettings",
    "Explanation",
    "Exploratory",
    "Frontier",
    "InfeasibleError",
    "Information",
    "Investigator",
    "Issue",
    "Limit",
    "LimitError",
    "Link",
    "Objective",
    "Outcomes",
    "Overcommit",
    "Overspend",
    "ParadigmTextScorer",
    "Policy",
    "PolicyError",
    "Portfolio",
    "PortfolioError",
    "Problem",
    "Proposal",
    "ReadingRules",
    "Relaxed",
    "Reserve",
    "Review",
    "ReviewSettings",
    "RiskHorizonScorer",
    "Scenario",
    "ScenarioRow",
    "Scores",
    "ScoringSettings",
    "SolverError",
    "SolverSettings",
    "Stable",
    "TextSettings",
    "TradeOff",
    "WhatIf",
    "__version__",
    "alternatives",
    "compare_methods",
    "competitors",
    "core_index",
    "explain_score",
    "frontier",
    "gap_in_words",
    "optimize",
    "outcomes",
    "price_in_words",
    "price_reserves",
    "rank_proposals",
    "read_call",
    "read_policy",
    "scenario_grid",
    "score",
    "sensitivity",
    "simulate_call",
    "trade_off",
    "whatif",
    "whatif_rows",
    "with_novelty",
    "write_comparison",
    "write_decision",
]

# Imported when they are asked for: scorers bring scikit-learn with them, reviewer models bring solvers.
_LATER = {
    "BayesianRanking",
    "Comparison",
    "ParadigmTextScorer",
    "RiskHorizonScorer",
    "compare_methods",
    "rank_proposals",
}


def __getattr__(name: str) -> Any:
    if name in _LATER:
        return getattr(_scoring, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
