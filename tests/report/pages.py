"""A page of the report, read as a browser would, without one."""

from __future__ import annotations

from html.parser import HTMLParser

_VOID = {"meta", "br", "col", "img", "input", "link"}


class Page(HTMLParser):
    """Tags, attributes and texts of a page, and the cells of each table below its caption or label."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: list[tuple[str, str]] = []
        self.open: list[str] = []
        self.texts: list[str] = []
        self.tables: list[list[list[str]]] = []
        self.feed(page)
        assert self.open == []

    @property
    def text(self) -> str:
        """All that is there to read, with single spaces."""
        return " ".join(" ".join(self.texts).split())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes += [(name, value or "") for name, value in attrs]
        if tag not in _VOID:
            self.open.append(tag)
        if tag == "table":
            self.tables.append([])
        elif tag == "tr":
            self.tables[-1].append([])
        elif tag in {"td", "th"}:
            self.tables[-1][-1].append("")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes += [(name, value or "") for name, value in attrs]

    def handle_endtag(self, tag: str) -> None:
        if tag not in _VOID:
            assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" in self.open:
            return
        self.texts.append(data)
        if self.open and {"td", "th"} & set(self.open) and self.tables[-1]:
            self.tables[-1][-1][-1] += data

    def with_head(self, first: str) -> list[list[list[str]]]:
        """The rows of the tables whose first heading is this one, each table without its headings."""
        return [rows[1:] for rows in self.tables if rows and rows[0][0] == first]


def listed(page: Page) -> dict[str, list[str]]:
    """Return the cells of each proposal that the last section lists, by id, with its whole reason at the end."""
    found = {}
    for table in page.with_head("proposal"):
        lead = None
        for row in table:
            if len(row) == 1:
                lead = row[0].rpartition(": ")[0].removeprefix("each for a reason of its own")
            elif lead is not None:
                found[row[0]] = [*row[:-1], "; ".join(part for part in (lead, row[-1]) if part)]
    return found
