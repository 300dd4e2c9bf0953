"""Reviewers' severity by a linear mixed model: grade = mean + proposal + reviewer + residual.

Proposal and reviewer effects are normal with variances estimated from the call; merit is the mean plus the
best linear unbiased prediction of the proposal effect (Henderson 1975), drawn towards the mean where grades
are few.
"""

from __future__ import annotations

import numpy as np
from scipy import sparse

from portfolio.errors import DataError, Issue
from portfolio.scoring.estimate import Floats
from portfolio.scoring.reviewers.calibration import NORMAL_90, Calibration, severity_frame
from portfolio.scoring.reviewers.equations import Equations, Side, Solved, iterate, solve
from portfolio.scoring.reviewers.groups import refuse_separate_groups
from portfolio.scoring.reviewers.variances import DENSE, Variances, estimate
from portfolio.scoring.reviewers.votes import Votes

_PROBES, _BATCH = 200, 25


def severity(votes: Votes, *, dense: int = DENSE) -> Calibration:
    """Calibrate by the linear mixed model.

    Parameters
    ----------
    dense
        While there are at most so many proposals, or reviewers, variances are estimated by restricted maximum
        likelihood and standard errors are exact. Beyond, where that would take a matrix of their square,
        variances are estimated by Henderson's method 1 and standard errors from 200 random draws of the error of
        prediction, each to within about 5%; a note says so.

    Raises
    ------
    DataError
        If the proposals fall into groups that no reviewer joins, all grades are the same, or there are too few to
        tell proposals, reviewers and chance apart.
    """
    refuse_separate_groups(votes, "severity")
    refuse_too_few(votes, "severity")
    center = float(np.mean(votes.grade))
    swap = votes.m > votes.n
    equations = as_equations(votes, center, swap=swap)
    variances = estimate(equations, dense)
    notes: tuple[str, ...] = (_exact_note(votes),) if variances.exact else ()
    if min(votes.n, votes.m) <= dense:
        solved = solve(equations, variances.residual / variances.out, variances.residual / variances.kept)
    else:
        notes += (_note(votes),)
        solved = _sampled(equations, variances)
    mean = center + solved.mean
    proposal, reviewer = (solved.kept, solved.out) if swap else (solved.out, solved.kept)
    c_merit = solved.c_mean_kept if swap else solved.c_mean_out
    c_reviewer = solved.c_out if swap else solved.c_kept
    sd = np.sqrt(variances.residual * c_merit)
    error = NORMAL_90 * np.sqrt(variances.residual * c_reviewer)
    margin = NORMAL_90 * sd
    merit, low, high = (
        np.clip(mean + proposal + shift, votes.lowest, votes.highest) for shift in (0.0, -margin, margin)
    )
    first, second = (variances.kept, variances.out) if swap else (variances.out, variances.kept)
    names = {"proposals": first, "reviewers": second, "residual": variances.residual}
    return Calibration(
        "severity",
        votes,
        merit,
        sd,
        low,
        high,
        severity_frame(votes, -reviewer, -reviewer - error, -reviewer + error),
        {name: float(np.sqrt(value)) for name, value in names.items()},
        notes,
    )


def as_equations(votes: Votes, center: float, *, swap: bool) -> Equations:
    """Return the equations of the votes; proposals are eliminated, with `swap` reviewers."""
    grade = votes.grade - center
    sides = [
        Side(np.bincount(codes, minlength=size).astype(np.float64), np.bincount(codes, grade, minlength=size))
        for codes, size in ((votes.proposal, votes.n), (votes.reviewer, votes.m))
    ]
    cells = votes.matrix()
    out, kept = reversed(sides) if swap else sides
    return Equations(
        out, kept, sparse.csr_array(cells.T) if swap else cells, len(votes), float(np.sum(grade**2))
    )


def refuse_too_few(votes: Votes, method: str) -> None:
    """Raise `DataError` if nothing is left to tell proposals, reviewers and chance apart."""
    hint = "Choose method = 'mean', or 'bayes', whose prior distributions stand in for what few grades cannot say."
    if float(np.ptp(votes.grade)) == 0.0:
        what = f"are all {votes.grade[0]:g}, so that method = '{method}' has nothing to compare"
        raise DataError([Issue(what, hint, "reviews", "score")])
    if len(votes) < votes.n + votes.m:
        what = (
            f"are too few for method = '{method}': {len(votes):,} grades for {votes.n:,} proposals and {votes.m:,} "
            f"reviewers, and it needs at least as many as there are of both"
        )
        raise DataError([Issue(what, hint, "reviews")])


def _exact_note(votes: Votes) -> str:
    return (
        f"The {len(votes):,} grades are, all but exactly, a number of the proposal plus one of the reviewer: "
        "method = 'severity' finds next to no chance in them, and its intervals are too short. With "
        f"{votes.n:,} proposals and {votes.m:,} reviewers so few grades may fit by accident: compare with method = "
        "'mean', or choose 'bayes'."
    )


def _note(votes: Votes) -> str:
    return (
        f"With {votes.n:,} proposals and {votes.m:,} reviewers the variances of method = 'severity' are estimated by "
        f"moments (Henderson's method 1), and standard errors from {_PROBES} random draws."
    )


def _sampled(equations: Equations, variances: Variances) -> Solved:
    """Solve the equations by iteration; C from draws of the error of prediction.

    With z normal with the matrix of the equations as its covariance, the solution for z has covariance C.
    """
    ratios = variances.residual / variances.out, variances.residual / variances.kept
    out, kept = equations.out, equations.kept
    right = np.concatenate([[np.sum(out.total)], out.total, kept.total])[:, None]
    mean, effect, other = iterate(equations, *ratios, right)
    rng = np.random.default_rng(0)
    sums = [np.zeros(out.size), np.zeros(kept.size), np.zeros(out.size), np.zeros(kept.size)]
    for _ in range(_PROBES // _BATCH):
        drawn = iterate(equations, *ratios, _probe(equations, ratios, rng))
        parts = (drawn[1], drawn[2], drawn[0] + drawn[1], drawn[0] + drawn[2])
        sums = [total + np.sum(part**2, axis=1) for total, part in zip(sums, parts, strict=True)]
    c_out, c_kept, c_mean_out, c_mean_kept = (total / _PROBES for total in sums)
    nothing = float("nan")
    return Solved(
        float(mean[0]), effect[:, 0], other[:, 0], c_out, c_kept, c_mean_out, c_mean_kept, nothing, nothing
    )


def _probe(equations: Equations, ratios: tuple[float, float], rng: np.random.Generator) -> Floats:
    cells = sparse.coo_array(equations.cells)
    grades = np.arange(equations.n)
    noise = rng.standard_normal((equations.n, _BATCH))
    parts = [np.sum(noise, axis=0)[None]]
    for codes, side, ratio in zip(cells.coords, (equations.out, equations.kept), ratios, strict=True):
        level = sparse.csr_array((np.ones(equations.n), (codes, grades)), shape=(side.size, equations.n))
        parts.append(level @ noise + np.sqrt(ratio) * rng.standard_normal((side.size, _BATCH)))
    return np.vstack(parts)
