"""Rules on what is not known of every proposal: scores without evidence, chances that nobody stated."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np

from portfolio.optimize.finding import Finding
from portfolio.optimize.fits import conditions, not_eligible
from portfolio.optimize.instance import Instance
from portfolio.optimize.rows.coverage import coverage_key
from portfolio.optimize.rows.limits import limit_key
from portfolio.optimize.vectors import Bools
from portfolio.optimize.worth import numbers
from portfolio.policy import Policy
from portfolio.policy.conditions import columns_in
from portfolio.policy.source import Path, dotted
from portfolio.scoring.known import MIDDLE
from portfolio.scoring.novelty import NAME as NOVELTY


def not_known(instance: Instance, policy: Policy) -> Iterator[Finding]:
    """Yield the rules that leave proposals out because something is not known of them."""
    yield from _unknown_scores(instance, policy)
    yield from _uncounted(instance, policy)
    yield from _unknown_chances(instance, policy)


def _unknown_scores(instance: Instance, policy: Policy) -> Iterator[Finding]:
    """Yield the conditions that are false for proposals because a score of theirs is not known."""
    found, scores = [], []
    for path, sql in conditions(policy):
        false = ~_mask(instance, policy, path)
        for name in sorted({*columns_in(sql)}):
            if said := _of_whom(instance, name, false):
                found.append(f"{dotted(path)} is false for {said}")
                scores.append(_score(name))
    if found:
        yield Finding(
            False,
            "; ".join(found),
            "the columns that the score is made of are empty there, and what is not known meets no condition",
            _way(scores, "{}_high >= ... (or {}_low <= ...)"),
        )


def _uncounted(instance: Instance, policy: Policy) -> Iterator[Finding]:
    """Yield the criteria and the sums of limits to which proposals add nothing because a score is not known."""
    columns = {f"objective.criterion[{i}]": one.column for i, one in enumerate(policy.objective.criterion, 1)}
    columns |= {limit_key(i): limit.of for i, limit in enumerate(policy.limit) if limit.of is not None}
    # Who has no merit where it is needed is not eligible, and that is said.
    said = {key: _of_whom(instance, column, instance.eligible) for key, column in columns.items()}
    if any(said.values()):
        yield Finding(
            False,
            "; ".join(f"{key} counts nothing for {whom}" for key, whom in said.items() if whom),
            "the columns that the score is made of are empty there, and what is not known adds nothing",
            _way([_score(columns[key]) for key, whom in said.items() if whom], "{}_high (or {}_low)"),
        )


def _way(scores: Iterable[str], doubt: str) -> str:
    """Say what to do about scores that are not known; words have no interval, those of paradigm are of basicness."""
    plain = ("basicness" if name == "paradigm" else name for name in scores)
    score = next((name for name in plain if name in MIDDLE), None)
    return "fill them in" + (
        f"; {doubt.replace('{}', score)} gives the benefit of the doubt" if score else ""
    )


def _of_whom(instance: Instance, column: str, among: Bools) -> str:
    """Say of how many proposals among some a score is not known; empty where none is, or the column is no score."""
    score = _score(column)
    # Without a conflict there is nothing to know.
    if score == "conflicts" or score not in {*instance.scores.frame.columns, NOVELTY}:
        return ""
    count = int((instance.table[column].is_null().to_numpy() & among).sum())
    return f"{count:,} of {len(among):,} proposals, whose {score} is not known" if count else ""


def _score(column: str) -> str:
    return column.removeprefix("scored_")


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
