"""Slice sampling of one bounded number per chain, all chains at once (Neal 2003, Annals of Statistics 31:705)."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from portfolio.scoring.estimate import Floats


def slice_draw(
    rng: np.random.Generator,
    now: Floats,
    log_density: Callable[[Floats], Floats],
    low: float | Floats,
    high: float | Floats,
    width: float = np.inf,
) -> Floats:
    """Draw the next value of each chain, shape (chains,), for a density that is zero outside [low, high].

    An interval of the given width is laid at random around the present value, stepped out in such widths until
    its ends leave the slice, and shrunk towards the present value until a draw falls into the slice. The width
    changes the cost, never what is drawn; without one the whole range is searched.
    """
    level = log_density(now) - rng.standard_exponential(now.size)
    left, right = np.broadcast_to(low, now.shape).copy(), np.broadcast_to(high, now.shape).copy()
    if np.isfinite(width):
        below = now - width * rng.random(now.size)
        left = _stepped(np.maximum(below, left), lambda x: log_density(x) > level, left, -width)
        right = _stepped(np.minimum(below + width, right), lambda x: log_density(x) > level, right, width)
    drawn, searching = now.copy(), np.ones(now.size, dtype=np.bool_)
    while searching.any():
        tried = left + (right - left) * rng.random(now.size)
        inside = searching & (log_density(tried) >= level)
        drawn[inside] = tried[inside]
        # A range that has shrunk to the present value itself ends the search there.
        searching &= ~inside & (right - left > 1e-15 * np.abs(now))
        left, right = np.where(tried < now, tried, left), np.where(tried < now, right, tried)
    return drawn


def _stepped(end: Floats, inside: Callable[[Floats], np.ndarray], bound: Floats, step: float) -> Floats:
    """Move the ends that are inside the slice outwards, step by step and up to the bound."""
    move = inside(end) & (end != bound)
    while move.any():
        further = np.maximum(end + step, bound) if step < 0 else np.minimum(end + step, bound)
        end = np.where(move, further, end)
        move &= inside(end) & (end != bound)
    return end
