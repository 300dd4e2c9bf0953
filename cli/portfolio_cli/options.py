"""Arguments and options that several commands share."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from portfolio.errors import Issue, PolicyError
from portfolio.policy import Policy
from portfolio.policy.keys import find_key
from portfolio.policy.source import dotted
from portfolio.report.tables import refuse_table_suffix

Proposals = Annotated[
    Path, typer.Argument(help="Proposals: CSV, Excel, Parquet or JSON.", show_default=False)
]
Reviews = Annotated[
    Path | None, typer.Option("--reviews", "-r", help="Reviews of the proposals.", show_default=False)
]
PolicyFile = Annotated[
    Path | None, typer.Option("--policy", "-p", help="The policy, TOML.", show_default=False)
]
RequiredPolicy = Annotated[Path, typer.Option("--policy", "-p", help="The policy, TOML.", show_default=False)]
Corpus = Annotated[
    Path | None,
    typer.Option(
        "--corpus",
        metavar="FILE",
        help="Titles and abstracts that were funded before: adds the column novelty.",
        show_default=False,
    ),
]


def _encoding(name: str | None) -> str | None:
    """Refuse a name that is no encoding of texts: no file is at fault."""
    try:
        "a".encode(name or "utf-8")
    except (LookupError, UnicodeError):
        what = f"{name!r} is no encoding of texts; name one such as cp1252, utf-16 or iso2022_jp"
        raise typer.BadParameter(what) from None
    return name


Encoding = Annotated[
    str | None,
    typer.Option(
        "--encoding",
        help="Encoding of CSV files that are not UTF-8.",
        show_default=False,
        callback=_encoding,
    ),
]


def table_file(path: Path | None) -> Path | None:
    """Refuse a table that could not be written before any work is done for it."""
    if path is not None:
        refuse_table_suffix(path)
    return path


TableFile = Annotated[
    Path | None,
    typer.Option(
        "--out",
        "-o",
        metavar="FILE",
        help="File to write, .csv or .parquet; otherwise a table is shown.",
        show_default=False,
        callback=table_file,
    ),
]
Jobs = Annotated[
    int | None,
    typer.Option(
        "--jobs", "-j", help="Solves at a time; otherwise one per processor.", min=1, show_default=False
    ),
]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="No messages, only data and errors.")]


@contextmanager
def set_by(policy: Policy, options: Mapping[str, str]) -> Iterator[None]:
    """Name the option where a policy is refused for the value that it gave: the file of the policy is right.

    Parameters
    ----------
    policy
        As it was read.
    options
        By key of the policy, the option that sets it.
    """
    try:
        yield
    except PolicyError as error:
        places = {_place(policy, key): option for key, option in options.items()}
        raise PolicyError(_by_option(issue, places) for issue in error.issues) from None


def _place(policy: Policy, key: str) -> str:
    try:
        return dotted(find_key(policy, key))
    except PolicyError:
        # A key that names nothing is the place of that fault.
        return key


def _by_option(issue: Issue, places: Mapping[str, str]) -> Issue:
    # What is set by an option stands in no file, and so has no line.
    for place, option in places.items() if issue.file == "policy" and not issue.rows else ():
        if issue.column == place:
            return replace(issue, file=option, column="")
        if issue.column.startswith((f"{place}.", f"{place}[")) or place.startswith(
            (f"{issue.column}.", f"{issue.column}[")
        ):
            return replace(issue, file=f"{option}, key {issue.column}", column="")
    return issue
