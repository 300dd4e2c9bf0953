"""What a check before solving has found."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    """Something worth knowing before solving.

    Attributes
    ----------
    fatal
        Whether it makes the problem unsolvable by itself.
    known
        Whether the cause follows from the data; otherwise it is the one that is likely.
    about
        The keys of the rules of which it says that they cannot be kept.
    group
        The group of such a rule that it is about, in words; "" if it is about all of it.
    """

    fatal: bool
    fact: str
    cause: str
    way: str
    known: bool = False
    about: tuple[str, ...] = ()
    group: str = ""

    def __str__(self) -> str:
        return f"{self.fact}\n    likely cause: {self.cause}\n    way forward: {self.way}"
