"""What holds for every command: it loses nothing that it reads, and writes where it was told to, or not at all."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path
from typing import Any

import typer
from typer.core import TyperCommand

from portfolio.call.kept import kept, refuse_kept
from portfolio.report.files import FILES
from portfolio.shown import controls
from portfolio_cli.terminal import complain

# What is written; all other paths are read. A test compares this with the commands.
WRITTEN = {
    *("--out", "--record", "--nested", "--competitors", "--ranked", "--proposals-out", "--sensitivity"),
    *("--excel", "--giving"),
}
_MODEL = "--model"
# What options are followed by that hold the name of a file beside another one.
_NAMED = "NAME=FILE"
# As of a program that the signal of Ctrl-C, or of a broken pipe, has ended: 128 and its number.
_CTRL_C, _PIPE = 130, 141
# What the library below says of 4,000,000 names neither the value nor the form that works.
_NO_NUMBER = re.compile(r"valid (number|integer|float)")
_WHOLE = "must be a whole number: digits alone, such as 4000"
_NUMBER = (
    "must be a number: digits alone, with a point before decimals and no marks of thousands: 4000000 or 0.15"
)
_EMPTY = re.compile(r"(--[a-z-]+=)?")


class Command(TyperCommand):
    """A command whose inputs are kept, and whose outputs have names that were meant."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Refuse what is empty: as a path it would be the current folder, which nobody has asked for."""
        for before, given in zip(["", *args], args, strict=False):
            if _EMPTY.fullmatch(given):
                name = given.removesuffix("=") or before
                hint = name if name.startswith("-") else None
                what = "is empty; give a name. A variable of the shell may not be set"
                raise typer.BadParameter(what, ctx=ctx, param_hint=hint or "an argument")
        try:
            return super().parse_args(ctx, args)
        except typer.BadParameter as error:
            if found := _NO_NUMBER.search(error.message):
                error.message = _WHOLE if found[1] == "integer" else _NUMBER
            raise

    def invoke(self, ctx: Any) -> Any:
        """Run the command, unless what it is to write is one of its inputs or has two meanings."""
        paths = {
            param.opts[0]: ctx.params[param.name]
            for param in self.params
            if param.name is not None and isinstance(ctx.params.get(param.name), Path)
        }
        written = {name: path for name, path in paths.items() if self._writes(name, ctx)}
        read = [path for name, path in paths.items() if name not in written]
        for param in self.params:
            if param.metavar == _NAMED:
                read += [Path(given.partition("=")[2].strip()) for given in ctx.params[param.name] or ()]
        with kept(file for path in read for file in _files(path)):
            _refuse(written, ctx)
            try:
                made = super().invoke(ctx)
                sys.stdout.flush()
            except BrokenPipeError:
                # Nobody reads on. What is still in the buffers has nowhere to go, and must not complain at the end.
                for stream in (sys.stdout, sys.stderr):
                    os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
                raise typer.Exit(_PIPE) from None
            except KeyboardInterrupt:
                complain("Interrupted; nothing was written that was not complete.")
                raise typer.Exit(_CTRL_C) from None
            return made

    def _writes(self, name: str, ctx: typer.Context) -> bool:
        return (
            name in WRITTEN or self.name == "new" or (name == _MODEL and ctx.params.get("train") is not None)
        )


def _files(path: Path) -> list[Path]:
    """Return the files that a path stands for: those of a decision, if it is a folder."""
    return [path / name for name in FILES] if path.is_dir() else [path]


def _refuse(written: dict[str, Path], ctx: typer.Context) -> None:
    taken: dict[str, str] = {}
    for name, path in written.items():
        if any(map(controls, str(path))):
            what = f"{str(path)!r} holds control characters or marks that turn the direction of writing"
            raise typer.BadParameter(what, ctx=ctx, param_hint=name)
        if path.parts[:1] == ("~",):
            what = (
                "begins with ~, which the shell has not replaced: write a blank instead of =, and no quotes"
            )
            raise typer.BadParameter(what, ctx=ctx, param_hint=name)
        other = taken.setdefault(os.path.realpath(path.parent / path.name), name)
        if other != name:
            raise typer.BadParameter(f"is the same file as {other}", ctx=ctx, param_hint=name)
        if not path.is_dir():
            refuse_kept(path)
