"""The gallery shows what the code on its page draws."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path

import matplotlib as mpl
import pytest

ROOT = Path(__file__).parents[3]
DOCS = ROOT / "docs"


def pinned() -> str:
    (found,) = re.findall(r"^matplotlib==(\S+)", (ROOT / "constraints.txt").read_text("utf-8"), re.MULTILINE)
    return str(found)


@pytest.mark.skipif(
    mpl.__version__ != pinned(), reason=f"the gallery is drawn with matplotlib {pinned()}, of constraints.txt"
)
def test_the_gallery_is_what_the_page_draws() -> None:
    spec = importlib.util.spec_from_file_location("make_charts", DOCS / "make_charts.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    drawn = module.pictures()
    assert sorted(drawn) == sorted(path.name for path in (DOCS / "charts").iterdir())
    page = (DOCS / "charts.md").read_text("utf-8")
    for name, svg in drawn.items():
        assert f"(charts/{name})" in page
        assert (DOCS / "charts" / name).read_text("utf-8") == svg, "run: python docs/make_charts.py"
