"""What if: one decision under many policies, each compared with the decision under the base."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from pydantic import ValidationError

from portfolio._version import __version__
from portfolio.analysis.parallel import each
from portfolio.analysis.sweeps.journal import Journal
from portfolio.analysis.sweeps.scenario_rows import (
    REFUSALS,
    ScenarioRow,
    row_before_solving,
    row_of,
    row_of_fault,
    row_without,
    shares_of,
)
from portfolio.analysis.sweeps.scenario_tables import proposal_table, scenario_table
from portfolio.analysis.sweeps.scenarios import BASE, Scenario, as_scenarios
from portfolio.errors import InfeasibleError, LimitError
from portfolio.optimize import Portfolio, Problem, Relaxed, Stop
from portfolio.optimize.vectors import Floats
from portfolio.policy import Policy

Progress = Callable[[int, int], None]


def _unwatched(done: int, total: int) -> None:
    """Report nothing."""


@dataclass(frozen=True, eq=False)
class WhatIf:
    """Many scenarios beside a base.

    Attributes
    ----------
    problem
        The call, and the policy that scenarios are compared with.
    base
        The decision under that policy; its relaxation if only bounds were asked for; None if there is none.
    rows
        What the base and the scenarios come to, the base first.
    asked
        How many scenarios there are; more than were looked at if somebody interrupted.
    """

    problem: Problem
    base: Portfolio | Relaxed | None
    rows: tuple[ScenarioRow, ...]
    asked: int

    @property
    def complete(self) -> bool:
        """Whether all scenarios were looked at."""
        return len(self.rows) == self.asked + 1

    @property
    def scenarios(self) -> pl.DataFrame:
        """One row per scenario, the base first, then in the order in which they were given.

        Columns: scenario; one per key that was set; status; value, bound, gap; spent; awards (null for bounds);
        value_change, the difference of the values found, and value_change_low and value_change_high, between which
        the difference of the best values is proven to lie (all null where values mean something else than in the
        base); entered and left, how many proposals, and entered_ids and left_ids, which, sorted; goals (reached
        before the value); gave_way (rules); per reserve its required and delivered money and its shadow price;
        reason (why there is no portfolio).
        """
        return scenario_table(self.rows, self.problem.instance)

    @property
    def proposals(self) -> pl.DataFrame:
        """One row per proposal, sorted by id: how its fate depends on the scenario.

        Columns: id; base (``funded``, ``not_funded`` or ``ineligible``; null without a decision); funded_share, the
        share of the scenarios with a portfolio in which it is funded (of bounds: the mean part that is paid);
        scenarios, how many have one; entered and left, in how many it is decided otherwise than in the base;
        stability, ``always`` funded, ``never`` or ``depends``.
        """
        return proposal_table(self.rows, self.problem.instance, self.base)

    def __repr__(self) -> str:
        feasible = sum(row.feasible for row in self.rows[1:])
        done = "" if self.complete else f" (interrupted; {self.asked} were asked for)"
        return f"<WhatIf: {len(self.rows) - 1} scenarios{done}, {feasible} feasible>"


def whatif(
    problem: Problem,
    scenarios: Mapping[str, Policy] | Sequence[Scenario],
    *,
    exact: bool = True,
    jobs: int | None = None,
    journal: str | Path | None = None,
    keep: bool = False,
    watch: Progress = _unwatched,
) -> WhatIf:
    """Decide one call under many policies.

    Every scenario starts from the base and not from the scenario before it, so that results depend neither on the
    order nor on how many are worked on at a time. The awards of the base are kept wherever they keep every rule and
    are proven to be within the gap of the scenario.

    Parameters
    ----------
    problem
        The call and the base.
    scenarios
        Policies by name, or scenarios such as `scenario_grid` makes.
    exact
        Whether whole proposals are funded, to the gap of the policy. Otherwise only the relaxation is solved, which
        is many times faster: it bounds the value and decides nothing.
    jobs
        How many scenarios are worked on at a time; None for one per processor. Under
        ``joblib.parallel_config(backend="dask")``: on the workers of a Dask cluster.
    journal
        A file in which results are written down as they come. Those that are in it already, of the same call, base
        and scenario, are taken from it. It is removed when all scenarios are done.
    keep
        Whether the journal is left where it is also then, for whoever has yet to write the result somewhere.
    watch
        Called with how many scenarios are done, and how many there are.

    Returns
    -------
    WhatIf
        After an interrupt (Ctrl-C), of the scenarios that were done.

    Raises
    ------
    PolicyError
        If the base does not fit the call, a scenario changes how the file is read, or bounds are asked for and the
        base spends its reserves over and above.
    """
    asked = as_scenarios(scenarios, problem.policy)
    base, first = _base(problem, exact=exact)
    rows, book = [first], None if journal is None else Journal(Path(journal))
    with book or nullcontext():
        try:
            for row in _rows(problem, base, asked, exact, jobs, book):
                rows.append(row)
                watch(len(rows) - 1, len(asked))
        except KeyboardInterrupt:
            pass
        if book is not None and len(rows) > len(asked) and not keep:
            book.remove()
    return WhatIf(problem, base, tuple(rows), len(asked))


def whatif_rows(
    problem: Problem,
    scenarios: Mapping[str, Policy] | Sequence[Scenario],
    *,
    exact: bool = True,
    jobs: int | None = None,
) -> Iterator[ScenarioRow]:
    """Yield what the base and then each scenario come to, as soon as it is known; see `whatif`."""
    asked = as_scenarios(scenarios, problem.policy)
    base, first = _base(problem, exact=exact)
    yield first
    yield from _rows(problem, base, asked, exact, jobs, None)


@dataclass(frozen=True, eq=False)
class _Base:
    """What all scenarios share."""

    problem: Problem
    answer: Portfolio | Relaxed | None
    shares: Floats
    exact: bool

    def __sizeof__(self) -> int:
        """Return about how many bytes it takes, so that a cluster sends it once to each worker."""
        return int(self.problem.instance.table.estimated_size())


def _base(problem: Problem, *, exact: bool) -> tuple[Portfolio | Relaxed | None, ScenarioRow]:
    """Decide under the base; that there is no portfolio is an answer too."""
    scenario, nobody = Scenario(BASE, problem.policy), np.zeros(len(problem.instance.ids))
    try:
        answer = problem.solve() if exact else problem.relax()
    except (InfeasibleError, LimitError) as error:
        return None, row_without(error, scenario, problem.policy)
    if _interrupted(answer):
        raise KeyboardInterrupt
    row = row_of(answer, scenario, problem.policy, nobody)
    return answer, row


def _rows(
    problem: Problem,
    base: Portfolio | Relaxed | None,
    asked: Sequence[Scenario],
    exact: bool,
    jobs: int | None,
    journal: Journal | None,
) -> Iterator[ScenarioRow]:
    """Yield the rows of all scenarios, in their order, those that are in the journal from there."""
    shares = np.zeros(len(problem.instance.ids)) if base is None else shares_of(base)
    shared = _Base(problem, base, shares, exact)
    if journal is None:
        yield from _running(each(_one, asked, jobs=jobs, shared=(shared,)))
        return
    keys = list(_keys(shared, asked))
    known = {key: row for key in keys if (row := _written_down(journal.known.get(key))) is not None}
    missing = [scenario for scenario, key in zip(asked, keys, strict=True) if key not in known]
    fresh = _running(each(_one, missing, jobs=jobs, shared=(shared,)))
    for key in keys:
        if key in known:
            yield known[key]
        else:
            row = next(fresh)
            journal.add(key, row.model_dump(mode="json"))
            yield row


def _written_down(result: Any) -> ScenarioRow | None:
    """Return a row of the journal; None for what is no row (somebody has edited the file), to be decided again."""
    try:
        return ScenarioRow.model_validate(result, strict=False)
    except ValidationError:
        return None


def _running(rows: Iterator[ScenarioRow]) -> Iterator[ScenarioRow]:
    """Yield rows until one was interrupted: what it holds is no result of the scenario."""
    for row in rows:
        if row.status == Stop.INTERRUPTED:
            raise KeyboardInterrupt
        yield row


def _one(base: _Base, scenario: Scenario) -> ScenarioRow:
    """Decide under one scenario."""
    policy = base.problem.policy
    if scenario.policy is None:
        return row_of_fault(scenario, policy)
    problem = base.problem.under(scenario.policy)
    # What needs no solver to be seen needs no search for the smallest conflict either.
    seen = row_before_solving(problem, scenario, policy)
    if seen is not None:
        return seen
    try:
        near = base.answer if isinstance(base.answer, Portfolio) else None
        answer = problem.solve(near=near) if base.exact else problem.relax()
    except REFUSALS as error:
        return row_without(error, scenario, policy)
    return row_of(answer, scenario, policy, base.shares)


def _interrupted(answer: Portfolio | Relaxed) -> bool:
    return isinstance(answer, Portfolio) and answer.status is Stop.INTERRUPTED


def _keys(base: _Base, asked: Sequence[Scenario]) -> Iterator[str]:
    """Yield, per scenario, a hash of all that its row is made of."""
    table, call = io.BytesIO(), base.problem.call
    base.problem.instance.table.write_ipc(table)
    if call.reviews is not None:
        call.reviews.sort(pl.all()).write_ipc(table)
    parts = (
        __version__,
        base.problem.policy.model_dump_json(),
        str([source.sha256 for source in base.problem.instance.scores.sources]),
        str(base.exact),
    )
    common = hashlib.sha256(table.getvalue())
    for part in (*(part.encode() for part in parts), base.shares.tobytes()):
        common.update(part + b"\x1f")
    for scenario in asked:
        mine = common.copy()
        policy = "" if scenario.policy is None else scenario.policy.model_dump_json()
        mine.update("\x1f".join((scenario.name, str(dict(scenario.values)), policy)).encode())
        yield mine.hexdigest()
