"""The explorer: a page on which every number of a policy can be moved, in notebooks and in the browser."""

from __future__ import annotations

from typing import TYPE_CHECKING

from portfolio.errors import ExtraError
from portfolio.optimize import Problem

if TYPE_CHECKING:
    from portfolio.report.explorer.widget import Explorer

__all__ = ["explore"]


def explore(problem: Problem) -> Explorer:
    """Return the explorer of a problem, for a cell of a notebook (JupyterLab, VS Code, marimo).

    Parameters
    ----------
    problem
        A call and a policy. It is not changed: what is moved on the page can be saved there as a policy.

    Raises
    ------
    ExtraError
        If the packages of the extra ``explore`` are not installed.
    PolicyError
        If the policy does not fit the call.
    """
    try:
        from portfolio.report.explorer.widget import Explorer
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("portfolio"):
            raise
        raise ExtraError("The explorer", "explore") from None
    from portfolio.report.explorer.session import Session
    from portfolio.report.explorer.worker import Worker

    return Explorer(Worker(Session(problem)))
