"""Text as the rest of this package sees it: without case, accents, digits and punctuation."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

_MARKS = re.compile(r"[\u0300-\u036f]+")
_WORD = re.compile(r"[^\W\d_]+")
# Letters that are no accented form of another in Unicode, but are written so where the letter is missing.
_LETTERS = str.maketrans({"œ": "oe", "æ": "ae", "ø": "o", "ł": "l", "đ": "d", "ı": "i"})


def plain(text: str) -> str:
    """Return a text in one case and without accents; the same for all ways to encode the same letters."""
    if text.isascii():
        return text.lower()
    bare = _MARKS.sub("", unicodedata.normalize("NFKD", text))
    return unicodedata.normalize("NFC", bare).casefold().translate(_LETTERS)


def words(text: str) -> list[str]:
    """Return the words of a text; a hyphen or an apostrophe divides words."""
    return _WORD.findall(plain(text))


def weighted(text: str) -> str:
    """Return the words of a text in a line; the first of several lines, the title, counts twice.

    A title says in a dozen words what the abstract says in two hundred, and would drown in it.
    """
    title, _, rest = text.partition("\n")
    return " ".join(words(f"{title}\n{text}" if rest.strip() else text))


def joined(parts: Iterable[str | None]) -> str:
    """Join title, abstract and the like; a part that is missing or blank is left out."""
    return "\n".join(part.strip() for part in parts if part and part.strip())
