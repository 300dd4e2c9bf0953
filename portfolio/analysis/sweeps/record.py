"""The record of a sweep: what was asked, of which files, and what every scenario came to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from portfolio._version import __version__
from portfolio.analysis.sweeps.scenarios import Scenario
from portfolio.analysis.sweeps.whatif import WhatIf
from portfolio.optimize.inputs import recorded_inputs, recorded_policy_file

FORMAT = 1


def whatif_record(
    found: WhatIf, scenarios: Sequence[Scenario], previous: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """Return a sweep as plain data.

    Parameters
    ----------
    scenarios
        What was asked, with the whole policy of each.
    previous
        Name and SHA-256 of the record that this one follows.
    """
    policies = [
        {
            "name": one.name,
            "policy": None if one.policy is None else one.policy.model_dump(mode="json", exclude_none=True),
        }
        for one in scenarios
    ]
    return {
        "kind": "whatif",
        "format": FORMAT,
        "inputs": recorded_inputs(found.problem),
        "policy": found.problem.policy.model_dump(mode="json", exclude_none=True),
        "policy_file": recorded_policy_file(found.problem),
        "previous": None if previous is None else dict(previous),
        "asked": found.asked,
        "scenarios": policies,
        "rows": [row.model_dump(mode="json") for row in found.rows],
        "seed": found.problem.policy.solver.seed,
        "versions": {"grant-portfolio": __version__},
    }
