"""Which heading of a file is which of our columns."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from portfolio.call.columns import (
    REVIEW_KEY,
    Column,
    known_columns,
    nearest_columns,
    written_key,
    year_columns,
)
from portfolio.call.plain import plain_text
from portfolio.errors import DataError, Issue, PolicyError, nearest

ROW_NUMBER = "row_number"


@dataclass(frozen=True, slots=True)
class Headings:
    """The columns of a file by their place in it.

    Parameters
    ----------
    known
        Our name and the place of its column.
    foreign
        Heading and place of every other column.
    mapped
        Heading and place of the known columns that are headed otherwise; conditions may still use the heading.
    numbered
        Whether the rows are to be numbered for want of an id.
    """

    known: Mapping[str, int]
    foreign: Mapping[str, int]
    mapped: Mapping[str, int]
    numbered: bool = False


Find = Callable[[str], Column | None]
KeyOf = Callable[[str], str]


def match_headings(
    file: str,
    headings: Sequence[str],
    mapping: Mapping[str, str],
    find: Find,
    derived: Iterable[str],
    key: str,
    elsewhere: str = "",
) -> Headings:
    """Match headings exactly first, then without regard to case and spaces; `elsewhere` the table may be, too.

    Raises
    ------
    DataError
        With every heading that is missing, used twice, or claimed twice.
    """
    names = [_clean(heading) for heading in headings]
    numbered = mapping.get(key) == ROW_NUMBER and key == "id"
    wanted = {ours: theirs for ours, theirs in mapping.items() if not (numbered and ours == key)}
    issues = [*_repeated(file, names)]
    key_of = partial(written_key, proposals=key == "id")
    known: dict[str, int] = {}
    for ours, theirs in wanted.items():
        places = _places(theirs, names)
        if not places:
            issues.append(_absent(file, ours, theirs, names))
        elif len(places) > 1 and len({names[place] for place in places}) > 1:
            issues.append(_either(file, ours, key_of(ours), [names[place] for place in places]))
        if places:
            known[ours] = places[0]
    known |= _unmapped(file, names, known, find, key_of, issues, {*wanted, key} if numbered else set(wanted))
    present = {*known, *derived, *([key] if numbered else [])} | set(wanted)
    issues += _required(file, names, present, find, key_of, elsewhere)
    issues += _gaps(file, present)
    if issues:
        raise DataError(issues)
    taken = set(known.values())
    foreign = {_foreign(name, i, names): i for i, name in enumerate(names) if i not in taken}
    # A heading that is one of our names too stands for the column of ours.
    mapped = {names[place]: place for place in known.values() if names[place] not in known}
    return Headings(known, foreign, mapped, numbered)


def check_mapping(mapping: Mapping[str, str], find: Find, prefix: str) -> None:
    """Refuse a mapping of a column that is not ours."""
    headings = [heading for heading in mapping.values() if heading != "row_number"]
    twice = {heading for heading in headings if headings.count(heading) > 1}
    if twice:
        raise PolicyError(
            Issue(
                "is claimed by two columns",
                "name each heading once",
                column=f"columns.{prefix}{name}",
                value=heading,
            )
            for name, heading in mapping.items()
            if heading in twice
        )
    unknown = [name for name in mapping if find(name) is None]
    if unknown:
        issues = (
            Issue(
                "is not a column that we know",
                hint,
                column=f"columns.{prefix}{name}",
            )
            for name, hint in zip(unknown, nearest_columns(prefix + name for name in unknown), strict=True)
        )
        raise PolicyError(issues)


def _clean(heading: str) -> str:
    return plain_text(heading).strip()


def _fold(heading: str) -> str:
    return re.sub(r"[\s_\-]+", "", heading).casefold()


def _foreign(name: str, place: int, names: Sequence[str]) -> str:
    made = f"column_{place + 1}"
    while not name and made in names:
        made += "_"
    return name or made


def _places(heading: str, names: Sequence[str]) -> list[int]:
    """Return the places of the columns that a heading may mean: it itself if it is there, else all that are like it."""
    wanted = _clean(heading)
    exact = [i for i, name in enumerate(names) if name == wanted]
    return exact or [i for i, name in enumerate(names) if _fold(name) == _fold(wanted)]


def _unmapped(
    file: str,
    names: Sequence[str],
    known: Mapping[str, int],
    find: Find,
    key_of: KeyOf,
    issues: list[Issue],
    claimed: set[str],
) -> dict[str, int]:
    """Find the columns that are headed by our own names, more or less."""
    found = {name: i for i, name in enumerate(names) if find(name) is not None and i not in known.values()}
    clash = [name for name in found if name in claimed and name in known]
    issues += (_both(file, name, key_of(name), names[known[name]]) for name in clash)
    spelled = {_fold(ours): ours for ours in _ours(find, names)}
    for i, name in enumerate(names):
        ours = spelled.get(_fold(name), "")
        if not ours or i in known.values() or ours == name or ours in claimed:
            continue
        if ours in found and names[found[ours]] != ours:
            issues.append(_both(file, ours, key_of(ours), name))
        found.setdefault(ours, i)
    return {name: i for name, i in found.items() if name not in claimed}


def _ours(find: Find, names: Sequence[str]) -> list[str]:
    ours = [name.removeprefix(REVIEW_KEY) for name in known_columns()]
    years = [
        f"amount_y{found[1]}" for name in names if (found := re.fullmatch(r"amounty([1-9]\d?)", _fold(name)))
    ]
    return [name for name in [*ours, *years] if find(name) is not None]


def _repeated(file: str, names: Sequence[str]) -> list[Issue]:
    counts = Counter(name for name in names if name)
    hint = "every heading must be there once: rename one of the columns"
    return [
        Issue(f"heads {count} columns", hint, file=file, column=name)
        for name, count in counts.items()
        if count > 1
    ]


def _both(file: str, ours: str, key: str, theirs: str) -> Issue:
    hint = f'leave one of them out, or rename it; or name the right one in [columns]: {key} = "..."'
    return Issue(
        f"is there twice: another column, {theirs!r}, is read as {ours} too", hint, file=file, column=ours
    )


def _either(file: str, ours: str, key: str, found: Sequence[str]) -> Issue:
    what = f"is there twice: {' and '.join(map(repr, found))} are both like the heading of [columns]"
    hint = f'write the right one in [columns] as it stands in the file: {key} = "{found[0]}"'
    return Issue(what, hint, file=file, column=ours)


def _absent(file: str, ours: str, theirs: str, names: Sequence[str]) -> Issue:
    what = f"is to be read from {theirs!r}, and the file has no such heading"
    return Issue(what, nearest(theirs, names), file=file, column=ours)


def _gaps(file: str, present: set[str]) -> list[Issue]:
    years = year_columns(present)
    absent = [name for i in range(len(years)) if (name := f"amount_y{i + 1}") not in years]
    hint = f"the file has {', '.join(years)}: years are numbered from 1 without a gap"
    return [Issue("is missing", hint, file=file, column=name) for name in absent[:1]]


def _required(
    file: str, names: Sequence[str], present: set[str], find: Find, key_of: KeyOf, elsewhere: str
) -> list[Issue]:
    required = [column for ours in _ours(find, []) if (column := find(ours)) is not None and column.required]
    title = "delete what stands above the row of headings" if sum(map(bool, names)) == 1 else ""
    further = "".join(f"; {hint}" for hint in (title, elsewhere) if hint)
    issues: list[Issue] = []
    for column in required:
        if column.name not in present:
            numbered = (
                f', or {column.name} = "{ROW_NUMBER}" to number the rows' if column.name == "id" else ""
            )
            mapped = f'{key_of(column.name)} = "your heading"{numbered}'
            hint = f"map it in [columns]: {mapped}; {nearest(column.name, names)}"
            said = hint if issues else hint + further
            issues.append(Issue("is missing: no heading is read as it", said, file=file, column=column.name))
    return issues
