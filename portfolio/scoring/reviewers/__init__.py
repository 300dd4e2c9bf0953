"""Reviewer models: merit after calibration, ranks with their uncertainty, and how reliable a panel is."""

from portfolio.scoring.reviewers.bayesian import BayesianRanking, bayes
from portfolio.scoring.reviewers.calibration import Calibration
from portfolio.scoring.reviewers.comparison import Comparison, compare_methods
from portfolio.scoring.reviewers.methods import calibrate, calibrated_merit, rank_proposals
from portfolio.scoring.reviewers.mixed_model import severity
from portfolio.scoring.reviewers.reliability import panel_reliability, reviews_needed
from portfolio.scoring.reviewers.reviewer_table import reviewer_table
from portfolio.scoring.reviewers.straight_lines import least_squares
from portfolio.scoring.reviewers.votes import Votes, read_votes

__all__ = [
    "BayesianRanking",
    "Calibration",
    "Comparison",
    "Votes",
    "bayes",
    "calibrate",
    "calibrated_merit",
    "compare_methods",
    "least_squares",
    "panel_reliability",
    "rank_proposals",
    "read_votes",
    "reviewer_table",
    "reviews_needed",
    "severity",
]
