"""Texts that look the same are the same: letters composed, every blank plain, nothing invisible between them.

Source of the characters: Unicode Standard Annex #15 (NFC), and the general categories Zs and Cf.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

import polars as pl

_BLANKS = "[\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]"
# The soft hyphen, the space of no width, the word joiner, the byte order mark. Joiners of no width spell words.
_INVISIBLE = "[\u00ad\u200b\u2060\ufeff]"
# All that composition may change, and a little more: looking for it is ten times quicker than composing.
COMPOSABLE = (
    r"[\p{M}\x{340}-\x{387}\x{958}-\x{f69}\x{1100}-\x{11ff}\x{1f00}-\x{1fff}\x{2000}\x{2001}\x{2126}-\x{212b}"
    r"\x{2329}\x{232a}\x{2adc}\x{f900}-\x{faff}\x{fb1d}-\x{fb4e}\x{1d15e}-\x{1d1c0}\x{2f800}-\x{2fa1f}]"
)
"""The characters among which composition can change something, as polars writes them."""


def plain_text(text: str) -> str:
    """Return a text as it is compared."""
    if text.isascii():
        return text
    return re.sub(_INVISIBLE, "", re.sub(_BLANKS, " ", unicodedata.normalize("NFC", text)))


def plain_texts(cells: pl.Series) -> pl.Series:
    """Return a column of texts, or of lists of texts, as they are compared; others as they are."""
    return _where(cells, f"{COMPOSABLE}|{_BLANKS}|{_INVISIBLE}", _plain)


def composed(cells: pl.Series) -> pl.Series:
    """Return a column of names, of which the blanks stay as they are: people are told which ones are alike."""
    return _where(cells, COMPOSABLE, _composed)


def _composed(text: pl.Series) -> pl.Series:
    return text.str.normalize("NFC")


def _plain(text: pl.Series) -> pl.Series:
    return _composed(text).str.replace_all(_BLANKS, " ").str.replace_all(_INVISIBLE, "").str.strip_chars()


def _where(cells: pl.Series, pattern: str, change: Callable[[pl.Series], pl.Series]) -> pl.Series:
    """Change the texts that a pattern finds; almost everywhere there are none."""
    text = cells.explode() if isinstance(cells.dtype, pl.List) else cells
    if text.dtype != pl.String or (text.str.len_bytes() == text.str.len_chars()).all():
        return cells
    found = text.str.contains(pattern)
    if not found.any():
        return cells
    if text is not cells:
        return cells.list.eval(pl.element().map_batches(change, pl.String))
    return text.scatter(found.arg_true(), change(text.filter(found)))
