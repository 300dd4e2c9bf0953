"""Ordinal grades: what is modelled is a latent grade, and a grade says between which cut-points it lies.

Cumulative probit by data augmentation (Albert & Chib 1993, JASA 88:669). The outermost cut-points are fixed
halfway between the two lowest and the two highest grades (after Nandram & Chen 1996), so that latent grades
stay on the funder's scale and the priors of the other model mean the same here; the inner ones have a flat
prior in their order and are drawn with the latent grades integrated out (Cowles 1996), which mixes where
drawing them given the latent grades would not.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Self

import numpy as np
from scipy import sparse, special

from portfolio.errors import DataError, Issue
from portfolio.scoring.estimate import Flags, Floats
from portfolio.scoring.merit import Codes
from portfolio.scoring.reviewers.gibbs import Prior, State, Sums, log_prior_of_noise
from portfolio.scoring.reviewers.slices import slice_draw
from portfolio.scoring.reviewers.votes import Votes

MOST_GRADES = 12
_TINY = 1e-300


@dataclass(frozen=True, slots=True, eq=False)
class Ordinal:
    """The ordinal side of the model: the category of each vote (votes,), and the fixed outer cut-points."""

    proposal: Codes
    reviewer: Codes
    category: Codes
    first: float
    last: float
    sums_proposal: sparse.csr_array
    sums_reviewer: sparse.csr_array
    near: tuple[Codes, ...]

    @classmethod
    def of(cls, votes: Votes, center: float) -> Self:
        """Sort the votes into categories, one per different grade.

        Raises
        ------
        DataError
            If there are fewer than 3 different grades, or more than 12.
        """
        grades, category = np.unique(votes.grade, return_inverse=True)
        if not 3 <= grades.size <= MOST_GRADES:
            what = (
                f"has {grades.size:,} different values, and bayes.grades = 'ordinal' needs 3 to {MOST_GRADES}"
            )
            hint = "Averages over criteria are no longer steps of a scale: weigh one criterion alone, or use 'numbers'."
            raise DataError([Issue(what, hint, "reviews", "score")])
        middle = 0.5 * (grades[1:] + grades[:-1]) - center
        number = np.arange(len(votes))
        by_proposal, by_reviewer = (
            sparse.csr_array((np.ones(len(votes)), (codes, number)), shape=(size, len(votes)))
            for codes, size in ((votes.proposal, votes.n), (votes.reviewer, votes.m))
        )
        near = tuple(np.flatnonzero((category == k) | (category == k + 1)) for k in range(middle.size))
        return cls(
            votes.proposal,
            votes.reviewer,
            category,
            float(middle[0]),
            float(middle[-1]),
            by_proposal,
            by_reviewer,
            near,
        )

    def start(self, chains: int) -> Floats:
        """Return cut-points at equal distances, shape (categories - 1, chains)."""
        cuts = np.linspace(self.first, self.last, len(self.near))
        return np.repeat(cuts[:, None], chains, axis=1)

    def draw(
        self, state: State, cuts: Floats, prior: Prior, rng: np.random.Generator
    ) -> tuple[State, Floats, Sums]:
        """Draw s and the inner cut-points, the latent grades integrated out, then the latent grades.

        Returns
        -------
        tuple
            The state with the new s, the cut-points, and the sums of the latent grades.
        """
        expected = state.eta[self.proposal] + state.nu[self.reviewer]
        noise = slice_draw(
            rng,
            state.noise,
            lambda x: self._log_likelihood(expected, cuts, x) + log_prior_of_noise(x, prior.most),
            prior.least,
            np.sqrt(2.0) * prior.most,
            2.0 * prior.most / np.sqrt(2.0 * self.category.size),
        )
        cuts = self._cuts(expected, cuts, noise, rng)
        return replace(state, noise=noise), cuts, self._sums(self._latent(expected, cuts, noise, rng))

    def _log_likelihood(self, expected: Floats, cuts: Floats, noise: Floats) -> Floats:
        low, high = self._ends(cuts)
        return np.sum(np.log(_between(low, high, expected, noise)), axis=0)

    def _ends(self, cuts: Floats) -> tuple[Floats, Floats]:
        """Return the cut-points below and above each vote, shape (votes, chains)."""
        edge = np.full((1, cuts.shape[1]), np.inf)
        ends = np.vstack([-edge, cuts, edge])
        return ends[self.category], ends[self.category + 1]

    def _cuts(self, expected: Floats, cuts: Floats, noise: Floats, rng: np.random.Generator) -> Floats:
        cuts = cuts.copy()
        for k in range(1, cuts.shape[0] - 1):
            chosen = self.near[k]
            below, middle = (self.category[chosen] == k)[:, None], expected[chosen]

            def log_density(cut: Floats, k: int = k, below: Flags = below, middle: Floats = middle) -> Floats:
                low, high = np.where(below, cuts[k - 1], cut), np.where(below, cut, cuts[k + 1])
                return np.asarray(np.sum(np.log(_between(low, high, middle, noise)), axis=0))

            wide = 4.0 * (self.last - self.first) / (cuts.shape[0] * np.sqrt(chosen.size))
            cuts[k] = slice_draw(rng, cuts[k], log_density, cuts[k - 1], cuts[k + 1], wide)
        return cuts

    def _latent(self, expected: Floats, cuts: Floats, noise: Floats, rng: np.random.Generator) -> Floats:
        """Draw normal grades within their cut-points, by the inverse of the distribution on its accurate side."""
        low, high = ((ends - expected) / noise for ends in self._ends(cuts))
        turned = low > 0
        low, high = np.where(turned, -high, low), np.where(turned, -low, high)
        from_, to = special.ndtr(low), special.ndtr(high)
        drawn = special.ndtri(np.maximum(from_ + (to - from_) * rng.random(low.shape), _TINY))
        drawn = np.clip(drawn, low, high)
        return np.asarray(expected + noise * np.where(turned, -drawn, drawn))

    def _sums(self, latent: Floats) -> Sums:
        return Sums(self.sums_proposal @ latent, self.sums_reviewer @ latent, np.sum(latent**2, axis=0))


def _between(low: Floats, high: Floats, middle: Floats, noise: Floats) -> Floats:
    """Return the chance that a latent grade falls between two cut-points."""
    a, b = (low - middle) / noise, (high - middle) / noise
    # Differences are taken in the lower tail, where they keep their digits.
    turned = a > 0
    a, b = np.where(turned, -b, a), np.where(turned, -a, b)
    return np.asarray(np.maximum(special.ndtr(b) - special.ndtr(a), _TINY))
