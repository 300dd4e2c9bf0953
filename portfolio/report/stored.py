"""Reading a decision back from its folder, with the files that it was made from."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
from pydantic import ValidationError

from portfolio.call import read_call
from portfolio.call.sheet import Source
from portfolio.errors import DataError, Issue
from portfolio.optimize import Problem, ReachedGoal, Round, Stop
from portfolio.optimize.reports import ChanceReport, OverspendingReport, PoolReport
from portfolio.optimize.value import GaveWay
from portfolio.policy import Policy, recorded_policy
from portfolio.report.decisions import FILE, edited, stored_cells
from portfolio.report.files import FILES, FINGERPRINT, RECORD, digest_of, fingerprint_line
from portfolio.report.schema import Record, faults_in
from portfolio.scoring import with_novelty

_OTHER_TABLE = edited("is not the table that was written with the decision", FILE)


@dataclass(frozen=True)
class StoredDecision:
    """What the folder of a decision holds.

    Attributes
    ----------
    record
        ``portfolio.json``, see `as_record`.
    policy
        The policy in it.
    amounts
        The award of each funded proposal, in units of the currency.
    margins
        What deciding otherwise would lose at least, for each proposal of which that is proven; empty beside goals.
    digest
        SHA-256 of the bytes of ``portfolio.json``, as they were read.
    """

    folder: Path
    record: Mapping[str, Any]
    policy: Policy
    amounts: Mapping[str, Decimal]
    margins: Mapping[str, float]
    digest: str

    @property
    def files(self) -> tuple[Path, ...]:
        """All that the decision may consist of; what is made from it is never written over these."""
        return tuple(self.folder / name for name in FILES)

    def cells(self, columns: Sequence[str] | None = None, *, name: str = FILE) -> pl.DataFrame:
        """Return a table of the folder, its cells as texts; all columns, or some.

        Raises
        ------
        DataError
            If the file is missing, or not the one that was written with this record: another decision has taken the
            folder since it was read.
        """
        return stored_cells(self.folder, columns, name=name, sha256=self.record["files"][name])

    @property
    def currency(self) -> str:
        """The currency of the call."""
        return str(self.record["currency"])

    @property
    def value(self) -> float:
        """Sum of the values of the awards."""
        return float(self.record["value"])

    @property
    def bound(self) -> float:
        """No portfolio that keeps the rules, and does as well in the goals, is worth more; infinite if unknown."""
        return _known(self.record.get("bound"))

    @property
    def gap(self) -> float:
        """(bound - value) / value; infinite where nothing was proven."""
        return _known(self.record.get("gap"))

    @property
    def status(self) -> Stop:
        """How the solver stopped."""
        return Stop(self.record["status"])

    @property
    def rounds(self) -> tuple[Round, ...]:
        """The rounds of an over-and-above decision; empty for a minimum guarantee."""
        return tuple(_round(part, self.record["solver"]) for part in self.record["rounds"])

    @property
    def goals(self) -> tuple[ReachedGoal, ...]:
        """What was reached before the value."""
        return tuple(_goal(goal) for goal in self.record["goals"])

    @property
    def gave_way(self) -> tuple[GaveWay, ...]:
        """The rules that gave way, as they may, and by how much."""
        return tuple(
            GaveWay(**(part | {"names": tuple(part["names"])})) for part in self.record.get("gave_way", ())
        )

    @property
    def pool(self) -> PoolReport | None:
        """What the exploratory pool has and spends; None if there is none, or the record is older than this figure."""
        pool = self.record.get("exploratory")
        return None if pool is None else PoolReport(Decimal(str(pool["money"])), _decimal(pool["spent"]))

    @property
    def chances(self) -> tuple[ChanceReport, ...]:
        """The chance of each tag that at least one award succeeds, where coverage has a weight."""
        return tuple(ChanceReport(**part) for part in self.record.get("chances", ()))

    @property
    def overspending(self) -> tuple[OverspendingReport, ...]:
        """The chance of spending more than the budget of each year, where more may be promised than there is."""
        return tuple(_overspending(part) for part in self.record.get("overspending", ()))


def read_decision(folder: str | Path) -> StoredDecision:
    """Read the folder that `write_decision` wrote.

    Raises
    ------
    DataError
        If a file is missing, is not what it should be, or the two disagree.
    PolicyError
        If the record holds no policy that this version understands.
    """
    stored = as_it_stands(folder)
    if issues := _of_other_decisions(stored):
        raise DataError(issues)
    return stored


def as_it_stands(folder: str | Path) -> StoredDecision:
    """Read a folder as `read_decision` does, whether or not its files were written together."""
    directory = Path(folder)
    record, digest = _record(directory / RECORD)
    amounts, margins = _decisions(directory)
    issues = []
    if sorted(amounts) != sorted(record["awards"]):
        issues.append(edited("does not fund the awards of portfolio.json", FILE))
    elif float(sum(amounts.values())) != record["spent"]:
        issues.append(edited("does not add up to the money spent in portfolio.json", FILE))
    if issues:
        raise DataError(issues)
    policy = recorded_policy(record["policy"], RECORD)
    return StoredDecision(directory, record, policy, amounts, margins, digest)


def problem_of(
    decision: StoredDecision,
    proposals: str | Path,
    reviews: str | Path | None = None,
    *,
    corpus: str | Path | None = None,
    encoding: str | None = None,
) -> Problem:
    """Return the problem that was decided on, from the same files.

    Parameters
    ----------
    decision
        As `read_decision` gives it.
    proposals, reviews, corpus
        The files that the decision was made from. They may have another name or place, but not another content.
    encoding
        Of text files, as for `read_call`.

    Raises
    ------
    DataError
        If a file is not the one whose fingerprint the decision holds, or one is missing.
    """
    call = read_call(proposals, reviews, policy=decision.policy, encoding=encoding)
    if corpus is not None:
        call = with_novelty(call, corpus, encoding=encoding)
    _refuse_others(call.sources, decision.record["inputs"], first=True)
    problem = Problem(call, decision.policy)
    _refuse_others((*call.sources, *problem.instance.scores.sources), decision.record["inputs"], first=False)
    return problem


def _record(path: Path) -> tuple[Mapping[str, Any], str]:
    """Return a record and the SHA-256 of its bytes."""
    try:
        data = path.read_bytes()
        record = json.loads(data)
    except OSError as error:
        hint = "name the folder that `portfolio optimize --out DIR` wrote"
        raise DataError([Issue(f"cannot be read: {error.strerror}", hint, file=str(path))]) from None
    except (ValueError, RecursionError) as error:
        raise DataError([Issue(f"is not JSON: {error}", "decide again with --out", file=str(path))]) from None
    try:
        Record.model_validate_json(data)
    except ValidationError as error:
        what = f"is not the record of a decision: {faults_in(error)}"
        raise DataError([Issue(what, "decide again with this version and --out", file=str(path))]) from None
    return dict(record), hashlib.sha256(data).hexdigest()


def _of_other_decisions(stored: StoredDecision) -> list[Issue]:
    """Return an issue for each file that was not written with the record.

    Each takes its place in one step, but the folder does not: a program that is killed between two of them leaves the
    tables of one decision beside the record of another.
    """
    folder, files = stored.folder, stored.record["files"]
    names = sorted({*files, "awards.csv", FILE, "set_aside.csv"})
    gone = [name for name in (*names, FINGERPRINT) if not (folder / name).is_file()]
    issues = [Issue("is missing", "put it back, or decide again", file=name) for name in gone]
    issues += [
        edited("was not written with portfolio.json", name)
        for name in names
        if name not in gone and digest_of(folder / name) != files.get(name)
    ]
    line = fingerprint_line(RECORD, stored.digest)
    if FINGERPRINT not in gone and (folder / FINGERPRINT).read_bytes() != line:
        issues.append(edited("is not the SHA-256 of portfolio.json", FINGERPRINT))
    return issues


def _decisions(folder: Path) -> tuple[dict[str, Decimal], dict[str, float]]:
    table = stored_cells(folder, ["id", "decision", "amount_awarded", "price_bound"])
    try:
        funded = table.filter(pl.col("decision") == "funded").select("id", "amount_awarded")
        proven = table.drop_nulls("price_bound").select("id", pl.col("price_bound").cast(pl.Float64))
        amounts = {name: Decimal(money) for name, money in funded.iter_rows()}
    except (pl.exceptions.PolarsError, ArithmeticError, TypeError):
        raise DataError([_OTHER_TABLE]) from None
    if None in amounts:
        raise DataError([_OTHER_TABLE])
    return amounts, dict(proven.iter_rows())


def _refuse_others(given: Sequence[Source], inputs: Sequence[Mapping[str, str]], *, first: bool) -> None:
    """Refuse files that are not those of the record; the first of them are proposals and reviews."""
    known = {entry["sha256"]: entry["name"] for entry in inputs}
    issues = [
        Issue("is not a file that the decision was made from", "give the file of that day", file=source.name)
        for source in given
        if source.sha256 not in known
    ]
    here = {source.sha256 for source in given}
    if not first:
        issues += [
            Issue("is missing: the decision was made from it too", "add --reviews or --corpus", file=name)
            for digest, name in known.items()
            if digest not in here
        ]
    if issues:
        raise DataError(issues)


def _known(number: float | None) -> float:
    return math.inf if number is None else number


def _decimal(number: float | None) -> Decimal | None:
    return None if number is None else Decimal(str(number))


def _goal(goal: Mapping[str, Any]) -> ReachedGoal:
    return ReachedGoal(
        goal["name"], goal["value"], _known(goal["bound"]), goal["delivered"], Stop(goal["status"])
    )


def _round(part: Mapping[str, Any], solver: str) -> Round:
    return Round(
        part["name"],
        pot=Decimal(str(part["pot"])),
        spent=Decimal(str(part["spent"])),
        value=part["value"],
        bound=_known(part["bound"]),
        stop=Stop(part["status"]),
        solver=solver,
        awards=tuple(part["awards"]),
    )


def _overspending(part: Mapping[str, Any]) -> OverspendingReport:
    money = {key: Decimal(str(part[key])) for key in ("available", "promised")}
    return OverspendingReport(**(dict(part) | money))
