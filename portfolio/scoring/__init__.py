"""Scoring: from what a proposal says, and what reviewers say of it, to merit, risk, horizon and basicness."""

from typing import TYPE_CHECKING, Any

from portfolio.scoring.career_rules import EARLY_CAREER_RULES, EarlyCareerRule, EarlyCareerSettings
from portfolio.scoring.explanation import Explanation, explain_score
from portfolio.scoring.novelty import with_novelty
from portfolio.scoring.paradigm import PARADIGM
from portfolio.scoring.review_settings import BayesSettings
from portfolio.scoring.scorer import score
from portfolio.scoring.scores import Scores
from portfolio.scoring.settings import ColumnEvidence, ReviewSettings, ScoringSettings
from portfolio.scoring.text.settings import TextSettings

if TYPE_CHECKING:
    from portfolio.scoring.estimator import RiskHorizonScorer
    from portfolio.scoring.reviewers import (
        BayesianRanking,
        Comparison,
        compare_methods,
        rank_proposals,
    )
    from portfolio.scoring.text.scorer import ParadigmTextScorer

__all__ = [
    "EARLY_CAREER_RULES",
    "PARADIGM",
    "BayesSettings",
    "BayesianRanking",
    "ColumnEvidence",
    "Comparison",
    "EarlyCareerRule",
    "EarlyCareerSettings",
    "Explanation",
    "ParadigmTextScorer",
    "ReviewSettings",
    "RiskHorizonScorer",
    "Scores",
    "ScoringSettings",
    "TextSettings",
    "compare_methods",
    "explain_score",
    "rank_proposals",
    "score",
    "with_novelty",
]

# Reviewer models bring solvers and special functions with them, and most calls need none.
_REVIEWERS = {
    "BayesianRanking",
    "Comparison",
    "compare_methods",
    "rank_proposals",
}


def __getattr__(name: str) -> Any:
    # scikit-learn takes a second and 100 MB to import, and only the estimators need it.
    if name == "RiskHorizonScorer":
        from portfolio.scoring.estimator import RiskHorizonScorer

        return RiskHorizonScorer
    if name == "ParadigmTextScorer":
        from portfolio.scoring.text.scorer import ParadigmTextScorer

        return ParadigmTextScorer
    if name in _REVIEWERS:
        from portfolio.scoring import reviewers

        return getattr(reviewers, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
