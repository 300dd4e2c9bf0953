"""Method and settings: what somebody needs to check the decision, or to make it again."""

from __future__ import annotations

import tomllib
from collections.abc import Set
from dataclasses import dataclass

import tomli_w

from portfolio.report.html.anonymous import hide
from portfolio.report.stored import StoredDecision


@dataclass(frozen=True)
class Method:
    """How the decision was made.

    Attributes
    ----------
    settings
        Pairs: what, how.
    inputs
        Name and SHA-256 of each file that was read.
    policy
        As TOML, which the program reads.
    digest
        SHA-256 of the record of the decision.
    """

    settings: tuple[tuple[str, str], ...]
    inputs: tuple[tuple[str, str], ...]
    policy: str
    digest: str


def method_of(decision: StoredDecision, names: Set[str]) -> Method:
    """Return how a decision was made; `names` are not shown."""
    record, policy = decision.record, decision.policy
    solver, career = policy.solver, policy.early_career
    versions = ", ".join(f"{name} {version}" for name, version in sorted(record["versions"].items()))
    # A policy may have [reviews] where none were given.
    graded = any(entry["role"] == "reviews" for entry in record["inputs"])
    reviews = (
        f"method {policy.reviews.method}" if policy.reviews and graded else "merits as given in the file"
    )
    limits = f"{solver.gap:g}; at most {solver.time_limit:g} seconds"
    early = "as given in the file"
    if career is not None:
        early = f"rule {career.rule}" if isinstance(career.rule, str) else "a rule of the policy's own"
        early += f", counted to {career.on}"
    settings = [
        ("Merit", reviews),
        ("Early career", early),
        ("Solver", f"{record['solver']}, gap asked for {limits}"),
        ("Seed", str(record["seed"])),
        ("Version", versions),
    ]
    document = hide(tomllib.loads(policy.to_toml()), names)
    return Method(
        settings=tuple(settings),
        inputs=tuple((entry["name"], entry["sha256"]) for entry in record["inputs"]),
        policy=tomli_w.dumps(document),
        digest=decision.digest,
    )
