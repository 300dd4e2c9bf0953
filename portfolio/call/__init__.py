"""What was asked for: proposals and reviews, typed, checked and kept in columns."""

from portfolio.call.proposal import Investigator, Proposal, Review
from portfolio.call.reader import read_call
from portfolio.call.rules import ReadingRules
from portfolio.call.table import Call

__all__ = ["Call", "Investigator", "Proposal", "ReadingRules", "Review", "read_call"]
