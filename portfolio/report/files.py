"""The files of a decision, each written whole or not at all."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from functools import cache, partial
from pathlib import Path
from typing import Any

import polars as pl

from portfolio.call.csvfile import write_csv, write_parts
from portfolio.call.files import atomic_write, together
from portfolio.call.kept import kept
from portfolio.errors import DataError, Issue
from portfolio.optimize import Portfolio, ReservePrice
from portfolio.optimize.inputs import recorded_policy_file
from portfolio.report.decisions import decision_parts
from portfolio.report.layout import as_json, write_json
from portfolio.report.proof import as_proof
from portfolio.report.record import FORMAT, as_record

RECORD, PROOF, FINGERPRINT = "portfolio.json", "proof.json", "portfolio.json.sha256"
FILES = ("awards.csv", "decisions.csv", "set_aside.csv", PROOF, RECORD, FINGERPRINT)
"""All that a decision may consist of."""


def write_decision(
    portfolio: Portfolio,
    directory: str | Path,
    prices: Sequence[ReservePrice] = (),
    *,
    previous: str | Path | None = None,
) -> tuple[Path, ...]:
    """Write ``awards.csv``, ``decisions.csv``, ``set_aside.csv``, ``proof.json`` and ``portfolio.json`` into a folder.

    The last is the record: it holds the SHA-256 of all others, and its own stands in ``portfolio.json.sha256``. The
    same decision gives the same bytes. Existing files of these names are replaced, each at once, when all are
    complete, the record last. Over and above there is no ``proof.json``: each round is proven by itself, and no prices
    are kept.

    Parameters
    ----------
    previous
        Folder of the decision that this one follows: its record goes into the chain.

    Raises
    ------
    DataError
        If `previous` holds no record.
    OSError
        If the folder cannot be written to, or holds the decision that this one follows.
    """
    folder = Path(directory)
    before = None if previous is None else fingerprint_of(previous)
    folder.mkdir(parents=True, exist_ok=True)
    # Put together once, when it is needed: it is as large as the rules are.
    proof = cache(portfolio.proof)
    parts: dict[str, Callable[[Path], object]] = {
        "awards.csv": lambda path: write_parts(map(awards_table, decision_parts(portfolio, prices)), path),
        "decisions.csv": lambda path: write_parts(decision_parts(portfolio, prices), path),
        "set_aside.csv": partial(write_csv, portfolio.problem.call.set_aside),
    }
    if not portfolio.rounds:
        parts[PROOF] = lambda path: write_json(as_proof(portfolio, proof()), path)
    follows = () if previous is None else (record_in(Path(previous)),)
    with kept(follows), together():
        files = {name: _written(folder / name, write) for name, write in parts.items()}
        record = as_record(portfolio, prices, None if portfolio.rounds else proof()) | {
            "files": files,
            "policy_file": recorded_policy_file(portfolio.problem),
            "previous": before,
        }
        write_record(record, folder / RECORD)
    if portfolio.rounds:
        # That of another decision, which this one has replaced.
        (folder / PROOF).unlink(missing_ok=True)
    return tuple(folder / name for name in (*parts, RECORD, FINGERPRINT))


def write_record(record: Mapping[str, object], path: str | Path) -> None:
    """Write a record in its canonical form, and beside it its SHA-256 as ``sha256sum`` does."""
    path = Path(path)
    with together():
        digest = _written(path, partial(write_json, record))
        with atomic_write(path.with_name(f"{path.name}.sha256")) as temporary:
            temporary.write_bytes(fingerprint_line(path.name, digest))


def fingerprint_line(name: str, digest: str) -> bytes:
    """Return the line by which ``sha256sum --check`` knows a file."""
    return f"{digest}  {name}\n".encode()


def awards_table(decisions: pl.DataFrame) -> pl.DataFrame:
    """Return what ``awards.csv`` holds of the table of all decisions."""
    return decisions.filter(pl.col("decision") == "funded").select("id", "amount_awarded", "merit")


def digest_of(path: Path) -> str:
    """Return the SHA-256 of the bytes of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _written(path: Path, write: Callable[[Path], object]) -> str:
    with atomic_write(path) as temporary:
        write(temporary)
        return digest_of(temporary)


def record_in(place: Path) -> Path:
    """Return the record that stands in a folder, or the file itself."""
    return place / RECORD if place.is_dir() else place


def fingerprint_of(previous: str | Path) -> dict[str, str]:
    """Return how a record names the one that it follows: the folder or file, and the SHA-256 of the record.

    Raises
    ------
    DataError
        If there is none.
    """
    place = Path(previous)
    hint = "name the folder that `portfolio optimize --out DIR` wrote, or the file of a record"
    try:
        found = {"name": place.resolve().name, "sha256": digest_of(record_in(place))}
        known = holds_record(record_in(place))
    except OSError as error:
        raise DataError(
            [Issue(f"cannot be read: {error.strerror}", hint, file=str(record_in(place)))]
        ) from None
    if not known:
        raise DataError([Issue("is no record", hint, file=str(record_in(place)))])
    return found


def holds_record(path: Path) -> bool:
    """Whether a file is the record of a decision, a lottery or a sweep, in the form in which records are written.

    Raises
    ------
    OSError
        If it cannot be read.
    """
    data = path.read_bytes()
    try:
        record: Any = json.loads(data)
        written = isinstance(record, dict) and as_json(record).encode() == data
    except (ValueError, RecursionError):
        return False
    # Keys that every record has had from the first; a proof has a format too, and no policy.
    return written and record.get("format") == FORMAT and {"inputs", "policy"} <= record.keys()
