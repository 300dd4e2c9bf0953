"""The benchmark of a step on the page runs; how fast is another matter."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from browser.chromium import ROOT

if TYPE_CHECKING:
    from playwright.sync_api import Browser


def test_the_benchmark_of_a_step_writes_its_table(browser: Browser, tmp_path: Path) -> None:
    assert browser.is_connected()
    page = tmp_path / "page.md"
    page.write_text("<!-- page_step -->\n<!-- /page_step -->\n", encoding="utf-8")
    command = [sys.executable, ROOT / "tests" / "benchmarks" / "page_step.py", "--n", "60", "--steps", "2"]
    done = subprocess.run(
        [*command, "--out", page], check=False, capture_output=True, text=True, encoding="utf-8"
    )
    assert done.returncode == 0, done.stderr
    assert re.search(r"^\| 60 \| 2 \|( \d+ ms \|){3}$", page.read_text(encoding="utf-8"), re.MULTILINE)
