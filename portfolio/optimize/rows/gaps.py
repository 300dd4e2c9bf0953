"""Gaps: how far the success rate of a group may be from that of the whole call (demographic parity).

The rate of a group is what it gets by what it asks for: awards by proposals, or money by money; only eligible proposals
count. With D_g what the group asks for, D what all ask for, and y_g, y what they get,

    y_g / D_g >= y / D - gap   and   y_g / D_g <= y / D + gap,

multiplied by D_g, so that a row counts awards or money.
"""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np

from portfolio.call.money import total
from portfolio.optimize.groups import Groups
from portfolio.optimize.instance import Instance
from portfolio.optimize.vectors import Integers
from portfolio.policy import Limit
from portfolio.policy.rules import exact


def large_groups(instance: Instance, limit: Limit, of: Groups) -> Groups:
    """Return the groups that are large enough for a gap.

    In a group of n proposals one award moves the rate by 1 / n. Unless the policy says otherwise, that may not be more
    than the gap.
    """
    least = limit.min_proposals or math.ceil(1 / exact(limit.max_gap or 1.0))
    inside = instance.eligible[of.member]
    size = np.bincount(of.group[inside], minlength=len(of.names))
    # A group that asks for no money has no share of it.
    asked = np.bincount(of.group[inside], instance.amount[of.member[inside]], minlength=len(of.names))
    kept = np.flatnonzero((size >= least) & (asked > 0))
    number = np.full(len(of.names), -1)
    number[kept] = np.arange(len(kept))
    mine = number[of.group] >= 0
    return Groups([of.names[group] for group in kept.tolist()], of.member[mine], number[of.group[mine]])


def demands(instance: Instance, of: Groups, *, money: bool) -> tuple[list[int], int]:
    """Return what each group and all eligible proposals ask for: minor units, or proposals."""
    each: Integers = np.where(instance.eligible, instance.amount if money else 1, 0)
    return [total(each[of.member[of.group == group]]) for group in range(len(of.names))], total(each)


def due(demand: list[int], whole: int, given: int, gap: Fraction) -> list[Fraction]:
    """Return what each group gets exactly at a gap from the rate of all; negative gaps are below it."""
    rate = Fraction(given, max(1, whole))
    return [asked * (rate + gap) for asked in demand]


def widest_gap(demand: list[int], whole: int, got: list[int], given: int, *, below: bool) -> Fraction:
    """Return the largest distance of a group's rate from that of all; only below it if so asked."""
    rate = Fraction(given, max(1, whole))
    apart = [rate - Fraction(mine, asked) for mine, asked in zip(got, demand, strict=True)]
    return max((gap if below else abs(gap) for gap in apart), default=Fraction(0))
