"""A folder that another decision takes after it was read: nothing is made of both, and it is said."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import date
from functools import partial
from pathlib import Path

import pytest
from command import portfolio

import portfolio as pf
from portfolio.report.giving import without_identifier
from portfolio.report.why import stored_rows
from portfolio.report.workbook import workbook_sheets
from portfolio_cli import report

SAID = pf.Publication(
    prefix="360G-fund",
    funder_id="GB-CHC-1",
    funder_name="The Fund",
    award_date=date(2026, 6, 30),
    description="Research",
)
MADE: dict[str, Callable[[pf.StoredDecision], object]] = {
    "page": pf.report_page,
    "anonymous page": partial(pf.report_page, anonymous=True),
    "workbook": workbook_sheets,
    "grants": partial(pf.grants_of, publication=SAID),
    "identifiers": partial(without_identifier, publication=SAID),
    "reasons": partial(stored_rows, ids=["P-01"]),
}


def written(folder: Path, budget: int = 2_000_000) -> None:
    made = pf.simulate_call(30, seed=3, reviews_per_proposal=0).call
    pf.write_decision(pf.optimize(made, pf.Policy(budget=budget)), folder)


@pytest.mark.parametrize("what", MADE)
def test_nothing_is_made_of_two_decisions(what: str, tmp_path: Path) -> None:
    written(tmp_path)
    decision = pf.read_decision(tmp_path)
    written(tmp_path, 4_000_000)
    with pytest.raises(
        pf.DataError, match=r"decisions\.csv: was rewritten since .*\n.*read the folder .* again"
    ):
        MADE[what](decision)


@pytest.mark.parametrize("what", ["page", "anonymous page", "workbook"])
def test_rows_set_aside_are_those_of_the_decision_that_was_read(what: str, tmp_path: Path) -> None:
    written(tmp_path)
    decision = pf.read_decision(tmp_path)
    (tmp_path / "set_aside.csv").write_text("file,row,id,column,problem,hint\n", encoding="utf-8")
    with pytest.raises(pf.DataError, match=r"set_aside\.csv: was rewritten since"):
        MADE[what](decision)


def test_the_fingerprint_is_that_of_the_record_that_was_read(tmp_path: Path) -> None:
    written(tmp_path)
    decision = pf.read_decision(tmp_path)
    before = decision.digest
    assert before in (tmp_path / "portfolio.json.sha256").read_text()
    written(tmp_path, 4_000_000)
    assert decision.digest == before != pf.read_decision(tmp_path).digest


def test_the_command_says_that_another_run_wrote_into_the_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, other = tmp_path / "decision", tmp_path / "other"
    written(folder)
    written(other, 4_000_000)

    def read_and_rewritten(place: Path) -> pf.StoredDecision:
        decision = pf.read_decision(place)
        shutil.copytree(other, folder, dirs_exist_ok=True)
        return decision

    monkeypatch.setattr(report, "read_decision", read_and_rewritten)
    done = portfolio("report", folder, "--out", tmp_path / "page.html", "--excel", tmp_path / "book.xlsx")
    assert done.returncode == 3
    assert "was rewritten since the decision was read" in done.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["decision", "other"]


def test_a_record_that_leaves_a_table_out_is_refused(tmp_path: Path) -> None:
    written(tmp_path)
    record = dict(pf.read_decision(tmp_path).record)
    record["files"] = {name: digest for name, digest in record["files"].items() if name != "set_aside.csv"}
    pf.report.write_record(record, tmp_path / "portfolio.json")
    with pytest.raises(pf.DataError, match=r"set_aside\.csv: was not written with portfolio\.json"):
        pf.read_decision(tmp_path)
