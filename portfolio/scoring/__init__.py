"""Scoring: from what a proposal says, and what reviewers say of it, to merit, risk, horizon and basicness."""

from portfolio.scoring.career_rules import EARLY_CAREER_RULES, EarlyCareerRule, EarlyCareerSettings
from portfolio.scoring.estimator import RiskHorizonScorer
from portfolio.scoring.paradigm import PARADIGM
from portfolio.scoring.scorer import score
from portfolio.scoring.scores import Scores
from portfolio.scoring.settings import ReviewSettings, ScoringSettings

__all__ = [
    "EARLY_CAREER_RULES",
    "PARADIGM",
    "EarlyCareerRule",
    "EarlyCareerSettings",
    "ReviewSettings",
    "RiskHorizonScorer",
    "Scores",
    "ScoringSettings",
    "score",
]
