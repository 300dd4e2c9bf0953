"""Running the chains until they agree, and what is kept of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from portfolio.scoring.estimate import Floats
from portfolio.scoring.merit import Codes
from portfolio.scoring.review_settings import BayesSettings
from portfolio.scoring.reviewers.convergence import diagnose

R_HAT = 1.01
_WARM_UP = 0.25
_MONITORED = 500
# Numbers kept, 4 bytes each; beyond, every second draw is let go.
_MOST_KEPT = 40_000_000

Kept = npt.NDArray[np.float32]


class Walker(Protocol):
    """Something that makes one draw of each chain at a time."""

    def step(self) -> tuple[Floats, Floats, Floats]:
        """Return deviations (d, chains), merits (n, chains) and reviewers' effects (m, chains)."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Run:
    """A finished run.

    Parameters
    ----------
    deviations
        Every draw of the standard deviations, shape (draws, chains, d).
    merit, effect
        Kept draws of all chains one after the other: shape (kept, n) and (kept, m).
    draws
        Draws per chain after warm-up.
    r_hat, ess_bulk, ess_tail
        Of the deviations, shape (d,).
    worst_r_hat, least_ess
        Over the deviations and all that was monitored, up to 500 proposals and 500 reviewers.
    """

    deviations: Floats
    merit: Kept
    effect: Kept
    draws: int
    r_hat: Floats
    ess_bulk: Floats
    ess_tail: Floats
    worst_r_hat: float
    least_ess: float

    @property
    def converged(self) -> bool:
        """Whether every R-hat is below 1.01."""
        return self.worst_r_hat < R_HAT


def run(walker: Walker, settings: BayesSettings) -> Run:
    """Warm up with a quarter of the draws, then draw; double the draws while any R-hat is 1.01 or more."""
    for _ in range(int(_WARM_UP * settings.draws)):
        walker.step()
    record = _Record()
    goal = settings.draws
    while True:
        while len(record.deviations) < goal:
            record.add(*walker.step())
        deviations = np.stack(record.deviations).transpose(0, 2, 1)
        watched = np.concatenate([deviations, np.stack(record.watched).transpose(0, 2, 1)], axis=2)
        found = diagnose(watched)
        if np.max(found.r_hat) < R_HAT or 2 * goal > settings.most_draws:
            break
        goal *= 2
    d = deviations.shape[2]
    return Run(
        deviations,
        _joined(record.merit),
        _joined(record.effect),
        goal,
        found.r_hat[:d],
        found.ess_bulk[:d],
        found.ess_tail[:d],
        float(np.max(found.r_hat)),
        float(min(np.min(found.ess_bulk), np.min(found.ess_tail))),
    )


class _Record:
    """Draws as they come; long runs of large calls keep every second, fourth, ... draw of all but the watched."""

    def __init__(self) -> None:
        self.deviations: list[Floats] = []
        self.watched: list[Floats] = []
        self.merit: list[Kept] = []
        self.effect: list[Kept] = []
        self.stride = 1

    def add(self, deviations: Floats, merit: Floats, effect: Floats) -> None:
        if len(self.deviations) % self.stride == 0:
            self.merit.append(merit.astype(np.float32))
            self.effect.append(effect.astype(np.float32))
            if len(self.merit) > 1 and len(self.merit) * (merit.size + effect.size) > _MOST_KEPT:
                self.merit, self.effect, self.stride = self.merit[::2], self.effect[::2], 2 * self.stride
        self.deviations.append(deviations)
        self.watched.append(np.concatenate([merit[_some(len(merit))], effect[_some(len(effect))]]))


def _some(size: int) -> Codes:
    """Return up to 500 places at equal distances."""
    return np.unique(np.linspace(0, size - 1, min(size, _MONITORED)).astype(np.int64))


def _joined(kept: list[Kept]) -> Kept:
    return np.concatenate([np.stack([draw[:, chain] for draw in kept]) for chain in range(kept[0].shape[1])])
