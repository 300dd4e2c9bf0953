"""How far grades agree: intraclass correlations, and how many reviews a panel needs.

With the variances of proposals (p), reviewers (r) and the residual (e), estimated as for method = "severity": by
restricted maximum likelihood, which is the analysis of variance where every reviewer graded every proposal and none
of the three is below zero (Shrout & Fleiss 1979, Psychological Bulletin 86:420; McGraw & Wong 1996)::

    agreement of two grades     p / (p + r + e)          ICC(2,1), or ICC(1) where no reviewer graded twice
    order alone                 p / (p + e)              ICC(3,1)
    mean of k grades            p / (p + (r + e) / k)    ICC(2,k), by Spearman and Brown

"""

from __future__ import annotations

import math

import numpy as np
import polars as pl

from portfolio.scoring.reviewers.calibration import on_file
from portfolio.scoring.reviewers.mixed_model import as_equations
from portfolio.scoring.reviewers.variances import estimate, moments
from portfolio.scoring.reviewers.votes import Votes

GOALS = (0.7, 0.8, 0.9)


def panel_reliability(votes: Votes) -> pl.DataFrame:
    """Return the reliability of all votes, and of each panel if there are several.

    Columns panel, proposals, reviewers, grades, grades_per_proposal (harmonic mean), sd_proposals, sd_reviewers,
    sd_residual, icc_single, icc_order, icc_mean, and reviews_for_70, _80 and _90, the smallest number of reviews per
    proposal whose mean reaches a reliability of 0.7, 0.8 and 0.9. Null where the grades do not tell: nobody
    graded twice, or proposals do not differ.
    """
    rows = [{"panel": "all", **_row(votes)}]
    if votes.panels.len() > 1:
        parts = (votes.take(votes.panel == code) for code in range(votes.panels.len()))
        rows += [{"panel": part.panels[0], **_row(part)} for part in parts]
    return pl.DataFrame(rows, infer_schema_length=None)


def reviews_needed(single: float, goal: float) -> int:
    """Return the smallest k whose mean reaches a reliability (Spearman 1910; Brown 1910).

    Parameters
    ----------
    single
        Reliability of one grade, between 0 and 1.
    goal
        Reliability wanted of the mean, between 0 and 1.
    """
    if not (0 < single < 1 and 0 < goal < 1):
        raise ValueError(f"both reliabilities must lie between 0 and 1, and are {single:g} and {goal:g}")
    # Rounded first, so that a reliability that is reached but for the last digits does not ask for one more.
    return max(1, math.ceil(round(goal * (1 - single) / (single * (1 - goal)), 4)))


def _row(votes: Votes) -> dict[str, float | int | None]:
    per_proposal = np.bincount(votes.proposal)
    each = float(1.0 / np.mean(1.0 / per_proposal))
    row: dict[str, float | int | None] = {
        "proposals": votes.n,
        "reviewers": votes.m,
        "grades": len(votes),
        "grades_per_proposal": round(each, 3),
    }
    proposals, reviewers, residual = _variances(votes)
    sd = {"proposals": proposals, "reviewers": reviewers, "residual": residual}
    row |= {
        f"sd_{name}": None if value is None else float(on_file(np.sqrt(value))) for name, value in sd.items()
    }
    if proposals is None or residual is None or proposals <= 0:
        return row | dict.fromkeys(_ICC) | {_need(goal): None for goal in GOALS}
    noise = residual + (reviewers or 0.0)
    single = proposals / (proposals + noise)
    order = None if reviewers is None else proposals / (proposals + residual)
    found = (single, order, proposals / (proposals + noise / each))
    row |= {name: None if value is None else round(value, 6) for name, value in zip(_ICC, found, strict=True)}
    return row | {_need(goal): reviews_needed(single, goal) if single < 1 else 1 for goal in GOALS}


_ICC = ("icc_single", "icc_order", "icc_mean")


def _need(goal: float) -> str:
    return f"reviews_for_{100 * goal:.0f}"


def _variances(votes: Votes) -> tuple[float | None, float | None, float | None]:
    """Return the variances of proposals, reviewers and the residual; None where the grades do not tell.

    Where who graded cannot be told apart from chance, reviewers have none and their part is in the residual.
    """
    if len(votes) == votes.n or votes.n < 2:
        return None, None, None
    apart = 1 < votes.m < len(votes) and len(votes) >= votes.n + votes.m
    if float(np.ptp(votes.grade)) == 0.0:
        return 0.0, 0.0 if apart else None, 0.0
    swap = apart and votes.m > votes.n
    equations = as_equations(votes, float(np.mean(votes.grade)), swap=swap)
    found = estimate(equations) if apart else moments(equations, (0,))
    proposals, reviewers = (
        value if value > 1e-5 * found.residual else 0.0
        for value in ((found.kept, found.out) if swap else (found.out, found.kept))
    )
    return proposals, reviewers if apart else None, 0.0 if found.exact else found.residual
