"""What was checked, and what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from portfolio.shown import on_one_line


@dataclass(frozen=True)
class Check:
    """One thing that was checked.

    Attributes
    ----------
    holds
        None where it could not be checked.
    words
        What was found, on one line: names that a record holds could else be read as checks of ours.
    """

    name: str
    holds: bool | None
    words: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "name", on_one_line(self.name))
        object.__setattr__(self, "words", on_one_line(self.words))

    def __str__(self) -> str:
        """Return it as one line."""
        return f"{_MARKS[self.holds]:<12} {self.name}: {self.words}"


@dataclass(frozen=True)
class Verification:
    """All that was checked of one record.

    Attributes
    ----------
    checks
        In the order in which they were made.
    verdict
        What follows from them, in sentences.
    figures
        Numbers for scripts: ``value``, ``bound``, ``gap``, and those that are ``certified``.
    """

    checks: tuple[Check, ...]
    verdict: str
    figures: Mapping[str, Any]

    @property
    def holds(self) -> bool:
        """Whether everything was checked, and holds."""
        return all(check.holds for check in self.checks)

    def as_record(self) -> dict[str, Any]:
        """Return it as plain data."""
        found = [{"check": one.name, "holds": one.holds, "words": one.words} for one in self.checks]
        return {"holds": self.holds, "checks": found, "verdict": self.verdict, **self.figures}

    def __str__(self) -> str:
        """Return a line for each check, and what follows."""
        return "\n".join([*map(str, self.checks), "", self.verdict])


_MARKS = {True: "ok", False: "FAILED", None: "not checked"}
