"""Analysis: what may become of a decision, and how sure what it rests on is."""

from portfolio.analysis.outcomes import Outcomes, Spread, outcomes
from portfolio.analysis.sensitivity import sensitivity
from portfolio.analysis.waiting import Replacement, replace_decliners
from portfolio.analysis.waiting_list import WaitingList, waiting_list, worse_in_words

__all__ = [
    "Outcomes",
    "Replacement",
    "Spread",
    "WaitingList",
    "outcomes",
    "replace_decliners",
    "sensitivity",
    "waiting_list",
    "worse_in_words",
]
