"""Scoring: from what a proposal says, and what reviewers say of it, to merit, risk, horizon and basicness."""

from typing import TYPE_CHECKING, Any

from portfolio.scoring.career_rules import EARLY_CAREER_RULES, EarlyCareerRule, EarlyCareerSettings
from portfolio.scoring.paradigm import PARADIGM
from portfolio.scoring.review_settings import BayesSettings
from portfolio.scoring.scorer import score
from portfolio.scoring.scores import Scores
from portfolio.scoring.settings import ColumnEvidence, ReviewSettings, ScoringSettings

if TYPE_CHECKING:
    from portfolio.scoring.estimator import RiskHorizonScorer
    from portfolio.scoring.reviewers import (
        BayesianRanking,
        Comparison,
        compare_methods,
        rank_proposals,
    )

__all__ = [
    "EARLY_CAREER_RULES",
    "PARADIGM",
    "BayesSettings",
    "BayesianRanking",
    "ColumnEvidence",
    "Comparison",
    "EarlyCareerRule",
    "EarlyCareerSettings",
    "ReviewSettings",
    "RiskHorizonScorer",
    "Scores",
    "ScoringSettings",
    "compare_methods",
    "rank_proposals",
    "score",
]

# Reviewer models bring solvers and special functions with them, and most calls need none.
_REVIEWERS = {
    "BayesianRanking",
    "Comparison",
    "compare_methods",
    "rank_proposals",
}


def __getattr__(name: str) -> Any:
    # scikit-learn takes a second and 100 MB to import, and only the estimator needs it.
    if name == "RiskHorizonScorer":
        from portfolio.scoring.estimator import RiskHorizonScorer

        return RiskHorizonScorer
    if name in _REVIEWERS:
        from portfolio.scoring import reviewers

        return getattr(reviewers, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
