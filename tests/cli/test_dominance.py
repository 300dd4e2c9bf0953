"""The command `dominance`."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from command import CALL, EXAMPLE, POLICY, portfolio, process


def test_labels_and_competitors_as_files(tmp_path: Path) -> None:
    lines = (EXAMPLE / "proposals.csv").read_text().splitlines()
    shuffled = tmp_path / "proposals.csv"
    shuffled.write_text("\n".join([lines[0], *reversed(lines[1:])]) + "\n")
    for number, proposals in enumerate([CALL[0], shuffled]):
        files = ["--out", tmp_path / f"labels{number}.csv", "--competitors", tmp_path / f"rivals{number}.csv"]
        done = portfolio("dominance", proposals, *CALL[1:], *POLICY, "--interval", "merit=0.05", *files)
        assert (done.returncode, done.stdout) == (0, ""), done.stderr
        assert "60 proposals. All non-dominated portfolios are listed: 3." in done.stderr
    labels, rivals = pl.read_csv(tmp_path / "labels0.csv"), pl.read_csv(tmp_path / "rivals0.csv")
    assert labels["label"].value_counts().sort("label")["count"].to_list() == [7, 31, 22]
    assert labels.filter(pl.col("label") == "core")["index"].to_list() == [1.0] * 31
    assert rivals["entered"].to_list()[0] == "P-049;P-050"
    for name in ("labels", "rivals"):
        assert (tmp_path / f"{name}0.csv").read_bytes() == (tmp_path / f"{name}1.csv").read_bytes()


def test_with_exact_scores_the_decision_is_robust() -> None:
    done = process("dominance", *CALL, *POLICY, "--quiet")
    assert done.returncode == 0, done.stderr
    assert "The decision is robust" in done.stdout
    assert "unknown" not in done.stdout


def test_mistakes_are_said_without_a_traceback() -> None:
    wrong = ["--interval", "merits=0.1", "--weight", "merit=0.4:0.2"]
    done = portfolio("dominance", *CALL, *POLICY, *wrong)
    assert done.returncode == 3
    assert "did you mean 'merit'?" in done.stderr
    assert "2 problems in the data" in done.stderr
    done = portfolio("dominance", *CALL, *POLICY, "--interval", "merit", "--weight", "x=1")
    assert done.returncode == 3
    assert "write CRITERION=0.5" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--interval", "merit=-1"], "--interval: 'merit=-1' must be at least 0"),
        (["--interval", "merit = nan"], "--interval: 'merit = nan' must be a finite number"),
        (["--weight", "merit=0:inf"], "--weight: 'merit=0:inf' must be a finite number"),
        (["--interval", "merit=a"], "--interval: 'merit=a' cannot be read"),
    ],
)
def test_a_wrong_value_is_the_options_and_not_a_columns(options: list[str], words: str) -> None:
    done = portfolio("dominance", *CALL, *POLICY, *options)
    assert (done.returncode, done.stdout) == (3, "")
    assert f"  {words}\n" in done.stderr
    assert "column merit" not in done.stderr
    assert "column scores" not in done.stderr
