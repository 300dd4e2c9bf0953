"""All non-dominated portfolios of a small call."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from portfolio.analysis.dominance.compare import gain_over, non_dominated
from portfolio.analysis.dominance.information import Intervals
from portfolio.analysis.dominance.labels import Labelled
from portfolio.analysis.dominance.region import Region
from portfolio.optimize.awards import Awards
from portfolio.optimize.vectors import Bools, Floats, Integers

# Rows hold floats: within this, the rules are added up in integers; a minor unit is larger than the second.
_TIGHT, _SAME = 1e-6, 1e-9
# How many of the most valuable ones every other is compared with on the way; in the end, it is with all.
_AGAINST = 400


def list_non_dominated(region: Region, labelled: Labelled, most: int) -> Bools | None:
    """Return (N, n) every non-dominated portfolio; None if more than `most` would have to be looked at.

    One proposal after the other is decided, all ways at once, and what cannot become a non-dominated portfolio is
    left out (Liesio, Mild & Salo 2007, who add projects one at a time in the same way):

    - what breaks a rule with any of the proposals that are still open;
    - what a witness dominates, however it is completed: no completion gains anything on it at any extreme point, by
      the bound of the relaxation;
    - what another one dominates that leaves at least as much room under every rule, so that it can be completed in
      the same way.

    Raises
    ------
    ValueError
        If rules of the policy need more than the proposals to be stated; see `listable`.
    """
    if not listable(region):
        raise ValueError("rules that give way cannot be compared by the room that they leave")
    tree = _Tree.of(region, labelled)
    places = np.flatnonzero(~labelled.settled)
    places = places[np.argsort(-region.instance.amount[places], kind="stable")]
    partial = np.where(labelled.settled, labelled.witnesses[0], False)[None, :]
    for count, place in enumerate(places.tolist(), start=1):
        funded = partial.copy()
        funded[:, place] = True
        partial = np.concatenate([partial, funded])
        partial = partial[tree.promising(partial, places[count:])]
        if len(partial) > most:
            return None
        partial = partial[tree.best_placed(partial, places[count:])]
    return _answer(region, tree, partial)


def listable(region: Region) -> bool:
    """Tell whether the rules are rows over proposals alone."""
    return len(region.model.value) == region.model.size


def _answer(region: Region, tree: _Tree, complete: Bools) -> Bools:
    keep = np.ones(len(complete), dtype=bool)
    for index in np.flatnonzero(tree.tight(complete)).tolist():
        keep[index] = not region.broken(Awards.of(region.instance, complete[index]))
    complete = complete[keep]
    return complete[non_dominated(region.known, complete)]


@dataclass(frozen=True, eq=False)
class _Tree:
    """What partial portfolios are judged by.

    Attributes
    ----------
    matrix, low, high
        (rows, n) and (rows,) the rules.
    net, constant
        (witnesses, K, n) and (witnesses, K): no portfolio gains more than ``constant + net @ x``.
    """

    known: Intervals
    matrix: Floats
    low: Floats
    high: Floats
    net: Floats
    constant: Floats

    @classmethod
    def of(cls, region: Region, labelled: Labelled) -> _Tree:
        arrays, n = region.model.arrays, len(region.instance.ids)
        matrix = np.zeros((arrays.matrix.shape[0], n))
        matrix[:, region.model.proposals] = arrays.matrix.toarray()
        net, constant = [], []
        for witness in labelled.witnesses:
            for row, own in zip(*gain_over(region.known, witness), strict=True):
                charged, free = region.charged(row)
                net.append(charged)
                constant.append(free - own)
        shape = (len(labelled.witnesses), len(region.known.weights))
        return cls(
            region.known,
            matrix,
            arrays.row_low,
            arrays.row_high,
            np.array(net).reshape(*shape, n),
            np.array(constant).reshape(shape),
        )

    def promising(self, partial: Bools, rest: Integers) -> Bools:
        """Return which portfolios may keep the rules and be dominated by no witness, when completed from the rest."""
        least, greatest = self._rest(rest)
        use = partial @ self.matrix.T
        fits = np.all(use + least <= self.high + _TIGHT, axis=1)
        fits &= np.all(use + greatest >= self.low - _TIGHT, axis=1)
        for net, constant in zip(self.net, self.constant, strict=True):
            gain = partial @ net.T + constant + np.maximum(net[:, rest], 0.0).sum(axis=1)
            fits &= np.any(gain >= -self.known.rounding, axis=1)
        found: Bools = fits
        return found

    def tight(self, partial: Bools) -> Bools:
        """Return which portfolios are so near the bound of a rule that it has to be added up in integers."""
        use = partial @ self.matrix.T
        near = np.any(use > self.high - _TIGHT, axis=1) | np.any(use < self.low + _TIGHT, axis=1)
        found: Bools = near
        return found

    def best_placed(self, partial: Bools, rest: Integers) -> Bools:
        """Return which portfolios no other one dominates that leaves as much room under every rule."""
        known = self.known
        use = partial @ self.matrix.T
        least, greatest = self._rest(rest)
        central = partial @ known.central
        kept = np.ones(len(partial), dtype=bool)
        rows = partial.astype(float)
        for one in np.argsort(-central, kind="stable")[:_AGAINST].tolist():
            if not kept[one]:
                continue
            roomy = (use[one] <= use + _SAME) | (use[one] + greatest <= self.high)
            roomy &= (use[one] >= use - _SAME) | (use[one] + least >= self.low)
            below = np.flatnonzero(kept & (central < central[one] - known.rounding) & roomy.all(axis=1))
            coefficients, constant = gain_over(known, partial[one])
            never_less = np.all(rows[below] @ coefficients.T - constant <= known.rounding, axis=1)
            kept[below[never_less]] = False
        return kept

    def _rest(self, rest: Integers) -> tuple[Floats, Floats]:
        part = self.matrix[:, rest]
        return np.minimum(part, 0.0).sum(axis=1), np.maximum(part, 0.0).sum(axis=1)
