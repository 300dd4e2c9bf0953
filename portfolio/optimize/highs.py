"""HiGHS, embedded: arrays in, arrays out."""

from __future__ import annotations

import highspy
import numpy as np

from portfolio.errors import SolverError
from portfolio.optimize.engine import Outcome, Stop, Watch, how_it_stopped, unwatched, without_columns
from portfolio.optimize.instance import Floats
from portfolio.optimize.margins import solve_by_margins
from portfolio.optimize.model import Arrays, Model
from portfolio.optimize.program import Program
from portfolio.optimize.sifting import sift
from portfolio.policy import SolverSettings

_ABSOLUTE_GAP = 1e-9
# How precise the relaxation has to be: the rest of the gap is for the search.
_PART_OF_GAP = 0.05
_STATUS = highspy.HighsModelStatus
_NO_SOLUTION = {_STATUS.kInfeasible, _STATUS.kUnboundedOrInfeasible}


class HighsEngine:
    """Branch and cut, and the simplex method, of HiGHS (Huangfu & Hall 2018), on one thread.

    Parameters
    ----------
    margins_from
        Models of at least so many columns are solved by margins, see `solve_by_margins`; smaller ones are handed to
        HiGHS whole. Both give the same optimum.
    """

    name = "highs"

    def __init__(self, margins_from: float = 500) -> None:
        self.margins_from = margins_from

    def solve(
        self, model: Model, settings: SolverSettings, watch: Watch = unwatched, prices: Floats | None = None
    ) -> Outcome:
        """Find the best whole-number solution; see `Engine.solve`."""
        arrays = model.arrays
        if not len(arrays.value):
            return without_columns(arrays, _version())
        if len(arrays.value) < self.margins_from:
            return _search(arrays, settings)
        program = Program(arrays)
        within = _PART_OF_GAP * settings.gap
        relaxed = sift(arrays, lambda part: _simplex(part, settings), prices, within=within, program=program)
        if relaxed.stop is Stop.INFEASIBLE:
            return relaxed
        return solve_by_margins(arrays, relaxed, _search, settings, watch, program, _glimpse)

    def relax(self, model: Model, settings: SolverSettings, prices: Floats | None = None) -> Outcome:
        """Solve without whole numbers; see `Engine.relax`."""
        if not len(model.value):
            return without_columns(model.arrays, _version())
        return sift(model.arrays, lambda arrays: _simplex(arrays, settings), prices)


def _search(arrays: Arrays, settings: SolverSettings) -> Outcome:
    if not arrays.integer.any():
        return _simplex(arrays, settings)
    highs = _load(arrays, settings, integers=True)
    _run(highs)
    return _mip_outcome(highs, settings, _scale(arrays))


def _glimpse(arrays: Arrays, settings: SolverSettings, nodes: int) -> Outcome:
    """Search no further than so many nodes."""
    if not arrays.integer.any():
        return _simplex(arrays, settings)
    highs = _load(arrays, settings, integers=True)
    highs.setOptionValue("mip_max_nodes", nodes)
    _run(highs)
    return _mip_outcome(highs, settings, _scale(arrays))


def _simplex(arrays: Arrays, settings: SolverSettings) -> Outcome:
    highs = _load(arrays, settings, integers=False)
    _run(highs)
    status = highs.getModelStatus()
    if status in _NO_SOLUTION:
        return _infeasible()
    if status != _STATUS.kOptimal:
        return Outcome(Stop.TIME_LIMIT, None, -np.inf, np.inf, solver=_version())
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


def _load(arrays: Arrays, settings: SolverSettings, *, integers: bool) -> highspy.Highs:
    highs = highspy.Highs()
    options = {
        "output_flag": False,
        "threads": 1,
        "random_seed": settings.seed,
        "time_limit": settings.time_limit,
        "mip_rel_gap": settings.gap,
        "mip_abs_gap": _ABSOLUTE_GAP,
    }
    for name, value in options.items():
        highs.setOptionValue(name, value)
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
    """Return the power of ten that brings the largest value to between 1 and 10; tolerances are absolute.

    Columns without an upper bound are no proposals, and their values are set by ourselves.
    """
    largest = float(np.abs(arrays.value[np.isfinite(arrays.high)]).max(initial=0.0))
    return float(10.0 ** np.floor(np.log10(largest))) if largest > 0 else 1.0


def _run(highs: highspy.Highs) -> None:
    if highs.run() == highspy.HighsStatus.kError:
        raise SolverError(f"HiGHS failed: {highs.modelStatusToString(highs.getModelStatus())}")


def _mip_outcome(highs: highspy.Highs, settings: SolverSettings, scale: float) -> Outcome:
    status, info = highs.getModelStatus(), highs.getInfo()
    if status in _NO_SOLUTION:
        return _infeasible()
    found = info.primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible.value
    bound = float(-scale * info.mip_dual_bound)
    if not found:
        return Outcome(Stop.TIME_LIMIT, None, -np.inf, bound, solver=_version())
    x: Floats = np.array(highs.getSolution().col_value)
    value = -scale * info.objective_function_value
    finished = status == _STATUS.kOptimal
    # A finished solver leaves at most the absolute gap that it was given, which is there for rounding alone.
    noise = _ABSOLUTE_GAP * scale if finished else 0.0
    bound = value if bound - value <= noise else bound
    stop = how_it_stopped(value, bound, settings, finished=finished)
    return Outcome(stop, x, value, bound, solver=_version())


def _infeasible() -> Outcome:
    return Outcome(Stop.INFEASIBLE, None, -np.inf, -np.inf, solver=_version())


def _version() -> str:
    return f"HiGHS {highspy.Highs().version()}"
