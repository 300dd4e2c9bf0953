"""Lists by another mark than ours: a tag ``fusion, chips`` beside the tags ``fusion`` and ``chips``.

And codes by our mark of shares: ``FoR:46`` and ``FoR:31`` would be one field, with shares of 46 and 31. And members
that say that nobody knows them, beside others: ``fusion;n/a``.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

import polars as pl

from portfolio.call.headings import Find
from portfolio.call.issues import lines_of
from portfolio.call.shares import FIELDS, parted, without_shares
from portfolio.call.words import MISSING_WORDS

_OTHER_MARKS = "[,，、،|｜/／]"
# Around the members of a list that a program has written.
_AROUND = " '\"()[]{}"
_CODE = re.compile(r"[0-9]{1,2}(\.[0-9]{1,3})+")
_WHAT = "is one tag, and its parts are tags of their own"
_CODES = "has a share of the only field that the column names"
_COLON = "if it is the name of a field, write it without a colon"
_UNKNOWN = "has a member that means 'not known' beside others"
_LEFT_OUT = "leave that member out; if it is one, call it otherwise"
_HINT = "members of a list stand between semicolons: fusion;chips. If it is one tag, call it otherwise"


def listed_otherwise(frame: pl.DataFrame, find: Find, rows: pl.Series) -> Iterator[pl.DataFrame]:
    """Find tags that are lists: all their parts stand alone somewhere in the column, or all are codes as 1.1 is.

    And lists that are known in part, such as ``fusion;n/a``.
    """
    for name in frame.columns:
        column = find(name)
        if column is None or column.kind != "tags":
            continue
        cells = without_shares(frame[name])
        if name == FIELDS and _are_codes(cells, frame[name]):
            yield lines_of(frame[name].is_not_null(), rows, name, frame[name].list.join(";"), _CODES, _COLON)
        tags = cells.explode().drop_nulls().unique().str.to_lowercase()
        known = set(tags)
        if not known.isdisjoint(MISSING_WORDS):
            found = _holding(cells, known.intersection(MISSING_WORDS))
            yield lines_of(found, rows, name, frame[name].list.join(";"), _UNKNOWN, _LEFT_OUT)
        wrong = [tag for tag in tags.filter(tags.str.contains(_OTHER_MARKS)) if _is_list(tag, known)]
        if wrong:
            yield lines_of(_holding(cells, wrong), rows, name, frame[name].list.join(";"), _WHAT, _HINT)


def _holding(cells: pl.Series, tags: Collection[str]) -> pl.Series:
    return cells.list.eval(pl.element().str.to_lowercase().is_in(list(tags))).list.any()


def _are_codes(fields: pl.Series, cells: pl.Series) -> bool:
    """Whether a column names one field alone, with several shares."""
    if fields is cells:
        return False
    entries = cells.explode().drop_nulls().unique()
    return len(entries) > 1 == len({parted(entry)[0] for entry in entries})


def _is_list(tag: str, known: set[str]) -> bool:
    parts = [part.strip(_AROUND) for part in re.split(_OTHER_MARKS, tag)]
    return known.issuperset(parts) or all(_CODE.fullmatch(part) for part in parts)
