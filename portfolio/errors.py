"""Everything that can go wrong, drawn once.

    PortfolioError            1   a bug of ours, unless a subclass says otherwise
    ├── DataError             3   proposals or reviews that cannot be used
    ├── PolicyError           3   a policy that cannot be applied
    ├── InfeasibleError       4   no portfolio satisfies the rules
    ├── ExtraError            2   packages of an extra are not installed
    └── SolverError           1   a solver failed, or gave an answer that breaks a rule
        └── LimitError        5   a limit was reached before any portfolio was found

The number is the exit code of the command. `DataError` and `PolicyError` carry every `Issue` that was found,
not the first one.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

# What a message shows at most: problems, letters of a name or cell, letters of a sentence. All are in `issues`.
_PROBLEMS, _NAME, _SENTENCE = 100, 120, 1_000


@dataclass(frozen=True, slots=True)
class Issue:
    """One thing that is wrong, where it is, and what to do about it.

    Parameters
    ----------
    what
        The rule that is broken, as a sentence fragment: ``"must be at least 0"``.
    hint
        What probably happened and what to do; may be empty.
    file, column, value, id
        Where: the file's name, the column's heading (or the key of a policy), the cell as written, the proposal.
    rows
        Rows as the spreadsheet shows them, or the line of a policy file. Repeated issues share one `Issue`.
    count
        How many cells have this issue; `rows` holds the first few of them.
    values
        The cells as written where there are several; `value` is for one.
    """

    what: str
    hint: str = ""
    file: str = ""
    column: str = ""
    value: str = ""
    id: str = ""
    rows: tuple[int, ...] = ()
    count: int = 1
    values: tuple[str, ...] = ()

    @property
    def where(self) -> str:
        """The place in words: ``calls.csv, rows 4, 9 and 310 more, column amount, proposal P-07``."""
        rows = ", ".join(str(row) for row in self.rows)
        more = self.count - len(self.rows)
        if self.rows and more > 0:
            rows += f" and {more:,} more"
        policy = self.file == "policy" or self.file.endswith(".toml")
        label = ("line" if policy else "row") + ("" if self.count == 1 else "s")
        parts = (
            self.file,
            f"{label} {rows}" if rows else "",
            f"{'key' if policy else 'column'} {_cut(self.column)}" if self.column else "",
            f"proposal {_cut(self.id)}" if self.id else "",
        )
        return ", ".join(part for part in parts if part)

    def __str__(self) -> str:
        where = f"{self.where}: " if self.where else ""
        values = (self.value,) if self.value else self.values
        value = f"{', '.join(repr(_cut(value)) for value in values)} " if values else ""
        hint = f"\n    {_cut(self.hint, _SENTENCE)}" if self.hint else ""
        return f"{where}{value}{_cut(self.what, _SENTENCE)}{hint}"


class PortfolioError(Exception):
    """Base of every error that this library raises on purpose."""

    exit_code = 1


class IssuesError(PortfolioError):
    """An error that lists every issue found at once.

    Parameters
    ----------
    issues
        At least one.
    """

    exit_code = 3
    headline = "{count} problem{s} found"

    def __init__(self, issues: Iterable[Issue]) -> None:
        self.issues = tuple(issues)
        super().__init__(str(self))

    def __str__(self) -> str:
        count = sum(issue.count for issue in self.issues)
        head = self.headline.format(count=f"{count:,}", s="" if count == 1 else "s")
        lines = [f"{head}:", *(f"  {issue}" for issue in self.issues[:_PROBLEMS])]
        more = sum(issue.count for issue in self.issues[_PROBLEMS:])
        return "\n".join([*lines, f"  and {more:,} more"] if more else lines)


class DataError(IssuesError):
    """Proposals or reviews that cannot be used as they are."""

    headline = "{count} problem{s} in the data"


class PolicyError(IssuesError):
    """A policy that cannot be read, or that does not fit the call."""

    headline = "{count} problem{s} in the policy"


class InfeasibleError(PortfolioError):
    """No portfolio satisfies all the rules.

    Parameters
    ----------
    conflict
        A smallest set of rules, in the funder's words, that cannot hold together: leave out any one of them and
        the others can.
    hint
        The likely cause and the way forward.
    given
        What was decided before, where the rules clash with that and maybe not by themselves.
    """

    exit_code = 4

    def __init__(self, conflict: Sequence[str], hint: str = "", *, given: str = "") -> None:
        self.conflict = tuple(conflict)
        self.hint = hint
        self.given = given
        super().__init__(str(self))

    def __str__(self) -> str:
        given = f", given {self.given}" if self.given else ""
        head = f"No portfolio satisfies all the rules{given}. These cannot hold together:"
        lines = [head, *(f"  - {rule}" for rule in self.conflict)]
        return "\n".join([*lines, self.hint] if self.hint else lines)


class SolverError(PortfolioError):
    """A solver is missing, failed, or gave an answer that breaks a rule."""


class LimitError(SolverError):
    """A limit was reached before any portfolio was found.

    Parameters
    ----------
    words
        Which limit it was and what to do.
    stop
        The same as a word: ``time_limit`` or ``node_limit``.
    """

    exit_code = 5

    def __init__(self, words: str, stop: str = "time_limit") -> None:
        self.stop = stop
        super().__init__(words)


class ExtraError(PortfolioError):
    """Packages that only one part of the library needs are not installed.

    Parameters
    ----------
    what
        What needs them.
    extra
        The extra of the distribution that brings them.
    """

    exit_code = 2

    def __init__(self, what: str, extra: str) -> None:
        super().__init__(
            f"{what} needs packages that are not installed: pip install 'grant-portfolio[{extra}]'"
        )


def _cut(text: str, most: int = _NAME) -> str:
    return text if len(text) <= most else f"{text[: most - 3]}..."


def names_in(names: str | Iterable[str]) -> list[str]:
    """Return the names that one name, or several, stand for: a name is a sequence too, of letters."""
    return [names] if isinstance(names, str) else list(names)


def nearest(name: str, known: Iterable[str]) -> str:
    """Return ``"did you mean 'x'?"`` for the closest known name, or the list of known names if none is close.

    Of known names that are joined by commas it says that each is to be given by itself.
    """
    return next(each_nearest([name], known))


def each_nearest(unknown: Iterable[str], known: Iterable[str]) -> Iterator[str]:
    """Yield what `nearest` returns for each unknown name; nothing for those behind what a message shows at most.

    To look for the nearest of thousands of names takes a while.
    """
    asked = list(unknown)
    # Where nothing is unknown, hundreds of thousands of ids need not be sorted.
    names = sorted(set(known)) if asked else []
    folded = {candidate.casefold(): candidate for candidate in names}
    for place, name in enumerate(asked):
        yield _nearest(name, names, folded) if place < _PROBLEMS else ""


def _nearest(name: object, names: Sequence[str], folded: Mapping[str, str]) -> str:
    # A data frame has ids of numbers, and a call has their texts.
    if not isinstance(name, str):
        return f"ids and other names are texts: write {str(name)!r}, in quotation marks"
    parts = [part.strip().casefold() for part in re.split("[,;]", name)]
    if len(parts) > 1 and all(part in folded for part in parts):
        return f"these are {len(parts)} names in one: give each by itself; an option is repeated for each"
    close = difflib.get_close_matches(name.casefold(), folded, n=1, cutoff=0.6)
    if close:
        return f"did you mean {_cut(folded[close[0]])!r}?"
    if not names:
        return "none is known here"
    shown = ", ".join(map(_cut, names[:12]))
    return f"known: {shown}" + (f" and {len(names) - 12} more" if len(names) > 12 else "")
