"""A window of Chromium that asks no other machine, the explorer as a process, and what their tests wait for."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "examples" / "data"
_HERE = {"127.0.0.1", "localhost", ""}
_COMMAND = (sys.executable, "-c", "from portfolio_cli.main import run; run()")
# How long a page may take on a busy machine, in milliseconds.
PATIENCE = 20_000


@contextmanager
def context(browser: Browser, **options: Any) -> Iterator[BrowserContext]:
    """Open a window of its own; on closing, any request to another machine and any error of a script fails."""
    wrong: list[str] = []

    def look(address: str) -> bool:
        parts = urlsplit(address)
        away = parts.scheme in {"http", "https", "ws", "wss"} and parts.hostname not in _HERE
        if away:
            wrong.append(f"asked {address}")
        return away

    opened = browser.new_context(locale="en-GB", color_scheme="light", **options)
    opened.set_default_timeout(PATIENCE)
    # Only what would leave is stopped; the rest is merely looked at, so that nothing is slower than it is.
    elsewhere = re.compile(r"^(https?|wss?)://(?!127\.0\.0\.1[:/]|localhost[:/])")
    opened.route(elsewhere, lambda route: route.abort())
    opened.on("request", lambda request: look(request.url))
    opened.on("page", lambda page: page.on("websocket", lambda socket: look(socket.url)))
    opened.on("weberror", lambda error: wrong.append(f"script: {error.error}"))
    yield opened
    opened.close()
    assert not wrong, wrong


def command(*arguments: object) -> subprocess.CompletedProcess[str]:
    """Run the command as a process; it must succeed."""
    given = [*_COMMAND, *map(str, arguments)]
    done = subprocess.run(given, capture_output=True, text=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stderr
    return done


@contextmanager
def explorer(*arguments: object) -> Iterator[str]:
    """Run ``portfolio explore`` and yield the address of its page."""
    given = [*_COMMAND, "explore", *map(str, arguments), "--no-open"]
    with subprocess.Popen(given, stderr=subprocess.PIPE, text=True, encoding="utf-8") as process:
        try:
            assert process.stderr is not None
            said = []
            for line in process.stderr:
                said.append(line)
                address = re.search(r"http://127\.0\.0\.1:\d+/\?token=\S+", line)
                if address:
                    yield address[0]
                    break
            else:
                pytest.fail(f"the explorer did not start: {''.join(said)}")
        finally:
            process.terminate()


Opened = Callable[..., "Page"]


def settle(page: Page) -> None:
    """Wait until the page shows the proven decision and its prices."""
    page.wait_for_selector(".portfolio-explorer[data-stage=proof][data-done=true]")


def picture(page: Page, name: str, *, clip: dict[str, int] | None = None, full: bool = False) -> None:
    """Save a picture of the page for the manual, into the folder that ``PORTFOLIO_SCREENSHOTS`` names, if any."""
    folder = os.environ.get("PORTFOLIO_SCREENSHOTS")
    if folder:
        from PIL import Image

        pixels = Image.open(BytesIO(page.screenshot(clip=clip, full_page=full)))
        # The 256 colours that it has most of are enough for a manual, which is not to be heavy.
        pixels.convert("RGB").quantize(256).save(Path(folder) / name, optimize=True)
