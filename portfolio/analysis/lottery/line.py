"""The lottery of the SNSF: a funding line through Bayesian ranks, and a random group around it.

Heyard, Ott, Salanti & Egger (2022, Statistics and Public Policy 9:110). The funding line is the expected rank of the
k-th proposal. Those whose credible interval of rank holds the line cannot be told from it and enter the lottery; those
above are accepted, those below rejected.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from portfolio.optimize.vectors import Bools, Floats


@dataclass(frozen=True, eq=False)
class FundingLine:
    """Who is accepted, who enters the lottery, and with which chance.

    Parameters
    ----------
    line
        The expected rank of the last place.
    accepted, tied
        (n,) who is funded for sure, and who enters the lottery.
    places
        Places that are left for the lottery.
    """

    line: float
    accepted: Bools
    tied: Bools
    places: int

    @property
    def chance(self) -> float:
        """The chance of each member of the lottery; 1 if everybody in it has a place."""
        group = int(self.tied.sum())
        return min(1.0, self.places / group) if group else 1.0

    @property
    def chances(self) -> Floats:
        """(n,) the chance of each proposal."""
        return np.where(self.accepted, 1.0, np.where(self.tied, self.chance, 0.0))


def funding_line(expected: Floats, low: Floats, high: Floats, places: int) -> FundingLine:
    """Draw the line.

    Parameters
    ----------
    expected, low, high
        (n,) expected ranks, 1 the best, and the ends of their credible intervals (the SNSF takes those of 50%).
    places
        How many are funded.

    Raises
    ------
    ValueError
        If there are not so many proposals.
    """
    if not 1 <= places <= len(expected):
        raise ValueError(
            f"places must be between 1 and {len(expected):,}, the number of proposals, and is {places:,}"
        )
    line = float(np.sort(expected)[places - 1])
    # An interval may lie beside its own mean where ranks are skewed; the last place is tied with itself.
    tied = ((low <= line) & (line <= high)) | (expected == line)
    accepted = ~tied & (expected < line)
    left = places - int(accepted.sum())
    if int(tied.sum()) <= left:
        return FundingLine(line, accepted | tied, np.zeros_like(tied), 0)
    return FundingLine(line, accepted, tied, left)
