"""Analysis: what may become of a decision, how sure what it rests on is, and what other policies would change."""

from portfolio.analysis.alternatives import Alternatives, Ended, alternatives
from portfolio.analysis.dominance import Competitors, CoreIndex, Information, competitors, core_index
from portfolio.analysis.frontier import Frontier, evenly, frontier
from portfolio.analysis.outcomes import Outcomes, Spread, outcomes
from portfolio.analysis.scenario_rows import ScenarioRow
from portfolio.analysis.scenarios import Scenario, scenario_grid
from portfolio.analysis.sensitivity import sensitivity
from portfolio.analysis.trade_off import TradeOff, trade_off
from portfolio.analysis.whatif import WhatIf, whatif, whatif_rows

__all__ = [
    "Alternatives",
    "Competitors",
    "CoreIndex",
    "Ended",
    "Frontier",
    "Information",
    "Outcomes",
    "Scenario",
    "ScenarioRow",
    "Spread",
    "TradeOff",
    "WhatIf",
    "alternatives",
    "competitors",
    "core_index",
    "evenly",
    "frontier",
    "outcomes",
    "scenario_grid",
    "sensitivity",
    "trade_off",
    "whatif",
    "whatif_rows",
]
