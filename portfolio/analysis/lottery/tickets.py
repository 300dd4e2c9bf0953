"""Chances as whole tickets, and a draw that anyone can repeat with a public hash function and no random numbers.

A chance of 1 is a billion tickets. Whole numbers have no rounding: the published chance is exactly the share of the
possible outcomes in which a proposal is funded.
"""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Sequence

import numpy as np

from portfolio.optimize.vectors import Floats, Integers

TICKETS = 1_000_000_000
# Names what is described here; another way to draw would have another name.
ALGORITHM = "sha256-tickets-1"
# They show nothing, though they count as letters and signs: fillers of Hangul, and the empty Braille cell.
_EMPTY = frozenset("\u115f\u1160\u3164\uffa0\u2800")
# What a solver calls 0 or 1.
_ROUNDING = 1e-9


def is_seed(seed: object) -> bool:
    """Whether this is a public text: one that can be written down, and of which something is seen."""
    if not isinstance(seed, str):
        return False
    kinds = [unicodedata.category(letter) for letter in seed if letter not in _EMPTY]
    return "Cs" not in kinds and any(kind[0] in "LNPS" for kind in kinds)


def number(seed: str) -> int:
    """Return the winning number of a seed: its SHA-256, read as a whole number, modulo a billion.

    In a terminal: ``python -c "import hashlib; print(int(hashlib.sha256('SEED'.encode()).hexdigest(), 16) % 10**9)"``.
    The remainder favours no number by more than one part in 10^68.
    """
    return int(hashlib.sha256(seed.encode()).hexdigest(), 16) % TICKETS


def as_tickets(chances: Floats, total: int) -> Integers:
    """Return (n,) whole tickets, `total` billions of them in all, each chance right to a ticket.

    The largest remainders are rounded up (Hamilton's method), the first of equal ones; a chance of 0 or 1 stays what
    it is.
    """
    wanted = TICKETS * np.where(chances < _ROUNDING, 0.0, np.where(chances > 1 - _ROUNDING, 1.0, chances))
    tickets = np.floor(wanted).astype(np.int64)
    missing = total * TICKETS - int(tickets.sum())
    open_ = np.flatnonzero((wanted > 0) & (wanted < TICKETS))
    order = open_[np.argsort(tickets[open_] - wanted[open_], kind="stable")]
    # A solver's sum is off by its tolerance, which can be more than one ticket each.
    rounds, once = divmod(missing, max(1, len(order)))
    tickets[order] += rounds
    tickets[order[:once]] += 1
    return tickets


def draw_portfolio(tickets: Sequence[int], seed: str) -> int:
    """Return which portfolio holds the winning number: the first, those below t_1, the next, those below t_1 + t_2."""
    return int(np.searchsorted(np.cumsum(tickets), number(seed), side="right"))


def draw_places(ids: Sequence[str], tickets: Integers, seed: str) -> tuple[str, ...]:
    """Return who wins a place each, by systematic sampling (Madow 1949), sorted.

    Proposals are put in the order of the SHA-256 of ``SEED ID`` and number their tickets on from each other. With w the
    winning number, whoever holds ticket w, w + 1 billion, w + 2 billion, ... wins a place. So the number of places is
    the same in every draw, and nobody wins twice.
    """
    order = sorted(range(len(ids)), key=lambda i: hashlib.sha256(f"{seed} {ids[i]}".encode()).hexdigest())
    ends = np.cumsum(tickets[order])
    # Tickets w, w + 1 billion, ... below the end of each proposal, less those below its start.
    won = np.diff((ends - 1 - number(seed)) // TICKETS + 1, prepend=0)
    return tuple(sorted(ids[order[place]] for place in np.flatnonzero(won).tolist()))
