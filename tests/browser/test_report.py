"""The report in Chromium: it opens, asks for nothing, fits every screen, and prints with the decision on page 1."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl
import pytest
from browser.chromium import EXAMPLE, ROOT, command, context, picture
from conftest import DATA

import portfolio as pf

if TYPE_CHECKING:
    from playwright.sync_api import Browser

TITLE = "Call 2027"
EVIL = '<script>document.title = "broken"</script><img src="http://evil.example/x.png" onerror="alert(1)">'


def example(folder: Path) -> None:
    files = (EXAMPLE / "proposals.csv", "--reviews", EXAMPLE / "reviews.csv")
    command("optimize", *files, "--policy", EXAMPLE / "policy.toml", "--out", folder, "--quiet")


def aibs(folder: Path) -> None:
    reviews = DATA / "aibs" / "reviews.csv"
    if not reviews.exists():
        pytest.skip(
            f"needs {reviews}, real data that is not part of the project; PORTFOLIO_DATA names its folder"
        )
    script = ROOT / "examples" / "aibs_agency.py"
    subprocess.run([sys.executable, script, reviews, "--out", folder], capture_output=True, check=True)


def large(folder: Path) -> None:
    call = pf.simulate_call(7000, seed=1, reviews_per_proposal=0).call
    pf.write_decision(pf.optimize(call, pf.Policy(budget=600_000_000)), folder)


def hostile(folder: Path) -> None:
    frame = pl.DataFrame(
        {"id": [EVIL, "b"], "amount": [1, 1], "merit": [5, 4], "title": [EVIL] * 2, "field": [EVIL] * 2}
    )
    pf.write_decision(pf.optimize(pf.Call.from_frame(frame), pf.Policy(budget=1)), folder)


CALLS: dict[str, Callable[[Path], None]] = {
    "example": example,
    "aibs": aibs,
    "large": large,
    "hostile": hostile,
}


@pytest.fixture(scope="module", params=CALLS)
def report(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The report of a call, beside the folder of its decision."""
    folder = tmp_path_factory.mktemp(request.param) / "decision"
    CALLS[request.param](folder)
    page = folder.parent / f"{request.param}.html"
    command("report", folder, "--out", page, "--title", TITLE, "--quiet")
    return page


def test_it_opens_prints_and_can_be_used_by_everybody(browser: Browser, report: Path, tmp_path: Path) -> None:
    from axe_playwright_python.sync_playwright import Axe
    from pypdf import PdfReader

    assert report.stat().st_size < 5_000_000
    said: list[str] = []
    asked: list[str] = []
    with context(browser) as window:
        page = window.new_page()
        page.on("console", lambda message: said.append(message.text))
        page.on("request", lambda request: asked.append(request.url))
        for width in (390, 1280):
            page.set_viewport_size({"width": width, "height": 900})
            page.goto(report.as_uri())
            assert page.title() == TITLE
            assert page.evaluate("document.documentElement.scrollWidth") == width
            shown = page.locator("svg:visible").evaluate_all(
                "all => all.map(one => one.getBoundingClientRect().right)"
            )
            assert shown
            assert max(shown) <= width
        if report.stem == "example":
            picture(page, "report.png")
        # Each check of a table of thousands of rows takes a minute, and says what it says of the small ones.
        if report.stem != "large":
            page.locator("details").evaluate_all("all => all.forEach(one => one.open = true)")
            faults = Axe().run(page).response["violations"]
            assert [fault["id"] for fault in faults if fault["impact"] in {"serious", "critical"}] == []
        page.goto(report.as_uri())
        page.pdf(path=tmp_path / "report.pdf", prefer_css_page_size=True)
    assert said == []
    assert set(asked) == {report.as_uri()}
    printed = PdfReader(tmp_path / "report.pdf")
    width, height = printed.pages[0].mediabox[2:]
    assert (round(width), round(height)) == (595, 842)
    first = printed.pages[0].extract_text()
    for words in (TITLE, "Budget", "Awarded", "Awards", "Proven", "SHA-256"):
        assert words in first
    assert f"1 / {len(printed.pages)}" in first
    assert "The funding line" not in first
    # What is folded on the screen is printed too: every proposal is on some page.
    ids = pl.read_csv(report.with_name("decision") / "decisions.csv", infer_schema=False)["id"]
    last = ids[-1]
    assert any(last in sheet.extract_text() for sheet in reversed(printed.pages))
