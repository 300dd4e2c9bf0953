"""``portfolio fairness``."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from command import CALL, EXAMPLE, POLICY, Done, portfolio, process

BY = ["--by", "early_career", "--by", "region"]


def fairness(*arguments: object, call: Path = EXAMPLE / "proposals.csv") -> Done:
    return portfolio("fairness", call, *CALL[1:], *POLICY, *arguments)


def test_a_table_with_sentences() -> None:
    done = process("fairness", *CALL, *POLICY, *BY, "--quiet")
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    assert "all proposals" in done.stdout
    assert "region, R03: 9 of 10 proposals were funded (90.0%)" in done.stdout
    assert "8 comparisons are made" in done.stdout
    assert "Proven: no portfolio" in done.stdout


def test_nearly_all_and_next_to_nothing_are_not_all_and_nothing(tmp_path: Path) -> None:
    file, policy = tmp_path / "p.csv", tmp_path / "p.toml"
    file.write_text("id,amount,merit,region\nA,9997000,5,N\nB,3000,1,N\nC,3000,4,S\n")
    policy.write_text("budget = 10_000_000\n")
    done = portfolio("fairness", file, "--policy", policy, "--by", "region", "--quiet")
    assert done.stdout.count("more than 99.9%") == 4
    assert done.stdout.count("less than 0.1%") == 2


def test_the_file_has_every_column_that_the_manual_has(tmp_path: Path) -> None:
    csv, parquet = tmp_path / "groups.csv", tmp_path / "groups.parquet"
    assert fairness(*BY, "--out", csv, "--quiet").returncode == 0
    done = fairness(*BY, "--out", parquet)
    assert done.returncode == 0
    assert done.stdout == ""
    assert f"Wrote {parquet}. Proven" in done.stderr
    read = pl.read_csv(csv)
    assert read.columns == pl.read_parquet(parquet).columns
    page = (EXAMPLE.parents[1] / "docs" / "command.md").read_text(encoding="utf-8")
    section = page[page.index("## portfolio fairness") :].split("\n## ")[0]
    assert {name for name in read.columns if f"`{name}`" not in section} == set()


def test_the_same_bytes_with_rows_in_another_order(tmp_path: Path) -> None:
    shuffled = tmp_path / "proposals.csv"
    lines = (EXAMPLE / "proposals.csv").read_text(encoding="utf-8").splitlines()
    shuffled.write_text("\n".join([lines[0], *reversed(lines[1:])]) + "\n", encoding="utf-8")
    for name, call in (("a.csv", EXAMPLE / "proposals.csv"), ("b.csv", shuffled)):
        assert fairness(*BY, "--least", 8, "--out", tmp_path / name, call=call).returncode == 0
    assert (tmp_path / "a.csv").read_bytes() == (tmp_path / "b.csv").read_bytes()
    groups = pl.read_csv(tmp_path / "a.csv").filter(column="region")
    assert groups["group"].to_list() == ["R01", "R03", "R05", "groups of fewer than 8"]
    assert groups["proposals"].to_list() == [23, 10, 13, 14]


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        ([], 2, "Missing option '--by'"),
        (["--by", "regoin", "--by", "early"], 3, "did you mean 'region'?"),
        (["--by", "amount"], 3, "which are a scale and no groups"),
        (["--by", "region", "--least", "0"], 2, "--least"),
        (["--by", "region", "--out", "groups.xlsx"], 2, "has no format that can be written"),
    ],
)
def test_mistakes_are_said(arguments: list[str], code: int, message: str) -> None:
    done = fairness(*arguments)
    assert done.returncode == code, done.stderr
    assert message in " ".join((done.stdout + done.stderr).replace("│", " ").split())
    assert "Traceback" not in done.stderr
