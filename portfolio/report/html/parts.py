"""A plain page of headings, paragraphs and tables."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from portfolio.report.html.page import render


@dataclass(frozen=True)
class Heading:
    """The heading of a section."""

    words: str
    is_a: str = "heading"


@dataclass(frozen=True)
class Paragraph:
    """A paragraph; `kind` is ``note`` for what must not be overlooked."""

    words: str
    kind: str = ""
    is_a: str = "paragraph"


@dataclass(frozen=True)
class Table:
    """A table: cells of None stay empty, and all but the first `words` columns are set flush right."""

    caption: str
    head: Sequence[str]
    rows: Iterable[Sequence[object]]
    words: int = 1
    is_a: str = "table"


def plain_page(title: str, parts: Iterable[Heading | Paragraph | Table]) -> str:
    """Put parts into a page; whatever stands in them is shown as it is, and never read as HTML."""
    return render("parts.html", title=title, parts=parts)
