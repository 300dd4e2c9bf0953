"""How long it takes to name the rules that clash, and what would end it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from fractions import Fraction
from types import MappingProxyType

from measure import compare
from page import table

import portfolio as pf

CLASH_SIZES = (1_000, 10_000)


def cap_below_reserve(call: pf.Call, policy: pf.Policy) -> pf.Policy:
    """Cap a trait at nine tenths of what is held back for it: two rules of nearly a thousand."""
    first = policy.reserve[0]
    cap = pf.Limit(trait=first.trait, max_share=0.9 * float(first.share or 0.0))
    return policy.replace(limit=[*policy.limit, cap])


def too_little_money(call: pf.Call, policy: pf.Policy) -> pf.Policy:
    """Cut the budgets in half but keep every floor in money: many rules together are too much."""
    halves = [Fraction(year) / 2 for year in policy.budgets]
    limits = [
        limit.replace(min_share=2 * limit.min_share) if limit.min_share else limit for limit in policy.limit
    ]
    return policy.replace(budget=[math.floor(half) for half in halves], limit=limits)


def locks_above_cap(call: pf.Call, policy: pf.Policy) -> pf.Policy:
    """Demand two proposals of one investigator where one is the most."""
    people = call.frame.group_by("investigator").agg("id").sort("investigator")
    pair = next(ids for ids in people["id"].to_list() if len(ids) > 1)
    return policy.replace(must_fund=sorted(pair)[:2])


CLASHES: Mapping[str, object] = MappingProxyType(
    {clash.__name__: clash for clash in (cap_below_reserve, too_little_money, locks_above_cap)}
)
_SETUP = """
import portfolio as pf, clashes
from families import FAMILIES
call, policy = FAMILIES["national"].make({n})
problem = pf.Problem(call, clashes.{clash}(call, policy))
problem.instance
found = ()
"""
_WORK = """
try:
    problem.solve()
except pf.InfeasibleError as error:
    found = error.conflict
"""


def clashes(sizes: Iterable[int], runs: int) -> str:
    """Measure the explanation of three kinds of clash among the rules of a national call; return the table."""
    rows = []
    for n in sizes:
        pieces = {clash: (_SETUP.format(n=n, clash=clash), _WORK, "len(found)") for clash in CLASHES}
        for clash, result in compare(pieces, runs, warm_up=False).items():
            spread = f"{result['least']:.1f} - {result['most']:.1f}"
            rows.append(
                [f"{n:,}", clash.replace("_", " "), f"{result['seconds']:.1f}", spread, str(result["note"])]
            )
    return table(("n", "clash", "median s", "least - most s", "rules named"), rows)
