"""Checking the record of a lottery or a sweep again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from portfolio.analysis import check_lottery
from portfolio.analysis.lottery.record import other_lottery
from portfolio.call import read_call
from portfolio.errors import PortfolioError
from portfolio.optimize import Problem
from portfolio.policy import recorded_policy
from portfolio.report.lottery import read_record
from portfolio.report.schema import RecordFrame, SweepRecord, faults_in
from portfolio.report.verify.asked import SOURCE
from portfolio.report.verify.check import Check, Verification
from portfolio.report.verify.differences import decided_on
from portfolio.report.verify.fingerprints import (
    Given,
    Places,
    input_checks,
    inputs_of,
    place_of,
    previous_of,
    read_canonical,
)
from portfolio.report.verify.solved_records import lottery_again
from portfolio.report.verify.sweep import sweep_checks
from portfolio.report.verify.words import unverified

_VERDICTS = {
    "lottery": "The tickets add up, every portfolio that could be drawn keeps every firm rule, and the draw, if there "
    "was one, is what the seed gives. Who is accepted, tied or rejected, and with which chances, is taken from the "
    "record.",
    "whatif": "The record is as it was written, of these files. The awards that are added up again keep every firm "
    "rule of their scenario. What else it says of scenarios rests on the solver: decide one with `portfolio optimize "
    "--out DIR` to have it verified by itself.",
}


def verify_record(path: str | Path, places: Places | None = None, *, solve: bool = False) -> Verification:
    """Check the record of a lottery, or of a sweep of scenarios.

    Files are compared byte by byte by their SHA-256. Of a lottery, tickets, rules and draw are checked too, see
    `check_lottery`; of a sweep, the rules and values of all whole awards, and the bounds that its prices prove. With
    `solve`, scenarios and fair lotteries are decided again too, and compared.

    Raises
    ------
    OSError
        If the record cannot be read.
    """
    file, where = Path(path), places or Places()
    record, checks = read_canonical(file)
    if record is None:
        return Verification(tuple(checks), unverified(), {})
    try:
        if record.get("kind") == "whatif":
            SweepRecord.model_validate(record)
        else:
            # What else there is in that of a lottery depends on its method.
            RecordFrame.model_validate(
                {key: record[key] for key in RecordFrame.model_fields if key in record}
            )
    except ValidationError as error:
        words = f"this is no record of a lottery or a sweep, format 1: {faults_in(error)}"
        return Verification((*checks, Check("schema", False, words)), unverified(), {})
    chain = previous_of(record, file.parent, where.previous)
    checks.append(chain)
    if chain.holds and record["previous"] is not None and record["kind"] == "lottery":
        checks += _published(record, place_of(record, file.parent, where.previous))
    inputs = inputs_of(record, file.parent, where)
    checks += input_checks(record, inputs)
    checks += _made_again(record, inputs, where, solve=solve)
    found = Verification(tuple(checks), _VERDICTS[record["kind"]], {})
    return found if found.holds else Verification(found.checks, unverified(), {})


def _published(record: Mapping[str, Any], before: Path) -> Iterator[Check]:
    """Check that a draw is of the lottery that was published, and that this had not been drawn."""
    published = read_record(before)
    if published.get("kind") != "lottery":
        yield Check(
            "published", False, f"{before} is no lottery that could have been published before the draw"
        )
        return
    other = other_lottery(published, record)
    faults = [f"{before} says otherwise: {', '.join(other)}"] if other else []
    if published.get("draw") is not None:
        faults.append(f"{before} has been drawn already")
    yield Check(
        "published", not faults, "; ".join(faults) or "chances and files are those that were published"
    )


def _made_again(
    record: Mapping[str, Any], inputs: list[Given], where: Places, *, solve: bool
) -> Iterator[Check]:
    """Check what a lottery or a sweep says against the files that it was made from."""
    kind = "lottery" if record["kind"] == "lottery" else "scenarios"
    paths = {given.role: given.path for given in inputs if given.same and given.path is not None}
    if "proposals" not in paths or any(not given.same for given in inputs if given.role != "policy"):
        yield Check(
            kind, None, f"cannot be checked without the files that the {record['kind']} was made from"
        )
        return
    home = str(paths["policy"].parent) if "policy" in paths else ""
    try:
        policy = recorded_policy(record["policy"], SOURCE, home)
        yield from decided_on(policy, inputs)
        call = read_call(paths["proposals"], paths.get("reviews"), policy=policy, encoding=where.encoding)
        if kind == "scenarios":
            yield from sweep_checks(record, Problem(call, policy), home, solve=solve)
            return
        problem = Problem(call, policy)
        faults = check_lottery(record, problem)
        if solve and not faults:
            yield from lottery_again(record, problem)
    except PortfolioError as error:
        faults = (str(error),)
    yield Check(kind, not faults, "; ".join(faults) or "tickets, rules and draw are as they should be")
