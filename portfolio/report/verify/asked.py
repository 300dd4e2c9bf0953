"""Whether the policies of a sweep are its base with the values that are named."""

from __future__ import annotations

import re
from ast import literal_eval
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from portfolio.analysis.sweeps.scenario_rows import ScenarioRow, why_not
from portfolio.analysis.sweeps.scenarios import in_words, name_of, one_line
from portfolio.errors import IssuesError, PortfolioError
from portfolio.policy import Policy, with_keys
from portfolio.policy.keys import find_key, parse_value
from portfolio.report.verify.check import Check
from portfolio.report.verify.differences import differences

SOURCE = "the record"
"""As what a policy that was read from a record names its source."""

# In which line of a file a problem was seen; there are none in a record.
_LINE = r"(?:, (?:line|row) \d+)?"
# What a file may be called that no record names; no sentence with a colon in it.
_NAME = r"[^/:]{1,255}"
# Stand for the name of a file in which keys are called keys, and of one in which they are called columns.
_OF_KEYS, _OF_COLUMNS = "\0.toml", "\0"


def asked_checks(
    rows: Sequence[ScenarioRow], policies: Sequence[Policy | None], base: Policy, file: str
) -> Iterator[Check]:
    """Check that each policy is the base with the values that its row names, or say how it differs from the base.

    The first row is the base itself.

    Parameters
    ----------
    file
        Name of the file that the base was read from; "policy" if it was made in Python.
    """
    faults = (
        []
        if not rows[0].values or base in _with(base, rows[0].values, base)
        else ["the values of the base are others"]
    )
    for row, policy in zip(rows[1:], policies[1:], strict=True):
        if policy is None:
            faults += _of_no_policy(row, base, file)
            continue
        changed = "; ".join(differences(base, policy)) or "nothing"
        # A whole table is written as no policy would have it, and not always as it can be read back.
        whole = any("{" in value for value in row.values.values() if isinstance(value, str))
        made = _with(base, row.values, policy)
        if row.values and (made or not whole) and policy not in made:
            faults.append(f"the policy of {row.name} is not the base with these values: it changes {changed}")
        elif whole or row.name != name_of(row.values):
            yield Check("changed", True, f"{row.name} changes {changed}")
    words = "the policies are the base with the values that are named"
    yield Check("asked", not faults, "; ".join(faults) or words)


def _of_no_policy(row: ScenarioRow, base: Policy, file: str) -> Iterator[str]:
    """Yield what is said of values that make no policy, and is not so."""
    made = list(_readings(base, row.values, None))
    why = [error for error in made if isinstance(error, PortfolioError)]
    if row.status != "invalid" or len(why) < len(made):
        yield f"{row.name} has no policy, though its values make one"
    # Texts in lists are written without quotes: what is said of them may be in other words.
    elif not any("[" in str(value) for value in row.values.values()) and not any(
        says(row.reason, error, file) for error in why
    ):
        yield f"the reason why {row.name} has no policy is: {one_line(why[0])}"


def says(reason: str, error: PortfolioError, file: str | None) -> bool:
    """Whether a reason is that of an error, in whichever line of its file each problem of the policy stands.

    Parameters
    ----------
    file
        Name of the file of the policy; "policy" if it was made in Python, None if no record says.
    """
    if not isinstance(error, IssuesError):
        return reason == why_not(error)
    if file is None:
        named = ((_OF_KEYS, rf"{_NAME}\.toml"), (_OF_COLUMNS, _NAME))
        return any(_says(reason, error, mark, name) for mark, name in named)
    mark = _OF_KEYS if file == "policy" or file.endswith(".toml") else _OF_COLUMNS
    return _says(reason, error, mark, re.escape(" ".join(file.split())))


def _says(reason: str, error: IssuesError, mark: str, name: str) -> bool:
    """Whether a reason is that of an error whose problems of the policy are in a file of such a name, or in none."""
    # Values that are set stand in no file; records of before say where they would.
    own = {SOURCE, "policy"} if mark == _OF_KEYS else {SOURCE}
    issues = [replace(issue, file=mark, rows=()) if issue.file in own else issue for issue in error.issues]
    pattern = re.escape(one_line(type(error)(issues)))
    return re.fullmatch(pattern.replace(re.escape(mark), f"(?:policy|{name}){_LINE}"), reason) is not None


def _with(base: Policy, values: Mapping[str, int | float | str], asked: Policy) -> list[Policy]:
    """Return the policies that values written in words may stand for."""
    return [made for made in _readings(base, values, asked) if isinstance(made, Policy)]


def _readings(
    base: Policy, values: Mapping[str, int | float | str], asked: Policy | None
) -> Iterator[Policy | PortfolioError]:
    """Yield what values written in words may stand for: policies, or why they make none.

    A text may be one, or what it says. Lists of texts are written without quotes: what stands in the policy that was
    asked for is taken where it would be written so.
    """
    stated = asked.model_dump() if asked is not None else {}
    for read in (parse_value, str, _literal):
        meant = {key: read(value) if isinstance(value, str) else value for key, value in values.items()}
        try:
            for key, value in values.items():
                there = _at(stated, find_key(asked, key)) if asked is not None else None
                meant[key] = there if there is not None and in_words(there) == value else meant[key]
            yield with_keys(base, meant)
        except PortfolioError as error:
            yield error


def _literal(text: str) -> Any:
    """Read a table as a scenario writes it."""
    try:
        return literal_eval(text)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return text


def _at(document: Any, path: Sequence[str | int]) -> Any:
    """Return what stands at a path; None where nothing does."""
    for part in path:
        try:
            document = document[part]
        except (LookupError, TypeError):
            return None
    return document
