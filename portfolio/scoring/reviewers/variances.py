"""Variance components of grade = mean + proposal + reviewer + residual."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import optimize

from portfolio.scoring.estimate import Floats
from portfolio.scoring.reviewers.equations import Equations, Solved, solve

# A variance below this share of the residual's is zero for every use, and one above it leaves no residual.
_LEAST, _MOST = 1e-6, 1e6
_POLISH = 6
# Beyond so many levels of both factors no second maximum was seen, and a search takes its time.
_SEVERAL = 300
# Beyond so many levels of both factors a matrix of their square is too much.
DENSE = 1500


@dataclass(frozen=True, slots=True)
class Variances:
    """Variances of the two factors, in the order of the equations, and of the residual."""

    out: float
    kept: float
    residual: float

    @property
    def exact(self) -> bool:
        """Whether the two factors leave nothing to chance."""
        return max(self.out, self.kept) > 0.99 * _MOST * self.residual


def estimate(equations: Equations, dense: int = DENSE) -> Variances:
    """Estimate by restricted maximum likelihood while one side has at most `dense` levels, else by moments."""
    small = min(equations.out.size, equations.kept.size) <= dense
    return restricted_likelihood(equations) if small else moments(equations)


def moments(equations: Equations, factors: tuple[int, ...] = (0, 1)) -> Variances:
    """Estimate by Henderson's method 1: four sums of squares equal their expectations (Henderson 1953).

    Unbiased for effects that are random draws, whatever the number of grades of each; O(grades). With at most one
    grade per cell the expectations of T_out = sum of total^2 / count, T_kept alike, T_0 = sum of y^2 and T_mean are
    linear in the variances with coefficients that only count grades.

    Parameters
    ----------
    factors
        Which factors there are: 0 is `out`, 1 `kept`. With one of them it is the one-way analysis of variance. A
        factor whose variance comes out below zero is left out, and the others are estimated without it: as they
        stand they would make up for what is below zero.
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
    found = np.zeros(3)
    rows = [*factors, 2]
    found[rows] = np.linalg.solve(matrix[np.ix_(rows, rows)], sums[rows])
    least = min(factors, key=lambda factor: float(found[factor]), default=2)
    if least != 2 and found[least] < 0:
        return moments(equations, tuple(factor for factor in factors if factor != least))
    residual = max(float(found[2]), float(np.max(found[:2])) / _MOST)
    first, second = (max(float(value), _LEAST * residual) for value in found[:2])
    return Variances(first, second, residual)


def restricted_likelihood(equations: Equations) -> Variances:
    """Estimate by restricted maximum likelihood (Patterson & Thompson 1971), the residual variance profiled out.

    Started at the estimate by moments, which is the answer where every reviewer graded every proposal and none of
    the three is below zero. The likelihood of a small call may have several maxima, one of them where a factor does
    not differ, and none at all where grades are the sum of the two factors: there the likeliest of three is taken,
    the others started where factors differ as much as the residual, and where they leave none.
    """
    start = moments(equations)
    starts = [(start.out / start.residual, start.kept / start.residual)]
    if min(equations.out.size, equations.kept.size) <= _SEVERAL:
        starts += [(1.0, 1.0), (_MOST, _MOST)]
    bounds = [(float(np.log1p(_LEAST)), float(np.log1p(_MOST)))] * 2
    best = min((_peak(equations, np.array(at), bounds) for at in starts), key=lambda peak: round(peak[0], 6))
    shares = np.expm1(_polished(equations, best[1], bounds))
    solved = solve(equations, *(1.0 / shares))
    residual = solved.quadratic / (equations.n - 1)
    found = Variances(residual * float(shares[0]), residual * float(shares[1]), residual)
    return _without_residual(equations, solved, shares) if found.exact else found


def _without_residual(equations: Equations, solved: Solved, shares: Floats) -> Variances:
    """Return the variances of effects that are known: on the way to no residual, shares stop short of their ratio."""
    factors = (equations.out, solved.out, solved.c_out), (equations.kept, solved.kept, solved.c_kept)
    out, kept = (
        float(np.sum(effect**2) / (side.size - np.sum(errors) / share))
        for (side, effect, errors), share in zip(factors, shares, strict=True)
    )
    residual = max(out, kept) / _MOST
    return Variances(max(out, _LEAST * residual), max(kept, _LEAST * residual), residual)


def _peak(equations: Equations, shares: Floats, bounds: list[tuple[float, float]]) -> tuple[float, Floats]:
    """Return the deviance and the place where a search stops that starts at these shares of the residual."""
    found = optimize.minimize(
        lambda x: _searched(equations, x),
        np.clip(np.log1p(shares), *np.transpose(bounds)),
        jac=True,
        method="L-BFGS-B",
        bounds=bounds,
        options={"gtol": 1e-7},
    )
    return float(found.fun), np.asarray(found.x, dtype=np.float64)


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


def _searched(equations: Equations, x: Floats) -> tuple[float, Floats]:
    """Return the deviance and its gradient by x = log(1 + variance / residual).

    In the logarithm of a variance the deviance is flat where that is all but zero: a search that starts there, as it
    does where the estimate by moments is below zero, would never leave. By x it has a slope there.
    """
    share = np.expm1(x)
    value, gradient = deviance(equations, -np.log(share))
    return value, -gradient * (1.0 + 1.0 / share)


def _polished(equations: Equations, x: Floats, bounds: list[tuple[float, float]]) -> Floats:
    """Take Newton steps on the gradient, so that the last digits do not hang on where the search stopped."""
    low, high = np.array(bounds).T
    for _ in range(_POLISH):
        inside = (x > low) & (x < high)
        if not inside.any():
            return x
        gradient = _searched(equations, x)[1]
        curvature = np.eye(2)
        for axis in np.flatnonzero(inside):
            # Not beyond the bound, where a variance may have no logarithm.
            aside = np.eye(2)[axis] * min(1e-4, (x - low)[axis] / 2)
            ahead, behind = (_searched(equations, x + by)[1] for by in (aside, -aside))
            curvature[axis] = (ahead - behind) / (2 * aside[axis])
        curvature = ((curvature + curvature.T) / 2)[np.ix_(inside, inside)]
        if np.linalg.eigvalsh(curvature)[0] <= 0:
            return x
        step = np.zeros(2)
        step[inside] = np.linalg.solve(curvature, gradient[inside])
        x = np.clip(x - np.clip(step, -1.0, 1.0), low, high)
        if np.max(np.abs(step)) < 1e-10:
            return x
    return x
