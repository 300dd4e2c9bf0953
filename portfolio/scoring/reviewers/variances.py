"""Variance components of grade = mean + proposal + reviewer + residual."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import optimize

from portfolio.scoring.estimate import Floats
from portfolio.scoring.reviewers.equations import Equations, solve

# A variance below this share of the residual's is zero for every use, and one above it leaves no residual.
_LEAST, _MOST = 1e-6, 1e6
_POLISH = 6


@dataclass(frozen=True, slots=True)
class Variances:
    """Variances of the two factors, in the order of the equations, and of the residual."""

    out: float
    kept: float
    residual: float


def moments(equations: Equations) -> Variances:
    """Estimate by Henderson's method 1: four sums of squares equal their expectations (Henderson 1953).

    Unbiased for effects that are random draws, whatever the number of grades of each; O(grades). With at most one
    grade per cell the expectations of T_out = sum of total^2 / count, T_kept alike, T_0 = sum of y^2 and T_mean are
    linear in the variances with coefficients that only count grades.
    """
    n, out, kept = equations.n, equations.out, equations.kept
    share_out = float(np.sum(out.count**2)) / n
    share_kept = float(np.sum(kept.count**2)) / n
    mean = float(np.sum(out.total)) ** 2 / n
    # Rows: T_out - T_mean, T_kept - T_mean, T_0 - T_mean; columns: variance out, kept, residual.
    matrix = np.array(
        [
            [n - share_out, out.size - share_kept, out.size - 1.0],
            [kept.size - share_out, n - share_kept, kept.size - 1.0],
            [n - share_out, n - share_kept, n - 1.0],
        ]
    )
    sums = np.array(
        [
            float(np.sum(out.total**2 / out.count)) - mean,
            float(np.sum(kept.total**2 / kept.count)) - mean,
            equations.squares - mean,
        ]
    )
    found = np.linalg.solve(matrix, sums)
    residual = max(float(found[2]), _LEAST * equations.squares / n)
    first, second = (min(max(float(value), _LEAST * residual), _MOST * residual) for value in found[:2])
    return Variances(first, second, residual)


def restricted_likelihood(equations: Equations) -> Variances:
    """Estimate by restricted maximum likelihood (Patterson & Thompson 1971), the residual variance profiled out.

    Started at the estimate by moments, which is the answer where every reviewer graded every proposal.
    """
    start = moments(equations)
    at = np.log([start.residual / start.out, start.residual / start.kept])
    bounds = [(np.log(1.0 / _MOST), np.log(1.0 / _LEAST))] * 2
    found = optimize.minimize(
        lambda x: deviance(equations, x),
        at,
        jac=True,
        method="L-BFGS-B",
        bounds=bounds,
        options={"gtol": 1e-7},
    )
    x = _polished(equations, np.asarray(found.x, dtype=np.float64), bounds)
    solved = solve(equations, *np.exp(x))
    residual = solved.quadratic / (equations.n - 1)
    return Variances(residual / float(np.exp(x[0])), residual / float(np.exp(x[1])), residual)


def deviance(equations: Equations, log_ratios: Floats) -> tuple[float, Floats]:
    """Return -2 times the profiled restricted log-likelihood (less a constant) and its gradient, shape (2,).

    With C the inverse of the equations and e an effect, the derivative by the logarithm of a ratio l is
    ``l (e'e / s + trace C) - levels``.
    """
    ratio = np.exp(log_ratios)
    solved = solve(equations, *ratio)
    free = equations.n - 1
    residual = solved.quadratic / free
    levels = np.array([equations.out.size, equations.kept.size])
    value = free * np.log(residual) + solved.log_determinant - float(levels @ log_ratios)
    energy = np.array([np.sum(solved.out**2), np.sum(solved.kept**2)])
    trace = np.array([np.sum(solved.c_out), np.sum(solved.c_kept)])
    return float(value), ratio * (energy / residual + trace) - levels


def _polished(equations: Equations, x: Floats, bounds: list[tuple[float, float]]) -> Floats:
    """Take Newton steps on the gradient, so that the last digits do not hang on where the search stopped."""
    low, high = np.array(bounds).T
    for _ in range(_POLISH):
        inside = (x > low + 1e-3) & (x < high - 1e-3)
        if not inside.any():
            return x
        gradient = deviance(equations, x)[1]
        curvature = np.zeros((2, 2))
        for axis in range(2):
            aside = np.eye(2)[axis] * 1e-4
            curvature[axis] = (deviance(equations, x + aside)[1] - deviance(equations, x - aside)[1]) / 2e-4
        curvature = ((curvature + curvature.T) / 2)[np.ix_(inside, inside)]
        if np.linalg.eigvalsh(curvature)[0] <= 0:
            return x
        step = np.zeros(2)
        step[inside] = np.linalg.solve(curvature, gradient[inside])
        x = np.clip(x - np.clip(step, -1.0, 1.0), low, high)
        if np.max(np.abs(step)) < 1e-10:
            return x
    return x
