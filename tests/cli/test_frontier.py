"""The commands `frontier` and `alternatives`, as processes and in this one."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from command import CALL, EXAMPLE, POLICY, portfolio, process


def test_a_budget_frontier(tmp_path: Path) -> None:
    over = ["--over", "budget", "--from", "9000000", "--to", "11_000_000", "--steps", "3"]
    done = process("frontier", *CALL, *POLICY, *over, "--nested", tmp_path / "nested.csv")
    assert done.returncode == 0, done.stderr
    assert "10,000,000 │ 51.1333 │" in done.stdout
    assert "Funded at every step: " in done.stdout
    nested = pl.read_csv(tmp_path / "nested.csv")
    assert nested["id"].is_sorted()
    assert nested.height == 60
    assert f"Wrote {tmp_path / 'nested.csv'}: 60 rows." in done.stderr


def test_nobody_is_funded_at_a_step_without_a_portfolio(tmp_path: Path) -> None:
    two, rules = tmp_path / "two.csv", tmp_path / "rules.toml"
    two.write_text("id,amount,merit\nA,10,3\nB,10,2\n")
    link = '[[link]]\nkind = "all_or_none"\nproposals = ["A", "B"]\n'
    rules.write_text(f'budget = 20\nmust_fund = ["A"]\n{link}')
    over = ["--over", "budget", "--from", "10", "--to", "30", "--steps", "3"]
    done = portfolio("frontier", two, "--policy", rules, *over)
    assert done.returncode == 0, done.stderr
    assert "Funded at every step for which a portfolio was found: 2 proposals." in done.stdout


def test_files_hold_what_the_table_shows(tmp_path: Path) -> None:
    over = ["--over", "reserve.high_risk.share", "--from", "0", "--to", "0.2", "--steps", "2", "--quiet"]
    files = [tmp_path / "steps.csv", tmp_path / "steps.parquet"]
    for file in files:
        done = portfolio("frontier", *CALL, *POLICY, *over, "--out", file)
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    table, same = pl.read_csv(files[0]), pl.read_parquet(files[1])
    assert (
        table["value"].to_list() == same["value"].to_list() == pytest.approx([52.066667, 51.133333], abs=1e-6)
    )
    assert table["entered"][1].split(";") == same["entered"][1].to_list()


def test_a_trade_off_says_what_is_proven() -> None:
    every = portfolio("frontier", *CALL, *POLICY, "--against", "high_risk", "--every")
    assert every.returncode == 0, every.stderr
    assert "Complete: every other portfolio" in every.stdout
    assert "Funded in every efficient portfolio: 18 proposals" in every.stdout
    some = portfolio("frontier", *CALL, *POLICY, "--against", "high_risk", "--steps", "4")
    assert "there is a point with at most 677,500.00 less of high_risk" in some.stdout


def test_the_same_bytes_whatever_the_jobs_and_the_order_of_rows(tmp_path: Path) -> None:
    lines = (EXAMPLE / "proposals.csv").read_text().splitlines()
    shuffled = tmp_path / "proposals.csv"
    shuffled.write_text("\n".join([lines[0], *reversed(lines[1:])]) + "\n")
    for number, proposals in enumerate([CALL[0], shuffled]):
        options = ["--against", "cofunding", "--steps", "3", "--jobs", number + 1]
        file, nested = tmp_path / f"points{number}.csv", tmp_path / f"nested{number}.csv"
        done = portfolio(
            "frontier", proposals, *CALL[1:], *POLICY, *options, "--out", file, "--nested", nested
        )
        assert done.returncode == 0, done.stderr
    for name in ("points", "nested"):
        assert (tmp_path / f"{name}0.csv").read_bytes() == (tmp_path / f"{name}1.csv").read_bytes()


@pytest.mark.parametrize(
    ("options", "code", "words"),
    [
        (["--over", "budget"], 2, "needs --from A and --to B"),
        (["--over", "budget", "--from", "much", "--to", "9"], 2, "'much' is not a number"),
        (["--over", "budget", "--from", "1", "--to", "2", "--every"], 2, "goes with --against"),
        (["--over", "budgt", "--from", "1", "--to", "2"], 3, "did you mean 'budget'?"),
        (
            ["--over", "budget", "--from", "1", "--to", "2", "--steps", "2"],
            4,
            "None of the 2 values of budget",
        ),
        (["--against", "high_risk", "--steps", "1", "--out", "points.doc"], 2, "no format"),
    ],
)
def test_misuse_is_explained(options: list[str], code: int, words: str, tmp_path: Path) -> None:
    done = portfolio("frontier", *CALL, *POLICY, *options, cwd=tmp_path)
    assert done.returncode == code, done.stderr
    assert words in " ".join(done.stderr.split())
    assert "Traceback" not in done.stderr
    assert not list(tmp_path.iterdir())


def test_alternatives_are_shown_and_written(tmp_path: Path) -> None:
    options = ["--k", "3", "--apart", "6"]
    done = portfolio("alternatives", *CALL, *POLICY, *options)
    assert done.returncode == 0, done.stderr
    assert "P-017, P-026, P-049 │ P-015, P-018, P-030" in done.stdout
    assert "no other portfolio that far apart is within 1% of the best" in done.stdout
    file = tmp_path / "alternatives.csv"
    written = portfolio("alternatives", *CALL, *POLICY, *options, "--within", "0.5", "--out", file)
    assert written.stdout == ""
    assert pl.read_csv(file)["nearest"].drop_nulls().min() == 6
    assert "3 portfolios" in written.stderr


def test_what_is_not_proven_has_its_exit_code(tmp_path: Path) -> None:
    policy = tmp_path / "policy.toml"
    text = (
        (EXAMPLE / "policy.toml")
        .read_text()
        .replace("gap = 0.0001", 'gap = 0.0\nnodes = 1\nmethod = "whole"')
    )
    policy.write_text(text)
    over = ["--over", "budget", "--from", "11000000", "--to", "12000000", "--steps", "2"]
    file = tmp_path / "steps.csv"
    done = portfolio("frontier", *CALL, "--policy", policy, *over, "--out", file)
    assert done.returncode == 5, done.stderr
    stopped = pl.read_csv(file)["status"].to_list().count("node_limit")
    assert stopped > 0
    both = portfolio("alternatives", *CALL, "--policy", policy, "--k", "2", "--out", tmp_path / "two.csv")
    stops = pl.read_csv(tmp_path / "two.csv")["status"].to_list()
    assert both.returncode == (5 if "node_limit" in stops else 0)
    assert f"{stopped} of 2 were stopped before the gap asked for was proven" in done.stderr
