"""Analysis: what may become of a decision, how sure what it rests on is, and what other policies would change."""

from portfolio.analysis.agreement import Agreement, agreement
from portfolio.analysis.alternatives import Alternatives, Ended, alternatives
from portfolio.analysis.frontier import Frontier, evenly, frontier
from portfolio.analysis.outcomes import Outcomes, Spread, outcomes
from portfolio.analysis.robustness import Robustness, robustness
from portfolio.analysis.scenario_rows import ScenarioRow
from portfolio.analysis.scenarios import Scenario, scenario_grid
from portfolio.analysis.sensitivity import sensitivity
from portfolio.analysis.trade_off import TradeOff, trade_off
from portfolio.analysis.whatif import WhatIf, whatif, whatif_rows

__all__ = [
    "Agreement",
    "Alternatives",
    "Ended",
    "Frontier",
    "Outcomes",
    "Robustness",
    "Scenario",
    "ScenarioRow",
    "Spread",
    "TradeOff",
    "WhatIf",
    "agreement",
    "alternatives",
    "evenly",
    "frontier",
    "outcomes",
    "robustness",
    "scenario_grid",
    "sensitivity",
    "trade_off",
    "whatif",
    "whatif_rows",
]
