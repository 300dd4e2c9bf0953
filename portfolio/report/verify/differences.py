"""How a policy in a record differs from that of its file, or from another one, key by key."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from portfolio.policy import Policy, read_policy
from portfolio.report.verify.check import Check
from portfolio.report.verify.fingerprints import Given


def decided_on(policy: Policy, inputs: Sequence[Given]) -> Iterator[Check]:
    """Say where the policy that was decided on is another than that of its file, as it may be."""
    for given in inputs:
        if given.role == "policy" and given.same and given.path is not None:
            changed = differences(read_policy(given.path), policy)
            if changed:
                yield Check("changed", True, f"decided on that policy, but with {'; '.join(changed)}")


def differences(before: Policy, after: Policy) -> list[str]:
    """Return the keys in which two policies differ, with both values."""
    old, new = (_keys(one.model_dump(mode="json")) for one in (before, after))
    return [
        f"{key} = {new.get(key)} instead of {old.get(key)}"
        for key in sorted({*old, *new})
        if old.get(key) != new.get(key)
    ]


def _keys(document: Any, path: str = "") -> dict[str, Any]:
    """Return every value of a policy by its key; tables of a list are numbered from 1."""
    if isinstance(document, list) and document and isinstance(document[0], dict):
        document = {f"[{place}]": part for place, part in enumerate(document, 1)}
    if not isinstance(document, dict):
        return {path: document}
    found: dict[str, Any] = {}
    for key, part in document.items():
        found |= _keys(part, f"{path}{'.' if path and not key.startswith('[') else ''}{key}")
    return found
