"""Analysis: what may become of a decision, how sure what it rests on is, and what other policies would change."""

from portfolio.analysis.outcomes import Outcomes, Spread, outcomes
from portfolio.analysis.scenario_rows import ScenarioRow
from portfolio.analysis.scenarios import Scenario, scenario_grid
from portfolio.analysis.sensitivity import sensitivity
from portfolio.analysis.whatif import WhatIf, whatif, whatif_rows

__all__ = [
    "Outcomes",
    "Scenario",
    "ScenarioRow",
    "Spread",
    "WhatIf",
    "outcomes",
    "scenario_grid",
    "sensitivity",
    "whatif",
    "whatif_rows",
]
