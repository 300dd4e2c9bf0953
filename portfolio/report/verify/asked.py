"""Whether the policies of a sweep are its base with the values that are named."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from portfolio.analysis.sweeps.scenario_rows import ScenarioRow
from portfolio.analysis.sweeps.scenarios import in_words, name_of
from portfolio.errors import PortfolioError
from portfolio.policy import Policy, with_keys
from portfolio.policy.keys import find_key, parse_value
from portfolio.report.verify.check import Check
from portfolio.report.verify.differences import differences


def asked_checks(
    rows: Sequence[ScenarioRow], policies: Sequence[Policy | None], base: Policy
) -> Iterator[Check]:
    """Check that each policy is the base with the values that its row names, or say how it differs from the base.

    The first row is the base itself.
    """
    faults = (
        []
        if not rows[0].values or base in _with(base, rows[0].values, base)
        else ["the values of the base are others"]
    )
    for row, policy in zip(rows[1:], policies[1:], strict=True):
        if policy is None:
            if row.status != "invalid" or _with(base, row.values):
                faults.append(f"{row.name} has no policy, though its values make one")
            continue
        changed = "; ".join(differences(base, policy)) or "nothing"
        # A whole table is written as no policy would have it.
        whole = any("{" in value for value in row.values.values() if isinstance(value, str))
        if row.values and not whole and policy not in _with(base, row.values, policy):
            faults.append(f"the policy of {row.name} is not the base with these values: it changes {changed}")
        elif whole or row.name != name_of(row.values):
            yield Check("changed", True, f"{row.name} changes {changed}")
    words = "the policies are the base with the values that are named"
    yield Check("asked", not faults, "; ".join(faults) or words)


def _with(base: Policy, values: Mapping[str, int | float | str], asked: Policy | None = None) -> list[Policy]:
    """Return the policies that values written in words may stand for.

    A text may be one, or what it says. Lists of texts are written without quotes: what stands in the policy that was
    asked for is taken where it would be written so.
    """
    stated = asked.model_dump() if asked is not None else {}
    found = []
    for read in (parse_value, str):
        meant = {key: read(value) if isinstance(value, str) else value for key, value in values.items()}
        try:
            for key, value in values.items():
                there = _at(stated, find_key(asked, key)) if asked is not None else None
                meant[key] = there if there is not None and in_words(there) == value else meant[key]
            found.append(with_keys(base, meant))
        except PortfolioError:
            continue
    return found


def _at(document: Any, path: Sequence[str | int]) -> Any:
    """Return what stands at a path; None where nothing does."""
    for part in path:
        try:
            document = document[part]
        except (LookupError, TypeError):
            return None
    return document
