"""Arguments and options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from portfolio.report.tables import refuse_suffix

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
Encoding = Annotated[
    str | None,
    typer.Option("--encoding", help="Encoding of CSV files that are not UTF-8.", show_default=False),
]


def table_file(path: Path | None) -> Path | None:
    """Refuse a table that could not be written before any work is done for it."""
    if path is not None:
        refuse_suffix(path)
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
