"""How far published sums narrow down a single request, for whoever knows the least or the most that is asked for.

Three that ask for 100, 99 and 99 of at most 100 are hidden in no sum: each asks for 98 at least. What sums leave open
is what their terms may be between those ends, as where cells of tables are protected (Fischetti & Salazar 2001).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from portfolio.optimize.vectors import Bools, Floats, Integers

# Less than this part of the most that may be asked for says what somebody did.
PART = 0.2
_EXACT = 1e-6
# So many are looked at together, until so often nothing more was found.
_SOME, _TRIES = 800, 3


def narrowed(of: Bools, asked: Floats, capped: Bools | None = None) -> bool:
    """Tell whether sums leave less open of a single request than a fifth of the most that may be asked for.

    Calls and their schemes often say the least and the most that may be asked for, and somebody asks for it. So these
    are taken for known of all proposals, of those in a scheme, and of those in a sum.

    Parameters
    ----------
    of
        (sums, proposals) which requests each sum adds up.
    asked
        (proposals,) what they ask for.
    capped
        (groups, proposals) which proposals may have a least and a most of their own, besides those in a sum.
    """
    most = asked.max(initial=0.0)
    if most <= 0 or not of.any():
        return False
    groups = of if capped is None else np.vstack([of, capped])
    low, high = _ends(groups, asked / most)
    return any(
        _Sums.of_kinds(of, asked / most, *ends).leave_too_little
        for ends in _known(low, high, float(asked.sum() / most))
    )


def _ends(groups: Bools, asked: Floats) -> tuple[Floats, Floats]:
    """Return the least and the most that each may ask for: that of all, or of a group that it is in."""
    low, high = np.full(asked.size, asked.min()), np.full(asked.size, asked.max())
    for group in groups[groups.any(axis=1)]:
        low[group] = np.maximum(low[group], asked[group].min())
        high[group] = np.minimum(high[group], asked[group].max())
    return low, high


def _known(low: Floats, high: Floats, everything: float) -> Iterator[tuple[Floats, Floats, Floats]]:
    """Yield the ends that somebody may know, and how much has to be left open between them."""
    nothing, no_end = np.zeros_like(low), np.full_like(high, everything)
    yield nothing, high, PART * high
    yield low, no_end, PART * high
    yield low, high, np.minimum(PART * high, high - low)


@dataclass(frozen=True)
class _Sums:
    """Sums of proposals, put together by kind: those of one kind are in the same sums, and have the same ends.

    Attributes
    ----------
    of
        (sums, kinds) of 0 and 1.
    sizes
        (kinds,) how many there are.
    total
        (kinds,) what they ask for together.
    low, high
        (kinds,) what each of them asks for at least and at most.
    due
        (kinds,) how much of that has to be left open.
    """

    of: Floats
    sizes: Integers
    total: Floats
    low: Floats
    high: Floats
    due: Floats

    @classmethod
    def of_kinds(cls, of: Bools, asked: Floats, low: Floats, high: Floats, due: Floats) -> _Sums:
        """Put proposals together that are in the same sums and have the same ends."""
        inside = of.any(axis=0)
        rows = np.vstack([of, low, high, due])[:, inside]
        kinds, kind, sizes = np.unique(rows, axis=1, return_inverse=True, return_counts=True)
        total = np.bincount(kind.ravel(), asked[inside], minlength=sizes.size)
        return cls(kinds[:-3], sizes, total, *kinds[-3:])

    @property
    def leave_too_little(self) -> bool:
        """Whether less is left open of some request than has to be."""
        least, most = self.total.copy(), self.total.copy()

        def narrow() -> Bools:
            """Return which kinds are not known to leave enough open: what is found is reached, and may be exceeded."""
            top = np.minimum(self.high, most - (self.sizes - 1) * self.low)
            bottom = np.maximum(self.low, least - (self.sizes - 1) * self.high)
            return np.asarray(top - bottom < self.due - _EXACT)

        def reach(costs: Floats, free: Integers) -> None:
            for sign in (1, -1):
                found = self._lowest(sign * costs, free)
                np.minimum(least, found, out=least)
                np.maximum(most, found, out=most)

        everywhere, rng, failed = np.arange(self.total.size), np.random.default_rng(0), 0
        while (left := narrow()).any():
            if failed < _TRIES:
                # Many at once, against each other, where the others stay as they are.
                free = np.lexsort((rng.random(left.size), ~left))[:_SOME]
                reach(np.where(left, rng.choice([-1.0, 1.0], size=left.size), 0.0), free)
                failed += int(narrow().sum() == left.sum())
                continue
            # Looked at one by one, what is found cannot be exceeded.
            place = int(left.argmax())
            reach((everywhere == place).astype(float), everywhere)
            if narrow()[place]:
                return True
        return False

    def _lowest(self, costs: Floats, free: Integers) -> Floats:
        """Return what the kinds may ask for so that it costs least, where some are free and the sums stay."""
        # Importing it takes a part of a second, and few reports are anonymous.
        from scipy.optimize import linprog

        of, total = self.of[:, free], self.total.copy()
        ends = np.column_stack([self.sizes * self.low, self.sizes * self.high])[free]
        found = linprog(costs[free], A_eq=of, b_eq=of @ total[free], bounds=ends, method="highs")
        # What asks for the least or the most can look impossible by a rounding; then nothing is known to be open.
        if found.status == 0:
            total[free] = found.x
        return total
