"""Lotteries among proposals that cannot be told apart."""

from portfolio.analysis.lottery.fair import fair_lottery
from portfolio.analysis.lottery.lottery import Draw, Lottery
from portfolio.analysis.lottery.places import merit_lottery, rank_lottery
from portfolio.analysis.lottery.record import check_lottery, lottery_of, lottery_record
from portfolio.analysis.lottery.refusals import refuse_rules
from portfolio.analysis.lottery.smoothness import smoothness
from portfolio.analysis.lottery.tied import Tied, tied_by_interval

__all__ = [
    "Draw",
    "Lottery",
    "Tied",
    "check_lottery",
    "fair_lottery",
    "lottery_of",
    "lottery_record",
    "merit_lottery",
    "rank_lottery",
    "refuse_rules",
    "smoothness",
    "tied_by_interval",
]
