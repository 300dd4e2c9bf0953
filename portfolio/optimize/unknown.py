"""Rules on what is not known of every proposal: scores without evidence, chances that nobody stated."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from portfolio.optimize.finding import Finding
from portfolio.optimize.fits import conditions, not_eligible
from portfolio.optimize.instance import Instance
from portfolio.optimize.rows.coverage import coverage_key
from portfolio.optimize.vectors import Bools
from portfolio.optimize.worth import numbers
from portfolio.policy import Policy
from portfolio.policy.conditions import columns_in
from portfolio.policy.source import Path, dotted
from portfolio.scoring.known import UNCERTAIN, known


def not_known(instance: Instance, policy: Policy) -> Iterator[Finding]:
    """Yield the rules that leave proposals out because something is not known of them."""
    yield from _unknown_scores(instance, policy)
    yield from _unknown_chances(instance, policy)


def _unknown_scores(instance: Instance, policy: Policy) -> Iterator[Finding]:
    """Yield the conditions that are false for proposals because a score of theirs is not known."""
    table, found = known(instance.table), []
    for path, sql in conditions(policy):
        false = ~_mask(instance, policy, path)
        for name in sorted({*columns_in(sql)}):
            score = name.removeprefix("scored_")
            silent = table[name].is_null().to_numpy() if score in UNCERTAIN else np.zeros_like(false)
            if count := int((silent & false).sum()):
                said = f"{count:,} of {len(false):,} proposals, whose {score} is not known"
                found.append((f"{dotted(path)} is false for {said}", score))
    if found:
        score = found[0][1]
        # Words have no interval.
        score = score if f"{score}_high" in table.columns else UNCERTAIN[score]
        yield Finding(
            False,
            "; ".join(said for said, _ in found),
            "the columns that the score is made of are empty there, and what is not known meets no condition",
            f"fill them in; {score}_high >= ... (or {score}_low <= ...) gives the benefit of the doubt",
        )


def _mask(instance: Instance, policy: Policy, path: Path) -> Bools:
    """Return of which proposals a condition is true."""
    match path:
        case ("traits", name):
            return instance.traits[str(name)]
        case ("limit", index, _):
            return instance.where[int(index)]
        case ("stable", _):
            return instance.stable
        case ("exploratory", _):
            return instance.pool
        case _:
            why = not_eligible(policy)
            return np.array([reason != why for reason in instance.ineligible], dtype=np.bool_)


def _unknown_chances(instance: Instance, policy: Policy) -> Iterator[Finding]:
    for index, coverage in enumerate(policy.coverage):
        if not coverage.weight:
            continue
        tagged = np.zeros(len(instance.ids), dtype=bool)
        tagged[instance.groups(coverage.per).member] = True
        unknown = int((tagged & np.isnan(numbers(instance.table, coverage.probability))).sum())
        if unknown:
            yield Finding(
                False,
                f"{coverage_key(index)}: {unknown:,} of {int(tagged.sum()):,} proposals with a value in {coverage.per} "
                f"have no {coverage.probability}, and count as if they could not succeed",
                "the column was not filled in for all",
                "fill it in, or name another column with [[coverage]] probability",
            )
