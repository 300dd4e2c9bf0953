"""The files of the page. Notebooks take one module of JavaScript, and the browser gets the same one."""

from __future__ import annotations

import re
from pathlib import Path

STATIC = Path(__file__).parent / "static"
_ENTRY = "explorer.js"
_IMPORT = re.compile(r"""^import\b[^;]*?\bfrom\s+["']\./([\w-]+\.js)["'];?[ \t]*\n""", re.MULTILINE)
_EXPORT = re.compile(r"^export (?!default\b)", re.MULTILINE)


def module(static: Path = STATIC) -> str:
    """Return the modules of the page joined into one, each before those that import it.

    Lines that import from a file beside it are dropped, as is the word ``export`` in all but the entry. Names at the
    top of the modules must differ.

    Raises
    ------
    ValueError
        If two modules import each other.
    """
    parts: dict[str, str] = {}
    _join(static, _ENTRY, parts, ())
    return "\n".join(parts.values())


def style(static: Path = STATIC) -> str:
    """Return the style sheet of the page."""
    return (static / "explorer.css").read_text(encoding="utf-8")


def _join(static: Path, name: str, parts: dict[str, str], path: tuple[str, ...]) -> None:
    """Put a module behind everything that it imports."""
    if name in path:
        raise ValueError(f"modules import each other: {' -> '.join((*path, name))}")
    if name in parts:
        return
    text = (static / name).read_text(encoding="utf-8")
    for wanted in _IMPORT.findall(text):
        _join(static, wanted, parts, (*path, name))
    text = _IMPORT.sub("", text)
    parts[name] = text if name == _ENTRY else _EXPORT.sub("", text)
