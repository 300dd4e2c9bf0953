"""How sure a decision is: the policy decides again and again, on draws of the truth behind merits and scores."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import polars as pl

from portfolio.analysis.parallel import each
from portfolio.analysis.sweeps.scenario_rows import REFUSALS, why_none, why_not
from portfolio.analysis.uncertainty.draw_tables import (
    Answer,
    Tally,
    failure_table,
    first_round,
    never_funded,
    proposal_table,
    round_table,
)
from portfolio.analysis.uncertainty.merit_draws import Known, MeritErrors, columns_of_draw, uniforms
from portfolio.analysis.uncertainty.settled import Label
from portfolio.errors import LimitError
from portfolio.optimize import Portfolio, Problem, Stop
from portfolio.optimize.vectors import Floats
from portfolio.shown import with_table


def _unwatched(_: str) -> None:
    """Report nothing."""


@dataclass(frozen=True, eq=False)
class Robustness:
    """How often each proposal is funded over draws of what is not known for sure.

    Attributes
    ----------
    base
        The decision on the merits and scores as they are.
    proposals
        One row per proposal, sorted by id: id; base (``funded``, ``not_funded`` or ``ineligible``); label (``core``,
        ``borderline``, ``exterior``; ``unknown`` if no draw has a portfolio); settled (whether all of the interval of
        the share has that label, or no draw could fund it); funded_share, share_low and share_high (its interval),
        standard_error (null for shares of 0 and 1); above_line (share of the draws in which it is above the funding
        line by merit alone), and rank_low, rank_median, rank_high (5%, 50% and 95% of its rank by merit alone; null for
        who has none); with rounds, round: from which on it is decided as in the base to the end.
    rounds
        One row per round: round, spread (by how much errors are multiplied), draws and feasible, green (funded in all
        feasible draws), red (in none), grey. Empty unless rounds were asked for.
    failures
        One row per draw without a portfolio: round, draw (from 1), reason.
    draws, feasible
        How many draws were made at full errors, and how many of them have a portfolio; only those count for shares.
    asked
        How many draws were asked for at most.
    cut_short
        Draws, of all rounds, in which a limit stopped the solver before the gap of the policy was proven, or before
        any portfolio was found.
    merits
        How many merits were drawn, and how many could not be.
    tail, confidence, seed
        As asked for.
    complete
        Whether it came to its end; False after an interrupt.
    """

    base: Portfolio
    proposals: pl.DataFrame
    rounds: pl.DataFrame
    failures: pl.DataFrame
    draws: int
    feasible: int
    asked: int
    cut_short: int
    merits: Known
    tail: float
    confidence: float
    seed: int
    complete: bool

    def count(self, label: str) -> int:
        """Return how many proposals have a label."""
        return int((self.proposals["label"] == label).sum())

    @property
    def settled(self) -> bool:
        """Whether the label of every proposal is settled."""
        return bool(self.proposals["settled"].all())

    def __repr__(self) -> str:
        core, exterior = f"at least {100 - 100 * self.tail:g}%", f"at most {100 * self.tail:g}%"
        unsettled = int((~self.proposals["settled"]).sum())
        lines = [
            f"<Robustness: {self.draws:,} draws, seed {self.seed}, {self.feasible:,} with a portfolio; "
            f"{self.count(Label.CORE):,} core (funded in {core} of these), "
            f"{self.count(Label.BORDERLINE):,} borderline, {self.count(Label.EXTERIOR):,} exterior (in {exterior})",
            f"  labels not settled at {100 * self.confidence:g}% confidence: {unsettled:,}",
            f"  merits: {self.merits.in_words()}",
        ]
        return "\n".join([*lines, *([] if self.complete else ["  interrupted"])]) + ">"

    def _repr_html_(self) -> str:
        return with_table(self, self.proposals)


def robustness(
    problem: Problem,
    *,
    draws: int = 1000,
    batch: int = 100,
    rounds: int | None = None,
    scores: bool = True,
    tail: float = 0.05,
    confidence: float = 0.95,
    seed: int = 0,
    jobs: int | None = None,
    watch: Callable[[str], None] = _unwatched,
) -> Robustness:
    """Decide again on draws of the truth behind merits and scores, and count how often each proposal is funded.

    Every draw is a problem of its own, solved to the gap of the policy under all of its rules; reserves with a
    shortfall, priorities, criteria one after the other and rounds over and above hold in each. An award smaller than
    the request counts as funded.

    Parameters
    ----------
    problem
        What is to be decided.
    draws
        How many at most.
    batch
        Without rounds, it ends after so many draws, or a multiple of it, if all labels are settled.
    rounds
        In how many rounds errors shrink to nothing; None for no rounds. In each, all draws are made.
    scores
        Whether risk, ambiguity, horizon and basicness are drawn too, and so who has which trait. False: traits are as
        they were assigned, and only merits are drawn.
    tail
        A proposal is core if it is funded in at least 1 - `tail` of the draws, exterior if in at most `tail`.
    confidence
        Of the interval of each share. A label is settled when it holds over the whole interval, or no draw could be
        otherwise: who is ineligible, barred or not payable whatever is drawn.
    seed
        The same seed gives the same draws, whatever the policy, the other proposals and the order of rows.
    jobs
        How many draws are worked on at a time; None for one per processor. Under
        ``joblib.parallel_config(backend="dask")``: on the workers of a Dask cluster. Results do not depend on it.
    watch
        Called with the name of each step.

    Returns
    -------
    Robustness
        After an interrupt (Ctrl-C), of the draws that were done.

    Raises
    ------
    PolicyError, DataError
        If the policy does not fit the call.
    InfeasibleError, LimitError
        If there is no decision on the merits and scores as they are. A draw without one is counted and reported.
    ValueError
        If a number of draws is below 1, rounds are fewer than 2, or a share is not between 0 and 1 (tail: 0.5).

    Notes
    -----
    `portfolio.analysis.uncertainty.merit_draws` and `portfolio.analysis.uncertainty.draws` say how is drawn.
    Labels are those of Robust Portfolio Modeling (Liesio, Mild & Salo 2007) with shares in place of its sets, after
    the Iterative Trichotomic Approach (Mavrotas & Makryvelios 2021). Its rounds fix what is green or red; here every
    round decides anew, so that the last, without errors, is the decision of the policy. Intervals are those of a
    fixed number of draws.
    """
    if draws < 1 or batch < 1 or not 0 < confidence < 1 or not 0 < tail < 0.5 or (rounds or 2) < 2:
        raise ValueError(
            "draws and batch must be at least 1, rounds at least 2, confidence between 0 and 1, tail between 0 and 0.5"
        )
    watch("Deciding on the scores as they are")
    base = problem.solve()
    if base.status is Stop.INTERRUPTED:
        raise KeyboardInterrupt
    shared = _Shared(problem, MeritErrors.of(problem), scores)
    spreads = [1.0] if rounds is None else [(rounds - 1 - r) / (rounds - 1) for r in range(rounds - 1)]
    tallies = [Tally.empty(len(problem.instance.ids)) for _ in spreads]
    complete, never = True, never_funded(problem)
    try:
        for number, (spread, tally) in enumerate(zip(spreads, tallies, strict=True), start=1):
            of = "" if rounds is None else f"Round {number} of {rounds}: "
            for answer in _answers(shared, spread, seed, draws, batch, jobs):
                tally.add(answer)
                watch(f"{of}draw {len(tally):,} of at most {draws:,}")
                if (
                    rounds is None
                    and len(tally) % batch == 0
                    and tally.settled(never, tail, confidence).all()
                ):
                    break
    except KeyboardInterrupt:
        complete = False
    made = [(spread, tally) for spread, tally in zip(spreads, tallies, strict=True) if len(tally)]
    proposals = proposal_table(base, tallies[0], tail, confidence)
    if rounds is not None:
        settled_in = first_round(base, [tally for _, tally in made] if complete else None)
        proposals = proposals.with_columns(round=settled_in)
    return Robustness(
        base=base,
        proposals=proposals,
        rounds=round_table(base, made if rounds is not None else [], ended=complete and rounds is not None),
        failures=failure_table([tally for _, tally in made]),
        draws=len(tallies[0]),
        feasible=tallies[0].feasible,
        asked=draws,
        cut_short=sum(tally.cut_short for tally in tallies),
        merits=shared.errors.known(),
        tail=tail,
        confidence=confidence,
        seed=seed,
        complete=complete,
    )


@dataclass(frozen=True, eq=False)
class _Shared:
    """What all draws share."""

    problem: Problem
    errors: MeritErrors
    scores: bool

    def __sizeof__(self) -> int:
        """Return about how many bytes it takes, so that a cluster sends it once to each worker."""
        return int(self.problem.instance.table.estimated_size())


def _answers(
    shared: _Shared, spread: float, seed: int, draws: int, batch: int, jobs: int | None
) -> Iterator[Answer]:
    """Yield the draws in their order; no draw beyond a batch is begun before the batch was looked at."""
    ids = shared.problem.instance.ids
    for first in range(0, draws, batch):
        drawn = uniforms(ids, seed, first, min(batch, draws - first))
        for answer in each(_one, ((spread, uniform) for uniform in drawn), jobs=jobs, shared=(shared,)):
            if answer.interrupted:
                raise KeyboardInterrupt
            yield answer


def _one(shared: _Shared, item: tuple[float, Floats]) -> Answer:
    """Decide on one draw."""
    spread, uniform = item
    base = shared.problem
    # The draws start from the middle where there is no evidence.
    table, settings = base.instance.scores.frame, base.policy.scoring
    columns = columns_of_draw(table, shared.errors, uniform, settings, spread, scores=shared.scores)
    merit = np.asarray(columns["merit"])
    problem = base.rescored(columns)
    try:
        # What needs no solver to be seen needs no search for the smallest conflict either.
        fatal = tuple(finding for finding in problem.check() if finding.fatal)
        if fatal:
            return Answer(merit, None, why_none(fatal))
        portfolio = problem.solve()
    except REFUSALS as error:
        return Answer(merit, None, why_not(error), cut_short=isinstance(error, LimitError))
    if portfolio.status is Stop.INTERRUPTED:
        # Raised where the answers are collected: in a thread it would be lost.
        return Answer(merit, None, "it was interrupted", interrupted=True)
    return Answer(merit, portfolio.solution.chosen, "", cut_short=portfolio.status.cut_short)
