"""Write docs/api.md, the reference of the library, from its public names: python docs/make_api.py."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

import portfolio as pf

_HEAD = """# The library, name by name

All that `import portfolio as pf` offers, in the order in which data walks through the rooms. This page is made from the
code by `python docs/make_api.py`, and a test keeps the two equal. In the built manual each name is followed by its
parameters, what it returns and the errors that it raises; `help(pf.Problem)` says the same in Python.
"""

# What each room is about, in the order of the way through the house.
_ROOMS = {
    "call": "The call: what was asked for",
    "scoring": "Scores: what each proposal is",
    "policy": "The policy: what the funder wants",
    "optimize": "The decision: who is funded",
    "analysis": "Analysis: why, what if, how sure",
    "report": "Reports: tables and files that people read",
    "simulate": "Synthetic calls",
    "errors": "Errors",
}


def page() -> str:
    """Return the text of the page."""
    rooms: dict[str, list[str]] = {room: [] for room in _ROOMS}
    for name in pf.__all__:
        if not name.startswith("_"):
            rooms[_room(getattr(pf, name))].append(name)
    return "\n".join(
        [_HEAD, *(_section(title, rooms[room]) for room, title in _ROOMS.items() if rooms[room])]
    )


def _room(value: object) -> str:
    named = value if hasattr(value, "__name__") else type(value)
    return str(named.__module__).split(".")[1]


def _section(title: str, names: list[str]) -> str:
    rows = "".join(f"| `pf.{name}` | {_first_sentence(getattr(pf, name))} |\n" for name in names)
    inserts = "\n".join(f"::: {_path(name)}\n" for name in names)
    return f"## {title}\n\n| Name | What it is |\n| --- | --- |\n{rows}\n{inserts}"


def _path(name: str) -> str:
    # `portfolio.optimize` is a room too; only the full path says that the function is meant.
    value = getattr(pf, name)
    return f"{value.__module__}.{name}" if name in _ROOMS else f"portfolio.{name}"


def _first_sentence(value: object) -> str:
    text = inspect.getdoc(value) or ""
    line = " ".join(text.split("\n\n")[0].split())
    return re.sub(r"``(.+?)``", r"`\1`", re.split(r"(?<=\.)\s", line)[0]).replace("|", "\\|")


if __name__ == "__main__":
    (Path(__file__).parent / "api.md").write_text(page(), encoding="utf-8")
