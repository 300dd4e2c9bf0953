"""``portfolio whatif``."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import polars as pl
import pytest
from command import CALL, COMMAND, EXAMPLE, POLICY, Done, portfolio, process

SHARES = ["--set", "reserve.high_risk.share=0,0.2,0.3,2"]


def whatif(*arguments: object, call: list[str] = CALL) -> Done:
    return portfolio("whatif", *call, *POLICY, *arguments)


def test_a_sweep_and_a_policy_by_name(tmp_path: Path) -> None:
    other = tmp_path / "richer.toml"
    text = (EXAMPLE / "policy.toml").read_text(encoding="utf-8")
    other.write_text(text.replace("budget = 10_000_000", "budget = 12_000_000"), encoding="utf-8")
    table, fates = tmp_path / "out" / "whatif.csv", tmp_path / "out" / "proposals.parquet"
    files = ["--out", table, "--proposals-out", fates]
    done = process("whatif", *CALL, *POLICY, *SHARES, "--scenario", f"richer={other}", *files)
    assert done.returncode == 0, done.stderr
    assert "4 of 5 scenarios have a portfolio." in done.stdout
    assert "reserve.high_risk.share=2: 1 problem in the policy" in done.stdout
    assert f"Wrote {table}." in done.stderr
    rows = pl.read_csv(table)
    assert rows["scenario"].to_list() == [
        "base",
        *(f"reserve.high_risk.share={share}" for share in ("0", "0.2", "0.3", "2")),
        "richer",
    ]
    assert rows["status"].to_list() == ["optimal"] * 4 + ["invalid", "optimal"]
    # What the share is already changes nothing.
    assert rows["entered"].to_list()[2] == rows["left"].to_list()[2] == 0
    assert rows["entered_ids"].to_list()[3] == "P-046;P-051"
    assert rows["value"].to_list()[5] > rows["value"].to_list()[0]
    assert rows["spent"].to_list()[5] <= 12_000_000
    assert pl.read_parquet(fates).height == 60
    assert sorted(path.name for path in table.parent.iterdir()) == ["proposals.parquet", "whatif.csv"]


def test_every_column_is_documented(tmp_path: Path) -> None:
    table, fates = tmp_path / "w.csv", tmp_path / "p.csv"
    done = whatif(*SHARES, "--out", table, "--proposals-out", fates, "--quiet")
    assert (done.returncode, done.stdout) == (0, "")
    page = (EXAMPLE.parents[1] / "docs" / "command.md").read_text(encoding="utf-8")
    section = page[page.index("## portfolio whatif") :].split("\n## ")[0]
    names = {*pl.read_csv(table).columns, *pl.read_csv(fates).columns} - {"reserve.high_risk.share"}
    found = {re.sub(r"^reserve\.\w+\.", "reserve.TRAIT.", name) for name in names}
    assert {name for name in found if f"`{name}`" not in section} == set()


def test_the_same_bytes_with_rows_in_another_order_and_on_one_thread(tmp_path: Path) -> None:
    shuffled = tmp_path / "proposals.csv"
    lines = (EXAMPLE / "proposals.csv").read_text(encoding="utf-8").splitlines()
    shuffled.write_text("\n".join([lines[0], *reversed(lines[1:])]) + "\n", encoding="utf-8")
    for name, call, jobs in (("a.csv", CALL, 2), ("b.csv", [str(shuffled), *CALL[1:]], 1)):
        assert whatif(*SHARES, "--out", tmp_path / name, "--jobs", jobs, "--quiet", call=call).returncode == 0
    assert (tmp_path / "a.csv").read_bytes() == (tmp_path / "b.csv").read_bytes()


def test_bounds_alone() -> None:
    done = whatif("--set", "budget=8_000_000,12_000_000", "--lp", "--quiet")
    assert done.returncode == 0
    assert done.stderr == ""
    assert "2 of 2 scenarios have a bound." in done.stdout
    assert "nothing is decided" in done.stdout


def test_a_gap_on_the_command_line(tmp_path: Path) -> None:
    assert whatif("--set", "budget=9_900_000", "--gap", "0.05", "--out", tmp_path / "w.csv").returncode == 0
    assert pl.read_csv(tmp_path / "w.csv")["gap"].max() <= 0.05


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        ([], 2, "nothing is to be changed"),
        (["--set", "budget"], 3, "is not a key and its values"),
        (["--set", "reserve.high_risk.share=2,3"], 3, "'3' must be at most 1"),
        (["--set", "reserve.high_rsik.share=0,1"], 3, "did you mean 'high_risk'"),
        (["--set", "budget=1", "--set", "budget=2"], 2, "a key is set twice"),
        (["--scenario", "richer.toml"], 2, "is not NAME=FILE"),
        (["--scenario", "a=nowhere.toml"], 3, "cannot be read"),
        (["--set", "only='amount > 1'"], 3, "changes how the file is read"),
        (["--set", "budget=1", "--out", "table.xlsx"], 2, "has no format that can be written"),
        (["--set", "must_fund=['P-001', 'P-002']", "--set", "must_not_fund=['P-001']"], 0, "must be funded"),
    ],
)
def test_mistakes_are_said(arguments: list[str], code: int, message: str) -> None:
    done = whatif(*arguments)
    assert done.returncode == code, done.stderr
    assert message in " ".join((done.stdout + done.stderr).replace("│", " ").split())
    assert "Traceback" not in done.stderr


def test_nothing_keeps_the_rules(tmp_path: Path) -> None:
    policy = tmp_path / "policy.toml"
    text = (EXAMPLE / "policy.toml").read_text(encoding="utf-8")
    policy.write_text(text.replace("share = 0.30", "share = 1.0"), encoding="utf-8")
    done = portfolio("whatif", *CALL, "--policy", policy, "--set", "reserve.young_investigator.share=0.99")
    assert done.returncode == 4
    assert "base: " in done.stdout
    assert "0 of 1 scenarios have a portfolio." in done.stdout


def test_a_limit_that_leaves_every_scenario_without_a_portfolio_is_told_from_rules_that_clash(
    tmp_path: Path,
) -> None:
    policy = tmp_path / "policy.toml"
    text = (EXAMPLE / "policy.toml").read_text(encoding="utf-8")
    policy.write_text(text.replace("time_limit = 60 ", "time_limit = 1e-6 "), encoding="utf-8")
    done = portfolio("whatif", *CALL, "--policy", policy, "--set", "budget=5000000")
    assert done.returncode == 5, done.stderr
    assert "0 of 1 scenarios have a portfolio." in done.stdout
    assert "stopped by a limit" in done.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
def test_a_sweep_that_is_killed_goes_on_where_it_was(tmp_path: Path) -> None:
    table, values = tmp_path / "w.csv", ",".join(str(8_000_000 + 5_000 * i) for i in range(400))
    sweep = ["--set", f"budget={values}", "--out", str(table), "--jobs", "2"]
    partial = tmp_path / "w.csv.partial"
    with subprocess.Popen(
        [*COMMAND, "whatif", *CALL, *POLICY, *sweep], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as run:
        while run.poll() is None and not (partial.exists() and partial.read_bytes().count(b"\n") >= 20):
            time.sleep(0.02)
        run.send_signal(signal.SIGKILL)
    known = [
        json.loads(line) for line in partial.read_bytes().splitlines(keepends=True) if line.endswith(b"\n")
    ]
    assert 20 <= len(known) < 400
    assert not table.exists()
    # What is taken up is known by a mark that only the journal has.
    known[3]["result"]["reason"] = "from the journal"
    partial.write_text("".join(json.dumps(line) + "\n" for line in known) + '{"key": "to', encoding="utf-8")
    done = whatif("--set", f"budget={','.join(values.split(',')[:30])}", "--out", table)
    assert done.returncode == 0, done.stderr
    rows = pl.read_csv(table)
    assert rows.height == 31
    assert rows["reason"].to_list()[4] == "from the journal"
    assert not partial.exists()
