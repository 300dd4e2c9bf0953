"""The table of awards that the terminal shows."""

from __future__ import annotations

from pathlib import Path

from command import portfolio


def test_a_merit_that_is_not_known_is_an_empty_cell(tmp_path: Path) -> None:
    (tmp_path / "p.csv").write_text("id,amount,merit,success_probability\nA,1000,,0.6\nB,1000,4,0.2\n")
    (tmp_path / "p.toml").write_text('budget = 2000\n[[objective.criterion]]\ncolumn = "risk"\n')
    files = (tmp_path / "p.csv", "--policy", tmp_path / "p.toml")
    done = portfolio("optimize", *files)
    assert "nan" not in done.stdout
    assert [line.split("│")[3].strip() for line in done.stdout.splitlines() if "1,000.00" in line] == [
        "",
        "4.00",
    ]
    assert "no merit" not in portfolio("check", *files).stdout
