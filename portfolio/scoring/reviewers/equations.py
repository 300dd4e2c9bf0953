"""Henderson's mixed model equations for grade = mean + proposal + reviewer + residual.

With n_i grades of proposal i and m_j of reviewer j, residual variance s and ratios l = s / variance of an
effect, the equations are::

    [ N    n'        m'        ] [ mean     ]   [ sum of y        ]
    [ n    D_n + l_p  A        ] [ proposal ] = [ sums by proposal]
    [ m    A'        D_m + l_r ] [ reviewer ]   [ sums by reviewer]

One side is diagonal and is eliminated; the other is kept. C, the inverse, times s is the covariance of the
errors of prediction (Henderson 1975, Biometrics 31:423; Searle, Casella & McCulloch 1992, chapter 7).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import linalg, sparse

from portfolio.errors import SolverError
from portfolio.scoring.estimate import Floats

_CHUNK = 4096
_TOLERANCE = 1e-11
_MOST_STEPS = 10_000


@dataclass(frozen=True, slots=True, eq=False)
class Side:
    """One of the two factors: how many grades each level has, and their sum."""

    count: Floats
    total: Floats

    @property
    def size(self) -> int:
        """How many levels it has."""
        return self.count.size


@dataclass(frozen=True, slots=True, eq=False)
class Equations:
    """The data of the equations: the eliminated side, the kept side, and who graded what.

    Parameters
    ----------
    out, kept
        The eliminated side, and the kept one.
    cells
        Shape (out, kept): number of grades in each cell.
    n, squares
        Number of grades and their sum of squares; grades are centred on their mean.
    """

    out: Side
    kept: Side
    cells: sparse.csr_array
    n: int
    squares: float

    def reduced(self, ratio_out: float, ratio_kept: float) -> tuple[Floats, Floats, Floats]:
        """Return the matrix (kept + 1, kept + 1) and right side left after elimination, mean first, and the pivots."""
        pivots = self.out.count + ratio_out
        scaled = self.cells.multiply((1.0 / pivots)[:, None]).tocsr()
        size = self.kept.size
        matrix = np.empty((size + 1, size + 1))
        matrix[0, 0] = self.n - float(np.sum(self.out.count**2 / pivots))
        matrix[0, 1:] = matrix[1:, 0] = self.kept.count - scaled.T @ self.out.count
        matrix[1:, 1:] = -(self.cells.T @ scaled).toarray()
        matrix[1:, 1:][np.diag_indices(size)] += self.kept.count + ratio_kept
        right = np.empty(size + 1)
        right[0] = float(np.sum(self.out.total)) - float(np.sum(self.out.count * self.out.total / pivots))
        right[1:] = self.kept.total - scaled.T @ self.out.total
        return matrix, right, pivots


@dataclass(frozen=True, slots=True, eq=False)
class Solved:
    """The solution of the equations: effects, and C of the mean plus each effect and of each effect alone.

    `log_determinant` is that of the whole matrix of the equations; `quadratic` is y'Py times the residual variance.
    """

    mean: float
    out: Floats
    kept: Floats
    c_out: Floats
    c_kept: Floats
    c_mean_out: Floats
    c_mean_kept: Floats
    log_determinant: float
    quadratic: float


def solve(equations: Equations, ratio_out: float, ratio_kept: float) -> Solved:
    """Solve the equations densely in the kept side; memory is its square."""
    matrix, right, pivots = equations.reduced(ratio_out, ratio_kept)
    factor = linalg.cho_factor(matrix, lower=True)
    solution = linalg.cho_solve(factor, right)
    inverse = linalg.cho_solve(factor, np.eye(right.size))
    mean, kept = float(solution[0]), solution[1:]
    effect = (equations.out.total - equations.out.count * mean - equations.cells @ kept) / pivots
    quad, cross = _forms(equations, inverse)
    c_out = 1.0 / pivots + quad / pivots**2
    c_kept = np.diagonal(inverse)[1:].copy()
    log_determinant = 2.0 * float(np.sum(np.log(np.diagonal(factor[0])))) + float(np.sum(np.log(pivots)))
    explained = float(np.sum(equations.out.total**2 / pivots)) + float(solution @ right)
    return Solved(
        mean,
        effect,
        kept,
        c_out,
        c_kept,
        inverse[0, 0] + c_out - 2.0 * cross / pivots,
        inverse[0, 0] + c_kept + 2.0 * inverse[0, 1:],
        log_determinant,
        equations.squares - explained,
    )


def _forms(equations: Equations, inverse: Floats) -> tuple[Floats, Floats]:
    """Return, per eliminated level with the row x of (mean, kept), x' C x and x' C[:, mean]; in chunks of rows."""
    rows = sparse.hstack([sparse.csr_array(equations.out.count[:, None]), equations.cells]).tocsr()
    quad: Floats = np.empty(equations.out.size)
    for start in range(0, equations.out.size, _CHUNK):
        part = rows[start : start + _CHUNK]
        quad[start : start + _CHUNK] = part.multiply(part @ inverse).sum(axis=1)
    return quad, rows @ inverse[:, 0]


def iterate(
    equations: Equations, ratio_out: float, ratio_kept: float, right: Floats
) -> tuple[Floats, Floats, Floats]:
    """Solve for several right sides at once by conjugate gradients on the reduced equations.

    Parameters
    ----------
    right
        Shape (1 + out + kept, k): the mean, the eliminated side, the kept side.

    Returns
    -------
    tuple of ndarray
        Mean (k,), eliminated (out, k) and kept (kept, k), each to a relative residual of 1e-11.
    """
    pivots = (equations.out.count + ratio_out)[:, None]
    cells, turned = equations.cells, equations.cells.T.tocsr()
    count_out, count_kept = equations.out.count[:, None], equations.kept.count[:, None]
    size = equations.out.size

    def apply(x: Floats) -> Floats:
        inner = (count_out * x[:1] + cells @ x[1:]) / pivots
        top = equations.n * x[:1] + count_kept.T @ x[1:] - count_out.T @ inner
        low = count_kept * x[:1] + (count_kept + ratio_kept) * x[1:] - turned @ inner
        return np.vstack([top, low])

    reduced = np.vstack(
        [
            right[:1] - count_out.T @ (right[1 : size + 1] / pivots),
            right[size + 1 :] - turned @ (right[1 : size + 1] / pivots),
        ]
    )
    own = cells.power(2).T @ (1.0 / pivots)
    diagonal = np.vstack(
        [[[equations.n - float(np.sum(count_out**2 / pivots))]], count_kept + ratio_kept - own]
    )
    x = conjugate_gradients(apply, reduced, diagonal)
    return x[0], (right[1 : size + 1] - count_out * x[:1] - cells @ x[1:]) / pivots, x[1:]


def conjugate_gradients(apply: Callable[[Floats], Floats], right: Floats, diagonal: Floats) -> Floats:
    """Solve a symmetric positive definite system for each column of `right`, preconditioned by its diagonal."""
    x = np.zeros_like(right)
    residual = right.copy()
    goal = _TOLERANCE**2 * _squares(right)
    direction = scaled = residual / diagonal
    before = np.sum(residual * scaled, axis=0)
    for _ in range(_MOST_STEPS):
        open_ = _squares(residual) > goal
        if not open_.any():
            return x
        image = apply(direction)
        curve = np.sum(direction * image, axis=0)
        step = np.divide(before, curve, out=np.zeros_like(curve), where=open_ & (curve > 0))
        x += step * direction
        residual -= step * image
        scaled = residual / diagonal
        after = np.sum(residual * scaled, axis=0)
        direction = scaled + np.divide(after, before, out=np.zeros_like(after), where=before > 0) * direction
        before = after
    raise SolverError(
        f"the equations of the reviewers were not solved in {_MOST_STEPS:,} steps; please report this"
    )


def _squares(columns: Floats) -> Floats:
    total: Floats = np.sum(columns**2, axis=0)
    return total
