"""Analysis: what may become of a decision, how sure what it rests on is, and what other policies would change."""

from portfolio.analysis.declines.waiting import Replacement, replace_decliners
from portfolio.analysis.declines.waiting_list import WaitingList, waiting_list
from portfolio.analysis.declines.worse import lost_in_words, worse_in_words
from portfolio.analysis.dominance import Competitors, CoreIndex, Information, competitors, core_index
from portfolio.analysis.explaining.inclusion import Inclusion, inclusion
from portfolio.analysis.explaining.needed import MeritNeeded, Needed, RequestNeeded, needed
from portfolio.analysis.frontiers.alternatives import Alternatives, Ended, alternatives
from portfolio.analysis.frontiers.frontier import Frontier, evenly, frontier
from portfolio.analysis.frontiers.trade_off import TradeOff, trade_off
from portfolio.analysis.groups.balance import balance
from portfolio.analysis.groups.fairness import Fairness, fairness
from portfolio.analysis.lottery import (
    Draw,
    Lottery,
    check_lottery,
    fair_lottery,
    lottery_of,
    lottery_record,
    merit_lottery,
    rank_lottery,
    smoothness,
)
from portfolio.analysis.sweeps.record import whatif_record
from portfolio.analysis.sweeps.scenario_rows import ScenarioRow
from portfolio.analysis.sweeps.scenarios import Scenario, scenario_grid
from portfolio.analysis.sweeps.whatif import WhatIf, whatif, whatif_rows
from portfolio.analysis.uncertainty.agreement import Agreement, agreement
from portfolio.analysis.uncertainty.outcomes import Outcomes, Spread, outcomes
from portfolio.analysis.uncertainty.robustness import Robustness, robustness
from portfolio.analysis.uncertainty.sensitivity import sensitivity

__all__ = [
    "Agreement",
    "Alternatives",
    "Competitors",
    "CoreIndex",
    "Draw",
    "Ended",
    "Fairness",
    "Frontier",
    "Inclusion",
    "Information",
    "Lottery",
    "MeritNeeded",
    "Needed",
    "Outcomes",
    "Replacement",
    "RequestNeeded",
    "Robustness",
    "Scenario",
    "ScenarioRow",
    "Spread",
    "TradeOff",
    "WaitingList",
    "WhatIf",
    "agreement",
    "alternatives",
    "balance",
    "check_lottery",
    "competitors",
    "core_index",
    "evenly",
    "fair_lottery",
    "fairness",
    "frontier",
    "inclusion",
    "lost_in_words",
    "lottery_of",
    "lottery_record",
    "merit_lottery",
    "needed",
    "outcomes",
    "rank_lottery",
    "replace_decliners",
    "robustness",
    "scenario_grid",
    "sensitivity",
    "smoothness",
    "trade_off",
    "waiting_list",
    "whatif",
    "whatif_record",
    "whatif_rows",
    "worse_in_words",
]
