"""``portfolio robustness``."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import polars as pl
import pytest
from command import CALL, EXAMPLE, POLICY, portfolio, process

FEW = ["--draws", "6", "--merits-only"]


def documented() -> str:
    page = (EXAMPLE.parents[1] / "docs" / "command.md").read_text(encoding="utf-8")
    return page[page.index("## portfolio robustness") :].split("\n## ")[0]


def test_the_least_sure_come_first(tmp_path: Path) -> None:
    file = tmp_path / "out" / "sure.csv"
    done = process("robustness", *CALL, *POLICY, *FEW, "--rounds", "3", "--out", file)
    assert done.returncode == 0, done.stderr
    assert f"Wrote {file}." in done.stderr
    rows = pl.read_csv(file)
    assert rows["id"].is_sorted()
    assert {name for name in rows.columns if f"`{name}`" not in documented()} == set()
    unsure = rows.filter(label="borderline").sort((pl.col("funded_share") - 0.5).abs(), "id")["id"].to_list()
    shown = [line.split("│")[1].strip() for line in done.stdout.splitlines() if line.startswith("│ P-")]
    assert shown == unsure
    assert len(shown) > 5
    counts = {label: rows.filter(label=label).height for label in ("core", "borderline", "exterior")}
    assert f"{counts['core']} proposals are core (funded in at least 95% of the draws)" in done.stdout
    assert f"{counts['borderline']} borderline, {counts['exterior']} exterior" in done.stdout
    assert "6 draws of at most 6, seed 0. Merits: 60 drawn." in done.stdout
    assert "│     3 │   0.0% │     1 │                1 │    34 │  26 │    0 │" in done.stdout


def test_the_same_bytes_whatever_the_jobs_and_the_order_of_rows(tmp_path: Path) -> None:
    lines = (EXAMPLE / "proposals.csv").read_text().splitlines()
    shuffled = tmp_path / "proposals.csv"
    shuffled.write_text("\n".join([lines[0], *reversed(lines[1:])]) + "\n")
    for number, proposals in enumerate([CALL[0], shuffled]):
        options = ["--draws", "6", "--seed", "3", "--jobs", number + 1, "--out", tmp_path / f"{number}.csv"]
        done = portfolio("robustness", proposals, *CALL[1:], *POLICY, *options)
        assert done.returncode == 0, done.stderr
    assert (tmp_path / "0.csv").read_bytes() == (tmp_path / "1.csv").read_bytes()


def test_rules_side_by_side(tmp_path: Path) -> None:
    file = tmp_path / "rules.csv"
    done = portfolio("robustness", *CALL, *POLICY, "--rules", "--out", file, "--quiet")
    assert (done.returncode, done.stderr) == (0, "")
    rows = pl.read_csv(file)
    assert {name for name in rows.columns if f"`{name}`" not in documented()} == set()
    every = rows.filter(rules=8).height
    assert f"{every} proposals are funded by all 8 rules, {int(rows['depends'].sum())} by some" in done.stdout
    assert re.search(r"│ optimizer, mean +│ +34 │ 9,995,700.00 │ +0% │", done.stdout)
    assert rows.filter(id="P-026")["funded_by"].to_list() == ["rank, mean"]


def test_draws_without_a_portfolio_are_named(tmp_path: Path) -> None:
    call, policy = tmp_path / "call.csv", tmp_path / "policy.toml"
    call.write_text("id,amount,merit,merit_sd\nA,1,5,1\nB,1,4,\n")
    policy.write_text(
        'budget = 1\n[traits]\ngood = "merit >= 5"\n[[reserve]]\ntrait = "good"\nshare = 1.0\n', "utf-8"
    )
    done = portfolio("robustness", call, "--policy", policy, "--draws", "20")
    assert done.returncode == 0, done.stderr
    assert "Draws without a portfolio, which count for no share: " in done.stdout
    assert "eligible demand is EUR 0.00" in done.stdout
    assert "Merits: 1 drawn; 1 not drawn, no interval is stated." in done.stdout


@pytest.mark.parametrize(
    ("options", "code", "words"),
    [
        (["--rules", "--rounds", "3"], 2, "leave out --rounds"),
        (["--rounds", "1"], 2, "--rounds"),
        (["--draws", "0"], 2, "--draws"),
        (["--out", "sure.txt"], 2, "no format that can be written"),
    ],
)
def test_misuse_is_explained(options: list[str], code: int, words: str) -> None:
    done = portfolio("robustness", *CALL, *POLICY, *options)
    assert (done.returncode, done.stdout) == (code, "")
    assert words in done.stderr
    assert "Traceback" not in done.stderr


def test_what_cannot_be_decided_at_all_is_exit_4(tmp_path: Path) -> None:
    policy = tmp_path / "policy.toml"
    text = (EXAMPLE / "policy.toml").read_text(encoding="utf-8")
    policy.write_text(text.replace("share = 0.20", "share = 0.70", 1), encoding="utf-8")
    done = portfolio("robustness", *CALL, "--policy", policy, *FEW)
    assert done.returncode == 4
    assert "These cannot hold together" in done.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
@pytest.mark.parametrize("jobs", ["1", "2"])
def test_an_interrupt_keeps_the_draws_that_were_done(tmp_path: Path, jobs: str) -> None:
    file = tmp_path / "sure.csv"
    code = (
        "import sys; from portfolio_cli import terminal\n"
        "class Told(terminal.Steps):\n"
        "    def __call__(self, name): print(name, file=sys.stderr, flush=True)\n"
        "terminal.Steps = Told\n"
        "from portfolio_cli.main import run; run()"
    )
    options = ["--draws", "100000", "--merits-only", "--jobs", jobs, "--out", file]
    with subprocess.Popen(
        [sys.executable, "-c", code, "robustness", *CALL, *POLICY, *map(str, options)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        env={**os.environ, "PYTHONIOENCODING": "utf-8"},
    ) as run:
        assert run.stderr is not None
        while not run.stderr.readline().startswith("draw 20 "):
            assert run.poll() is None
        start = time.monotonic()
        run.send_signal(signal.SIGINT)
        rest = run.stderr.read()
        assert run.wait(60) == 5, rest
    assert time.monotonic() - start < 30
    assert "Interrupted: this is what " in rest
    assert pl.read_csv(file)["funded_share"].is_between(0, 1).all()
