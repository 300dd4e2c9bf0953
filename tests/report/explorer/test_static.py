"""Facts about the files of the explorer's page: they can be joined, ask nobody, and make nothing out of words."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

from portfolio.report.explorer.bundle import STATIC, module, style

MODULES = sorted(STATIC.glob("*.js"))
_TOP = re.compile(r"^(?:export )?(?:async )?(?:function|class|const|let)\s+([\w$]+)", re.MULTILINE)
# What names the language of drawings is an address that nobody asks.
_SVG = "http://www.w3.org/2000/svg"


def test_no_two_modules_share_a_name() -> None:
    names = Counter(name for path in MODULES if path.name != "page.js" for name in _TOP.findall(text(path)))
    assert len(names) > 50
    assert not [name for name, count in names.items() if count > 1]


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.name)
def test_a_module_makes_no_html_out_of_words(path: Path) -> None:
    forbidden = r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|DOMParser"
    assert not re.findall(forbidden, text(path))


def test_nothing_is_asked_of_another_machine() -> None:
    files = [*MODULES, STATIC / "page.html", STATIC / "explorer.css"]
    addresses = {
        address
        for path in files
        for address in re.findall(r"(?:https?:)?//[\w.-]+\.\w+[^\s\"']*", text(path))
    }
    assert addresses == {_SVG}
    assert "@import" not in style()


def test_every_module_is_part_of_the_page() -> None:
    joined = module()
    # The names at the top of a module are there; the page of the browser starts by one of its own.
    for path in MODULES:
        if path.name != "page.js":
            assert all(name in joined for name in _TOP.findall(text(path))), path.name


def test_the_style_is_that_of_the_explorer_alone() -> None:
    plain = re.sub(r"/\*.*?\*/", "", style(), flags=re.DOTALL)
    rules = re.findall(r"(?:^|[{}])\s*([^{}@]+?)\s*\{", plain)
    assert len(rules) > 50
    foreign = [rule for rule in rules if not rule.startswith((".portfolio-explorer", ".portfolio-page"))]
    assert not foreign


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.name)
def test_a_module_is_a_room(path: Path) -> None:
    assert len(text(path).splitlines()) < 310
    assert text(path).startswith("// ")


def text(path: Path) -> str:
    return path.read_text(encoding="utf-8")
