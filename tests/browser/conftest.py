"""A real Chromium for the pages. Nothing that they do may leave this machine, and nothing may be missing in CI."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from browser.chromium import EXAMPLE, Opened, context, explorer, settle

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

_NAMES = ("chromium", "chromium-browser", "google-chrome")
# Chromium itself is to be quiet as well; the sandbox cannot be had by root in a container.
_QUIET = (
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-quic",
)


def missing(what: str) -> None:
    """Skip where a browser is optional, fail where ``PORTFOLIO_BROWSER=required`` says that it is not."""
    if os.environ.get("PORTFOLIO_BROWSER") == "required":
        pytest.fail(f"PORTFOLIO_BROWSER=required, but {what}")
    pytest.skip(f"{what}; pip install 'grant-portfolio[browser]' and Chromium on the PATH run these tests")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    found = [path for path in map(shutil.which, _NAMES) if path]
    if not found:
        missing("there is no Chromium on the PATH")
    try:
        from playwright.sync_api import sync_playwright
    except ModuleNotFoundError:
        missing("Playwright is not installed")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=found[0], args=list(_QUIET))
        yield chromium
        chromium.close()


@pytest.fixture(scope="module")
def example(browser: Browser) -> Iterator[str]:
    """The address of an explorer of the example call."""
    files = (
        EXAMPLE / "proposals.csv",
        "--reviews",
        EXAMPLE / "reviews.csv",
        "--policy",
        EXAMPLE / "policy.toml",
    )
    with explorer(*files) as address:
        yield address


@pytest.fixture
def open_page(browser: Browser) -> Iterator[Opened]:
    """Opens an address at a width and waits until everything is decided and priced."""
    with context(browser, accept_downloads=True, reduced_motion="reduce") as window:

        def opened(address: str, width: int = 1280, *, decided: bool = True) -> Page:
            page = window.new_page()
            page.set_viewport_size({"width": width, "height": 900})
            page.goto(address)
            if decided:
                settle(page)
            return page

        yield opened
