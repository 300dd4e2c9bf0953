"""``portfolio report --excel --giving``, run as a process on a decision that was written before."""

from __future__ import annotations

import json
from pathlib import Path

import openpyxl
import pytest
from cli.test_command import CALL, POLICY, portfolio

PUBLICATION = """
prefix = "360G-fund"
funder_id = "GB-CHC-1"
funder_name = "The Fund"
award_date = 2026-06-30
description = "Research project: {title}"
"""


@pytest.fixture(scope="module")
def decision(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("publish") / "decision"
    assert portfolio("optimize", *CALL, *POLICY, "--out", folder, "--quiet").returncode == 0
    return folder


@pytest.fixture
def publication(tmp_path: Path) -> Path:
    (tmp_path / "publication.toml").write_text(PUBLICATION, encoding="utf-8")
    return tmp_path / "publication.toml"


def test_only_what_is_asked_for_is_written(decision: Path, publication: Path, tmp_path: Path) -> None:
    book, grants = tmp_path / "awards.xlsx", tmp_path / "awards.json"
    done = portfolio("report", decision, "--excel", book, "--giving", grants, "--publication", publication)
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
    awards = json.loads((decision / "portfolio.json").read_bytes())["awards"]
    assert [grant["id"] for grant in json.loads(grants.read_bytes())["grants"]] == [
        f"360G-fund-{i}" for i in awards
    ]
    assert openpyxl.load_workbook(book)["Awards"].max_row == len(awards) + 1
    assert f"Wrote {book}." in done.stderr
    assert "Identified by 360G-fund and their name" in done.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "awards.json",
        "awards.xlsx",
        "publication.toml",
    ]


def test_quiet_is_quiet(decision: Path, publication: Path, tmp_path: Path) -> None:
    grants = tmp_path / "awards.csv"
    done = portfolio("report", decision, "--giving", grants, "--publication", publication, "--quiet")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert grants.exists()


def test_a_publication_without_its_facts_writes_nothing(
    decision: Path, publication: Path, tmp_path: Path
) -> None:
    publication.write_text(PUBLICATION.replace("{title}", "{summary}"), encoding="utf-8")
    book, grants = tmp_path / "awards.xlsx", tmp_path / "awards.json"
    done = portfolio("report", decision, "--excel", book, "--giving", grants, "--publication", publication)
    assert done.returncode == 3
    assert "column summary: the decision has no such column" in done.stderr
    assert "Traceback" not in done.stderr
    assert not book.exists()
    assert not grants.exists()


@pytest.mark.parametrize(
    ("options", "code", "words"),
    [
        (["--giving", "a.json"], 2, "go together"),
        (["--publication", "a.toml"], 2, "go together"),
        (["--scenarios", "a.csv"], 2, "goes with --excel"),
        (["--excel", "a.xls"], 2, "end the name in .xlsx"),
        (["--giving", "a.pdf", "--publication", "a.toml"], 2, "end the name in .json, .csv or .xlsx"),
        (["--excel", "a.xlsx", "--anonymous"], 2, "add --out"),
        (["--excel", "a.xlsx", "--scenarios", "none.csv"], 3, "cannot be read"),
    ],
)
def test_misuse_is_said(
    decision: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, options: list[str], code: int, words: str
) -> None:
    monkeypatch.chdir(tmp_path)
    done = portfolio("report", decision, *options)
    assert done.returncode == code, done.stderr
    assert words in " ".join(done.stderr.split())
    assert not list(tmp_path.iterdir())
