"""``portfolio fairness``, run as a process."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

EXAMPLE = Path(__file__).parents[2] / "examples" / "data"
CALL = [str(EXAMPLE / "proposals.csv"), "--reviews", str(EXAMPLE / "reviews.csv")]
POLICY = ["--policy", str(EXAMPLE / "policy.toml")]


def fairness(*arguments: object) -> subprocess.CompletedProcess[str]:
    call = [sys.executable, "-c", "from portfolio_cli.main import run; run()", "fairness", *CALL, *POLICY]
    return subprocess.run(
        [*call, *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        encoding="utf-8",
        env={**os.environ, "PYTHONIOENCODING": "utf-8"},
    )


def test_rates_are_shown_and_written(tmp_path: Path) -> None:
    file = tmp_path / "fairness.csv"
    done = fairness("--by", "early_career", "--by", "region", "--out", file)
    assert done.returncode == 0, done.stderr
    groups = pl.read_csv(file)
    assert groups["by"].unique(maintain_order=True).to_list() == ["early_career", "region"]
    assert groups.group_by("by", maintain_order=True).agg(pl.col("awards").sum())["awards"].to_list() == [
        34,
        34,
    ]
    assert "By region" in done.stdout
    assert "not given" in done.stdout
    assert "Proven" in done.stdout


def test_small_groups_are_shown_together(tmp_path: Path) -> None:
    file = tmp_path / "fairness.parquet"
    done = fairness("--by", "institution", "--min-proposals", 8, "--out", file, "--quiet")
    assert (done.returncode, done.stderr) == (0, "")
    groups = pl.read_parquet(file)
    assert (groups["proposals"] >= 8).all()
    assert "smaller groups" in groups["group"].to_list()
    assert "smaller groups (" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["--by", "regio"], 2, "did you mean 'region'"),
        (["--by", "region", "--out", "groups.docx"], 3, "no format that can be written"),
        ([], 2, "--by"),
    ],
)
def test_misuse_is_said(arguments: list[str], code: int, words: str) -> None:
    done = fairness(*arguments)
    assert done.returncode == code, done.stderr
    assert words in done.stderr
    assert "Traceback" not in done.stderr
