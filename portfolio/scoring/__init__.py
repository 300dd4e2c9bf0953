"""Scoring: from what a proposal says, and what reviewers say of it, to merit, risk, horizon and basicness."""

from typing import TYPE_CHECKING, Any

from portfolio.scoring.career_rules import EARLY_CAREER_RULES, EarlyCareerRule, EarlyCareerSettings
from portfolio.scoring.explanation import Explanation, explain_score
from portfolio.scoring.novelty import with_novelty
from portfolio.scoring.paradigm import PARADIGM
from portfolio.scoring.scorer import score
from portfolio.scoring.scores import Scores
from portfolio.scoring.settings import ColumnEvidence, ReviewSettings, ScoringSettings
from portfolio.scoring.text.settings import TextSettings

if TYPE_CHECKING:
    from portfolio.scoring.estimator import RiskHorizonScorer
    from portfolio.scoring.text.scorer import ParadigmTextScorer

__all__ = [
    "EARLY_CAREER_RULES",
    "PARADIGM",
    "ColumnEvidence",
    "EarlyCareerRule",
    "EarlyCareerSettings",
    "Explanation",
    "ParadigmTextScorer",
    "ReviewSettings",
    "RiskHorizonScorer",
    "Scores",
    "ScoringSettings",
    "TextSettings",
    "explain_score",
    "score",
    "with_novelty",
]


def __getattr__(name: str) -> Any:
    # scikit-learn takes a second and 100 MB to import, and only the estimators need it.
    if name == "RiskHorizonScorer":
        from portfolio.scoring.estimator import RiskHorizonScorer

        return RiskHorizonScorer
    if name == "ParadigmTextScorer":
        from portfolio.scoring.text.scorer import ParadigmTextScorer

        return ParadigmTextScorer
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
