"""Whether chains agree, and how many independent draws they are worth.

Rank-normalised split R-hat and effective sample sizes: Vehtari, Gelman, Simpson, Carpenter & Buerkner (2021),
Bayesian Analysis 16:667. Draws have the shape (draws, chains, quantities).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import fft, special

from portfolio.scoring.estimate import Floats


@dataclass(frozen=True, slots=True, eq=False)
class Diagnosis:
    """R-hat and effective sample sizes, each of shape (quantities,).

    `r_hat` is the larger one of bulk and tail, and infinite where chains stand still apart; `ess_bulk` says how
    many independent draws the centers of the distributions are worth, `ess_tail` their 5% and 95% quantiles.
    """

    r_hat: Floats
    ess_bulk: Floats
    ess_tail: Floats


def diagnose(draws: Floats) -> Diagnosis:
    """Diagnose draws of continuous quantities, shape (draws, chains, quantities)."""
    parts = _split(draws)
    scores = _normalised(parts)
    folded = _normalised(np.abs(parts - np.median(parts, axis=(0, 1))))
    low, high = (parts <= ends for ends in np.quantile(parts, [0.05, 0.95], axis=(0, 1)))
    return Diagnosis(
        np.maximum(_r_hat(scores), _r_hat(folded)),
        _ess(scores),
        np.minimum(_ess(low.astype(np.float64)), _ess(high.astype(np.float64))),
    )


def _split(draws: Floats) -> Floats:
    half = draws.shape[0] // 2
    return np.concatenate([draws[:half], draws[-half:]], axis=1)


def _normalised(parts: Floats) -> Floats:
    """Replace each draw by the normal quantile of its rank among all draws of its quantity."""
    number = parts.shape[0] * parts.shape[1]
    flat = np.ascontiguousarray(parts.reshape(number, -1).T)
    rank = np.empty(flat.shape)
    places = np.broadcast_to(np.arange(1.0, number + 1.0), flat.shape)
    np.put_along_axis(rank, np.argsort(flat, axis=1, kind="stable"), places, axis=1)
    scores: Floats = special.ndtri((rank - 0.375) / (number + 0.25)).T.reshape(parts.shape)
    return scores


def _r_hat(parts: Floats) -> Floats:
    draws = parts.shape[0]
    between = draws * np.var(np.mean(parts, axis=0), axis=0, ddof=1)
    within = np.mean(np.var(parts, axis=0, ddof=1), axis=0)
    still = np.where(between > 0, np.inf, 1.0)
    ratio = np.divide(between, within, out=np.full(within.shape, np.nan), where=within > 0)
    return np.where(within > 0, np.sqrt((draws - 1 + ratio) / draws), still)


def _ess(parts: Floats) -> Floats:
    """Return the effective sample size by Geyer's initial monotone sequence (Geyer 1992)."""
    draws, chains, _ = parts.shape
    aside = parts - np.mean(parts, axis=0)
    size = fft.next_fast_len(2 * draws)
    power = np.abs(fft.rfft(aside, n=size, axis=0)) ** 2
    covariance = np.mean(fft.irfft(power, n=size, axis=0)[:draws], axis=1) / draws
    within = covariance[0] * draws / (draws - 1)
    total = covariance[0] + np.var(np.mean(parts, axis=0), axis=0, ddof=1)
    moving = total > 0
    rho = 1.0 - np.divide(within - covariance, total, out=np.zeros_like(covariance), where=moving)
    rho[0] = 1.0
    pairs = rho[: draws - draws % 2 : 2] + rho[1 : draws - draws % 2 + 1 : 2][: draws // 2]
    positive = np.logical_and.accumulate(pairs > 0, axis=0)
    monotone = np.minimum.accumulate(np.where(positive, pairs, 0.0), axis=0)
    length = np.maximum(2.0 * np.sum(monotone, axis=0) - 1.0, 1.0 / np.log10(draws * chains))
    return np.where(moving, draws * chains / length, float(draws * chains))
