"""How large an award may be: the request, any amount down to the least that makes sense, or one of a few levels."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import pairwise

import numpy as np
import polars as pl

from portfolio.call.money import to_minor
from portfolio.errors import DataError, Issue
from portfolio.optimize.vectors import Bools, Floats, Integers
from portfolio.policy import Policy

# Rules count no finer than in so many decimals of a minor unit, and floats no further than to so many of them.
_PLACES, _LARGEST = 5, 2.0**48


@dataclass(frozen=True, eq=False)
class Sizes:
    """The awards that n proposals may get. An award is the largest one less its reductions.

    Attributes
    ----------
    top, least
        (n,) the largest and the smallest award in minor units; equal where only one is possible.
    owner
        (r,) the proposal of each reduction.
    money, share
        (r,) by how much a reduction made in full lowers the award (minor units; whole numbers where it is whole), and
        the value (as a share of the value of the whole request).
    whole
        (r,) whether the reduction is made in full or not at all; otherwise it may be made in part. Of the reductions
        of one proposal that are whole, at most one is made.
    curve
        Shares of the request, and the shares of the value that they bring; (2, points).
    levels
        Share of the value that an award brings, by proposal and minor units, for awards below the request.
    below
        Whether some largest award is below its request.
    """

    top: Integers
    least: Integers
    owner: Integers
    money: Floats | Integers
    share: Floats
    whole: Bools
    curve: Floats
    levels: Mapping[tuple[int, int], float]
    below: bool = False

    @property
    def whole_only(self) -> bool:
        """Whether nothing but whole requests can be awarded."""
        return not len(self.owner) and not self.levels and not self.below

    def fixed(self, mask: Bools, amount: Integers) -> Sizes:
        """Return the sizes where some proposals can be awarded one (n,) amount alone."""
        left = ~mask[self.owner]
        return replace(
            self,
            top=np.where(mask, amount, self.top),
            least=np.where(mask, amount, self.least),
            owner=self.owner[left],
            money=self.money[left],
            share=self.share[left],
            whole=self.whole[left],
            below=self.below or bool((mask & (amount < self.top)).any()),
        )

    def shares(self, request: Integers, amount: Integers) -> Floats:
        """Return (n,) the share of the value of its request that each award brings."""
        part = np.divide(amount, request, out=np.ones(len(request)), where=request > 0)
        shares: Floats = np.interp(part, self.curve[0], self.curve[1])
        if self.levels:
            for index in np.flatnonzero((amount > 0) & (amount < request)).tolist():
                shares[index] = self.levels[index, int(amount[index])]
        return shares


def sizes(policy: Policy, frame: pl.DataFrame, currency: str, most: Integers, whole: Bools) -> Sizes:
    """Return the awards that a policy allows.

    Parameters
    ----------
    frame
        n rows of the call, money in minor units.
    most
        (n,) no award may be larger, whatever is asked for.
    whole
        (n,) proposals that are funded in full or not at all.

    Raises
    ------
    DataError
        With every level that is not below its request, stated twice, or of fractions of a minor unit.
    """
    request = frame["amount"].to_numpy()
    match policy.objective.partial:
        case True:
            stated = (
                frame["min_amount"].fill_null(frame["amount"])
                if _has(frame, "min_amount")
                else frame["amount"]
            )
            # An award of nothing is none.
            least = np.where(whole | (request == 0), request, np.maximum(stated.to_numpy(), 1))
            return _partial(policy, request, least, most)
        case "levels":
            levels = [] if not _has(frame, "levels") else list(_stated(frame, currency, whole))
            return _levels(request, levels, most)
        case _:
            return _levels(request, [], most)


def _has(frame: pl.DataFrame, column: str) -> bool:
    return column in frame.columns


def _partial(policy: Policy, request: Integers, least: Integers, most: Integers) -> Sizes:
    """Cut each award from the top down, along the pieces of the curve."""
    curve = np.array([(0.0, 0.0), *(policy.objective.curve or ((1.0, 1.0),))]).T
    top = np.maximum(np.minimum(request, most), least)
    scale, pieces = _scale(request, curve), []
    for (s0, h0), (s1, h1) in pairwise(curve.T.tolist()):
        high = np.minimum(np.rint(s1 * request * scale) / scale, top)
        low = np.maximum(np.rint(s0 * request * scale) / scale, least)
        owner = np.flatnonzero((high > low) & (least < top))
        money = np.rint((high - low)[owner] * scale[owner]) / scale[owner]
        slope = (h1 - h0) / (s1 - s0)
        pieces.append((owner, money, slope * money / request[owner]))
    owner, money, share = (np.concatenate(part) for part in zip(*pieces, strict=True))
    order = np.argsort(owner, kind="stable")
    none = np.zeros(len(owner), dtype=bool)
    below = bool((top < request).any())
    return Sizes(top, least, owner[order], money[order], share[order], none, curve, {}, below)


def _scale(request: Integers, curve: Floats) -> Floats:
    """Return (n,) how many parts of a minor unit are told apart: as many decimals as the shares of the curve have.

    A share of a request is a decimal, and no float of many digits: 0.07 of 100 is 7, and not 7.000000000000001. Rules
    count money in whole numbers, and what an award is cut by must add up to the same ones.
    """
    places = max(-int(Decimal(repr(share)).normalize().as_tuple().exponent) for share in curve[0].tolist())
    room = np.floor(np.log10(_LARGEST / np.maximum(request, 1)))
    return 10.0 ** np.clip(room, 0, min(max(0, places), _PLACES))


def _stated(frame: pl.DataFrame, currency: str, whole: Bools) -> Iterator[tuple[int, int, float]]:
    """Yield (proposal, minor units, share of the value) of every level below a request."""
    issues = []
    rows = frame.select("id", "amount", "levels").with_row_index().drop_nulls("levels")
    for index, name, request, cells in rows.iter_rows():
        seen = {request}
        for cell in cells if not whole[index] else ():
            amount, share = cell.split(":")
            try:
                minor = to_minor(Decimal(amount.strip()), currency)
            except ValueError as error:
                issues.append(Issue(str(error), column="levels", id=name, value=cell))
                continue
            if minor >= request or minor in seen or minor == 0:
                what = "must be more than 0 and less than the amount asked for, each stated once"
                issues.append(
                    Issue(what, "the request is a level by itself", column="levels", id=name, value=cell)
                )
            seen.add(minor)
            yield index, minor, float(share)
    if issues:
        raise DataError(issues)


def _levels(request: Integers, levels: list[tuple[int, int, float]], most: Integers) -> Sizes:
    """Let the largest level that is allowed stand at the top, and reduce it to each of the others."""
    top, least = request.copy(), request.copy()
    allowed: dict[int, list[tuple[int, float]]] = {}
    for index, minor, share in levels:
        allowed.setdefault(index, [(int(request[index]), 1.0)]).append((minor, share))
    reductions: list[tuple[int, int, float]] = []
    for index, options in sorted(allowed.items()):
        fitting = sorted(option for option in options if option[0] <= most[index])
        if fitting:
            highest, best = fitting[-1]
            top[index], least[index] = highest, fitting[0][0]
            reductions += [(index, highest - minor, best - share) for minor, share in fitting[:-1]]
    owner = np.array([owner for owner, _, _ in reductions], dtype=np.int64)
    money = np.array([money for _, money, _ in reductions], dtype=np.int64)
    loses = np.array([share for _, _, share in reductions], dtype=float)
    known = {(index, minor): share for index, minor, share in levels}
    line = np.array([[0.0, 1.0], [0.0, 1.0]])
    return Sizes(top, least, owner, money, loses, np.ones(len(owner), dtype=bool), line, known)
