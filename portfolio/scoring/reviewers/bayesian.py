"""Merits, severity and ranks by the SNSF's Bayesian model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import polars as pl

from portfolio.errors import DataError, Issue
from portfolio.scoring.estimate import Floats
from portfolio.scoring.merit import Codes
from portfolio.scoring.review_settings import BayesSettings
from portfolio.scoring.reviewers.calibration import Calibration, on_file, severity_frame
from portfolio.scoring.reviewers.chains import R_HAT, Kept, Run, run
from portfolio.scoring.reviewers.gibbs import Layout, Prior, State, Sums, split_noise, start, sweep
from portfolio.scoring.reviewers.ordinal import Ordinal
from portfolio.scoring.reviewers.ranks import (
    Draws,
    Ranks,
    chance_of_top,
    quantiles,
    rank_frame,
    ranked,
    shared,
)
from portfolio.scoring.reviewers.votes import Votes

_NINETY = [0.05, 0.95]


@dataclass(frozen=True, slots=True, eq=False)
class BayesianRanking:
    """What the Bayesian model says of a call.

    Parameters
    ----------
    calibration
        Posterior means of merits and of reviewers' severity, with credible intervals of 90%.
    ranks
        id, expected_rank, rank_low_50, rank_high_50, rank_low_90, rank_high_90, pcer, sucra; the best first.
    parameters
        parameter, mean, low_90, high_90, r_hat, ess_bulk, ess_tail, of each standard deviation of the model (and,
        with a fit per panel, of each panel).
    rank_draws
        Shape (kept draws, proposals), in the order of `calibration.votes.proposals`.
    converged
        Whether every R-hat that was monitored is below 1.01.
    alike
        Proposals with the same grades from the same reviewers, as groups of columns of `rank_draws`: all figures but
        the draws are the same for the members of a group, which only the chance of the draws tells apart.
    """

    calibration: Calibration
    ranks: pl.DataFrame
    parameters: pl.DataFrame
    rank_draws: Ranks = field(repr=False)
    converged: bool
    alike: Sequence[Codes] = field(repr=False, default=())

    def chance_of_best(self, k: int) -> pl.DataFrame:
        """Return id and the posterior probability of being among the best k, in the order of `ranks`.

        Raises
        ------
        ValueError
            If there are fewer than k proposals, or k is not positive.
        """
        n = self.rank_draws.shape[1]
        if not 1 <= k <= n:
            raise ValueError(
                f"k must be between 1 and {n:,}, the number of proposals with a grade, and is {k:,}"
            )
        ids = self.calibration.votes.proposals
        chance = pl.DataFrame(
            {"id": ids, "chance_of_best": on_file(chance_of_top(self.rank_draws, k, self.alike))}
        )
        return self.ranks.select("id").join(chance, on="id", how="left", maintain_order="left")


def bayes(votes: Votes, settings: BayesSettings) -> BayesianRanking:
    """Fit the model, with a fit per panel if the settings say so.

    Raises
    ------
    DataError
        If panels have levels or fits of their own and a proposal was graded in several; or, with ordinal grades, if
        grades are not steps of a scale.
    """
    prior = Prior.on_scale(votes.span)
    if settings.panels != "together":
        _refuse_several_panels(votes)
    if settings.panels == "separate":
        parts = [votes.take(votes.panel == code) for code in range(votes.panels.len())]
    else:
        parts = [votes]
    runs = [_fit(part, settings, prior, number) for number, part in enumerate(parts)]
    names = [part.panels[0] for part in parts] if settings.panels == "separate" else [""]
    return _ranking(votes, parts, runs, names, settings)


class _Chains:
    """The sampler with its state, its data and its stream of random numbers."""

    def __init__(self, votes: Votes, settings: BayesSettings, prior: Prior, number: int) -> None:
        mean = np.bincount(votes.proposal, votes.grade) / np.bincount(votes.proposal)
        self.center = float(np.mean(mean))
        self.prior = prior
        self.rng = np.random.default_rng([settings.seed, number])
        ordinal = settings.grades == "ordinal"
        self.layout = Layout.of(votes, levels=settings.panels == "level", centred=not ordinal)
        self.state: State = start(self.layout, prior, settings.chains, self.rng)
        self.ordinal = Ordinal.of(votes, self.center) if ordinal else None
        self.cuts = self.ordinal.start(settings.chains) if self.ordinal else np.zeros((0, settings.chains))
        self.sums = _sums(votes, self.center)

    def step(self) -> tuple[Floats, Floats, Floats]:
        if self.ordinal is not None:
            drawn = self.ordinal.draw(self.state, self.cuts, self.prior, self.rng)
            self.state, self.cuts, self.sums = drawn
        self.state = state = sweep(self.state, self.layout, self.sums, self.prior, self.rng)
        sigma, among = split_noise(state.noise, self.prior.most, self.rng)
        deviations = [
            state.tau,
            state.noise,
            sigma,
            among,
            *([state.tau_panel] if self.layout.levels else []),
        ]
        merit = self.center + state.eta - state.level[self.layout.panel]
        return np.stack(deviations), merit, state.nu


def _sums(votes: Votes, center: float) -> Sums:
    """Return the sums that the sampler needs of numbers; the mean is that of the proposals' means, and fixed."""
    grade = votes.grade - center
    return Sums(
        np.bincount(votes.proposal, grade, minlength=votes.n)[:, None],
        np.bincount(votes.reviewer, grade, minlength=votes.m)[:, None],
        np.array([np.sum(grade**2)]),
    )


def _fit(votes: Votes, settings: BayesSettings, prior: Prior, number: int) -> Run:
    return run(_Chains(votes, settings, prior, number), settings)


def _ranking(
    votes: Votes, parts: list[Votes], runs: list[Run], names: list[str], settings: BayesSettings
) -> BayesianRanking:
    kept = min(len(one.merit) for one in runs)
    merit = np.empty((kept, votes.n), dtype=np.float32)
    place = {row: index for index, row in enumerate(votes.rows.tolist())}
    for part, one in zip(parts, runs, strict=True):
        merit[:, [place[row] for row in part.rows.tolist()]] = one.merit[:kept]
    ranks = ranked(merit)
    alike = votes.alike(panels=settings.panels != "together")
    parameters = pl.concat(_parameters(one, name, settings) for one, name in zip(runs, names, strict=True))
    calibration = Calibration(
        "bayes",
        votes,
        *_clipped(votes, merit, alike),
        _reviewers(parts, runs),
        dict(zip(parameters["parameter"], parameters["mean"], strict=True)),
        tuple(note for one, name in zip(runs, names, strict=True) for note in _notes(one, name)),
    )
    frame = rank_frame(votes.proposals, ranks, alike)
    return BayesianRanking(calibration, frame, parameters, ranks, all(one.converged for one in runs), alike)


def _clipped(votes: Votes, merit: Kept, alike: Sequence[Codes]) -> tuple[Floats, Floats, Floats, Floats]:
    """Return mean, standard deviation and the interval of 90%, the mean and the ends within the scale."""
    mean, sd, low, high = shared(_summary, merit, alike)
    mean, low, high = (np.clip(values, votes.lowest, votes.highest) for values in (mean, low, high))
    return mean, sd, low, high


def _summary(draws: Draws) -> Floats:
    """Return mean, standard deviation and the interval of 90% of each column, shape (4, columns)."""
    mean, sd = np.mean(draws, axis=0, dtype=np.float64), np.std(draws, axis=0, dtype=np.float64)
    return np.vstack([mean, sd, quantiles(draws, _NINETY)])


def _reviewers(parts: list[Votes], runs: list[Run]) -> pl.DataFrame:
    """Return the severity of each reviewer; with a fit per panel, of each reviewer in each panel."""
    frames = []
    for part, one in zip(parts, runs, strict=True):
        mean, _, low, high = shared(_summary, -one.effect, part.reviewers_alike())
        frame = severity_frame(part, mean, low, high)
        frames.append(frame.with_columns(panel=pl.lit(part.panels[0])) if len(parts) > 1 else frame)
    return pl.concat(frames)


def _parameters(one: Run, name: str, settings: BayesSettings) -> pl.DataFrame:
    labels = ["proposals", "noise", "residual", "votes_of_a_reviewer"]
    labels += ["panels"] if settings.panels == "level" else []
    flat = one.deviations.reshape(-1, one.deviations.shape[2])
    low, high = quantiles(flat, _NINETY)
    return pl.DataFrame(
        {
            "parameter": [f"{name}: {label}" if name else label for label in labels],
            "mean": on_file(np.mean(flat, axis=0)),
            "low_90": on_file(low),
            "high_90": on_file(high),
            "r_hat": on_file(one.r_hat),
            "ess_bulk": np.round(one.ess_bulk, 1),
            "ess_tail": np.round(one.ess_tail, 1),
        }
    )


def _notes(one: Run, name: str) -> list[str]:
    if one.converged:
        return []
    where = f"panel {name}: " if name else ""
    return [
        f"{where}the chains of method = 'bayes' still disagree after {one.draws:,} draws each: the largest R-hat is "
        f"{one.worst_r_hat:.3f}, and {R_HAT} is the most that is called converged. Raise reviews.bayes.most_draws, "
        "or use the ranks with care."
    ]


def _refuse_several_panels(votes: Votes) -> None:
    pairs = pl.DataFrame({"proposal": votes.proposal, "panel": votes.panel}).unique()
    several = pairs.group_by("proposal").len().filter(pl.col("len") > 1).sort("proposal")
    if several.height:
        ids = votes.proposals.gather(several["proposal"])
        hint = "Give each proposal one panel, or set reviews.bayes.panels = 'together'."
        what = "has grades from several panels, and reviews.bayes.panels lets every panel stand for itself"
        raise DataError([Issue(what, hint, "reviews", "panel", id=ids[0], count=several.height)])
