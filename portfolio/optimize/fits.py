"""Whether a policy fits a call: every column, id and year that it names is there, and means one thing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal

import numpy as np
import polars as pl

from portfolio.call import Call
from portfolio.call.columns import known_columns
from portfolio.call.money import exponent
from portfolio.errors import each_nearest
from portfolio.optimize.worth import is_numeric, numbers
from portfolio.policy import Policy
from portfolio.policy.conditions import columns_in, unknown_column
from portfolio.policy.source import Fault, Path
from portfolio.scoring import Scores


def misfits(
    policy: Policy, call: Call, table: pl.DataFrame, position: Mapping[str, int], shared: list[str]
) -> Iterator[Fault]:
    """Yield everything in a policy that does not fit a call.

    Parameters
    ----------
    table
        Columns of the call and of the scores.
    position
        The ids of the call.
    shared
        Names that the file and the scores share, see `shared_names`.
    """
    yield from _ambiguous(policy, shared)
    yield from _currency(call, policy)
    yield from _unknown(policy, table, position, frozenset(call.set_aside["id"]))
    yield from _years(policy, call)


def fractions(policy: Policy, currency: str) -> Iterator[Fault]:
    """Refuse sums of the policy that the currency cannot express."""
    sums: list[tuple[Path, Decimal | None]] = [(("budget",), money) for money in policy.budgets]
    sums += [(("committed",), money) for money in policy.commitments]
    sums += [(("carry_over",), policy.carry_over)]
    if policy.exploratory is not None:
        pool = policy.exploratory
        sums += [(("exploratory", "amount"), pool.amount), (("exploratory", "max_award"), pool.max_award)]
    if policy.overspend is not None:
        sums += [(("overspend", "max_amount"), policy.overspend.max_amount)]
    sums += [(("reserve", i, "amount"), reserve.amount) for i, reserve in enumerate(policy.reserve)]
    for index, limit in enumerate(policy.limit):
        if limit.of is not None:
            continue
        sums += [
            (("limit", index, "min_amount"), limit.min_amount),
            (("limit", index, "max_amount"), limit.max_amount),
        ]
    for path, money in sums:
        if money is not None and money * 10 ** exponent(currency) % 1:
            yield Fault(path, f"is finer than the smallest coin of {currency}", "round it", str(money))


def shared_names(call: Call, scores: Scores) -> list[str]:
    """Return the columns of the funder's own that have the name of a score."""
    return [
        name for name in scores.frame.columns if name in call.frame.columns and name not in known_columns()
    ]


def _ambiguous(policy: Policy, shared: list[str]) -> Iterator[Fault]:
    """Refuse whatever could mean the funder's own column or the score of the same name."""
    for path, sql in conditions(policy):
        for name in sorted({*columns_in(sql)} & {*shared}):
            yield Fault(path, f"uses {name!r}, which {AMBIGUOUS}", which_of_two(name), sql)
    for path, column in (*_groupings(policy), *_numeric(policy)):
        if column in shared:
            yield Fault(path, AMBIGUOUS, which_of_two(str(column)), str(column))


AMBIGUOUS = "is both a column of the file and a score"


def which_of_two(name: str) -> str:
    """Say how to name the one and the other."""
    return f"write file_{name} for the file's own, scored_{name} for the score"


def _currency(call: Call, policy: Policy) -> Iterator[Fault]:
    if call.currency != policy.currency:
        hint = f"the call is in {call.currency}; read it with this policy, or state the call's currency"
        yield Fault(("currency",), "is not the currency of the call", hint, policy.currency)


def conditions(policy: Policy) -> Iterator[tuple[Path, str]]:
    """Yield every condition of a policy and the key at which it stands."""
    if policy.eligible is not None:
        yield ("eligible",), policy.eligible
    for name, condition in policy.traits.items():
        yield ("traits", name), condition
    for index, limit in enumerate(policy.limit):
        if limit.where is not None:
            yield ("limit", index, "where"), limit.where
    if policy.stable is not None:
        yield ("stable", "where"), policy.stable.where
    if policy.exploratory is not None:
        yield ("exploratory", "where"), policy.exploratory.where


_NUMBERS = "name a numeric column; CAST({0} AS DOUBLE) in [derive] makes numbers of texts"


def not_eligible(policy: Policy) -> str:
    """Say why a proposal that does not meet `eligible` is ineligible."""
    return f"does not meet the condition for eligibility: {policy.eligible}"


def _groupings(policy: Policy) -> list[tuple[Path, str | None]]:
    """Return the columns that form groups."""
    return [
        *((("limit", i, "per"), limit.per) for i, limit in enumerate(policy.limit)),
        *((("link", i, "per"), link.per) for i, link in enumerate(policy.link)),
        *((("coverage", i, "per"), coverage.per) for i, coverage in enumerate(policy.coverage)),
    ]


def _numeric(policy: Policy) -> list[tuple[Path, str | None]]:
    """Return the columns that are added up."""
    criteria = enumerate(policy.objective.criterion)
    return [
        *((("limit", i, "of"), limit.of) for i, limit in enumerate(policy.limit)),
        *((("objective", "criterion", i, "column"), criterion.column) for i, criterion in criteria),
        *((("coverage", i, "probability"), c.probability) for i, c in enumerate(policy.coverage) if c.weight),
    ]


def _unknown(
    policy: Policy, table: pl.DataFrame, position: Mapping[str, int], aside: frozenset[str]
) -> Iterator[Fault]:
    numeric = _numeric(policy)
    for path, column in numeric:
        if column in table.columns and not is_numeric(table, str(column)):
            yield Fault(path, "is not a column of numbers", _NUMBERS.format(column), str(column))
        elif column in table.columns:
            yield from _endless(table, path, str(column))
    for path, column in numeric:
        if path[-1] == "probability" and column in table.columns and is_numeric(table, str(column)):
            cells = numbers(table, str(column))
            if np.nanmin(cells, initial=0.0) < 0 or np.nanmax(cells, initial=1.0) > 1:
                yield Fault(
                    path, "is not a chance: it has cells below 0 or above 1", "45% is 0.45", str(column)
                )
    for path, column in (*_groupings(policy), *numeric):
        if column is not None and column not in table.columns:
            yield unknown_column(table, path, column, policy.columns)
    unknown = [(path, name) for path, name in _named(policy) if name not in position]
    hints = each_nearest((name for _, name in unknown), position)
    for (path, name), hint in zip(unknown, hints, strict=True):
        said = "its row is set aside" if name in aside else hint
        yield Fault(path, "is not the id of a proposal of this call", said, name)


def _endless(table: pl.DataFrame, path: Path, column: str) -> Iterator[Fault]:
    """Refuse infinite numbers, as quotients by 0 are, in what is added up: conditions take them for more than any."""
    endless = table["id"].filter(table[column].cast(pl.Float64).is_infinite().fill_null(False))
    if len(endless):
        more = "" if len(endless) == 1 else f" and {len(endless) - 1:,} more"
        what = f"is infinite for {endless[0]}{more}, and cannot be added up"
        yield Fault(path, what, "correct the cells, or divide by NULLIF(..., 0) in [derive]", column)


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
