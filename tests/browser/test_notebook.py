"""The explorer in JupyterLab: the same page, in the cell of a notebook, with the kernel behind it."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.error import URLError
from urllib.request import urlopen

import nbformat
import pytest
from browser.chromium import EXAMPLE, PATIENCE, context, picture, settle

import portfolio as pf

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

TOKEN = "of-this-test-only"
CELL = f"""import portfolio as pf

policy = pf.read_policy({str(EXAMPLE / "policy.toml")!r})
call = pf.read_call({str(EXAMPLE / "proposals.csv")!r}, {str(EXAMPLE / "reviews.csv")!r}, policy=policy)
pf.explore(pf.Problem(call, policy))"""
# JupyterLab asks for news and newer versions of itself unless it is told not to.
CONFIG = {
    "LabApp": {
        "news_url": None,
        "check_for_updates_class": "jupyterlab.NeverCheckForUpdate",
        "extension_manager": "readonly",
        "expose_app_in_browser": True,
    }
}
# How long JupyterLab may take to start, in seconds.
START = 60


@contextmanager
def lab(folder: Path) -> Iterator[str]:
    """Run JupyterLab on a folder, with settings of its own, and yield its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    places = {name: folder / ".jupyter" / name.lower() for name in ("CONFIG", "DATA", "RUNTIME")}
    for place in places.values():
        place.mkdir(parents=True)
    (places["CONFIG"] / "jupyter_lab_config.json").write_text(json.dumps(CONFIG), encoding="utf-8")
    news = (
        places["CONFIG"]
        / "settings"
        / "@jupyterlab"
        / "apputils-extension"
        / "notification.jupyterlab-settings"
    )
    news.parent.mkdir(parents=True)
    news.write_text('{"fetchNews": "false"}', encoding="utf-8")
    environment = {f"JUPYTER_{name}_DIR": str(place) for name, place in places.items()}
    environment |= {"JUPYTERLAB_SETTINGS_DIR": str(places["CONFIG"] / "settings")}
    environment |= {"IPYTHONDIR": str(folder / ".ipython"), "JUPYTER_PREFER_ENV_PATH": "1"}
    options = [
        "--no-browser",
        "--ip=127.0.0.1",
        f"--port={port}",
        f"--IdentityProvider.token={TOKEN}",
        "--allow-root",
    ]
    log = (places["RUNTIME"] / "lab.log").open("w")
    process = subprocess.Popen(
        [sys.executable, "-m", "jupyterlab", *options, f"--ServerApp.root_dir={folder}"],
        stdout=log,
        stderr=subprocess.STDOUT,
        env=os.environ | environment,
    )
    try:
        address = f"http://127.0.0.1:{port}"
        until = time.monotonic() + START
        while not answers(f"{address}/api?token={TOKEN}"):
            if process.poll() is not None or time.monotonic() > until:
                pytest.fail(f"JupyterLab did not start: {Path(log.name).read_text(encoding='utf-8')}")
            time.sleep(0.2)
        yield address
    finally:
        process.terminate()
        try:
            process.wait(START)
        except subprocess.TimeoutExpired:
            process.kill()
        log.close()


def answers(address: str) -> bool:
    try:
        with urlopen(address, timeout=5):
            return True
    except (URLError, OSError):
        return False


def run_first_cell(page: Page) -> None:
    """Run the first cell once its kernel is there: a key that comes before is lost, or opens a dialog."""
    page.wait_for_function("window.jupyterapp?.shell.currentWidget?.sessionContext", timeout=1_000 * START)
    page.evaluate(
        """async () => {
            const notebook = window.jupyterapp.shell.currentWidget;
            await Promise.all([window.jupyterapp.restored, notebook.revealed, notebook.sessionContext.ready]);
            notebook.content.activeCellIndex = 0;
            void window.jupyterapp.commands.execute("notebook:run-cell");
        }"""
    )


def test_the_explorer_decides_in_a_cell(browser: Browser, tmp_path: Path) -> None:
    cells = [nbformat.v4.new_code_cell(CELL), nbformat.v4.new_code_cell("1 + 1")]
    kernel = {"name": "python3", "display_name": "Python 3"}
    notebook = nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel})
    nbformat.write(notebook, tmp_path / "what_if.ipynb")
    with lab(tmp_path) as address, context(browser, viewport={"width": 1280, "height": 1000}) as window:
        page = window.new_page()
        page.goto(f"{address}/doc/tree/what_if.ipynb?token={TOKEN}")
        run_first_cell(page)
        page.wait_for_selector(".portfolio-explorer", timeout=3 * PATIENCE)
        settle(page)
        slider = page.locator('input[type=range][data-key="budget"]')
        if not slider.is_visible():
            page.get_by_text("Budget, reserves and limits").click()
        slider.focus()
        for _ in range(3):
            page.keyboard.press("ArrowLeft")
        # What is a shortcut of the notebook elsewhere does nothing to it from inside the explorer.
        for key in ("a", "x", "d", "d"):
            page.keyboard.press(key)
        settle(page)
        assert page.locator(".jp-Notebook .jp-CodeCell").count() == len(cells)
        budget = int(float(slider.input_value()))
        assert budget < 10_000_000

        policy = pf.read_policy(EXAMPLE / "policy.toml").replace(budget=budget)
        call = pf.read_call(EXAMPLE / "proposals.csv", EXAMPLE / "reviews.csv", policy=policy)
        decision = pf.Problem(call, policy).solve()
        page.get_by_label("Show", exact=True).select_option("funded")
        page.get_by_label("Search", exact=True).fill("")
        shown = page.locator(".pe-proposals tbody th").all_inner_texts()
        while page.get_by_role("button", name="Next page").get_attribute("aria-disabled") != "true":
            page.get_by_role("button", name="Next page").click()
            shown += page.locator(".pe-proposals tbody th").all_inner_texts()
        assert sorted(shown) == sorted(decision.ids)

        page.locator("button[data-place]").first.click()
        page.locator(".pe-why").get_by_text("value lost").first.wait_for()
        with page.expect_download() as download:
            page.locator('[data-do="awards"]').click()
        download.value.save_as(tmp_path / "awards.csv")
        pf.write_decision(decision, tmp_path / "out")
        assert (tmp_path / "awards.csv").read_bytes() == (tmp_path / "out" / "awards.csv").read_bytes()
        # The explorer has its style, and nothing of it reaches the notebook around it.
        assert style(page, ".pe-link", "textDecorationLine") == "underline"
        assert style(page, ".jp-Toolbar :is(button, jp-button)", "textDecorationLine") == "none"
        assert style(page, ".pe-headline", "position") == "sticky"
        page.locator(".portfolio-explorer").first.scroll_into_view_if_needed()
        picture(page, "notebook.png")


def style(page: Page, selector: str, name: str) -> str:
    return str(page.locator(selector).first.evaluate(f"(node) => getComputedStyle(node).{name}"))
