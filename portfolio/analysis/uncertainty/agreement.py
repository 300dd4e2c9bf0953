"""Which awards hang on how grades become merits, and on whether proposals are ranked or chosen together."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import polars as pl

from portfolio.analysis.funding_line import Ranking
from portfolio.analysis.parallel import each
from portfolio.analysis.sweeps.scenario_rows import REFUSALS, why_not
from portfolio.call import Call
from portfolio.call.money import exponent, to_major
from portfolio.errors import PortfolioError
from portfolio.optimize import Problem, Stop
from portfolio.optimize.vectors import Bools, Integers
from portfolio.policy import Policy

_MEAN, _FILE = "mean", "merit"


@dataclass(frozen=True, eq=False)
class Agreement:
    """One call decided by several selection rules.

    Attributes
    ----------
    rules
        One row per rule that could be used: rule (``rank`` or ``optimizer``, and the method behind the merits), awards,
        spent, status, gap (null for a ranking, which proves nothing).
    proposals
        One row per proposal, sorted by id: id, rules (by how many it is funded), funded_by (which), depends (whether
        some rules fund it and others do not), depends_on_merits (whether the optimizer's answer depends on the method).
    pairs
        One row per pair of rules: rule, other, both (awards by both), awards_agree (those by both as a share of those
        by either; Jaccard 1901) and money_agree (the same of money, the smaller of two awards over the larger).
        Null where neither funds anybody.
    refused
        Why a rule could not be used, by its name.
    notes
        What the reviewer models say of themselves, in sentences.
    """

    rules: pl.DataFrame
    proposals: pl.DataFrame
    pairs: pl.DataFrame
    refused: Mapping[str, str]
    notes: tuple[str, ...]

    def __repr__(self) -> str:
        every = int((self.proposals["rules"] == self.rules.height).sum())
        return (
            f"<Agreement: {self.rules.height} rules, {len(self.refused)} refused; {every:,} proposals funded by all, "
            f"{int(self.proposals['depends'].sum()):,} by some>"
        )


def agreement(
    call: Call,
    policy: Policy,
    *,
    jobs: int | None = None,
    watch: Callable[[str], None] = lambda step: None,
) -> Agreement:
    """Decide one call by several selection rules, and say which awards depend on the rule.

    Merits are the plain mean of the grades, and those of each reviewer model; without reviews, the merits of the file.
    By each of them the call is decided twice. *Rank*: from the best down until the next can no longer be paid in full,
    among the eligible, without any other rule. *Optimizer*: as the policy says.

    Parameters
    ----------
    call, policy
        What was asked for, and what the funder wants; the method of the policy is one of those that are compared.
    jobs
        How many methods are worked on at a time; None for one per processor.
    watch
        Called with the name of each step.

    Raises
    ------
    PolicyError, DataError, InfeasibleError, LimitError
        If no rule at all can be used: the reason of the first.
    """
    asked = list(_policies(call, policy))
    decided: dict[str, _Decided] = {}
    refused: dict[str, str] = {}
    notes: dict[str, None] = {}
    first: PortfolioError | None = None
    watch("Deciding by each rule")
    for found in each(_by_method, asked, jobs=jobs, shared=(call,)):
        if found.interrupted:
            raise KeyboardInterrupt
        for rule, error in found.refused.items():
            refused[rule] = why_not(error)
            first = first or error
        decided |= {one.rule: one for one in found.decided}
        notes |= dict.fromkeys(found.notes)
        watch(f"Decided by {len(decided)} rules")
    if not decided and first is not None:
        raise first
    # Rankings come before optimizers, the plain mean before models.
    rules = [decided[rule] for kind in ("rank", "optimizer") for rule in decided if rule.startswith(kind)]
    ids = call.ids.sort().to_list()
    return Agreement(
        _rules(rules, policy.currency), _proposals(rules, ids), _pairs(rules), refused, tuple(notes)
    )


def _policies(call: Call, policy: Policy) -> Iterator[tuple[str, Policy]]:
    if call.reviews is None or policy.reviews is None:
        yield _FILE, policy
        return
    # Imported when they are needed: reviewer models bring solvers.
    from portfolio.scoring.reviewers.comparison import METHODS

    for method in (_MEAN, *METHODS):
        yield method, policy.replace(reviews=policy.reviews.replace(method=method))


@dataclass(frozen=True, eq=False)
class _Decided:
    """One decision: who is funded, and (n,) awards in minor units."""

    rule: str
    funded: Bools
    amount: Integers
    status: str | None = None
    gap: float | None = None


@dataclass(frozen=True, eq=False)
class _Found:
    """What came of one method."""

    decided: tuple[_Decided, ...]
    refused: Mapping[str, PortfolioError]
    notes: tuple[str, ...] = ()
    interrupted: bool = False


def _by_method(call: Call, item: tuple[str, Policy]) -> _Found:
    """Rank and optimize by the merits of one method."""
    method, policy = item
    problem = Problem(call, policy)
    ranked, chosen = f"rank, {method}", f"optimizer, {method}"
    try:
        instance = problem.instance
    except REFUSALS as error:
        return _Found((), {ranked: error, chosen: error})
    _, above = Ranking(problem)(instance.merit)
    by_rank = _Decided(ranked, above, np.where(above, instance.amount, 0))
    try:
        portfolio = problem.solve()
    except REFUSALS as error:
        return _Found((by_rank,), {chosen: error}, instance.scores.notes)
    if portfolio.status is Stop.INTERRUPTED:
        # Raised where the answers are collected: in a thread it would be lost.
        return _Found((), {}, interrupted=True)
    awards = portfolio.solution.awards
    best = _Decided(chosen, awards.funded, awards.amount, str(portfolio.status), portfolio.gap)
    return _Found((by_rank, best), {}, instance.scores.notes)


def _rules(rules: Sequence[_Decided], currency: str) -> pl.DataFrame:
    spent = [to_major(int(one.amount.sum()), currency) for one in rules]
    return pl.DataFrame(
        {
            "rule": [one.rule for one in rules],
            "awards": [int(one.funded.sum()) for one in rules],
            "spent": pl.Series(spent, dtype=pl.Decimal(38, exponent(currency))),
            "status": pl.Series([one.status for one in rules], dtype=pl.String),
            "gap": pl.Series([one.gap for one in rules], dtype=pl.Float64),
        }
    )


def _proposals(rules: Sequence[_Decided], ids: Sequence[str]) -> pl.DataFrame:
    funded = np.array([one.funded for one in rules])
    names = np.array([one.rule for one in rules])
    chosen = funded[[one.rule.startswith("optimizer") for one in rules]]
    return pl.DataFrame(
        {
            "id": ids,
            "rules": funded.sum(axis=0),
            "funded_by": pl.Series([names[by].tolist() for by in funded.T], dtype=pl.List(pl.String)),
            "depends": funded.any(axis=0) & ~funded.all(axis=0),
            "depends_on_merits": chosen.any(axis=0) & ~chosen.all(axis=0),
        }
    )


def _pairs(rules: Sequence[_Decided]) -> pl.DataFrame:
    rows = []
    for one, other in combinations(rules, 2):
        both, either = int((one.funded & other.funded).sum()), int((one.funded | other.funded).sum())
        smaller, larger = (int(pick(one.amount, other.amount).sum()) for pick in (np.minimum, np.maximum))
        shares = (both / either if either else None, smaller / larger if larger else None)
        rows.append((one.rule, other.rule, both, *shares))
    names = {"both": pl.Int64, "awards_agree": pl.Float64, "money_agree": pl.Float64}
    return pl.DataFrame(rows, {"rule": pl.String, "other": pl.String, **names}, orient="row")
