"""The manual as it is built: complete, without anything from other machines, and usable by everybody."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
# Pages of each kind: a map, formulas, wide tables, the reference of the library, a notebook, console output.
LOOKED_AT = ("index", "mathematics", "comparison", "api", "examples/what_if", "years")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    built = os.environ.get("PORTFOLIO_MANUAL")
    if built:
        return Path(built)
    for name in ("material", "jupytext", "latex2mathml", "mkdocstrings"):
        pytest.importorskip(name, reason="building the manual needs the extra docs")
    folder = tmp_path_factory.mktemp("manual")
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--quiet", "--strict", "--site-dir", str(folder)],
        cwd=ROOT,
        env=os.environ | {"NO_MKDOCS_2_WARNING": "1", "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


class Resources(HTMLParser):
    """What a page makes a browser load: not what it links to."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "link" and given.get("rel") not in {"canonical", "alternate", "prev", "next"}:
            self.found.append(given.get("href") or "")
        if tag != "a":
            self.found += [given.get(name) or "" for name in ("src", "srcset", "data", "poster")]


def test_every_page_of_the_manual_is_built(site: Path) -> None:
    for page in DOCS.rglob("*.md"):
        assert (site / page.relative_to(DOCS).with_suffix(".html")).is_file(), page.name
    for example in ("what_if", "young_investigators", "aibs_agency"):
        assert (site / "examples" / f"{example}.html").is_file(), example


def test_nothing_is_loaded_from_another_machine(site: Path) -> None:
    pages = list(site.rglob("*.html"))
    assert len(pages) > len(list(DOCS.glob("*.md")))
    for page in pages:
        reader = Resources()
        text = page.read_text(encoding="utf-8")
        reader.feed(text)
        assert any(name.endswith(".css") for name in reader.found), page.name
        assert [name for name in reader.found if re.match(r"(?:\w+:)?//", name)] == [], page.name
        # Scripts of the theme would fetch these if a page asked for them.
        assert not re.search(r'class="mermaid"|mathjax|cdn\.', text), page.name
    for sheet in site.rglob("*.css"):
        assert not re.search(r"(?:@import|url\()\s*['\"]?(?:https?:)?//", sheet.read_text("utf-8")), (
            sheet.name
        )


def test_formulas_are_drawn_without_a_script(site: Path) -> None:
    page = (site / "mathematics.html").read_text(encoding="utf-8")
    assert page.count("<math") > 200
    assert "arithmatex" not in page
    # Nothing that was meant as a formula is left between dollars.
    assert not re.search(r"\$[^$<>\n]*\\\w", page)


def test_words_of_the_glossary_are_explained_where_they_stand(site: Path) -> None:
    assert "<abbr" not in (site / "glossary.html").read_text(encoding="utf-8")
    page = (site / "why.html").read_text(encoding="utf-8")
    assert re.search(r'<abbr title="The value lost per further unit of money[^"]*">shadow price</abbr>', page)


def test_every_public_name_has_its_place_in_the_reference(site: Path) -> None:
    import portfolio as pf

    page = (site / "api.html").read_text(encoding="utf-8")
    for name in set(pf.__all__) - {"__version__"}:
        assert re.search(rf'<h3 id="portfolio\.(?:\w+\.)*{name}"', page), name


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    api = pytest.importorskip("playwright.sync_api", reason="looking at pages needs the extra browser")
    if CHROMIUM is None:
        pytest.skip("looking at pages needs Chromium")
    arguments = ["--no-sandbox", "--disable-background-networking", "--disable-component-update"]
    arguments += ["--disable-sync", "--no-first-run", "--disable-quic"]
    with api.sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=arguments)
        yield chromium
        chromium.close()


@pytest.mark.parametrize("width", [1280, 390])
def test_pages_can_be_used_by_everybody_from_a_folder(browser: Any, site: Path, width: int) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    page = browser.new_page(viewport={"width": width, "height": 900})
    asked: list[str] = []
    errors: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("pageerror", lambda error: errors.append(str(error)))
    for name in LOOKED_AT:
        page.goto((site / f"{name}.html").as_uri())
        assert page.evaluate("document.documentElement.scrollWidth") <= width, name
        found = axe.run(page).response["violations"]
        assert [each["id"] for each in found if each["impact"] in {"serious", "critical"}] == [], name
    assert [url for url in asked if url.startswith("http")] == []
    assert errors == []
    page.close()


def test_the_search_finds_a_page_without_a_server(browser: Any, site: Path) -> None:
    page = browser.new_page()
    page.goto((site / "index.html").as_uri())
    page.locator(".md-search__input").press_sequentially("waiting list")
    first = page.locator(".md-search-result__item a").first
    first.wait_for(timeout=10_000)
    assert "waiting-list.html" in first.get_attribute("href")
    page.close()
