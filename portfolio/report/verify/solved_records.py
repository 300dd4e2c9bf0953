"""Deciding the scenarios of a sweep, and a fair lottery, again, and comparing what is found with what a record says."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from portfolio.analysis import Lottery, fair_lottery, lottery_of
from portfolio.analysis.lottery.tied import tied_by_interval
from portfolio.analysis.sweeps.scenario_rows import ScenarioRow, row_before_solving, row_without
from portfolio.analysis.sweeps.scenarios import BASE, Scenario, one_line
from portfolio.errors import DataError, InfeasibleError, LimitError, PortfolioError, SolverError
from portfolio.optimize import Portfolio, Problem, Stop
from portfolio.optimize.figures import at_most, figure
from portfolio.optimize.value import size_of_values
from portfolio.optimize.vectors import Bools
from portfolio.policy import Policy
from portfolio.report.verify.check import Check
from portfolio.report.verify.rows import funded_in, told_of_none, told_otherwise

_ROUNDING = 1e-6
# To what chances are settled unless somebody asks for more.
_SETTLED = 1e-3
_NAMED = 5


def scenarios_again(
    rows: Sequence[ScenarioRow], policies: Sequence[Policy | None], problem: Problem
) -> Iterator[Check]:
    """Decide under the base and every scenario again; prices and bounds of the relaxation are not made again."""
    faults: list[str] = []
    left: list[str] = []
    nobody = np.zeros(len(problem.instance.ids), dtype=bool)
    base = funded_in(rows[0], nobody, problem.instance.position)
    for row, policy in zip(rows, policies, strict=True):
        if policy is None:
            continue  # There is no such policy, which is checked without a solver.
        try:
            again = problem.under(policy).afresh().solve()
        except InfeasibleError as error:
            (faults if row.feasible else left).extend(_of_none(row, error, problem, policy))
            continue
        except PortfolioError as error:
            # A search that found nothing in time does not say that there is nothing.
            if row.feasible or row.status == "nothing_found" or isinstance(error, SolverError):
                left.append(f"{row.name} ({error})")
            continue
        if again.status is Stop.INTERRUPTED:
            yield Check("solve", None, f"deciding again was interrupted at {row.name}")
            return
        if not row.feasible:
            found = f"a portfolio worth {figure(again.value)} keeps every rule"
            if row.status == "nothing_found":
                left.append(f"{row.name} (deciding again, {found})")
            else:
                faults.append(f"{row.name}: {found}")
        elif row.goals or not row.proven:
            left.append(f"{row.name} (rounds or goals before the value)")
        else:
            faults += [f"{row.name}: {fault}" for fault in _otherwise(row, again)]
            before = nobody if row is rows[0] or base is None else base
            left += _of_other_sizes(row, again, problem.policy, before)
    if left and not faults:
        more = f" and {len(left) - _NAMED:,} more" if len(left) > _NAMED else ""
        yield Check("solve", None, f"not compared: {'; '.join(left[:_NAMED])}{more}")
        return
    words = (
        "deciding again finds nothing better than the bounds, and no portfolio where there is said to be none"
    )
    yield Check("solve", not faults, "; ".join(faults) or words)


def _of_none(row: ScenarioRow, error: InfeasibleError, problem: Problem, policy: Policy) -> Iterator[str]:
    """Yield what a row says otherwise where deciding again finds no portfolio."""
    if row.feasible:
        yield f"{row.name}: deciding again finds that no portfolio keeps the rules"
        return
    scenario = Scenario(row.name, policy, row.values)
    if row.name == BASE or row_before_solving(problem.under(policy), scenario, problem.policy) is None:
        # A search that was cut short may come to other clashing rules, so that this is no fault.
        found = row_without(error, scenario, problem.policy)
        for other in told_of_none(row, found):
            yield f"{row.name} (deciding again, {other})"


def _of_other_sizes(row: ScenarioRow, again: Portfolio, base: Policy, before: Bools) -> Iterator[str]:
    """Yield what cannot be compared: sizes of awards are not kept, and the row is that of the same awards or not."""
    if not again.problem.instance.sizes.whole_only:
        told = [words.partition(" is ")[0] for words in told_otherwise(row, again, base, before)]
        if told:
            yield f"{row.name} (deciding again comes to other figures: {', '.join(told)})"


def _otherwise(row: ScenarioRow, again: Portfolio) -> Iterator[str]:
    slack = _ROUNDING * max(size_of_values(again.problem.instance), abs(again.value))
    if row.bound is not None and again.value > row.bound + slack:
        yield f"a portfolio worth {figure(again.value, 10)} was found, above the bound of {at_most(row.bound, 10)}"
    if row.value is not None and row.value > again.bound + slack:
        yield f"none is worth more than {at_most(again.bound, 10)} by this search, and the row says {row.value:g}"


def lottery_again(record: Mapping[str, Any], problem: Problem) -> Iterator[Check]:
    """Look again for who is tied and how large the smallest chance can be, for a fair lottery."""
    try:
        yield from _lottery_again(record, problem)
    except (DataError, LimitError) as error:
        # The record is none the worse for that: without intervals its tied were named, which the record does not say.
        yield Check(
            "solve", None, f"who is tied, and with which chances, was not found again: {one_line(error)}"
        )


def _as_fair(lottery: Lottery, again: Lottery, gap: float | None) -> bool | None:
    """Whether the chances of a record, from the smallest on, are no smaller than those that were found again.

    None where they are, by no more than the record leaves open: all, if it was cut short, and no gap is known. What one
    is raised by within a gap others may lose.
    """
    theirs, mine = (np.sort(one.chances[one.tied]) for one in (lottery, again))
    left_open = math.inf if gap is None else gap
    for slack, answer in ((_SETTLED + left_open, False), (_SETTLED, None)):
        apart = np.abs(theirs - mine) > 5 * slack
        first = int(apart.argmax())
        if apart.any() and theirs[first] < mine[first]:
            return answer
    return True


def _lottery_again(record: Mapping[str, Any], problem: Problem) -> Iterator[Check]:
    lottery = lottery_of(record)
    if lottery.places is not None:
        what = f"chances by {lottery.method} are not made again: repeat the command and compare its tables"
        yield Check("solve", None, what)
        return
    groups = dict(zip(lottery.ids, lottery.groups, strict=True))
    tied, accepted = (
        tuple(name for name in lottery.ids if groups[name] == one) for one in ("lottery", "accepted")
    )
    try:
        mine = tied_by_interval(problem)
    except KeyboardInterrupt:
        yield Check("solve", None, "looking for who is tied was interrupted")
        return
    here = (set(mine.accepted), set(mine.tied))
    if here != (set(accepted), set(tied)):
        other = sorted((here[0] ^ set(accepted)) | (here[1] ^ set(tied)))
        more = f" and {len(other) - _NAMED:,} more" if len(other) > _NAMED else ""
        what = f"prices and intervals put others into the lottery ({', '.join(other[:_NAMED])}{more})"
        yield Check(
            "solve", None, f"{what}: who is tied was found in another way, which the record does not say"
        )
        return
    again = fair_lottery(problem, mine.tied, mine.accepted)
    stop = Stop(str(again.proof["status"]))
    if stop is Stop.INTERRUPTED:
        yield Check("solve", None, "looking for the chances again was interrupted")
        return
    bound, smallest = float(record["proof"]["bound"]), float(str(again.proof["smallest_chance"]))
    same = bool((again.tickets == lottery.tickets).all())
    holds = smallest <= bound + _ROUNDING and not math.isnan(bound)
    words = f"the same are tied; {'their chances are the same' if same else 'other chances are found'}"
    told = f"{words}: the smallest is {smallest:.6g}, and none can be above {bound:.6g} by the record"
    gap = record["proof"]["gap"]
    fair = _as_fair(lottery, again, gap)
    if fair is False and stop.cut_short:
        fair = None
    if fair is False:
        told = f"{words}, and those of the record are less fair: they can be raised where they are small"
    elif fair is None:
        open_ = "was cut short" if gap is None else f"leaves {gap:.6g} of a chance open"
        told = f"{words}, which are fairer; the record says that its search {open_}"
    early = f" ({stop}: this search ended early)" if stop.cut_short else ""
    yield Check("solve", fair if holds else False, f"{told}{early}")
