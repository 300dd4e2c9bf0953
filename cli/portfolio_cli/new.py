"""``portfolio new``: a starter call and policy."""

from __future__ import annotations

import os
import shlex
from importlib.resources import files
from pathlib import Path
from subprocess import list2cmdline
from typing import Annotated

import typer

from portfolio.call.files import atomic_write, together
from portfolio_cli.options import Quiet
from portfolio_cli.terminal import complain, say

NAMES = ("proposals.csv", "reviews.csv", "policy.toml")


def new(
    folder: Annotated[Path, typer.Argument(help="Folder to make.", metavar="DIR", show_default=False)],
    quiet: Quiet = False,
) -> None:
    """Make a folder with a starter call and policy that run as they are.

    Example: portfolio new my-call
    """
    starter = {name: (files("portfolio_cli") / "starter" / name).read_bytes() for name in NAMES}
    taken = [name for name in NAMES if (folder / name).exists()]
    # A command that was killed leaves some of its files as they are here: they are no reason to stop.
    others = [name for name in taken if not _holds(folder / name, starter[name])]
    if others or len(taken) == len(NAMES):
        complain(f"{folder} already has {', '.join(taken)}; nothing was changed. Choose another folder.")
        raise typer.Exit(2)
    folder.mkdir(parents=True, exist_ok=True)
    with together():
        for name, data in starter.items():
            with atomic_write(folder / name) as temporary:
                temporary.write_bytes(data)
    proposals, reviews, policy = (str(folder / name) for name in NAMES)
    command = ["portfolio", "optimize", proposals, "--reviews", reviews, "--policy", policy]
    command += ["--out", str(folder / "decision")]
    # As the shell of the system reads it: a name may hold blanks.
    words = list2cmdline(command) if os.name == "nt" else shlex.join(command)
    say(f"Made {folder} with {', '.join(NAMES)}. Next:\n  {words}", quiet=quiet)


def _holds(path: Path, data: bytes) -> bool:
    return path.is_file() and path.read_bytes() == data
