"""What a value says of itself, in a terminal and in a notebook; any text in it is inert in both.

It stands beside the rooms because values of every room show themselves.
"""

from __future__ import annotations

import html
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.text import Text

# The colours are those of the page, so that it can be read on dark as well as on light.
_TABLE = "border-collapse: collapse; text-align: left; color: inherit"
_CAPTION = "text-align: left; caption-side: top; font-weight: bold; color: inherit"
_CELL = "text-align: left; vertical-align: top; padding: 0.15em 1em 0.15em 0; white-space: normal"


def controls(letter: str) -> bool:
    """Tell whether a letter moves the cursor, turns the direction of writing, or has no place in a text."""
    turns = "\u202a" <= letter <= "\u202e" or "\u2066" <= letter <= "\u2069" or letter in "\ufffe\uffff"
    return turns or unicodedata.category(letter) in {"Cc", "Cs", "Zl", "Zp"}


def visible(words: str, keep: str = "") -> str:
    r"""Write control characters as ``\x1b``, so that a terminal shows them instead of doing what they say."""
    if words.isascii() and words.isprintable():
        return words
    return "".join(
        letter.encode("unicode_escape").decode("ascii") if controls(letter) and letter not in keep else letter
        for letter in words
    )


def on_one_line(words: str) -> str:
    """Write words as one line that a terminal only shows: ends of lines in them are spaces."""
    return visible(" ".join(map(str.strip, words.splitlines())))


@dataclass(frozen=True)
class Outline:
    """A title, and under a few heads one line for each thing that there is to say.

    Parameters
    ----------
    title, heads
        Any text; a head without lines says "none".
    """

    title: str
    heads: Mapping[str, Sequence[str]]

    def __str__(self) -> str:
        """Return a tree."""
        lines = [visible(self.title)]
        for index, (head, items) in enumerate(self.heads.items()):
            last = index == len(self.heads) - 1
            lines.append(f"{'└' if last else '├'}─ {visible(head)}")
            stem = "   " if last else "│  "
            entries = [visible(item) for item in items] or ["none"]
            lines += [f"{stem}{'└' if i == len(entries) - 1 else '├'}─ {e}" for i, e in enumerate(entries)]
        return "\n".join(lines)

    def html(self) -> str:
        """Return a table."""
        rows = "".join(
            f'<tr><th scope="row" style="{_CELL}">{_escaped(head)}</th>'
            f'<td style="{_CELL}">{"<br>".join(map(_escaped, items)) or "none"}</td></tr>'
            for head, items in self.heads.items()
        )
        caption = f'<caption style="{_CAPTION}">{_escaped(self.title)}</caption>'
        return f'<table style="{_TABLE}">{caption}<tbody>{rows}</tbody></table>'


def rich_text(words: object) -> Text:
    """Return words for rich, which would otherwise take square brackets for mark-up."""
    from rich.text import Text

    return Text(str(words))


def preformatted(words: str) -> str:
    """Return lines as HTML that keeps them as they are."""
    return f'<pre style="white-space: pre-wrap">{html.escape(visible(words, keep=chr(10)))}</pre>'


def with_table(words: object, frame: Any) -> str:
    """Return what a result says of itself, and the first rows of a polars frame, as HTML."""
    import polars as pl

    # The shape would be that of the first rows, and how many there are is in the words.
    with pl.Config(tbl_hide_dataframe_shape=True):
        return preformatted(str(words)) + str(frame.head(10)._repr_html_())


def _escaped(words: str) -> str:
    return html.escape(visible(words))
