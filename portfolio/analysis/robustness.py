"""How sure a decision is: the policy decides again and again, on draws of the truth behind merits and scores."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np
import polars as pl

from portfolio.analysis.comparable import afresh
from portfolio.analysis.funding_line import Ranking
from portfolio.analysis.merit_draws import MeritErrors, columns_of_draw, uniforms
from portfolio.analysis.parallel import each
from portfolio.analysis.scenario_rows import REFUSALS, why_none, why_not
from portfolio.analysis.settled import Label, labels, settled, share_interval, standard_error
from portfolio.optimize import Portfolio, Problem, Stop
from portfolio.optimize.vectors import Bools, Floats, Integers


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
        the share has that label); funded_share, share_low and share_high (its interval), standard_error (null for
        shares of 0 and 1); above_line (share of the draws in which it is above the funding line by merit alone), and
        rank_low, rank_median, rank_high (5%, 50% and 95% of its rank by merit alone; null for who has none); with
        rounds, round: from which on it is decided as in the base to the end.
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
        Draws, of all rounds, in which a limit stopped the solver before the gap of the policy was proven.
    drawn, whole, exact, fixed
        How many merits were drawn from a normal distribution; from all of the scale, since nothing else is known; were
        not drawn, since their interval has no width; or since none is stated. Without a merit: none of them.
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
    drawn: int
    whole: int
    exact: int
    fixed: int
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
        open_ = int((~self.proposals["settled"]).sum())
        shares = f"at least {1 - self.tail:.0%}, at most {self.tail:.0%} of the draws, between"
        lines = [
            f"<Robustness: {self.draws:,} draws, seed {self.seed}, {self.feasible:,} with a portfolio; "
            f"{self.count(Label.CORE):,} core, {self.count(Label.EXTERIOR):,} exterior, "
            f"{self.count(Label.BORDERLINE):,} borderline (funded in {shares})",
            f"  labels not settled at {self.confidence:.0%} confidence: {open_:,}",
            f"  merits: {self.drawn:,} drawn, {self.whole:,} from all of the scale, {self.exact:,} with an interval of "
            f"no width, {self.fixed:,} without an interval",
        ]
        if not self.complete:
            lines.append("  interrupted")
        return "\n".join(lines) + ">"


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
        Of the interval of each share. A label is settled when it holds over the whole interval.
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
    `portfolio.analysis.merit_draws` and `portfolio.analysis.draws` say how is drawn. Labels are those of Robust
    Portfolio Modeling (Liesio, Mild & Salo 2007) with shares in place of its sets, after the Iterative Trichotomic
    Approach (Mavrotas & Makryvelios 2021). Its rounds fix what is green or red; here every round decides anew, so that
    the last, without errors, is the decision of the policy. Intervals are those of a fixed number of draws.
    """
    if draws < 1 or batch < 1 or not 0 < confidence < 1 or not 0 < tail < 0.5 or (rounds or 2) < 2:
        raise ValueError(
            "draws and batch must be at least 1, rounds at least 2, confidence between 0 and 1, tail between 0 and 0.5"
        )
    watch("Deciding on the scores as they are")
    problem = afresh(problem)
    base = problem.solve()
    if base.status is Stop.INTERRUPTED:
        raise KeyboardInterrupt
    shared = _Shared(problem, MeritErrors.of(problem), scores)
    spreads = [1.0] if rounds is None else [(rounds - 1 - r) / (rounds - 1) for r in range(rounds - 1)]
    tallies = [_Tally.empty(len(problem.instance.ids)) for _ in spreads]
    complete = True
    try:
        for number, (spread, tally) in enumerate(zip(spreads, tallies, strict=True), start=1):
            of = "" if rounds is None else f"Round {number} of {rounds}: "
            for answer in _answers(shared, spread, seed, draws, batch, jobs):
                tally.add(answer)
                watch(f"{of}draw {len(tally):,} of at most {draws:,}")
                if rounds is None and len(tally) % batch == 0 and tally.settled(tail, confidence):
                    break
    except KeyboardInterrupt:
        complete = False
    return _result(
        base, shared.errors, spreads, tallies, rounds, draws, tail, confidence, seed, complete=complete
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


@dataclass(frozen=True, eq=False)
class _Answer:
    """One draw: its merits, and who is funded, or why there is no portfolio."""

    merit: Floats
    funded: Bools | None
    reason: str
    cut_short: bool


@dataclass(eq=False)
class _Tally:
    """What was counted so far."""

    funded: Integers
    feasible: int = 0
    cut_short: int = 0
    merits: list[Floats] = field(default_factory=list)
    reasons: dict[int, str] = field(default_factory=dict)

    @classmethod
    def empty(cls, n: int) -> _Tally:
        return cls(np.zeros(n, dtype=np.int64))

    def __len__(self) -> int:
        return len(self.merits)

    def add(self, answer: _Answer) -> None:
        self.merits.append(answer.merit)
        self.cut_short += answer.cut_short
        if answer.funded is None:
            self.reasons[len(self)] = answer.reason
            return
        self.feasible += 1
        self.funded += answer.funded

    def settled(self, tail: float, confidence: float) -> bool:
        return bool(settled(self.funded, self.feasible, tail, confidence).all())


def _answers(
    shared: _Shared, spread: float, seed: int, draws: int, batch: int, jobs: int | None
) -> Iterator[_Answer]:
    """Yield the draws in their order; no draw beyond a batch is begun before the batch was looked at."""
    ids = shared.problem.instance.ids
    for first in range(0, draws, batch):
        drawn = uniforms(ids, seed, first, min(batch, draws - first))
        yield from each(_one, ((spread, uniform) for uniform in drawn), jobs=jobs, shared=(shared,))


def _one(shared: _Shared, item: tuple[float, Floats]) -> _Answer:
    """Decide on one draw."""
    spread, uniform = item
    base = shared.problem
    table, settings = base.instance.table, base.policy.scoring
    columns = columns_of_draw(table, shared.errors, uniform, settings, spread, scores=shared.scores)
    merit = np.asarray(columns["merit"])
    problem = base.rescored(columns)
    try:
        # What needs no solver to be seen needs no search for the smallest conflict either.
        fatal = tuple(finding for finding in problem.check() if finding.fatal)
        if fatal:
            return _Answer(merit, None, why_none(fatal), cut_short=False)
        portfolio = problem.solve()
    except REFUSALS as error:
        return _Answer(merit, None, why_not(error), cut_short=False)
    if portfolio.status is Stop.INTERRUPTED:
        raise KeyboardInterrupt
    return _Answer(merit, portfolio.solution.chosen, "", cut_short=portfolio.status.cut_short)


def _result(
    base: Portfolio,
    errors: MeritErrors,
    spreads: list[float],
    tallies: list[_Tally],
    rounds: int | None,
    asked: int,
    tail: float,
    confidence: float,
    seed: int,
    *,
    complete: bool,
) -> Robustness:
    first = tallies[0]
    frame = _proposals(base, first, tail, confidence)
    made = [(spread, tally) for spread, tally in zip(spreads, tallies, strict=True) if len(tally)]
    if rounds is not None:
        frame = frame.with_columns(round=_round(base, [tally for _, tally in made], complete=complete))
    failures = [
        (number, draw, reason)
        for number, (_, tally) in enumerate(made, start=1)
        for draw, reason in tally.reasons.items()
    ]
    stated = errors.stated & ~errors.whole
    none = (errors.below == 0) & (errors.above == 0)
    return Robustness(
        base=base,
        proposals=frame,
        rounds=_rounds(base, made if rounds is not None else [], complete=complete and rounds is not None),
        failures=pl.DataFrame(
            failures, {"round": pl.Int64, "draw": pl.Int64, "reason": pl.String}, orient="row"
        ),
        draws=len(first),
        feasible=first.feasible,
        asked=asked,
        cut_short=sum(tally.cut_short for tally in tallies),
        drawn=int((stated & ~none).sum()),
        whole=int(errors.whole.sum()),
        exact=int((stated & none).sum()),
        fixed=int((~errors.stated & ~np.isnan(errors.merit)).sum()),
        tail=tail,
        confidence=confidence,
        seed=seed,
        complete=complete,
    )


def _proposals(base: Portfolio, tally: _Tally, tail: float, confidence: float) -> pl.DataFrame:
    counts, draws = tally.funded, tally.feasible
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
            "settled": settled(counts, draws, tail, confidence),
            # Digits beyond these are those of the machine.
            **{name: pl.Series(np.round(values, 9)).fill_nan(None) for name, values in shares.items()},
            **_ranks(base.problem, tally),
        }
    )


def _ranks(problem: Problem, tally: _Tally) -> dict[str, pl.Series]:
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


def _round(base: Portfolio, tallies: list[_Tally], *, complete: bool) -> pl.Series:
    """Return, per proposal, the first round from which on it is decided as in the base; null if interrupted."""
    chosen = np.asarray(base.solution.chosen)
    if not complete:
        return pl.Series([None] * chosen.size, dtype=pl.Int64)
    found = np.full(chosen.size, len(tallies) + 1)
    stands = np.ones(chosen.size, dtype=bool)
    for number, tally in reversed(list(enumerate(tallies, start=1))):
        same = np.where(chosen, tally.funded == tally.feasible, tally.funded == 0)
        stands &= same & (tally.feasible > 0)
        found[stands] = number
    return pl.Series(found)


def _rounds(base: Portfolio, made: list[tuple[float, _Tally]], *, complete: bool) -> pl.DataFrame:
    """Return a row per round, the last being the decision itself."""
    n = len(base.problem.instance.ids)
    rows = []
    for number, (spread, tally) in enumerate(made, start=1):
        green = int((tally.funded == tally.feasible).sum()) if tally.feasible else 0
        red = int((tally.funded == 0).sum()) if tally.feasible else 0
        rows.append((number, spread, len(tally), tally.feasible, green, red, n - green - red))
    if complete:
        rows.append((len(made) + 1, 0.0, 1, 1, len(base.ids), n - len(base.ids), 0))
    names = ("draws", "feasible", "green", "red", "grey")
    schema = {"round": pl.Int64, "spread": pl.Float64, **dict.fromkeys(names, pl.Int64)}
    return pl.DataFrame(rows, schema, orient="row")
