"""The scores of a call as a policy asks for them."""

from __future__ import annotations

from portfolio.call import Call
from portfolio.policy.model import Policy
from portfolio.scoring import Scores, score


def scores_of(call: Call, policy: Policy) -> Scores:
    """Score a call by the settings of a policy; a text model is looked for beside the policy.

    Raises
    ------
    PolicyError, DataError
        As `portfolio.scoring.score` says.
    """
    return score(
        call,
        scoring=policy.scoring,
        reviews=policy.reviews,
        early_career=policy.early_career,
        folder=policy.folder,
    )
