"""How sure a decision is, exactly: dominance over intervals of scores and incomplete weights."""

from portfolio.analysis.dominance.competitors import Competitors, competitors
from portfolio.analysis.dominance.core_index import CoreIndex, core_index
from portfolio.analysis.dominance.information import Information

__all__ = ["Competitors", "CoreIndex", "Information", "competitors", "core_index"]
