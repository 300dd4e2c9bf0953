"""Who can be compared with whom: groups of proposals that reviewers join."""

from __future__ import annotations

import numpy as np
import polars as pl
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from portfolio.errors import DataError, Issue
from portfolio.scoring.estimate import Flags
from portfolio.scoring.merit import Codes
from portfolio.scoring.reviewers.votes import Votes

_SHOWN = 6


def groups(votes: Votes) -> tuple[int, Codes, Codes]:
    """Return how many groups there are, and the group of each proposal and of each reviewer.

    Two proposals are in one group if a chain of reviewers and proposals leads from one to the other. Groups are
    numbered by their first proposal.
    """
    who = votes.matrix()
    count, label = connected_components(sparse.block_array([[None, who], [who.T, None]]), directed=False)
    return int(count), label[: votes.n].astype(np.int64), label[votes.n :].astype(np.int64)


def refuse_separate_groups(votes: Votes, method: str) -> None:
    """Raise `DataError` if some proposals cannot be compared: nobody joins their groups.

    Where no reviewer of one group graded a proposal of another, better proposals and milder reviewers look the
    same.
    """
    count, proposal, reviewer = groups(votes)
    if count == 1:
        return
    sizes = np.bincount(proposal)
    shown = np.argsort(-sizes, kind="stable")[:_SHOWN]
    said = "; ".join(_described(votes, proposal == group, reviewer == group) for group in shown)
    more = f"; and {count - _SHOWN:,} more" if count > _SHOWN else ""
    what = f"fall into {count:,} groups that no reviewer joins, and method = '{method}' cannot compare them: "
    hint = (
        "Better proposals and milder reviewers look the same from one group to another. Let a reviewer of one group "
        "grade a proposal of another, decide the groups as separate calls, or choose method = 'bayes' (which assumes "
        "that groups are alike) or 'mean'."
    )
    if method == "severity" and votes.panels.len() > 1:
        hint += " If reviewers sit in several panels, reviewer_ids = 'call' lets them join these."
    raise DataError([Issue(what + said + more, hint, "reviews")])


def _described(votes: Votes, proposals: Flags, reviewers: Flags) -> str:
    graded = _some(votes.proposals.filter(pl.Series(proposals)).to_list(), "proposal")
    return f"{graded}, graded by {_some(votes.reviewers.filter(pl.Series(reviewers)).to_list(), 'reviewer')}"


def _some(names: list[str], what: str) -> str:
    listed = ", ".join(names[:3]) + (", ..." if len(names) > 3 else "")
    return f"{len(names):,} {what}{'' if len(names) == 1 else 's'} ({listed})"
