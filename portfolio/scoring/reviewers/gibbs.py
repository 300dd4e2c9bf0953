"""A Gibbs sampler for the SNSF's reviewer model, all chains at once.

The model (Heyard, Ott, Salanti & Egger 2022, Statistics and Public Policy 9:110), on a six-point scale::

    y_ij = mean + theta_i + lambda_ij + e_ij      e_ij ~ N(0, sigma^2)
    theta_i ~ N(0, tau^2)    lambda_ij ~ N(nu_j, tau_lambda^2)    nu_j ~ N(0, 0.5^2)
    sigma, tau, tau_lambda ~ U(0.000001, 2)

With one vote per proposal and reviewer lambda_ij - nu_j and e_ij are only seen as their sum, so lambda is
integrated out: y_ij = eta_i + nu_j + N(0, s^2) with s^2 = sigma^2 + tau_lambda^2 and eta_i = mean + theta_i
(+ the level of the panel). Given s, the pair (sigma, tau_lambda) is uniform on an arc of a circle, which
gives the prior of s and, after the run, the pair. A sweep draws (tau, s) with the eta integrated out, then
eta, nu, and a shift of each connected group of proposals against its reviewers, along which the votes say
nothing (Liu & Sabatti 2000, Biometrika 87:353).

Arrays have the chains on their last axis.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Self

import numpy as np
from scipy import sparse

from portfolio.scoring.estimate import Floats
from portfolio.scoring.merit import Codes
from portfolio.scoring.reviewers.groups import groups
from portfolio.scoring.reviewers.slices import slice_draw
from portfolio.scoring.reviewers.votes import Votes

# On the six-point scale of the paper, whose length is 5; other scales in proportion.
_PAPER_SPAN, _PAPER_NU, _PAPER_MOST, _PAPER_LEAST = 5.0, 0.5, 2.0, 1e-6


@dataclass(frozen=True, slots=True)
class Prior:
    """Standard deviation of reviewers' severity, and the range of the other standard deviations, in grades."""

    nu: float
    least: float
    most: float

    @classmethod
    def on_scale(cls, span: float) -> Self:
        """Return the prior of the paper in proportion to the length of the scale."""
        unit = span / _PAPER_SPAN
        return cls(_PAPER_NU * unit, _PAPER_LEAST * unit, _PAPER_MOST * unit)


@dataclass(frozen=True, slots=True, eq=False)
class Layout:
    """Who graded what, and the groups; fixed while the sampler runs.

    Parameters
    ----------
    who, who_turned
        Shape (n, m) and (m, n): 1 where there is a vote.
    count, count_reviewer
        Votes of each proposal (n, 1) and reviewer (m, 1).
    sizes, size_of, same_size
        The different numbers of votes of a proposal (k, 1), which of them each has (n,), and the matrix that adds up
        over those with the same.
    group, group_reviewer, grouped, grouped_reviewer
        Connected group of each proposal and reviewer, and matrices that add up over them.
    panel, panelled
        Panel of each proposal, and the matrix that adds up over panels; one panel where panels have no level.
    levels, centred
        Whether panels have levels, and whether the mean is fixed at 0.
    """

    who: sparse.csr_array
    who_turned: sparse.csr_array
    count: Floats
    count_reviewer: Floats
    sizes: Floats
    size_of: Codes
    same_size: sparse.csr_array
    group: Codes
    group_reviewer: Codes
    grouped: sparse.csr_array
    grouped_reviewer: sparse.csr_array
    panel: Codes
    panelled: sparse.csr_array
    levels: bool
    centred: bool

    @classmethod
    def of(cls, votes: Votes, *, levels: bool = False, centred: bool = True) -> Self:
        """Return the layout of votes; with `levels`, every proposal must have one panel."""
        who = votes.matrix()
        count = np.bincount(votes.proposal, minlength=votes.n)
        sizes, same = np.unique(count, return_inverse=True)
        _, group, group_reviewer = groups(votes)
        panel = np.zeros(votes.n, dtype=np.int64)
        if levels:
            panel[votes.proposal] = votes.panel
        return cls(
            who,
            sparse.csr_array(who.T),
            count[:, None].astype(np.float64),
            np.bincount(votes.reviewer, minlength=votes.m)[:, None].astype(np.float64),
            sizes[:, None].astype(np.float64),
            same,
            _sums(same),
            group,
            group_reviewer,
            _sums(group),
            _sums(group_reviewer),
            panel,
            _sums(panel),
            levels,
            centred,
        )


def _sums(codes: Codes) -> sparse.csr_array:
    return sparse.csr_array((np.ones(codes.size), (codes, np.arange(codes.size))))


@dataclass(frozen=True, slots=True, eq=False)
class Sums:
    """What the sampler needs of the votes: sums by proposal (n, .) and reviewer (m, .), and of squares (.,)."""

    proposal: Floats
    reviewer: Floats
    squares: Floats


@dataclass(frozen=True, slots=True, eq=False)
class State:
    """One point of each chain: eta (n, c), nu (m, c), panel levels (k, c), and mean, tau, s, tau_panel (c,)."""

    eta: Floats
    nu: Floats
    level: Floats
    mean: Floats
    tau: Floats
    noise: Floats
    tau_panel: Floats

    @property
    def center(self) -> Floats:
        """The mean of the proposals of each panel, shape (k, c)."""
        return self.mean + self.level


def start(layout: Layout, prior: Prior, chains: int, rng: np.random.Generator) -> State:
    """Return starting points that lie further apart than the posterior: deviations spread over their prior."""
    n, m = layout.who.shape
    spread = prior.least + (prior.most - prior.least) * (np.arange(chains) + 0.5) / chains
    nu = 2.0 * prior.nu * rng.standard_normal((m, chains))
    nothing = np.zeros(chains)
    level = np.zeros((layout.panelled.shape[0], chains))
    return State(np.zeros((n, chains)), nu, level, nothing, spread, spread[::-1].copy(), spread)


def sweep(state: State, layout: Layout, sums: Sums, prior: Prior, rng: np.random.Generator) -> State:
    """Return the next point of each chain."""
    tau, noise, left = _deviations(state, layout, sums, prior, rng)
    center = _center(state, layout)
    # Variances differ only with the number of votes, of which there are few different ones.
    variance = 1.0 / (layout.sizes / noise**2 + 1.0 / tau**2)
    eta = left * (variance / noise**2)[layout.size_of] + center * (variance / tau**2)[layout.size_of]
    eta += rng.standard_normal(eta.shape) * np.sqrt(variance)[layout.size_of]
    variance = 1.0 / (layout.count_reviewer / noise**2 + 1.0 / prior.nu**2)
    nu = (sums.reviewer - layout.who_turned @ eta) * variance / noise**2
    nu += rng.standard_normal(nu.shape) * np.sqrt(variance)
    eta, nu = _shifted(eta, nu, center, tau, layout, prior, rng)
    return _centred(replace(state, eta=eta, nu=nu, tau=tau, noise=noise), layout, prior, rng)


def _deviations(
    state: State, layout: Layout, sums: Sums, prior: Prior, rng: np.random.Generator
) -> tuple[Floats, Floats, Floats]:
    """Draw tau and s given nu and the centers, eta integrated out; return with them what nu leaves of the sums.

    The votes of a proposal then are compound symmetric: their mean has variance (s^2 + k tau^2) / k, and what is
    within has variance s^2.
    """
    left = sums.proposal - layout.who @ state.nu
    within = sums.squares + np.sum(
        state.nu * (layout.count_reviewer * state.nu - 2.0 * sums.reviewer), axis=0
    )
    within = np.maximum(within - np.sum(left**2 / layout.count, axis=0), 0.0)
    aside = left / layout.count - _center(state, layout)
    between = layout.same_size @ (layout.count * aside**2)
    number = np.asarray(layout.same_size.sum(axis=1))[:, None]
    free = float(np.sum(layout.count)) - layout.count.size

    def log_likelihood(tau: Floats, noise: Floats) -> Floats:
        spread = noise**2 + layout.sizes * tau**2
        outer = np.sum(number * np.log(spread) + between / spread, axis=0)
        return np.asarray(-free * np.log(noise) - 0.5 * (within / noise**2 + outer))

    # About as wide as the posterior, which narrows with the root of what there is to learn from.
    wide = 2.0 * prior.most / np.sqrt(2.0 * layout.count.size)
    tau = slice_draw(rng, state.tau, lambda x: log_likelihood(x, state.noise), prior.least, prior.most, wide)
    noise = slice_draw(
        rng,
        state.noise,
        lambda x: log_likelihood(tau, x) + log_prior_of_noise(x, prior.most),
        prior.least,
        np.sqrt(2.0) * prior.most,
        2.0 * prior.most / np.sqrt(2.0 * max(free, 1.0)),
    )
    return tau, noise, left


def _center(state: State, layout: Layout) -> Floats:
    """Return the mean that each proposal is drawn towards, (n, c), or (1, c) where it is the same for all."""
    return state.center[layout.panel] if layout.levels else state.center


def log_prior_of_noise(noise: Floats, most: float) -> Floats:
    """Return the log density (less a constant) of s where s^2 = a^2 + b^2 with a and b uniform on [0, most].

    It is s times the angle of the arc of radius s that lies in the square.
    """
    beyond = 2.0 * np.arccos(np.minimum(most / noise, 1.0))
    angle = 0.5 * np.pi - beyond
    return np.log(noise) + np.log(np.maximum(angle, 1e-300))


def split_noise(noise: Floats, most: float, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """Draw sigma and tau_lambda given s: uniformly on the arc of radius s in the square [0, most]^2."""
    edge = np.arccos(np.minimum(most / noise, 1.0))
    angle = edge + (0.5 * np.pi - 2.0 * edge) * rng.random(noise.shape)
    return noise * np.cos(angle), noise * np.sin(angle)


def _shifted(
    eta: Floats,
    nu: Floats,
    center: Floats,
    tau: Floats,
    layout: Layout,
    prior: Prior,
    rng: np.random.Generator,
) -> tuple[Floats, Floats]:
    """Move each group's proposals up and its reviewers down by the same, drawn from its full conditional."""
    proposals, reviewers = layout.grouped, layout.grouped_reviewer
    size = np.asarray(proposals.sum(axis=1))[:, None], np.asarray(reviewers.sum(axis=1))[:, None]
    precision = size[0] / tau**2 + size[1] / prior.nu**2
    shift = (-(proposals @ (eta - center)) / tau**2 + (reviewers @ nu) / prior.nu**2) / precision
    shift += rng.standard_normal(shift.shape) / np.sqrt(precision)
    return eta + shift[layout.group], nu - shift[layout.group_reviewer]


def _centred(state: State, layout: Layout, prior: Prior, rng: np.random.Generator) -> State:
    """Draw the levels of panels with their deviation, and the mean (flat prior), where they are not fixed."""
    size = np.asarray(layout.panelled.sum(axis=1))[:, None]
    if layout.levels:
        precision = size / state.tau**2 + 1.0 / state.tau_panel**2
        level = (layout.panelled @ state.eta - size * state.mean) / state.tau**2 / precision
        level = level + rng.standard_normal(level.shape) / np.sqrt(precision)
        squares = np.sum(level**2, axis=0)
        tau_panel = slice_draw(
            rng,
            state.tau_panel,
            lambda x: -level.shape[0] * np.log(x) - 0.5 * squares / x**2,
            prior.least,
            prior.most,
        )
        state = replace(state, level=level, tau_panel=tau_panel)
    if not layout.centred:
        n = layout.count.size
        mean = np.mean(state.eta - state.level[layout.panel], axis=0)
        state = replace(state, mean=mean + rng.standard_normal(mean.shape) * state.tau / np.sqrt(n))
    return state
