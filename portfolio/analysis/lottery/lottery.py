"""A lottery before its draw, and the draw."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Literal

import numpy as np
import polars as pl

from portfolio.analysis.lottery.tickets import TICKETS, draw_places, draw_portfolio, is_seed, number
from portfolio.optimize.figures import chance
from portfolio.optimize.vectors import Bools, Floats, Integers

Method = Literal["bayes", "merit", "fair"]


@dataclass(frozen=True)
class Draw:
    """The outcome of a draw.

    Parameters
    ----------
    seed, number
        The public text that decided, and the winning number that it stands for.
    funded
        Ids, sorted.
    """

    seed: str
    number: int
    funded: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Lottery:
    """Chances of n proposals, exactly as they will be drawn.

    Parameters
    ----------
    method
        ``bayes``, ``merit`` or ``fair``.
    ids
        n names, sorted.
    tickets
        (n,) the chance of each, in billionths.
    tied
        (n,) who is drawn; of the others those with a chance of 1 are accepted, the rest rejected.
    portfolios, weights
        For a fair lottery, (m, n) who is funded in each portfolio that may be drawn, and (m,) its tickets, a billion in
        all. Empty for a lottery of places.
    places
        How many win, in a lottery of places.
    proof
        What was proven of the lottery as a whole, by name. For a fair one ``smallest_chance`` and its ``bound``, the
        ``gap`` of the others (None unless every chance is settled), the ``status``, and where the search that tells who
        is tied was cut short, ``groups``: how it ended.
    """

    method: Method
    ids: tuple[str, ...]
    tickets: Integers
    tied: Bools
    portfolios: Bools
    weights: Integers
    places: int | None
    proof: Mapping[str, float | str | None] = field(default_factory=dict)

    @property
    def chances(self) -> Floats:
        """(n,) the chance of each proposal; `tickets` are the same without rounding."""
        return self.tickets / TICKETS

    def chance(self, name: str) -> Fraction:
        """Return the exact chance of one proposal.

        Raises
        ------
        ValueError
            If there is no such proposal.
        """
        return Fraction(int(self.tickets[self.ids.index(name)]), TICKETS)

    def draw(self, seed: str) -> Draw:
        """Draw by a public text; the same lottery and text give the same winners, see `tickets`.

        Raises
        ------
        ValueError
            If the text is empty of visible signs.
        """
        if not is_seed(seed):
            raise ValueError("the seed of a draw is a public text, and this one is empty of visible signs")
        if self.places is not None:
            return Draw(seed, number(seed), draw_places(self.ids, self.tickets, seed))
        drawn = self.portfolios[draw_portfolio(self.weights.tolist(), seed)]
        return Draw(seed, number(seed), tuple(np.array(self.ids, dtype=object)[drawn].tolist()))

    @property
    def groups(self) -> tuple[str, ...]:
        """The group of each of the n: ``accepted``, ``lottery`` or ``rejected``."""
        sure = np.where(self.tickets == TICKETS, "accepted", "rejected")
        return tuple(np.where(self.tied, "lottery", sure).tolist())

    def to_frame(self, draw: Draw | None = None) -> pl.DataFrame:
        """Return id, group and chance, and after a draw whether a proposal is funded, sorted by id."""
        frame = pl.DataFrame(
            {
                "id": self.ids,
                "group": self.groups,
                "chance": self.chances,
            }
        )
        if draw is None:
            return frame
        return frame.with_columns(funded=pl.col("id").is_in(list(draw.funded)))

    def __repr__(self) -> str:
        groups = self.groups
        count = {name: groups.count(name) for name in ("accepted", "lottery", "rejected")}
        mine = self.chances[self.tied]
        among = f" with chances from {chance(mine.min(), 4)} to {chance(mine.max(), 4)}" if len(mine) else ""
        return (
            f"<Lottery by {self.method}: {count['accepted']:,} accepted, {count['lottery']:,} in the lottery{among}, "
            f"{count['rejected']:,} rejected>"
        )
