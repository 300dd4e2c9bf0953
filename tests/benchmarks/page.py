"""Tables in Markdown, and their places in a page."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path


def table(heading: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Write a table in Markdown."""
    lines = [f"| {' | '.join(cells)} |" for cells in (heading, *rows)]
    return "\n".join([lines[0], f"|{'---|' * len(heading)}", *lines[1:]])


def put(page: Path, name: str, text: str) -> None:
    """Replace what stands in a page between the comments ``<!-- name -->`` and ``<!-- /name -->``.

    Raises
    ------
    ValueError
        If the page has no such place.
    """
    start, end = f"<!-- {name} -->", f"<!-- /{name} -->"
    place = re.compile(f"{re.escape(start)}.*?{re.escape(end)}", re.DOTALL)
    written, count = place.subn(lambda _: f"{start}\n\n{text}\n\n{end}", page.read_text(encoding="utf-8"))
    if count != 1:
        raise ValueError(f"{page} needs one place for {name}: {start} {end}")
    page.write_text(written, encoding="utf-8")
