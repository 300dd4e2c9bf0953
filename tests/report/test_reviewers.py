"""The comparison of reviewer models as files, words and a page."""

from __future__ import annotations

from html.parser import HTMLParser
from pathlib import Path

import polars as pl
import pytest
from scoring.reviewers.made import SIX, call_of

import portfolio as pf
from portfolio.report import comparison_in_words, comparison_page, write_comparison

QUICK = SIX.replace(bayes={"draws": 200, "most_draws": 200})
EVIL = '<script>alert("x")</script> & co'


class Reader(HTMLParser):
    """Collects tags, links and the depth at the end."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.links: list[str] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.links += [value or "" for name, value in attrs if name in {"src", "href", "style", "onclick"}]
        if tag not in {"meta", "br"}:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def rows(*, joined: bool = True) -> list[tuple[str, str, str | None, float]]:
    grades = {EVIL: (6, 5, 3), "b": (4, 5, 6), "c": (5, 3, 4), "d": (2, 1, 3), "e": (1, 2, 1), "f": (3, 6, 5)}
    return [
        (p, f"r{j}" if joined or p in "bcd" else f"{EVIL}{j}", None, float(g))
        for p, row in grades.items()
        for j, g in enumerate(row)
    ]


def test_the_files_and_their_bytes(tmp_path: Path) -> None:
    found = pf.compare_methods(call_of(rows()), QUICK, 2)
    for name in ("a", "b"):
        written = write_comparison(found, tmp_path / name)
    names = ["comparison.csv", "agreement.csv", "reviewers.csv", "reliability.csv", "reviewers.html"]
    assert [path.name for path in written] == names
    for name in names:
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()
    assert pl.read_csv(tmp_path / "a" / "comparison.csv").columns == found.proposals.columns
    assert pl.read_csv(tmp_path / "a" / "reviewers.csv")["reviewer"].to_list() == ["r0", "r1", "r2"]


@pytest.mark.parametrize("joined", [True, False])
def test_the_page_is_one_file_and_names_are_never_markup(joined: bool) -> None:
    found = pf.compare_methods(call_of(rows(joined=joined)), QUICK, 2)
    page = comparison_page(found)
    reader = Reader()
    reader.feed(page)
    assert reader.open == []
    assert "script" not in reader.tags
    assert reader.links == []
    assert "http" not in page
    assert "&lt;script&gt;" in page
    for words in ("depends on the method", "How reliable the panels are", "severity", "@media print"):
        assert words in page
    assert ("Not possible: severity" in page) is not joined


def test_the_page_says_if_nothing_depends_on_the_method() -> None:
    clear = [
        (p, r, None, s + e)
        for p, s in (("a", 5.0), ("b", 3.0), ("c", 1.0))
        for r, e in (("x", 0.5), ("y", 0.0), ("z", 0.2))
    ]
    found = pf.compare_methods(call_of(clear), QUICK, 1)
    assert found.dependent.height == 0
    assert "None: every method has the same best 1." in comparison_page(found)


def test_in_words() -> None:
    found = pf.compare_methods(call_of(rows()), QUICK, 2)
    lines = comparison_in_words(found)
    methods = "plain mean, severity (mixed model), Bayesian ranking, least squares"
    assert lines[0] == f"6 proposals with a grade, compared by: {methods}."
    assert f"for {found.dependent.height} proposal" in lines[1]
    assert "reviews per proposal would reach 0.80" in lines[2]
    assert any("R-hat" in line for line in lines[3:]) is any("R-hat" in note for note in found.notes)
