"""How far published sums narrow down a single request, for whoever knows the least or the most that is asked for.

Three that ask for 100, 99 and 99 of at most 100 are hidden in no sum: each asks for 98 at least. What sums leave open
is what their terms may be between those ends, as where cells of tables are protected (Fischetti & Salazar 2001).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy.optimize import linprog

from portfolio.optimize.vectors import Bools, Floats, Integers

# Less than this part of the most that anybody asked for says what somebody did.
PART = 0.2
_EXACT = 1e-6
# So many are looked at together, until so often nothing more was found.
_SOME, _TRIES = 800, 3


def narrowed(of: Bools, asked: Floats) -> bool:
    """Tell whether sums leave less open of a single request than a fifth of the largest.

    The calls that hold such proposals often say the least and the most that may be asked for, and somebody asks for it;
    so these are taken for known.

    Parameters
    ----------
    of
        (sums, proposals) which requests each sum adds up.
    asked
        (proposals,) what they ask for.
    """
    most = asked.max(initial=0.0)
    if most <= 0 or not of.any():
        return False
    kinds, kind, sizes = np.unique(of, axis=1, return_inverse=True, return_counts=True)
    total = np.bincount(kind.ravel(), asked / most, minlength=len(sizes))
    inside = kinds.any(axis=0)
    sums = _Sums(kinds[:, inside].astype(float), sizes[inside], total[inside])
    least, everything = float(asked.min() / most), float(asked.sum() / most)
    return any(sums.leave_less_than(PART, *ends) for ends in _ends(least, everything))


def _ends(least: float, everything: float) -> Iterator[tuple[float, float]]:
    """Yield between which ends somebody knows each request to be, as parts of the most.

    Who knows only one of them is left with more. That matters where both are so close that they say it all.
    """
    if 1 - least >= PART:
        yield least, 1.0
    else:
        yield 0.0, 1.0
        yield least, everything


@dataclass(frozen=True)
class _Sums:
    """Sums of proposals, put together by kind: those of one kind are in the same sums.

    Attributes
    ----------
    of
        (sums, kinds) of 0 and 1.
    sizes
        (kinds,) how many there are.
    total
        (kinds,) what they ask for together.
    """

    of: Floats
    sizes: Integers
    total: Floats

    def leave_less_than(self, part: float, low: float, high: float) -> bool:
        """Tell whether some request is left less than a part open, if each is from low to high."""
        least, most = self.total.copy(), self.total.copy()

        def narrow() -> Bools:
            """Return which kinds are not known to leave enough open: what is found is reached, and may be exceeded."""
            top = np.minimum(high, most - (self.sizes - 1) * low)
            bottom = np.maximum(low, least - (self.sizes - 1) * high)
            return np.asarray(top - bottom < part - _EXACT)

        def reach(costs: Floats, free: Integers) -> None:
            for sign in (1, -1):
                found = self._lowest(sign * costs, free, low, high)
                np.minimum(least, found, out=least)
                np.maximum(most, found, out=most)

        everywhere, rng, failed = np.arange(len(self.total)), np.random.default_rng(0), 0
        while (left := narrow()).any():
            if failed < _TRIES:
                # Many at once, against each other, where the others stay as they are.
                free = np.lexsort((rng.random(len(left)), ~left))[:_SOME]
                reach(np.where(left, rng.choice([-1.0, 1.0], size=len(left)), 0.0), free)
                failed += int(narrow().sum() == left.sum())
                continue
            # Looked at one by one, what is found cannot be exceeded.
            place = int(left.argmax())
            reach((everywhere == place).astype(float), everywhere)
            if narrow()[place]:
                return True
        return False

    def _lowest(self, costs: Floats, free: Integers, low: float, high: float) -> Floats:
        """Return what the kinds may ask for so that it costs least, where some are free and the sums stay."""
        of, sizes, total = self.of[:, free], self.sizes[free], self.total.copy()
        ends = np.column_stack([sizes * low, sizes * high])
        found = linprog(costs[free], A_eq=of, b_eq=of @ total[free], bounds=ends, method="highs")
        # What asks for the least or the most can look impossible by a rounding; then nothing is known to be open.
        if found.status == 0:
            total[free] = found.x
        return total
