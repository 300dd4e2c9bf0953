"""The files that a problem was made of, as a record names them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from portfolio.optimize.problem import Problem


def recorded_inputs(problem: Problem) -> list[dict[str, str]]:
    """Return role, name and SHA-256 of each file: proposals, reviews, corpus, text model."""
    sources = (*problem.call.sources, *problem.instance.scores.sources)
    return [{"role": one.role, "name": one.name, "sha256": one.sha256} for one in sources]


def recorded_policy_file(problem: Problem) -> dict[str, str] | None:
    """Return name and SHA-256 of the file of the policy; None if it was not read from one."""
    file = problem.policy.file
    return None if file is None else {"name": file.name, "sha256": file.sha256}
