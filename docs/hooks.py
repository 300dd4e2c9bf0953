"""What mkdocs does besides: pages from outside docs/, formulas without scripts, words of the glossary explained.

Pages have to read well on a code host too, so they are plain Markdown there: formulas stand between dollars, and links
to other parts of the project go through ``..``. Here they become what the built manual needs.
"""

from __future__ import annotations

import html
import re
from pathlib import Path
from typing import Any

import jupytext
from latex2mathml.converter import convert
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

ROOT = Path(__file__).parents[1]

# What lies beside docs/ and is part of the manual too, and what it is called there.
PAGES = {
    "CHANGELOG.md": "changelog.md",
    "CONTRIBUTING.md": "contributing.md",
    "examples/README.md": "examples/index.md",
    "examples/aibs_agency.py": "examples/aibs_agency.md",
    "examples/what_if.ipynb": "examples/what_if.md",
    "examples/young_investigators.ipynb": "examples/young_investigators.md",
}
FILES = ("CITATION.cff", "LICENSE", "examples/snsf_2019.toml", "examples/data/policy.toml")

_FORMULA = re.compile(r'<(span|div) class="arithmatex">(.*?)</\1>', re.DOTALL)
_LONG = 40  # characters of a formula that may not fit into a narrow window
_TERM = re.compile(r"^## ([^\n]+)\n\n(.+?)(?:\n\n|\Z)", re.MULTILINE | re.DOTALL)


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages and files that lie beside docs/."""
    for name, target in PAGES.items():
        files.append(File.generated(config, target, content=_markdown(ROOT / name)))
    for name in FILES:
        files.append(File.generated(config, name, content=(ROOT / name).read_bytes()))
    return files


def on_page_markdown(markdown: str, page: Page, **_: Any) -> str:
    """Turn links out of docs/ to where their targets are in the manual, and explain words of the glossary."""
    if "/" not in page.file.src_uri:
        for name, target in {**PAGES, **dict.fromkeys(FILES)}.items():
            markdown = markdown.replace(f"](../{name})", f"]({target or name})")
    if page.file.src_uri == "glossary.md":
        return markdown
    meanings = "\n".join(f"*[{word}]: {meaning}" for word, meaning in tooltips().items())
    return f"{markdown}\n\n{meanings}\n"


def on_page_content(content: str, **_: Any) -> str:
    """Write formulas as MathML, which browsers draw by themselves, and let the keyboard reach tables to scroll them."""
    return _FORMULA.sub(_mathml, content).replace("<table>", '<table tabindex="0">')


def on_post_page(output: str, **_: Any) -> str:
    """Give the search of the theme a name, for those who hear the page."""
    dialog = 'data-md-component="search" role="dialog"'
    return output.replace(dialog, f'{dialog} aria-label="Search"', 1)


def tooltips() -> dict[str, str]:
    """Return the first sentence of each entry of the glossary that is a word of its own, by the word.

    Words of everyday language, such as "gap", would be underlined everywhere; only abbreviations and terms of
    several words are explained where they stand.
    """
    page = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
    found = {}
    for heading, text in _TERM.findall(page):
        sentence = _plain(" ".join(text.split())).split(". ")[0].removesuffix(".") + "."
        name, _, short = heading.removesuffix(")").partition(" (")
        if " " in name:
            found[name[0].lower() + name[1:] if name[1].islower() else name] = sentence
        found |= {word: sentence for word in (name, short) if word.isupper() and word.isalpha()}
    return found


def _markdown(file: Path) -> str:
    """Return a page as Markdown, with its links as they are in the manual."""
    if file.suffix == ".md":
        return file.read_text(encoding="utf-8").replace("](docs/", "](")
    notebook = jupytext.read(file)
    notebook.metadata = {"jupytext": {"notebook_metadata_filter": "-all"}}
    return jupytext.writes(notebook, fmt="md").replace("](../docs/", "](../")


def _plain(text: str) -> str:
    return re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", text).replace("`", "").replace("*", "").replace('"', "'")


def _mathml(match: re.Match[str]) -> str:
    latex = html.unescape(match[2]).strip()
    display = "block" if latex.startswith(r"\[") else "inline"
    try:
        written = convert(latex[2:-2], display=display)
    except Exception as error:
        raise PluginError(f"this formula cannot be written as MathML: {latex}") from error
    # In texts the converter keeps the backslash before an underscore.
    written = written.replace(r"\_", "_")
    if "\\" in written:
        raise PluginError(f"a command of this formula is not known: {latex}")
    if display == "block":
        return f'<div class="formula" tabindex="0">{written}</div>'
    return f'<span class="formula" tabindex="0">{written}</span>' if len(latex) > _LONG else written
