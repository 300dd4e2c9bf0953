"""Tables of what was counted in draws: of proposals, of rounds, and of draws without a portfolio."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import polars as pl

from portfolio.analysis.funding_line import Ranking
from portfolio.analysis.uncertainty.draws import DRAWN
from portfolio.analysis.uncertainty.settled import labels, settled, share_interval, standard_error
from portfolio.optimize import Portfolio, Problem
from portfolio.optimize.fits import not_eligible
from portfolio.optimize.vectors import Bools, Floats, Integers
from portfolio.policy.conditions import columns_in

# What is drawn, with the ends of its interval and what is made of it.
_REDRAWN = ("merit", *DRAWN, "paradigm")


@dataclass(frozen=True, eq=False)
class Answer:
    """One draw: its merits, and who is funded, or why there is no portfolio."""

    merit: Floats
    funded: Bools | None
    reason: str = ""
    cut_short: bool = False
    interrupted: bool = False


@dataclass(eq=False)
class Tally:
    """What was counted so far; merits of each draw, and by the number of a draw why it has no portfolio."""

    funded: Integers
    feasible: int = 0
    cut_short: int = 0
    merits: list[Floats] = field(default_factory=list)
    reasons: dict[int, str] = field(default_factory=dict)

    @classmethod
    def empty(cls, n: int) -> Tally:
        """Start with no draw of n proposals."""
        return cls(np.zeros(n, dtype=np.int64))

    def __len__(self) -> int:
        return len(self.merits)

    def add(self, answer: Answer) -> None:
        """Count the next draw."""
        self.merits.append(answer.merit)
        self.cut_short += answer.cut_short
        if answer.funded is None:
            self.reasons[len(self)] = answer.reason
            return
        self.feasible += 1
        self.funded += answer.funded

    def settled(self, never: Bools, tail: float, confidence: float) -> Bools:
        """Return (n,) whose labels are settled; of those that are never funded nothing more can come out."""
        return settled(self.funded, self.feasible, tail, confidence) | (never & (self.feasible > 0))


def never_funded(problem: Problem) -> Bools:
    """Return (n,) whom no draw can fund: whatever is drawn is no reason of theirs."""
    instance, policy = problem.instance, problem.policy
    closed = ~instance.eligible
    columns = columns_in(policy.eligible) if policy.eligible is not None else []
    if any(column.removeprefix("scored_").startswith(_REDRAWN) for column in columns):
        closed &= np.array(instance.ineligible, dtype=object) != not_eligible(policy)
    barred = np.isin(np.array(instance.ids, dtype=object), policy.must_not_fund)
    never: Bools = closed | ~instance.payable | barred
    return never


def proposal_table(base: Portfolio, tally: Tally, tail: float, confidence: float) -> pl.DataFrame:
    """Return the share of each proposal with its interval and its label, and its rank by merit alone."""
    counts, draws, never = tally.funded, tally.feasible, never_funded(base.problem)
    low, high = share_interval(counts, draws, confidence)
    share = counts / draws if draws else np.full(counts.size, np.nan)
    shares = {
        "funded_share": share,
        "share_low": low if draws else share,
        "share_high": high if draws else share,
        "standard_error": standard_error(counts, draws),
    }
    return pl.DataFrame(
        {
            "id": base.problem.instance.ids,
            "base": base.to_frame()["decision"],
            "label": [str(label) for label in labels(counts, draws, tail)],
            "settled": tally.settled(never, tail, confidence),
            # Digits beyond these are those of the machine.
            **{name: pl.Series(np.round(values, 9)).fill_nan(None) for name, values in shares.items()},
            **_ranks(base.problem, tally),
        }
    )


def _ranks(problem: Problem, tally: Tally) -> dict[str, pl.Series]:
    """Return what the draws say about ranks by merit alone."""
    ranking = Ranking(problem)
    found = [ranking(merit) for merit in tally.merits]
    n = len(problem.instance.ids)
    if not found:
        return {
            name: pl.Series(name, [None] * n, dtype)
            for name, dtype in (("above_line", pl.Float64), *((f"rank_{end}", pl.Int64) for end in _ENDS))
        }
    ranks = np.array([rank for rank, _ in found])
    above = np.mean([line for _, line in found], axis=0)
    places = np.quantile(ranks, tuple(_ENDS.values()), axis=0, method="inverted_cdf")
    known = pl.Series((ranks > 0).all(axis=0))
    columns = {
        "above_line": np.round(above, 9),
        **{f"rank_{e}": row for e, row in zip(_ENDS, places, strict=True)},
    }
    made = pl.DataFrame(columns).with_columns(pl.col("^rank_.*$").cast(pl.Int64))
    shown = made.select(pl.when(known).then(pl.all()))
    return {column.name: column for column in shown}


_ENDS = {"low": 0.05, "median": 0.5, "high": 0.95}


def first_round(base: Portfolio, tallies: Sequence[Tally] | None) -> pl.Series:
    """Return, per proposal, the first round from which on it is decided as in the base; null without all rounds."""
    chosen = np.asarray(base.solution.chosen)
    if tallies is None:
        return pl.Series([None] * chosen.size, dtype=pl.Int64)
    found = np.full(chosen.size, len(tallies) + 1)
    stands = np.ones(chosen.size, dtype=bool)
    for number, tally in reversed(list(enumerate(tallies, start=1))):
        same = np.where(chosen, tally.funded == tally.feasible, tally.funded == 0)
        stands &= same & (tally.feasible > 0)
        found[stands] = number
    return pl.Series(found)


def round_table(base: Portfolio, made: Sequence[tuple[float, Tally]], *, ended: bool) -> pl.DataFrame:
    """Return a row per round with its errors; the last, once all have ended, is the decision itself."""
    n = len(base.problem.instance.ids)
    rows = []
    for number, (spread, tally) in enumerate(made, start=1):
        green = int((tally.funded == tally.feasible).sum()) if tally.feasible else 0
        red = int((tally.funded == 0).sum()) if tally.feasible else 0
        rows.append((number, spread, len(tally), tally.feasible, green, red, n - green - red))
    if ended:
        rows.append((len(made) + 1, 0.0, 1, 1, len(base.ids), n - len(base.ids), 0))
    names = ("draws", "feasible", "green", "red", "grey")
    schema = {"round": pl.Int64, "spread": pl.Float64, **dict.fromkeys(names, pl.Int64)}
    return pl.DataFrame(rows, schema, orient="row")


def failure_table(tallies: Sequence[Tally]) -> pl.DataFrame:
    """Return a row per draw without a portfolio, with the reason."""
    rows = [
        (number, draw, reason)
        for number, tally in enumerate(tallies, start=1)
        for draw, reason in tally.reasons.items()
    ]
    return pl.DataFrame(rows, {"round": pl.Int64, "draw": pl.Int64, "reason": pl.String}, orient="row")
