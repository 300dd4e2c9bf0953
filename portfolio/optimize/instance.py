"""A call seen through a policy: arrays, one entry per proposal, in the canonical order of ids."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

import numpy as np
import numpy.typing as npt
import polars as pl

from portfolio.call import Call
from portfolio.call.columns import known_columns
from portfolio.call.money import exponent, format_money, to_minor
from portfolio.errors import DataError, Issue, nearest
from portfolio.policy import Policy
from portfolio.policy.conditions import columns_in, evaluate, unknown_column
from portfolio.policy.source import Fault, Path
from portfolio.scoring import Scores, score

Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Instance:
    """What the optimizer needs to know of n proposals, sorted by id.

    Attributes
    ----------
    ids
        n different names.
    amount
        (n,) request in minor units.
    by_year
        (n, years) request of each budgeted year in minor units; one column when there is only a total budget.
    merit, value
        (n,) merit (NaN where unknown) and what an award is worth.
    ineligible
        n reasons; empty for the eligible.
    open
        (n,) whether the optimizer may fund a proposal: eligible and worth something, or locked in.
    traits
        Per trait of the policy, (n,) booleans.
    where
        Per index of a limit with a condition, (n,) booleans.
    budgets
        Money of each budgeted year in minor units.
    table
        n rows: columns of the call and of the scores, money in units of the currency.
    """

    currency: str
    ids: tuple[str, ...]
    amount: Integers
    by_year: Integers
    merit: Floats
    value: Floats
    ineligible: tuple[str, ...]
    open: Bools
    traits: Mapping[str, Bools]
    where: Mapping[int, Bools]
    budgets: tuple[int, ...]
    position: Mapping[str, int]
    table: pl.DataFrame
    scores: Scores

    @property
    def budget(self) -> int:
        """All the money of the call, in minor units."""
        return sum(self.budgets)

    def money(self, minor: int) -> str:
        """Write a sum of money."""
        return format_money(minor, self.currency)


def prepare(call: Call, policy: Policy) -> Instance:
    """Score a call and evaluate every condition of a policy on it.

    Raises
    ------
    PolicyError
        With every fault: unknown columns, ids and conditions, missing years.
    DataError
        If there is no proposal, or none has a merit.
    """
    if not len(call):
        raise DataError(
            [Issue("the call has no proposals", f"`only` may leave none: only = {policy.only!r}")]
        )
    policy.refuse(list(_fractions(policy, call.currency)))
    call = call.sorted()
    scores = score(call, scoring=policy.scoring, reviews=policy.reviews, early_career=policy.early_career)
    table = _table(call, scores)
    masks, faults = evaluate(table, dict(_conditions(policy)))
    faults += [*_ambiguous(policy, _shared(call, scores)), *_currency(call, policy)]
    position = {name: index for index, name in enumerate(call.ids)}
    policy.refuse([*faults, *_unknown(policy, table, position), *_years(policy, call)])
    merit = table["merit"].cast(pl.Float64).fill_null(np.nan).to_numpy()
    _refuse_no_merit(merit, policy)
    eligible = masks.get(("eligible",), np.ones(len(call), dtype=bool))
    locked = np.isin(np.arange(len(call)), [position[name] for name in policy.must_fund])
    by_year = _by_year(call, policy)
    budgets = tuple(to_minor(money, call.currency) for money in policy.budgets)
    # What costs more than a whole budget can never be funded, and its size would only blur the solver's numbers.
    payable = np.all(by_year <= np.array(budgets), axis=1) | locked
    split = (by_year.sum(axis=1) == call.frame["amount"].to_numpy()) | (len(budgets) == 1)
    amount = call.frame["amount"].to_numpy()
    with np.errstate(invalid="ignore"):
        worth = merit >= policy.objective.zero
    return Instance(
        currency=call.currency,
        ids=tuple(call.ids),
        amount=amount,
        by_year=by_year,
        merit=merit,
        value=_values(policy, merit, table["amount"].to_numpy()),
        ineligible=_reasons(policy, eligible, merit, split),
        open=eligible & split & payable & (worth | (locked & ~np.isnan(merit))),
        traits={name: masks[("traits", name)] for name in policy.traits},
        where={int(path[1]): mask for path, mask in masks.items() if path[0] == "limit"},
        budgets=budgets,
        position=position,
        table=table,
        scores=scores,
    )


def _fractions(policy: Policy, currency: str) -> Iterator[Fault]:
    """Refuse sums of the policy that the currency cannot express."""
    sums: list[tuple[Path, Decimal | None]] = [(("budget",), money) for money in policy.budgets]
    sums += [(("reserve", i, "amount"), reserve.amount) for i, reserve in enumerate(policy.reserve)]
    for index, limit in enumerate(policy.limit):
        sums += [
            (("limit", index, "min_amount"), limit.min_amount),
            (("limit", index, "max_amount"), limit.max_amount),
        ]
    for path, money in sums:
        if money is not None and money * 10 ** exponent(currency) % 1:
            yield Fault(path, f"is finer than the smallest coin of {currency}", "round it", str(money))


def _refuse_no_merit(merit: Floats, policy: Policy) -> None:
    if len(merit) and np.isnan(merit).all():
        hint = 'give a file of reviews, or map the column that holds it: [columns] merit = "..."'
        if policy.reviews is not None:
            hint = "the policy has [reviews], but no review with a grade was given: add --reviews FILE"
        raise DataError([Issue("no proposal has a merit, so there is nothing to choose by", hint)])


def _table(call: Call, scores: Scores) -> pl.DataFrame:
    """Join the columns of the call and the scores.

    Where the file has a column of its own with the name of a score, ``risk`` is the score, ``file_risk`` and
    ``scored_risk`` say which of the two is meant.
    """
    table, shared = call.table(), _shared(call, scores)
    own = [table[name].alias(f"file_{name}") for name in shared]
    named = [scores.frame[name].alias(f"scored_{name}") for name in shared]
    return table.with_columns(*own, *named, *scores.frame.drop("id").get_columns())


def _shared(call: Call, scores: Scores) -> list[str]:
    return [
        name for name in scores.frame.columns if name in call.frame.columns and name not in known_columns()
    ]


def _ambiguous(policy: Policy, shared: list[str]) -> Iterator[Fault]:
    """Refuse a condition that could mean the funder's own column or the score of the same name."""
    for path, sql in _conditions(policy):
        for name in sorted({*columns_in(sql)} & {*shared}):
            what = f"uses {name!r}, which is both a column of the file and a score"
            yield Fault(path, what, f"write file_{name} for the file's own, scored_{name} for the score", sql)


def _currency(call: Call, policy: Policy) -> Iterator[Fault]:
    if call.currency != policy.currency:
        hint = f"the call is in {call.currency}; read it with this policy, or state the call's currency"
        yield Fault(("currency",), "is not the currency of the call", hint, policy.currency)


def _conditions(policy: Policy) -> Iterator[tuple[Path, str]]:
    if policy.eligible is not None:
        yield ("eligible",), policy.eligible
    for name, condition in policy.traits.items():
        yield ("traits", name), condition
    for index, limit in enumerate(policy.limit):
        if limit.where is not None:
            yield ("limit", index, "where"), limit.where


def _unknown(policy: Policy, table: pl.DataFrame, position: Mapping[str, int]) -> Iterator[Fault]:
    columns: list[tuple[Path, str | None]] = [
        *((("limit", i, "per"), limit.per) for i, limit in enumerate(policy.limit)),
        *((("link", i, "per"), link.per) for i, link in enumerate(policy.link)),
        *((("coverage", i, "per"), coverage.per) for i, coverage in enumerate(policy.coverage)),
    ]
    for path, column in columns:
        if column is not None and column not in table.columns:
            yield unknown_column(table, path, column)
    for path, name in _named(policy):
        if name not in position:
            yield Fault(path, "is not the id of a proposal of this call", nearest(name, position), name)


def _named(policy: Policy) -> Iterator[tuple[Path, str]]:
    for key, names in (("must_fund", policy.must_fund), ("must_not_fund", policy.must_not_fund)):
        yield from (((key, index), name) for index, name in enumerate(names))
    for index, link in enumerate(policy.link):
        yield from ((("link", index, "proposals", i), name) for i, name in enumerate(link.proposals or ()))
        for key, name in (("proposal", link.proposal), ("needs", link.needs)):
            if name is not None:
                yield ("link", index, key), name


def _years(policy: Policy, call: Call) -> Iterator[Fault]:
    years = len(policy.budgets)
    if isinstance(policy.budget, tuple) and years != call.years and (years > 1 or call.years):
        yield Fault(
            ("budget",),
            f"has {years} years, but the call has the columns of {call.years}",
            "give one budget for each of amount_y1, amount_y2, ..., or one number for the total",
        )


def _by_year(call: Call, policy: Policy) -> Integers:
    if len(policy.budgets) == 1:
        return call.frame["amount"].to_numpy()[:, None]
    columns = [call.frame[f"amount_y{year + 1}"].fill_null(0).to_numpy() for year in range(call.years)]
    return np.column_stack(columns)


def _values(policy: Policy, merit: Floats, amount: Floats) -> Floats:
    """Return (merit - zero) x amount^e, with amounts in units of the currency; 0 where merit is unknown."""
    exponent = policy.objective.exponent
    size = np.ones_like(amount) if exponent == 0 else np.power(amount, exponent)
    return np.nan_to_num((merit - policy.objective.zero) * size, nan=0.0)


def _reasons(policy: Policy, eligible: Bools, merit: Floats, split: Bools) -> tuple[str, ...]:
    condition = f"does not meet the condition for eligibility: {policy.eligible}"
    no_merit = "has no merit: no review and no merit in the data"
    no_years = "does not say how much it asks for in each year, and the budget is by year"
    unknown = np.isnan(merit)
    return tuple(
        np.select([~eligible, unknown, ~split], [condition, no_merit, no_years], default="").tolist()
    )
