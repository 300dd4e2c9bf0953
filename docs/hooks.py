"""What mkdocs does besides: formulas without scripts, words of the glossary explained, pages from outside docs/.

Pages have to read well on a code host too, so they are plain Markdown there: formulas stand between dollars, links to
other parts of the project go through ``..``. Here they become what the built manual needs.
"""

from __future__ import annotations

import html
import re
from pathlib import Path
from typing import Any

from latex2mathml.converter import convert
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

ROOT = Path(__file__).parents[1]

# Papers of the project that are pages of the manual as well, and what they are called there.
PAPERS = {"CHANGELOG.md": "changelog.md", "CONTRIBUTING.md": "contributing.md"}
# Files that pages offer to be taken away.
FILES = ("CITATION.cff", "LICENSE")
EXAMPLES = "examples/"

_FORMULA = re.compile(r'<(span|div) class="arithmatex">(.*?)</\1>', re.DOTALL)
_MATHJAX = re.compile(r"<script data-mkdocs-jupyter-mathjax=.*?</script>", re.DOTALL)
_TERM = re.compile(r"^### (.+)\n\n(.+?)(?:\n\n|\Z)", re.MULTILINE | re.DOTALL)


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the papers and files that lie beside docs/."""
    for name, page in PAPERS.items():
        text = (ROOT / name).read_text(encoding="utf-8").replace("](docs/", "](")
        files.append(File.generated(config, page, content=text))
    for name in FILES:
        files.append(File.generated(config, name, content=(ROOT / name).read_bytes()))
    return files


def on_page_markdown(markdown: str, page: Page, **_: Any) -> str:
    """Turn links out of docs/ to where their targets are in the manual, and explain words of the glossary."""
    if "/" not in page.file.src_uri:
        for name, target in {**PAPERS, EXAMPLES: EXAMPLES, **dict(zip(FILES, FILES, strict=True))}.items():
            markdown = markdown.replace(f"](../{name}", f"]({target}")
    if page.file.src_uri == "glossary.md":
        return markdown
    meanings = "\n".join(f"*[{word}]: {meaning}" for word, meaning in tooltips().items())
    return f"{markdown}\n\n{meanings}\n"


def on_page_content(content: str, page: Page, **_: Any) -> str:
    """Write formulas as MathML, which browsers draw by themselves, and take out what would load a script."""
    if "data-mkdocs-jupyter-mathjax" in content and re.search(r"\$[^$\n]+\$|\\\(", _MATHJAX.sub("", content)):
        raise PluginError(f"{page.file.src_uri}: formulas in notebooks would need a script from another machine")
    return _FORMULA.sub(_mathml, _MATHJAX.sub("", content))


def tooltips() -> dict[str, str]:
    """Return the first sentence of each entry of the glossary that is a word of its own, by the word.

    Words of everyday language, such as "gap", would be underlined everywhere; only abbreviations and terms of
    several words are explained where they stand.
    """
    page = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
    found = {}
    for heading, text in _TERM.findall(page):
        sentence = _plain(" ".join(text.split())).split(". ")[0].removesuffix(".") + "."
        name, _, short = heading.rstrip(")").partition(" (")
        if " " in name:
            found[name[0].lower() + name[1:] if name[1].islower() else name] = sentence
        found |= {word: sentence for word in (name, short) if word.isupper() and word.isalpha()}
    return found


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
    if "\\" in re.sub(r"<mo>&#x0005C;</mo>", "", written):
        raise PluginError(f"a command of this formula is not known: {latex}")
    return f'<div class="formula" tabindex="0">{written}</div>' if display == "block" else written
