"""Whether the policies of a sweep are its base with the values that are named."""

from __future__ import annotations

import re
from ast import literal_eval
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from portfolio.analysis.sweeps.scenario_rows import ScenarioRow, why_not
from portfolio.analysis.sweeps.scenarios import in_words, name_of, one_line
from portfolio.errors import Issue, IssuesError, PortfolioError
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
# Stands for the place of a problem.
_PLACE = "\0"


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
    left: list[str] = []
    for row, policy in zip(rows[1:], policies[1:], strict=True):
        if policy is None:
            fault, compared = _of_no_policy(row, base, file)
            faults += [fault] if fault else []
            left += [] if compared else [row.name]
            continue
        changed = "; ".join(differences(base, policy)) or "nothing"
        # A whole table is written as no policy would have it, and not always as it can be read back.
        whole = any("{" in value for value in row.values.values() if isinstance(value, str))
        made = _with(base, row.values, policy)
        if row.values and (made or not whole) and policy not in made:
            faults.append(f"the policy of {row.name} is not the base with these values: it changes {changed}")
        elif whole or not row.values or row.name != name_of(row.values):
            yield Check("changed", True, f"{row.name} changes {changed}")
    words = "the policies are the base with the values that are named"
    yield Check("asked", not faults, "; ".join(faults) or words)
    if left:
        words = "why it has no policy is not compared, since texts in lists are written without quotes"
        yield Check("beyond", None, f"{', '.join(left)}: {words}")


def _of_no_policy(row: ScenarioRow, base: Policy, file: str) -> tuple[str, bool]:
    """Return what is said of values that make no policy and is not so, and whether the reason could be compared."""
    made = list(_readings(base, row.values, None))
    (listed,) = _readings(base, row.values, None, [_listed])
    why = [error for error in (*made, listed) if isinstance(error, PortfolioError)]
    same = any(says(row.reason, error, file) for error in why)
    texts = any(_holds_texts(value) for value in row.values.values())
    # What is a list of texts may be read as one text, which makes a policy where the list makes none.
    if row.status == "invalid" and same and (texts or not any(isinstance(one, Policy) for one in made)):
        return "", True
    if row.status != "invalid" or any(isinstance(one, Policy) for one in made):
        return f"{row.name} has no policy, though its values make one", True
    if not texts:
        return f"the reason why {row.name} has no policy is: {one_line(why[0])}", True
    return "", False


def _holds_texts(value: float | str) -> bool:
    """Whether a value in words is a list, or holds one, that may have texts in it."""
    return isinstance(value, str) and "[" in value and re.fullmatch(r"[\[\]\d.,+\-eE ]*", value) is None


def says(reason: str, error: PortfolioError, file: str | None) -> bool:
    """Whether a reason is that of an error, in whichever line of its file each problem of the policy stands.

    Parameters
    ----------
    file
        Name of the file of the policy; "policy" if it was made in Python, None if no record says.
    """
    if not isinstance(error, IssuesError):
        return reason == why_not(error)
    ours = {SOURCE, "policy"}
    issues = [
        Issue(one.what, one.hint, _PLACE, "", one.value, values=one.values) if one.file in ours else one
        for one in error.issues
    ]
    pattern = re.escape(one_line(type(error)(issues)))
    for one in error.issues:
        if one.file in ours:
            pattern = pattern.replace(re.escape(_PLACE), _places(one, file), 1)
    match = re.fullmatch(pattern, reason)
    # All of one scenario stand in one file, whatever that is called.
    return match is not None and len(set(filter(None, match.groups()))) <= 1


def _places(issue: Issue, file: str | None) -> str:
    """Return the pattern of where a problem of a policy may be said to stand."""
    key = " ".join(replace(issue, file="policy", rows=()).where.split()).removeprefix("policy")
    as_key, as_column = re.escape(key), re.escape(key.replace(", key ", ", column ", 1))
    if file is None:
        named = rf"({_NAME}\.toml){_LINE}{as_key}|({_NAME}){_LINE}{as_column}"
    else:
        of_keys = file == "policy" or file.endswith(".toml")
        named = re.escape(" ".join(file.split())) + _LINE + (as_key if of_keys else as_column)
    # Values that are set stand in no file; records of before say where they would.
    return f"(?:policy{as_key}|{named})"


def _with(base: Policy, values: Mapping[str, int | float | str], asked: Policy) -> list[Policy]:
    """Return the policies that values written in words may stand for."""
    return [made for made in _readings(base, values, asked) if isinstance(made, Policy)]


def _readings(
    base: Policy,
    values: Mapping[str, int | float | str],
    asked: Policy | None,
    ways: Sequence[Callable[[str], Any]] | None = None,
) -> Iterator[Policy | PortfolioError]:
    """Yield what values written in words may stand for: policies, or why they make none.

    A text may be one, or what it says. Lists of texts are written without quotes: what stands in the policy that was
    asked for is taken where it would be written so.
    """
    stated = asked.model_dump() if asked is not None else {}
    for read in ways or (parse_value, str, _literal):
        meant = {key: read(value) if isinstance(value, str) else value for key, value in values.items()}
        try:
            for key, value in values.items():
                there = _at(stated, find_key(asked, key)) if asked is not None else None
                meant[key] = there if there is not None and in_words(there) == value else meant[key]
            yield with_keys(base, meant)
        except PortfolioError as error:
            yield error


def _listed(text: str) -> Any:
    """Read a list of texts as a scenario writes it."""
    if not (text.startswith("[") and text.endswith("]")):
        return parse_value(text)
    return text[1:-1].split(", ")


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
