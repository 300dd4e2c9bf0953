"""HiGHS, embedded: arrays in, arrays out."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from threading import Event

import highspy
import numpy as np

from portfolio.errors import SolverError
from portfolio.optimize.clock import Deadline, listening
from portfolio.optimize.covers import Strong, strengthen
from portfolio.optimize.engine import (
    Outcome,
    Stop,
    Watch,
    how_it_stopped,
    unwatched,
    without_columns,
)
from portfolio.optimize.margins import solve_by_margins
from portfolio.optimize.model import Arrays, Model
from portfolio.optimize.program import Program
from portfolio.optimize.running import Seen, run_within
from portfolio.optimize.sifting import sift
from portfolio.optimize.silent import silent_highs
from portfolio.optimize.vectors import Floats
from portfolio.policy import SolverSettings

_ABSOLUTE_GAP = 1e-9
# At the usual 1e-6, four awards of a budget for three and a bit pass for three: HiGHS prunes by it, and rounds by it.
_TOLERANCE, _LOOSE, _LOOSEST = 1e-9, 1e-6, 1e-4
# Smaller programs are solved as quickly without presolve, where rules that are tight to the cent may go wrong.
_PRESOLVED = 60
# How precise the relaxation has to be: the rest of the gap is for the search.
_PART_OF_GAP = 0.05
# Where nothing but the relaxation is asked for, the simplex method alone is quicker below so many columns, with or
# without prices. A search is better served by sifting, whose bound knows the patterns of small groups.
_RELAXED_WHOLE = 3_000
_STATUS = highspy.HighsModelStatus
# Prices of a billion, by which sifting finds that rows cannot be kept, are too much for some of them.
_LP_METHODS = (("simplex_strategy", 1), ("simplex_strategy", 4), ("solver", "ipm"))
_NO_SOLUTION = {_STATUS.kInfeasible, _STATUS.kUnboundedOrInfeasible}


class HighsEngine:
    """Branch and cut, and the simplex method, of HiGHS (Huangfu & Hall 2018), on one thread.

    Parameters
    ----------
    margins_from
        Models of at least so many columns are solved by margins, see `solve_by_margins`, unless the rules of small
        groups say that margins decide little; those and smaller ones are handed to HiGHS whole. All give the same
        optimum.
    """

    name = "highs"

    def __init__(self, margins_from: float = 500) -> None:
        self.margins_from = margins_from

    def solve(
        self, model: Model, settings: SolverSettings, watch: Watch = unwatched, prices: Floats | None = None
    ) -> Outcome:
        """Find the best whole-number solution; see `Engine.solve`.

        Raises
        ------
        KeyboardInterrupt
            If the solve was interrupted before it found anything.
        """
        if not len(model.value):
            return without_columns(model.arrays, _version())
        deadline = Deadline.start(settings)
        with listening(deadline.interrupted):
            outcome = self._solve(model.arrays, deadline, watch, prices)
        if not deadline.interrupted.is_set() or not outcome.stop.cut_short:
            return outcome
        if outcome.x is None:
            raise KeyboardInterrupt
        return replace(outcome, stop=Stop.INTERRUPTED)

    def relax(self, model: Model, settings: SolverSettings, prices: Floats | None = None) -> Outcome:
        """Solve without whole numbers; see `Engine.relax`."""
        if not len(model.value):
            return without_columns(model.arrays, _version())
        deadline = Deadline.start(settings)
        with listening(deadline.interrupted):
            if len(model.value) < _RELAXED_WHOLE:
                return _simplex(model.arrays, deadline)
            return _relax(Program(model.arrays), deadline, prices)

    def _solve(self, arrays: Arrays, deadline: Deadline, watch: Watch, prices: Floats | None) -> Outcome:
        def search(some: Arrays, settings: SolverSettings) -> Outcome:
            return _search(some, settings, deadline)

        if len(arrays.value) < self.margins_from:
            return search(arrays, deadline.settings)

        def glimpse(some: Arrays, settings: SolverSettings, nodes: int) -> Outcome:
            return _search(some, settings, deadline, nodes)

        program = Program(arrays)
        relaxed = _relax(program, deadline, prices, _PART_OF_GAP * deadline.settings.gap)
        if relaxed.stop is Stop.INFEASIBLE:
            return relaxed
        strong = _strengthen(arrays, relaxed, deadline)
        if strong.arrays is not arrays:
            # With the rows that its groups imply, margins are larger and decide more.
            program = Program(strong.arrays)
        outcome = solve_by_margins(strong.relaxed, search, deadline.left(), program, watch, glimpse)
        return replace(outcome, relaxed=relaxed)


def _strengthen(arrays: Arrays, relaxed: Outcome, deadline: Deadline) -> Strong:
    return strengthen(arrays, relaxed, lambda some: _simplex(some, deadline))


def _relax(program: Program, deadline: Deadline, prices: Floats | None, within: float = 0.0) -> Outcome:
    def simplex(some: Arrays) -> Outcome:
        return _simplex(some, deadline)

    return sift(program.arrays, simplex, prices, within=within, program=program)


def _search(
    arrays: Arrays, settings: SolverSettings, deadline: Deadline | None = None, nodes: int | None = None
) -> Outcome:
    deadline = deadline or Deadline.start(settings)
    if not arrays.integer.any():
        return _simplex(arrays, deadline)
    if deadline.stop is not None:
        return _nothing(deadline.stop)
    try:
        outcome = _searched(arrays, settings, deadline, nodes)
        if outcome.stop is not Stop.INFEASIBLE or nodes is not None or deadline.stop is not None:
            return outcome
    except SolverError:
        pass
    # Numbers of very different sizes can break presolve, and a rule that is kept to the cent can look as if it could
    # not be kept. Loosely and without presolve, nothing that keeps the rules is lost; the audit refuses the rest.
    try:
        return _searched(arrays, settings, deadline, nodes, _LOOSE)
    except SolverError:
        return _searched(arrays, settings, deadline, nodes, _LOOSEST)


def _searched(
    arrays: Arrays,
    settings: SolverSettings,
    deadline: Deadline,
    nodes: int | None,
    loose: float | None = None,
) -> Outcome:
    settings = deadline.within(settings)
    highs = _load(arrays, settings, integers=True)
    if loose is not None:
        highs.setOptionValue("presolve", "off")
        highs.setOptionValue("mip_feasibility_tolerance", loose)
    most = min(nodes or settings.nodes or 0, settings.nodes or nodes or 0)
    if most:
        highs.setOptionValue("mip_max_nodes", most)
    seen = _run(highs, settings, deadline.interrupted)
    return _mip_outcome(highs, seen, arrays, settings)


def _simplex(arrays: Arrays, deadline: Deadline) -> Outcome:
    if deadline.stop is not None:
        return _nothing(deadline.stop)
    highs, seen = _simplex_run(arrays, deadline.left(), deadline.interrupted)
    status = highs.getModelStatus() if seen.ended else _STATUS.kInterrupt
    if status in _NO_SOLUTION:
        return _infeasible()
    if status != _STATUS.kOptimal:
        return _nothing(_cut_short(seen))
    solution, scale = highs.getSolution(), _scale(arrays)
    value = -scale * highs.getInfo().objective_function_value
    return Outcome(
        Stop.OPTIMAL,
        np.array(solution.col_value),
        value,
        value,
        # HiGHS is given the negated objective to minimise, so its duals change sign.
        duals=-scale * np.array(solution.row_dual),
        reduced_costs=-scale * np.array(solution.col_dual),
        solver=_version(),
    )


def _simplex_run(arrays: Arrays, settings: SolverSettings, interrupted: Event) -> tuple[highspy.Highs, Seen]:
    """Run the dual simplex method; where it breaks down, which it does at once, the others, to the same optimum."""
    for name, choice in _LP_METHODS[:-1]:
        highs = _load(arrays, settings, integers=False)
        highs.setOptionValue(name, choice)
        with suppress(SolverError):
            return highs, _run(highs, settings, interrupted)
    highs = _load(arrays, settings, integers=False)
    highs.setOptionValue(*_LP_METHODS[-1])
    return highs, _run(highs, settings, interrupted)


def _load(arrays: Arrays, settings: SolverSettings, *, integers: bool) -> highspy.Highs:
    options = {
        "random_seed": settings.seed,
        "time_limit": settings.time_limit,
        "mip_rel_gap": settings.gap,
        "mip_abs_gap": _ABSOLUTE_GAP,
        "mip_feasibility_tolerance": _TOLERANCE,
        # On a linear program its presolve compares columns pairwise: 13 s at n = 20,000, which is solved in 0.1 s.
        "presolve": "choose" if integers and len(arrays.value) > _PRESOLVED else "off",
    }
    highs = silent_highs(**options)
    matrix = arrays.matrix
    columns, rows = len(arrays.value), matrix.shape[0]
    shape = (columns, rows, matrix.nnz)
    layout = (highspy.MatrixFormat.kRowwise.value, highspy.ObjSense.kMinimize.value, 0.0)
    bounds = (-arrays.value / _scale(arrays), arrays.low, arrays.high, arrays.row_low, arrays.row_high)
    entries = (matrix.indptr.astype(np.int32), matrix.indices.astype(np.int32), matrix.data)
    types = arrays.integer if integers else np.zeros(columns)
    status = highs.passModel(*shape, *layout, *bounds, *entries, types.astype(np.int32))
    if status == highspy.HighsStatus.kError:
        raise SolverError("HiGHS refused the model; this is a bug of ours, please report it")
    return highs


def _scale(arrays: Arrays) -> float:
    """Return the power of ten that brings the middle one of the values to between 1 and 10; tolerances are absolute.

    Not the largest: a single proposal that is worth more than all others together would make them vanish. Columns
    without an upper bound are no proposals, and their values are set by ourselves.
    """
    values = np.abs(arrays.value[np.isfinite(arrays.high) & (arrays.low < arrays.high) & (arrays.value != 0)])
    middle = float(np.median(values)) if len(values) else 0.0
    return float(10.0 ** np.floor(np.log10(middle))) if middle > 0 else 1.0


def _run(highs: highspy.Highs, settings: SolverSettings, interrupted: Event) -> Seen:
    status, seen = run_within(highs, settings.time_limit, interrupted)
    if status == highspy.HighsStatus.kError:
        raise SolverError(f"HiGHS failed: {highs.modelStatusToString(highs.getModelStatus())}")
    return seen


def _mip_outcome(highs: highspy.Highs, seen: Seen, arrays: Arrays, settings: SolverSettings) -> Outcome:
    if not seen.ended:
        return _left_behind(seen, arrays, settings)
    status, info, scale = highs.getModelStatus(), highs.getInfo(), _scale(arrays)
    if status in _NO_SOLUTION:
        return _infeasible()
    found = info.primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible.value
    bound = float(-scale * info.mip_dual_bound)
    if not found:
        return _nothing(_cut_short(seen, status), bound)
    x: Floats = np.array(highs.getSolution().col_value)
    value = -scale * info.objective_function_value
    finished = status == _STATUS.kOptimal
    # A finished solver leaves at most the absolute gap that it was given, which is there for rounding alone.
    noise = _ABSOLUTE_GAP * scale if finished else 0.0
    bound = value if bound - value <= noise else bound
    return _outcome(_cut_short(seen, status), x, value, bound, settings, finished=finished)


def _left_behind(seen: Seen, arrays: Arrays, settings: SolverSettings) -> Outcome:
    """Answer with what HiGHS had reported when it did not stop in time."""
    x, bound = seen.x, float(-_scale(arrays) * seen.bound)
    if x is None:
        return _nothing(_cut_short(seen), bound)
    value = float(arrays.value @ x)
    return _outcome(_cut_short(seen), x, value, max(value, bound), settings, finished=False)


def _outcome(
    cut_short: Stop, x: Floats, value: float, bound: float, settings: SolverSettings, *, finished: bool
) -> Outcome:
    stop = how_it_stopped(value, bound, settings, finished=finished, otherwise=cut_short)
    return Outcome(stop, x, value, bound, solver=_version())


def _cut_short(seen: Seen, status: highspy.HighsModelStatus | None = None) -> Stop:
    if seen.interrupted:
        return Stop.INTERRUPTED
    return Stop.NODE_LIMIT if status == _STATUS.kSolutionLimit else Stop.TIME_LIMIT


def _nothing(stop: Stop, bound: float = np.inf) -> Outcome:
    return Outcome(stop, None, -np.inf, bound, solver=_version())


def _infeasible() -> Outcome:
    return Outcome(Stop.INFEASIBLE, None, -np.inf, -np.inf, solver=_version())


def _version() -> str:
    return f"HiGHS {silent_highs().version()}"
