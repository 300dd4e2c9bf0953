"""Checking a decision again from its record: files, rules, sums and the bound, without any solver."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl
from pydantic import ValidationError

from portfolio.call.csvfile import as_csv
from portfolio.errors import PortfolioError
from portfolio.optimize import Portfolio
from portfolio.optimize.broken import all_rules
from portfolio.optimize.figures import up_to
from portfolio.policy import recorded_policy
from portfolio.report.decisions import FILE, decisions_of, stored_cells
from portfolio.report.files import PROOF, RECORD, awards_table
from portfolio.report.layout import as_json
from portfolio.report.proof import as_proof
from portfolio.report.record import as_record, certified, finite
from portfolio.report.restored import restored
from portfolio.report.schema import Record, faults_in
from portfolio.report.stored import as_it_stands, problem_of
from portfolio.report.verify.check import Check, Verification
from portfolio.report.verify.claims import (
    claims,
    losses,
    priced_words,
    recorded_prices,
    reserve_prices,
    stages,
)
from portfolio.report.verify.differences import decided_on
from portfolio.report.verify.fingerprints import (
    Given,
    Places,
    files_of,
    home_of,
    input_checks,
    inputs_of,
    previous_of,
    read_canonical,
)
from portfolio.report.verify.solved import decided_again
from portfolio.report.verify.words import unverified, verdict

# What a record says that does not follow from the inputs, the policy and the awards.
_BESIDE = {"inputs", "files", "policy_file", "previous", "versions", "reserves"}
_SOLVED = {"shadow_price", "price", "price_low", "price_high", "enters", "leaves"}


def verify_decision(folder: str | Path, places: Places | None = None, *, solve: bool = False) -> Verification:
    """Check a decision again, from its folder and the files that it was made from.

    Every file is compared byte by byte by its SHA-256, every rule is added up again in integers from the policy, all
    that follows from the awards is made again and compared, and the bound is worked out from the stored prices in exact
    arithmetic. Nothing is solved unless that is asked for.

    Parameters
    ----------
    folder
        What `write_decision` wrote.
    places
        Where the inputs are, if not in the folder, beside it or in the working directory.
    solve
        Whether to decide again under the recorded policy, with its solver, gap and limits, and to compare: it fails if
        a portfolio is found that is worth more than the record says any is.

    Returns
    -------
    Verification
        Whether all of this holds, check by check, and how far from the best the decision can be at most.

    Raises
    ------
    OSError
        If the folder has no record that can be read.
    """
    directory, where = Path(folder), places or Places()
    record, checks = read_canonical(directory / RECORD)
    if record is None:
        return Verification(tuple(checks), unverified(), {})
    faults = _faults(directory / RECORD)
    if faults:
        checks.append(Check("schema", False, faults))
        return Verification(tuple(checks), unverified(), {})
    checks += [Check("schema", True, "every key is there and of its type"), *_expected(record)]
    checks += files_of(directory, record["files"])
    checks.append(previous_of(record, home_of(directory), where.previous))
    inputs = inputs_of(record, directory, where)
    checks += input_checks(record, inputs)
    found = _recalled(record, directory, inputs, where)
    if isinstance(found, Check):
        return Verification((*checks, found), unverified(), {})
    kept = f"every {all_rules(found.policy)} of the policy holds"
    checks += [Check("rules", True, f"{kept}, added up again in integers")]
    if (wrong := stages(found)) is not None:
        return Verification((*checks, wrong), unverified(), {})
    checks += decided_on(found.policy, inputs)
    checks += _made_again(found, record, directory)
    if solve:
        checks += decided_again(found, recorded_prices(record["reserves"]))
    return _judged(found, tuple(checks))


def _faults(path: Path) -> str:
    try:
        Record.model_validate_json(path.read_bytes())
    except ValidationError as error:
        return faults_in(error)
    return ""


def _expected(record: Mapping[str, Any]) -> Iterator[Check]:
    """Check that the record names every file that belongs to such a decision."""
    expected = {"awards.csv", "decisions.csv", "set_aside.csv", *(() if record["rounds"] else (PROOF,))}
    if expected != set(record["files"]):
        names = ", ".join(sorted(expected ^ set(record["files"])))
        yield Check("files", False, f"the record does not name the files that it should: {names}")


def _recalled(
    record: Mapping[str, Any], folder: Path, inputs: list[Given], where: Places
) -> Portfolio | Check:
    """Return the decision as it follows from the files, or why there is none."""
    paths = {given.role: given.path for given in inputs if given.same and given.path is not None}
    if "proposals" not in paths or any(not given.same for given in inputs if given.role != "policy"):
        return Check("rules", None, "cannot be added up without the files that the decision was made from")
    beside = paths.get("policy") or paths.get("text model")
    try:
        stored = as_it_stands(folder)
        home = "" if beside is None else str(beside.parent)
        stored = replace(stored, policy=recorded_policy(record["policy"], RECORD, home))
        problem = problem_of(
            stored,
            paths["proposals"],
            paths.get("reviews"),
            corpus=paths.get("corpus"),
            encoding=where.encoding,
        )
        return restored(stored, problem)
    except PortfolioError as error:
        return Check("rules", False, str(error))


def _made_again(found: Portfolio, record: Mapping[str, Any], folder: Path) -> Iterator[Check]:
    """Make everything again that follows from the awards, the inputs and the prices, and compare."""
    again = json.loads(as_json(as_record(found)))
    differ = [key for key in {*again, *record} - _BESIDE if again.get(key) != record.get(key)]
    if _unsolved(again["reserves"]) != _unsolved(record["reserves"]):
        differ.append("reserves")
    words = f"the record says otherwise: {', '.join(sorted(differ))}" if differ else "as the record says"
    yield Check("sums", not differ, f"money, counts, reserves and limits added up again: {words}")
    yield from claims(found)
    yield losses(found, record["reserves"])
    prices = recorded_prices(record["reserves"])
    if prices:
        faults = reserve_prices(found, prices)
        yield Check("reserves", not faults, "; ".join(faults) or priced_words(found, prices))
        prices = () if faults else prices
    decisions = decisions_of(found, prices)
    tables = {
        "awards.csv": as_csv(awards_table(decisions)),
        "set_aside.csv": as_csv(found.problem.call.set_aside),
    }
    other = [name for name, text in tables.items() if not _is(folder / name, text)]
    if not _same_decisions(decisions, folder):
        other.append(FILE)
    words = f"not what follows from the inputs: {', '.join(other)}" if other else "follow from the inputs"
    yield Check("tables", not other, f"awards, decisions and rows set aside: {words}")
    if not found.rounds:
        same_proof = _is(folder / PROOF, as_json(as_proof(found, found.proof())))
        words = "follows from the inputs, the policy and the prices"
        yield Check("proof", same_proof, f"{PROOF} {words if same_proof else 'is not what ' + words}")


def _is(path: Path, text: str) -> bool:
    return path.is_file() and path.read_bytes() == text.encode()


def _unsolved(reserves: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{key: row[key] for key in row if key not in _SOLVED} for row in reserves]


def _same_decisions(decisions: pl.DataFrame, folder: Path) -> bool:
    """Whether ``decisions.csv`` is what follows; the order of the traits is that of the file of the policy."""
    cells = stored_cells(folder)
    if set(cells.columns) != set(decisions.columns):
        return False
    return _is(folder / FILE, as_csv(decisions.select(cells.columns)))


def _judged(found: Portfolio, checks: tuple[Check, ...]) -> Verification:
    """Work out the bound from the prices, and say what follows."""
    proven = certified(found)
    figures = {
        "value": found.value,
        "bound": finite(found.bound),
        "gap": finite(found.gap),
        "certified_bound": proven["bound"],
        "certified_gap": proven["gap"],
    }
    words, possible = f"nothing is certified: {proven['why_not']}", True
    if proven["bound"] is not None:
        words = f"{up_to(proven['bound'], 10)!r}, worked out from the prices in whole numbers"
        possible = proven["bound"] >= found.value
    words = words if possible else f"{words}, but the decision is worth more: this is a bug of ours"
    judged = Verification((*checks, Check("bound", possible, words)), "", figures)
    if any(check.holds is False for check in judged.checks):
        return replace(judged, verdict=unverified())
    return replace(judged, verdict=verdict(found, proven, complete=judged.holds))
