"""Whether files are still, byte by byte, those that a record names."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

from portfolio.report.files import digest_of, fingerprint_line, holds_record, record_in
from portfolio.report.layout import as_json
from portfolio.report.schema import Role
from portfolio.report.verify.check import Check


@dataclass(frozen=True)
class Places:
    """Where the files behind a record are; what is not named is looked for in and beside its folder."""

    proposals: Path | None = None
    reviews: Path | None = None
    corpus: Path | None = None
    policy: Path | None = None
    previous: Path | None = None
    encoding: str | None = None


@dataclass(frozen=True)
class Given:
    """A file that a record names: where it was found, if it was, and whether it is the same."""

    role: str
    name: str
    path: Path | None
    same: bool | None

    @property
    def check(self) -> Check:
        """What this says of the file."""
        if self.path is None or self.same is None:
            option = "--proposals" if self.role == "proposals" else f"--{self.role}"
            where = "put it beside the folder" if self.role == "text model" else f"name it by {option}"
            return Check(self.role, None, f"{self.name} is not there; {where}")
        if self.same:
            return Check(self.role, True, f"{self.path} is the file of the record, byte for byte")
        return Check(self.role, False, f"{self.path} is not the file of the record: its SHA-256 differs")


def read_canonical(path: Path) -> tuple[dict[str, Any] | None, list[Check]]:
    """Read a record, and check that its bytes are those that it is written in, and have the SHA-256 beside it.

    Raises
    ------
    OSError
        If the record itself cannot be read.
    """
    data = path.read_bytes()
    checks = [_fingerprint(path)]
    try:
        record = json.loads(data)
        canonical = isinstance(record, dict) and as_json(record).encode() == data
    except (ValueError, RecursionError) as error:
        return None, [Check("record", False, f"{path.name} is not JSON: {error}"), *checks]
    if not isinstance(record, dict):
        return None, [Check("record", False, f"{path.name} is JSON, but no record"), *checks]
    words = "is in its canonical form" if canonical else "is not in the form in which records are written"
    return record, [Check("record", canonical, f"{path.name} {words}"), *checks]


def _fingerprint(path: Path) -> Check:
    beside = path.with_name(f"{path.name}.sha256")
    try:
        line = beside.read_bytes()
    except OSError as error:
        return Check("fingerprint", False, f"{beside.name} cannot be read: {error.strerror}")
    digest = digest_of(path)
    if line == fingerprint_line(path.name, digest):
        return Check("fingerprint", True, f"SHA-256 {digest}")
    return Check("fingerprint", False, f"{path.name} or {beside.name} was changed: {path.name} has {digest}")


def files_of(folder: Path, files: Mapping[str, str]) -> Iterator[Check]:
    """Check the other files of a folder."""
    for name, digest in sorted(files.items()):
        try:
            same = digest_of(folder / name) == digest
        except OSError as error:
            yield Check(name, False, f"cannot be read: {error.strerror}")
            continue
        yield Check(name, same, "unchanged" if same else "was changed: its SHA-256 is not that of the record")


def previous_of(record: Mapping[str, Any], beside: Path, given: Path | None) -> Check:
    """Check the record that a record follows: `given`, or what has its name in the folder `beside`."""
    named = record["previous"]
    if named is None:
        if given is None:
            return Check("chain", True, "the record follows no other")
        return Check("chain", False, f"the record follows no other, and not that of {given}")
    before = place_of(record, beside, given)
    if not before.is_file():
        words = f"the record of {named['name']} is not there; name it by --previous"
        return Check("chain", None if given is None else False, words)
    if not holds_record(before):
        return Check("chain", False, f"{before} is no record")
    same = digest_of(before) == named["sha256"]
    words = "is the record that this one follows" if same else "is not the record that this one follows"
    return Check("chain", same, f"{before} {words}")


def place_of(record: Mapping[str, Any], beside: Path, given: Path | None) -> Path:
    """Return where the record that a record follows is looked for."""
    return record_in(beside / Path(record["previous"]["name"]).name if given is None else given)


def inputs_of(record: Mapping[str, Any], folder: Path, where: Places) -> list[Given]:
    """Look for every file that a record was made from, the policy last."""
    named = {"proposals": where.proposals, "reviews": where.reviews, "corpus": where.corpus}
    found = [find(entry, entry["role"], folder, named.get(entry["role"])) for entry in record["inputs"]]
    if record["policy_file"] is not None:
        found.append(find(record["policy_file"], "policy", folder, where.policy))
    here = {given.role for given in found}
    others = (named | {"policy": where.policy}).items()
    return found + [
        Given(role, str(path), path, same=False) for role, path in others if path and role not in here
    ]


def input_checks(record: Mapping[str, Any], inputs: Iterable[Given]) -> Iterator[Check]:
    """Say of every file what was found, and of what the record names no file of that nothing was compared."""
    yield from (given.check for given in inputs)
    roles = [entry["role"] for entry in record["inputs"]]
    if roles != [role for role in get_args(Role) if role in roles]:
        yield Check("inputs", False, "the record names two files of one kind, or its files in another order")
    if not record["inputs"]:
        yield Check("proposals", None, "the call was made in Python, not from files")
    if record["policy_file"] is None:
        words = "the record names no file of it, since it was made in Python: read the one in the record"
        yield Check("policy", None, words)


def find(entry: Mapping[str, str], role: str, folder: Path, given: Path | None) -> Given:
    """Look for a file where it was named, in the folder, beside the folder and in the working directory.

    The first whose bytes are those of the record counts; if there is none, the first that is there.
    """
    name = Path(entry["name"]).name
    places = (folder, home_of(folder), Path())
    paths = [given] if given is not None else [place / name for place in places]
    there = [path for path in paths if path.is_file()]
    for path in there:
        if digest_of(path) == entry["sha256"]:
            return Given(role, name, path, same=True)
    if there:
        return Given(role, name, there[0], same=False)
    return Given(role, str(given or name), None, None)


def home_of(folder: Path) -> Path:
    """Return where the folder stands, as short as it was named."""
    return folder.resolve().parent if folder.name in {"", ".."} else folder.parent
