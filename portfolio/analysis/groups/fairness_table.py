"""The figures of the fairness monitor: counts and money by group, rates, intervals and comparisons."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from portfolio.analysis.groups.fairness_words import statements
from portfolio.analysis.groups.grouping import GROUP, Grouping
from portfolio.analysis.groups.proportions import holm, newcombe, p_value, wilson
from portfolio.call.money import exponent, to_major
from portfolio.optimize.awards import Awards
from portfolio.optimize.instance import Instance
from portfolio.optimize.vectors import Bools, Floats, Integers


@dataclass(frozen=True)
class Tables:
    """One row per column and group, one row of the whole call, and how many comparisons the rows make."""

    groups: pl.DataFrame
    total: pl.DataFrame
    comparisons: int


def fairness_tables(
    instance: Instance,
    eligible: Bools,
    found: Sequence[Grouping],
    decision: Awards,
    on_merit: Mapping[str, Awards | None],
) -> Tables:
    """Return the figures of all groups; the columns are those of `portfolio.analysis.groups.fairness.fairness`.

    Parameters
    ----------
    eligible
        (n,) whose proposals are demand.
    on_merit
        Per beginning of the names of its columns, the awards of a portfolio to compare with; None if there is none.
    """
    demand = np.where(eligible, instance.amount, 0)
    made = [_Figures.of(groups, eligible, demand, decision) for groups in found]
    n = len(eligible)
    everyone = Grouping("", ("",), (GROUP,), np.arange(n), np.zeros(n, dtype=np.int64), overlaps=False)
    whole = _Figures.of(everyone, eligible, demand, decision)
    compared = [_Compared.of(part, whole, part.groups.splits(eligible)) for part in made]
    # The comparisons of all columns are one family.
    adjusted = _adjusted(compared)
    rows = pl.concat(
        pl.DataFrame(
            [
                *_labels(part.groups),
                *part.columns(instance),
                *_shares(part, whole),
                *test.columns(adjusted),
                *_on_merit(instance, part, on_merit),
            ]
        )
        for part, test in zip(made, compared, strict=True)
    )
    said = pl.Series(
        "statement", statements(rows, whole.proposals[0], whole.awards[0], len(adjusted)), pl.String
    )
    total = pl.DataFrame([*whole.columns(instance), *_on_merit(instance, whole, on_merit)])
    return Tables(rows.with_columns(said), total, len(adjusted))


@dataclass(frozen=True)
class _Figures:
    """What the groups of a column ask for and get: (groups,) numbers, and exact money in minor units."""

    groups: Grouping
    proposals: Integers
    ineligible: Integers
    requested: list[int]
    awards: Integers
    awarded: list[int]

    @classmethod
    def of(cls, groups: Grouping, eligible: Bools, demand: Integers, decision: Awards) -> _Figures:
        numbers = groups.counts(eligible), groups.counts(~eligible), groups.sums(demand)
        return cls(groups, *numbers, groups.counts(decision.funded), groups.sums(decision.amount))

    def columns(self, instance: Instance) -> Iterator[pl.Series]:
        low, high = wilson(self.awards, self.proposals)
        yield pl.Series("proposals", self.proposals)
        yield pl.Series("ineligible", self.ineligible)
        yield _money("requested", self.requested, instance)
        yield pl.Series("awards", self.awards)
        yield _money("awarded", self.awarded, instance)
        yield _known("success_rate", _ratios(self.awards.tolist(), self.proposals.tolist()))
        yield _known("success_low", low)
        yield _known("success_high", high)
        yield _known("money_rate", _ratios(self.awarded, self.requested))


@dataclass(frozen=True)
class _Compared:
    """Each group against all others: (groups,) differences, intervals and p-values, and what tells splits apart."""

    difference: Floats
    low: Floats
    high: Floats
    p: Floats
    splits: list[bytes]

    @classmethod
    def of(cls, part: _Figures, whole: _Figures, splits: list[bytes]) -> _Compared:
        others, theirs = whole.proposals - part.proposals, whole.awards - part.awards
        counts = part.awards, part.proposals, theirs, others
        rates = [_ratios(a.tolist(), b.tolist()) for a, b in (counts[:2], counts[2:])]
        return cls(rates[0] - rates[1], *newcombe(*counts), p_value(*counts), splits)

    def columns(self, adjusted: Mapping[bytes, float]) -> Iterator[pl.Series]:
        yield _known("difference", self.difference)
        yield _known("difference_low", self.low)
        yield _known("difference_high", self.high)
        yield _known("p_value", self.p)
        yield pl.Series("p_holm", [adjusted.get(split) for split in self.splits], pl.Float64)


def _adjusted(compared: Sequence[_Compared]) -> dict[bytes, float]:
    """Return the adjusted p-value of each comparison; those that split the call in the same way are one."""
    known = {
        split: p
        for one in compared
        for split, p in zip(one.splits, one.p.tolist(), strict=True)
        if not math.isnan(p)
    }
    return dict(zip(known, holm(np.array(list(known.values()))).tolist(), strict=True))


def _labels(groups: Grouping) -> Iterator[pl.Series]:
    yield pl.Series("column", [groups.column] * len(groups.names), pl.String)
    yield pl.Series("group", groups.names, pl.String)
    yield pl.Series("kind", groups.kinds, pl.String)


def _shares(part: _Figures, whole: _Figures) -> Iterator[pl.Series]:
    for name in ("proposals", "requested", "awards", "awarded"):
        theirs, everything = (list(map(int, getattr(one, name))) for one in (part, whole))
        yield _known(f"{name}_share", _ratios(theirs, everything * len(theirs)))


def _on_merit(
    instance: Instance, part: _Figures, on_merit: Mapping[str, Awards | None]
) -> Iterator[pl.Series]:
    """Yield what each portfolio on merit gives to the groups, and how much more the decision does."""
    groups, nothing = part.groups, [None] * len(part.groups.names)
    for name, awards in on_merit.items():
        number = None if awards is None else groups.counts(awards.funded)
        money = nothing if awards is None else groups.sums(awards.amount)
        rate = None if number is None else _ratios(number.tolist(), part.proposals.tolist())
        yield pl.Series(f"{name}_awards", nothing if number is None else number, pl.Int64)
        yield _money(f"{name}_awarded", money, instance)
        yield pl.Series(f"{name}_rate", nothing, pl.Float64) if rate is None else _known(f"{name}_rate", rate)
        yield pl.Series(f"{name}_change", nothing if number is None else part.awards - number, pl.Int64)


def _money(name: str, minor: Sequence[int | None], instance: Instance) -> pl.Series:
    cells = [None if one is None else to_major(one, instance.currency) for one in minor]
    return pl.Series(name, cells, pl.Decimal(38, exponent(instance.currency)))


def _ratios(parts: Sequence[int], wholes: Sequence[int]) -> Floats:
    """Return the quotients of whole numbers of any size; NaN where the whole is 0."""
    return np.array([part / whole if whole else math.nan for part, whole in zip(parts, wholes, strict=True)])


def _known(name: str, numbers: Floats) -> pl.Series:
    return pl.Series(name, numbers, pl.Float64).fill_nan(None)
