"""Who has which chance: the methods of ``portfolio lottery``, from its options to a lottery."""

from __future__ import annotations

from enum import StrEnum

import numpy as np
import polars as pl
import typer

from portfolio.analysis import Lottery, fair_lottery, merit_lottery, rank_lottery
from portfolio.analysis.lottery import refuse_rules
from portfolio.errors import DataError, Issue, PolicyError
from portfolio.optimize import Problem
from portfolio.optimize.vectors import Floats
from portfolio_cli.terminal import Steps, say


class Method(StrEnum):
    """How chances are found."""

    BAYES = "bayes"
    MERIT = "merit"
    FAIR = "fair"


class Group(StrEnum):
    """Who cannot be told apart, and so has a chance in a fair lottery."""

    PRICE = "price"
    BAYES = "bayes"
    MERIT = "merit"


def chances(
    problem: Problem, method: Method, group: Group, places: int | None, tolerance: float, step: Steps
) -> Lottery:
    """Return the lottery of a method, among those whom a group names.

    Raises
    ------
    DataError, PolicyError
        If proposals have no reviews or intervals, or the policy no grades.
    typer.BadParameter
        If the number of places is missing, too large, or means nothing.
    """
    counts = method is not Method.FAIR or group is not Group.PRICE
    if not counts and places is not None:
        what = "money decides who is tied, not places; leave it out, or give --group bayes or merit"
        raise typer.BadParameter(what, param_hint="--places")
    if counts and places is None:
        what = f"--method {method} needs the number of places"
        what = f"--group {group} needs the number of places" if method is Method.FAIR else what
        raise typer.BadParameter(what, param_hint="--places")
    if places is not None and places > len(problem.call):
        raise typer.BadParameter(f"there are {len(problem.call):,} proposals", param_hint="--places")
    step("Looking for those that cannot be told apart")
    bayes = Method.BAYES in {str(method), str(group)}
    made = None if places is None else (_by_ranks if bayes else _by_merit)(problem, places)
    if method is Method.FAIR:
        watch = lambda settled, chance: step(f"{settled:,} chances settled, the last at {chance:.3f}")  # noqa: E731
        return fair_lottery(problem, *_parts(problem, made), tolerance=tolerance, watch=watch)
    assert made is not None
    position = problem.instance.position
    each = np.zeros(len(position))
    each[[position[name] for name in made.ids]] = made.chances
    refuse_rules(problem.instance, problem.policy, each, places or 0)
    return made


def _parts(problem: Problem, made: Lottery | None) -> tuple[list[str] | None, list[str]]:
    """Return who is in a lottery of places, and who is accepted without; None where prices decide it."""
    if made is None:
        return None, []
    able = {name for name, may in zip(problem.instance.ids, problem.instance.open, strict=True) if may}
    group = dict(zip(made.ids, made.groups, strict=True))
    never = sorted(name for name, part in group.items() if part != "rejected" and name not in able)
    if never:
        say(f"Note: left out, since the policy never funds them: {', '.join(never)}.")
    tied, accepted = (
        [name for name, part in group.items() if part == one and name in able]
        for one in ("lottery", "accepted")
    )
    return tied, accepted


def _by_ranks(problem: Problem, places: int) -> Lottery:
    from portfolio.scoring import rank_proposals

    settings = problem.policy.reviews
    if settings is None:
        hint = "Add [reviews] with the best and the worst grade: they give the scale and its direction."
        raise PolicyError([Issue("is missing", hint, file="policy", column="reviews")])
    ranking = rank_proposals(problem.call, settings)
    for note in ranking.calibration.notes:
        say(f"Note: {note}")
    if ranking.ranks.height < len(problem.call):
        missing = sorted({*problem.call.ids.to_list()} - {*ranking.ranks["id"].to_list()})
        what = f"has no review, and {len(missing):,} like it have no rank"
        raise DataError([Issue(what, "give reviews of all, or leave them out with `only`", id=missing[0])])
    return rank_lottery(ranking.ranks, places)


def _by_merit(problem: Problem, places: int) -> Lottery:
    return merit_lottery(problem.instance.ids, *intervals(problem), places)


def intervals(problem: Problem) -> tuple[Floats, Floats]:
    """Return the ends of the intervals of merit."""
    table_ = problem.instance.table
    low, high = (table_[end].cast(pl.Float64) for end in ("merit_low", "merit_high"))
    missing = table_.filter(low.is_null() | high.is_null())["id"]
    if missing.len():
        hint = "give reviews, or fill in merit_low and merit_high"
        issue = Issue(
            "has no interval of merit", hint, column="merit_low", id=missing[0], count=missing.len()
        )
        raise DataError([issue])
    return low.to_numpy(), high.to_numpy()
