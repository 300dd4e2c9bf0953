"""What may become of a portfolio: successes, failures, firsts in each bottleneck, and value.

Publications are nowhere in it. A *success* is an award whose stated outcome is reached. A *first* is a success of
an award that is to bring a theory or a discovery, the key metric of basic research in the paradigm table.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import polars as pl

from portfolio.analysis.uncertainty.binomial import quantile, successes
from portfolio.call.columns import known_columns, nearest_column
from portfolio.errors import DataError, Issue
from portfolio.optimize import Portfolio, figures
from portfolio.optimize.awards import values
from portfolio.optimize.instance import Instance
from portfolio.optimize.vectors import Bools, Floats
from portfolio.scoring.columns import mentions, numbers
from portfolio.scoring.labels import QUEST_OUTPUTS

ALL = "all awards"
_CELLS = 2_000_000
_BATCHES = 20
_QUANTILES = (0.05, 0.5, 0.95)


@dataclass(frozen=True, slots=True)
class Spread:
    """A quantile by simulation with its standard error."""

    share: float
    value: float
    error: float


@dataclass(frozen=True, eq=False)
class Outcomes:
    """What may become of a portfolio.

    Parameters
    ----------
    groups
        A row for all awards and one for each bottleneck tag among them, sorted: group, awards, expected, low,
        median and high (5%, 50% and 95% of the distribution of successes), at_least_one; the same for firsts in
        first_awards, expected_firsts and at_least_one_first.
    distribution
        group, kind (``successes`` or ``firsts``), number, probability; exact.
    awards, stated, estimated, unknown
        Number of awards; of those whose chance is stated, is 1 - risk, or is not known. The last are left out of
        everything else.
    expected_failures, no_failure
        Awards expected to fail, and the chance that none does.
    too_safe, safe_above
        Whether `no_failure` is above `safe_above`: a portfolio in which nothing fails was too safe.
    expected_value, value_sd
        Value of the awards that succeed, an award that fails being worth nothing: mean and standard deviation, exact.
        Synergies, chances and prices of the objective are left out.
    value_spread
        Quantiles of that value, from `draws` draws with `seed`.
    """

    groups: pl.DataFrame
    distribution: pl.DataFrame
    awards: int
    stated: int
    estimated: int
    unknown: int
    expected_failures: float
    no_failure: float
    safe_above: float
    expected_value: float
    value_sd: float
    value_spread: tuple[Spread, ...] = field(repr=False)
    draws: int
    seed: int

    @property
    def too_safe(self) -> bool:
        """Whether it is likelier than `safe_above` that nothing fails, if there is anything that could."""
        return self.stated + self.estimated > 0 and self.no_failure > self.safe_above

    def __repr__(self) -> str:
        whole = self.groups.row(0, named=True)
        verdict = "too safe" if self.too_safe else "not too safe"
        low, _, high = self.value_spread
        head = (
            f"Outcomes of {_awards(self.awards)} ({figures.counted(self.stated, 'chance', 'chances')} stated, "
            f"{self.estimated:,} estimated as 1 - risk, {self.unknown:,} not known and left out)"
        )
        if not self.stated + self.estimated:
            return f"{head}\n  nothing can be said of successes, failures, firsts and value"
        none = figures.chance(self.no_failure, 2, beside=self.safe_above)
        lines = [
            head,
            f"  successes: {whole['expected']:.1f} expected, {whole['low']} to {whole['high']} in nine of ten cases",
            f"  failures: {self.expected_failures:.1f} expected; the chance of none is {none}: "
            f"{verdict} (the line is {self.safe_above:g})",
            f"  firsts: {whole['expected_firsts']:.1f} expected of {whole['first_awards']}; at least one with a "
            f"chance of {figures.chance(whole['at_least_one_first'])}",
            f"  value: {self.expected_value:.4g} expected, {low.value:.4g} to {high.value:.4g} in nine of ten cases "
            f"({self.draws:,} draws, seed {self.seed}, standard errors {low.error:.2g} and {high.error:.2g})",
        ]
        tags = [
            f"  {row['group']}: {_awards(row['awards'])}, {row['expected']:.1f} successes expected, at least one "
            f"with a chance of {figures.chance(row['at_least_one'])}, "
            f"a first with {figures.chance(row['at_least_one_first'])}"
            for row in self.groups[1:].iter_rows(named=True)
        ]
        return "\n".join([*lines, *tags])


def outcomes(
    portfolio: Portfolio,
    *,
    probability: str = "success_probability",
    tags: str = "bottlenecks",
    safe_above: float = 0.1,
    draws: int = 10_000,
    seed: int | None = None,
) -> Outcomes:
    """Return what may become of the awards of a portfolio, if they succeed independently of each other.

    Parameters
    ----------
    portfolio
        A decision.
    probability
        The column with the chance of success. Where it is empty, 1 - risk takes its place if there is any evidence
        on risk; otherwise the chance is not known, and the award is left out and counted.
    tags
        The column of labels or lists of tags by which awards are grouped.
    safe_above
        The portfolio is called too safe if the chance that nothing fails is above this.
    draws, seed
        For the quantiles of value; the seed is that of the policy unless it is given.

    Raises
    ------
    KeyError
        If the call has no such column.
    DataError
        If the column has cells below 0 or above 1.
    ValueError
        If `safe_above` is not between 0 and 1, or `draws` is less than 20.

    Notes
    -----
    Numbers of successes follow the Poisson-binomial distribution and are exact. The quantiles of value come from
    draws; their standard errors from the deviations among 20 batches of them.
    """
    if not 0 <= safe_above <= 1 or draws < _BATCHES:
        raise ValueError(f"safe_above must be between 0 and 1, and draws at least {_BATCHES}")
    instance = portfolio.problem.instance
    known = {*instance.table.columns, *known_columns()}
    for column in sorted({probability, tags} - known):
        hint = nearest_column(column, known, portfolio.problem.policy.columns)
        raise KeyError(f"{column!r} is not a column of the call; {hint}")
    seed = portfolio.problem.policy.solver.seed if seed is None else seed
    funded = np.asarray(portfolio.solution.chosen)
    chance, stated = _chances(instance, probability)
    counted = funded & ~np.isnan(chance)
    p = chance[counted]
    worth = values(instance, portfolio.solution.awards, instance.value)[counted]
    tables = list(_groups(instance, tags, counted, chance))
    groups = pl.concat(summary for summary, _ in tables)
    return Outcomes(
        groups=groups,
        distribution=pl.concat(distribution for _, distribution in tables),
        awards=int(funded.sum()),
        stated=int((funded & stated).sum()),
        estimated=int((counted & ~stated).sum()),
        unknown=int((funded & np.isnan(chance)).sum()),
        expected_failures=math.fsum((1 - p).tolist()),
        no_failure=_none_fails(p),
        safe_above=safe_above,
        expected_value=math.fsum((p * worth).tolist()),
        value_sd=math.sqrt(math.fsum((p * (1 - p) * worth**2).tolist())),
        value_spread=_spread(p, worth, draws, seed),
        draws=draws,
        seed=seed,
    )


def _chances(instance: Instance, column: str) -> tuple[Floats, Bools]:
    """Return (n,) chances of success, NaN where nothing is known, and where they are stated."""
    table = instance.table
    given = numbers(table, column)
    if (wrong := np.flatnonzero((given < 0) | (given > 1))).size:
        first, what = int(wrong[0]), "is not a chance: it has cells below 0 or above 1"
        if wrong.size > 1:
            what += f", {wrong.size:,} in all"
        hint, cell, name = (
            "45% is 0.45; blank cells are not known",
            f"{given[first]:.12g}",
            instance.ids[first],
        )
        raise DataError([Issue(what, hint, column=column, value=cell, id=name)])
    stated = ~np.isnan(given)
    estimated = 1.0 - numbers(table, "risk")
    return np.where(stated, given, estimated), stated


def _groups(
    instance: Instance, tags: str, counted: Bools, chance: Floats
) -> Iterator[tuple[pl.DataFrame, pl.DataFrame]]:
    """Yield the summary and the distributions of all awards, and of those with each tag."""
    outputs = mentions(instance.table, "expected_outputs")
    first = np.logical_or.reduce([outputs[word] for word in QUEST_OUTPUTS])
    yield _group(ALL, counted, first, chance)
    if tags not in instance.table.columns:
        return
    of = instance.groups(tags)
    for code, name in enumerate(of.names):
        mine = np.zeros(counted.size, dtype=np.bool_)
        mine[of.member[of.group == code]] = True
        if np.any(mine & counted):
            yield _group(name, mine & counted, first, chance)


def _group(name: str, mine: Bools, first: Bools, chance: Floats) -> tuple[pl.DataFrame, pl.DataFrame]:
    won, firsts = successes(chance[mine]), successes(chance[mine & first])
    low, middle, high = (quantile(won, share) for share in _QUANTILES)
    summary = pl.DataFrame(
        {
            "group": [name],
            "awards": [int(mine.sum())],
            "expected": [math.fsum(chance[mine].tolist())],
            "low": [low],
            "median": [middle],
            "high": [high],
            "at_least_one": [_some(chance[mine])],
            "first_awards": [int((mine & first).sum())],
            "expected_firsts": [math.fsum(chance[mine & first].tolist())],
            "at_least_one_first": [_some(chance[mine & first])],
        }
    )
    tables = [
        pl.DataFrame({"number": np.arange(found.size), "probability": found}).select(
            pl.lit(name).alias("group"), pl.lit(kind).alias("kind"), "number", "probability"
        )
        for kind, found in (("successes", won), ("firsts", firsts))
    ]
    return summary, pl.concat(tables)


def _some(chances: Floats) -> float:
    """Return the chance of at least one success; 1 only where one is certain."""
    with np.errstate(divide="ignore"):
        some = abs(math.expm1(math.fsum(np.log1p(-chances).tolist())))
    return some if (chances == 1).any() else min(some, math.nextafter(1.0, 0.0))


def _none_fails(chances: Floats) -> float:
    """Return the chance that all succeed; 0 only where one cannot."""
    every = float(math.prod(chances.tolist()))
    return every if (chances == 0).any() else max(every, math.nextafter(0.0, 1.0))


def _awards(number: int) -> str:
    return figures.counted(number, "award", "awards")


def _spread(p: Floats, worth: Floats, draws: int, seed: int) -> tuple[Spread, ...]:
    """Return quantiles of the value of what succeeds, with their standard errors."""
    rng = np.random.Generator(np.random.PCG64(seed))
    step = max(1, _CELLS // max(1, p.size))
    totals = np.concatenate(
        [
            np.where(rng.random((min(step, draws - start), p.size)) < p, worth, 0.0).sum(axis=1)
            for start in range(0, draws, step)
        ]
    )
    batches = np.array_split(np.round(totals, 9), _BATCHES)
    each = np.array([np.quantile(batch, _QUANTILES) for batch in batches])
    whole = np.quantile(np.round(totals, 9), _QUANTILES)
    errors = each.std(axis=0, ddof=1) / np.sqrt(_BATCHES)
    return tuple(
        Spread(*numbers_) for numbers_ in zip(_QUANTILES, whole.tolist(), errors.tolist(), strict=True)
    )
