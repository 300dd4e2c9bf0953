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
    """

    fatal: bool
    fact: str
    cause: str
    way: str

    def __str__(self) -> str:
        return f"{self.fact}\n    likely cause: {self.cause}\n    way forward: {self.way}"
