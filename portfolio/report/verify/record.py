"""Checking the record of a lottery or a sweep again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from portfolio.analysis import check_lottery
from portfolio.call import read_call
from portfolio.errors import PortfolioError
from portfolio.optimize import Problem
from portfolio.policy import recorded_policy
from portfolio.report.schema import RecordFrame, faults_in
from portfolio.report.verify.check import Check, Verification
from portfolio.report.verify.fingerprints import Given, Places, inputs_of, previous_of, read_canonical
from portfolio.report.verify.words import unverified

_VERDICTS = {
    "lottery": "The tickets add up, every portfolio that could be drawn keeps every rule, and the draw, if there was "
    "one, is what the seed gives.",
    "whatif": "The record is as it was written, of these files. What its scenarios come to rests on the solver: decide "
    "one with `portfolio optimize --out DIR` to have it proven.",
}


def verify_record(path: str | Path, places: Places | None = None) -> Verification:
    """Check the record of a lottery, or of a sweep of scenarios.

    Files are compared byte by byte by their SHA-256. Of a lottery, tickets, rules and draw are checked too, see
    `check_lottery`; of a sweep nothing else, for its scenarios keep no prices that would prove them.

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
        RecordFrame.model_validate({key: record[key] for key in RecordFrame.model_fields if key in record})
    except ValidationError as error:
        words = f"this is no record of a lottery or a sweep, format 1: {faults_in(error)}"
        return Verification((*checks, Check("schema", False, words)), unverified(), {})
    checks.append(previous_of(record, file.parent, where.previous))
    inputs = inputs_of(record, file.parent, where)
    checks += [given.check for given in inputs]
    if not record["inputs"]:
        checks.append(Check("proposals", None, "the call was made in Python, not from files"))
    if record["kind"] == "lottery":
        checks += _lottery(record, inputs, where)
    found = Verification(tuple(checks), _VERDICTS[record["kind"]], {})
    return found if found.holds else Verification(found.checks, unverified(), {})


def _lottery(record: Mapping[str, Any], inputs: list[Given], where: Places) -> Iterator[Check]:
    paths = {given.role: given.path for given in inputs if given.same and given.path is not None}
    if "proposals" not in paths or any(not given.same for given in inputs if given.role != "policy"):
        yield Check("lottery", None, "cannot be checked without the files that it was held on")
        return
    home = str(paths["policy"].parent) if "policy" in paths else ""
    try:
        policy = recorded_policy(record["policy"], "the record", home)
        call = read_call(paths["proposals"], paths.get("reviews"), policy=policy, encoding=where.encoding)
        faults = check_lottery(record, Problem(call, policy))
    except PortfolioError as error:
        faults = (str(error),)
    yield Check("lottery", not faults, "; ".join(faults) or "tickets, rules and draw are as they should be")
