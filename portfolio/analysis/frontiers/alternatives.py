"""Other portfolios that are nearly as good: something for a panel to discuss."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import polars as pl

from portfolio.analysis.frontiers.comparable import goal_missed, refuse_incomparable
from portfolio.errors import InfeasibleError, LimitError
from portfolio.optimize import Portfolio, Problem, Stop
from portfolio.optimize.clock import ended_together
from portfolio.optimize.figures import at_most, figure
from portfolio.optimize.words import none_is
from portfolio.policy import Link


class Ended(StrEnum):
    """Why a list of alternatives has no further entry."""

    FOUND = "found"
    NONE = "none"
    GOAL = "goal"
    WORTH_LESS = "worth_less"
    LIMIT = "limit"
    INTERRUPTED = "interrupted"


@dataclass(frozen=True, eq=False)
class Alternatives:
    """Portfolios of one problem that differ from each other in many decisions.

    Attributes
    ----------
    portfolios
        The best portfolio, then each the best of those that differ enough from all before it. Each carries
        its own bound and gap; the order is no surer than they are.
    apart
        In how many decisions at least any two of them differ. The size of an award is no decision.
    ended, why
        Why the list has no further entry, as a word and as a sentence.
    """

    portfolios: tuple[Portfolio, ...]
    apart: int
    ended: Ended
    why: str

    @property
    def best(self) -> Portfolio:
        """The first of them: the decision of the policy."""
        return self.portfolios[0]

    def __repr__(self) -> str:
        values = ", ".join(f"{one.value:g}" for one in self.portfolios)
        return (
            f"<Alternatives: {len(self.portfolios)} portfolios at least {self.apart} decisions apart, values {values}. "
            f"{self.why}>"
        )

    def to_frame(self) -> pl.DataFrame:
        """Return one row per portfolio, in the order in which they were found.

        Columns: number (from 1), value, bound and gap, status, loss (value of the first less this one's, as
        found), spent, awards, differs (decisions unlike the first), nearest (decisions unlike the most
        similar of those before it), entered and left (ids, against the first).
        """
        chosen = np.array([one.solution.chosen for one in self.portfolios])
        distance = (chosen[:, None, :] != chosen[None, :, :]).sum(axis=2)
        changes = [self.best.diff(one) for one in self.portfolios]
        nearest = [None, *(int(distance[row, :row].min()) for row in range(1, len(chosen)))]
        return pl.DataFrame(
            {
                "number": list(range(1, len(chosen) + 1)),
                "value": [one.value for one in self.portfolios],
                "bound": [one.bound for one in self.portfolios],
                "gap": [one.gap for one in self.portfolios],
                "status": [str(one.status) for one in self.portfolios],
                "loss": [self.best.value - one.value for one in self.portfolios],
                "spent": [one.spent for one in self.portfolios],
                "awards": [len(one.ids) for one in self.portfolios],
                "differs": distance[0].tolist(),
                "nearest": pl.Series(nearest, dtype=pl.Int64),
                "entered": pl.Series([list(change.entered) for change in changes], dtype=pl.List(pl.String)),
                "left": pl.Series([list(change.left) for change in changes], dtype=pl.List(pl.String)),
            }
        )


def alternatives(
    problem: Problem,
    k: int = 5,
    *,
    apart: int = 2,
    within: float | None = None,
    watch: Callable[[str], None] = lambda step: None,
) -> Alternatives:
    """Find the best portfolio, the best that differs enough from it, the best that differs from both, ...

    Every portfolio that was found becomes a rule, `Link(kind="differs")`: at least `apart` decisions are
    others. So each is found, proven and added up again as any decision is. A list found so is not always the
    list of greatest total value: the best of all may stand in the way of two good ones.

    Parameters
    ----------
    problem
        What is to be decided. ``[solver] gap = 0`` makes the order of the list exact.
    k
        How many portfolios, the best one included.
    apart
        In how many decisions, to fund or not, any two of them differ at least (Hamming 1950). 1 finds the k
        best.
    within
        Leave out portfolios that are worth less than (1 - within) of the best; None for no such line.
    watch
        Called with the name of each step.

    Raises
    ------
    PolicyError
        If reserves are spent over and above, or a criterion that comes first may lose something.
    InfeasibleError, LimitError
        If there is no portfolio at all, or none was found in time.
    ValueError
        If `k` or `apart` is below 1, or `within` is not between 0 and 1.

    Notes
    -----
    The k best solutions one after the other, each found best is forbidden: Lawler 1972; with a distance on
    0/1 decisions, Balas & Jeroslow 1972 (the inequality that cuts off one of them).
    """
    if k < 1 or apart < 1 or not 0 <= (0 if within is None else within) <= 1:
        raise ValueError("k and apart must be at least 1, and within between 0 and 1")
    refuse_incomparable(problem.policy, "alternatives")
    with ended_together():
        return _listed(problem, k, apart, within, watch)


def _listed(
    problem: Problem, k: int, apart: int, within: float | None, watch: Callable[[str], None]
) -> Alternatives:
    watch("Finding the best portfolio")
    found = [problem.solve()]
    ended, why = Ended.FOUND, f"{k} were asked for"
    while len(found) < k and found[-1].status is not Stop.INTERRUPTED:
        watch(f"Finding portfolio {len(found) + 1} of {k}")
        try:
            other = _unlike(problem, found, apart).solve()
        except InfeasibleError:
            ended, why = (
                Ended.NONE,
                f"no other portfolio that keeps the rules is {apart} decisions apart from these",
            )
            break
        except LimitError as error:
            ended, why = Ended.LIMIT, str(error)
            break
        except KeyboardInterrupt:
            ended, why = Ended.INTERRUPTED, "it was interrupted"
            break
        end = _too_poor(found[0], other, within)
        if end is not None:
            ended, why = end
            break
        found.append(other)
    if found[-1].status is Stop.INTERRUPTED:
        ended, why = Ended.INTERRUPTED, "it was interrupted"
    return Alternatives(tuple(found), apart, ended, why)


def _unlike(problem: Problem, found: list[Portfolio], apart: int) -> Problem:
    differs = (Link(kind="differs", k=apart, proposals=one.ids) for one in found)
    return problem.replace(link=(*problem.policy.link, *differs))


def _too_poor(best: Portfolio, other: Portfolio, within: float | None) -> tuple[Ended, str] | None:
    """Say why a portfolio does not belong to the list any more; None if it does."""
    missed = goal_missed(best.goals, other.goals)
    if missed is not None:
        ours, theirs = missed
        sure = theirs.bound < ours.value
        proven = "" if sure else "; that none does is not proven"
        reached = f"{figure(theirs.value)} instead of {figure(ours.value)}"
        return (
            Ended.LIMIT if other.status.cut_short and not sure else Ended.GOAL,
            f"what comes before the value ({ours.name}) is reached less well by others: {reached}{proven}",
        )
    if within is None or other.value >= (line := best.value - within * abs(best.value)):
        return None
    share = f"{100 * within:g}% of the best"
    if other.bound < line:
        return (
            Ended.WORTH_LESS,
            f"no other portfolio that far apart is within {share}: {none_is(other)} is worth more than "
            f"{at_most(other.bound)}",
        )
    return (
        Ended.LIMIT if other.status.cut_short else Ended.WORTH_LESS,
        f"the next one found, worth {figure(other.value)}, is not within {share}; one worth up to "
        f"{at_most(other.bound)} is not ruled out",
    )
