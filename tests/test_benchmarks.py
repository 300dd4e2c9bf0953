"""The benchmarks run, and the problems that they pose have answers; how fast is another matter."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from benchmarks.families import FAMILIES

import portfolio as pf
from portfolio.optimize.highs import HighsEngine
from portfolio.optimize.solve import shadow_prices

pytestmark = pytest.mark.once

ROOT = Path(__file__).parents[1]


@pytest.mark.parametrize("name", FAMILIES)
@pytest.mark.parametrize("n", [60, 400])
def test_a_family_is_feasible_and_has_its_rules(name: str, n: int) -> None:
    call, policy = FAMILIES[name].make(n)
    decision = pf.Problem(call, policy.replace(solver={"gap": 0.05})).solve()
    assert 0 < len(decision.ids) < n
    assert len(policy.reserve) == 3
    assert any(rule.per == "institution" for rule in policy.limit)
    assert any(rule.kind == "at_most" and rule.per == "investigator" for rule in policy.link)
    where = [rule for rule in policy.limit if rule.where is not None]
    if name == "national":
        assert len(policy.budgets) == 3
        assert sum(rule.kind == "requires" for rule in policy.link) == n // 50
        assert any(rule.min_amount for rule in where)
        assert all(rule.max_amount is not None for rule in where)
    if name == "tiny_floors":
        sizes = call.frame["programme"].drop_nulls().value_counts()["count"].to_numpy()
        assert len(where) == len(sizes) > 0
        assert np.all((sizes >= 5) & (sizes <= 50))


@pytest.mark.parametrize("name", FAMILIES)
def test_the_reserves_of_a_family_overlap_and_bind(name: str) -> None:
    problem = pf.Problem(*FAMILIES[name].make(1_000))
    relaxed = HighsEngine().relax(problem.model, problem.policy.solver)
    prices = shadow_prices(problem.model, relaxed)
    assert all(prices[rule.key] < 0 for rule in problem.policy.reserve)
    assert (np.array(list(problem.instance.traits.values())).sum(axis=0) > 1).any()


def test_the_same_size_is_the_same_problem() -> None:
    for family in FAMILIES.values():
        first, second = family.make(60), family.make(60)
        assert first[0].frame.equals(second[0].frame)
        assert first[1] == second[1]


@pytest.mark.skipif(sys.platform == "win32", reason="processes are measured the way of POSIX")
def test_the_command_writes_its_tables_and_pictures(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text((ROOT / "docs" / "benchmarks.md").read_text(encoding="utf-8"), encoding="utf-8")
    command = [sys.executable, ROOT / "tests" / "benchmarks" / "optimize.py", "--out", page, "--n", "60"]
    options = ["--runs", "1", "--peers", "highs", "--families", "national", "--limit", "30", "--gap", "0.01"]
    subprocess.run([*command, *options], check=True, capture_output=True)
    text = page.read_text(encoding="utf-8")
    rows = re.findall(
        r"^\| 60 \| (this library|HiGHS alone) \| ([\d.]+) \|.* \| (\S+) \|$", text, re.MULTILINE
    )
    assert [row[0] for row in rows] == ["this library", "HiGHS alone"]
    assert all(row[2] in {"optimal", "gap"} for row in rows)
    for name in ("tightness", "first", "phases", "warm", "clashes"):
        assert re.search(
            rf"<!-- {name} -->\n\n\| n \|.*\n\|---.*\n(\| 60 \| [^\n]+\n)+\n<!-- /{name} -->", text
        )
    assert "(page/national.svg)" in text
    root = ElementTree.parse(page.with_suffix("") / "national.svg").getroot()
    assert root.tag == "{http://www.w3.org/2000/svg}svg"


def test_a_picture_is_the_same_every_time(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    from benchmarks.picture import Point, draw

    points = [Point("ours", 10, 0.5, True), Point("theirs", 10, 3.0, False)]
    for name in ("a.svg", "b.svg"):
        draw(tmp_path / name, "title", points, 5.0)
    assert (tmp_path / "a.svg").read_bytes() == (tmp_path / "b.svg").read_bytes()


def test_the_page_has_a_place_for_every_family() -> None:
    text = (ROOT / "docs" / "benchmarks.md").read_text(encoding="utf-8")
    for name in (*FAMILIES, "first", "phases", "warm", "clashes", "why"):
        assert text.count(f"<!-- {name} -->") == text.count(f"<!-- /{name} -->") == 1


def test_the_benchmark_of_what_if_says_what_it_skips(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("<!-- whatif --><!-- /whatif -->", encoding="utf-8")
    command = [sys.executable, ROOT / "tests" / "benchmarks" / "whatif.py", "--data", tmp_path, "--out", page]
    options = ["--scenarios", "8", "--n", "120", "--jobs", "2", "--gap", "0.01"]
    done = subprocess.run([*command, *options], check=True, capture_output=True, text=True)
    assert "skipped: " in done.stdout
    rows = page.read_text(encoding="utf-8").splitlines()[4:6]
    assert [row.split(" | ")[4] for row in rows] == ["whole proposals", "bounds"]
    assert all(row.startswith("| invented | 120 | 8 |") for row in rows)


@pytest.mark.skipif(sys.platform == "win32", reason="the server is ended the way of POSIX")
def test_the_benchmark_of_the_explorer_has_a_row_for_each_answer() -> None:
    script = ROOT / "tests" / "benchmarks" / "explorer.py"
    options = ["--n", "80", "--steps", "2", "--gap", "0.01"]
    done = subprocess.run([sys.executable, script, *options], check=True, capture_output=True, text=True)
    rows = [row.split(" | ") for row in done.stdout.splitlines()[2:]]
    assert [row[2] for row in rows] == [
        "the bound",
        "the proven decision",
        "the bound while a slider is dragged",
    ]
    assert [row[:2] for row in rows] == [["| 80", "0.01"]] * 3
    assert [row[3] for row in rows[:2]] == ["2", "2"]


def test_the_benchmark_of_reviewers_says_what_it_skips(tmp_path: Path) -> None:
    command = [
        sys.executable,
        ROOT / "tests" / "benchmarks" / "reviewers.py",
        "--tables",
        "snsf",
        "--data",
        tmp_path,
    ]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    assert "| reading | correlation |" in done.stdout
    assert f"skipped: {tmp_path / 'snsf_mint'} is absent" in done.stdout


def test_the_benchmark_of_frontiers_has_a_row_for_each_analysis() -> None:
    script = ROOT / "tests" / "benchmarks" / "frontier.py"
    options = ["--n", "60", "--gaps", "0.05", "--steps", "3"]
    done = subprocess.run([sys.executable, script, *options], check=True, capture_output=True, text=True)
    assert re.findall(r"^\| 60 \| 0.05 \| (\w+)", done.stdout, re.MULTILINE) == ["budget", "value", "5"]


def test_the_benchmark_of_lotteries_runs(tmp_path: Path) -> None:
    command = [sys.executable, ROOT / "tests" / "benchmarks" / "lottery.py", "--n", "200", "--calls", "60"]
    done = subprocess.run(
        [*command, "--groups", "5", "--data", tmp_path], check=True, capture_output=True, text=True
    )
    assert "| errors of 0.1 | 200 | 64 |" in done.stdout
    assert re.search(r"\| 60 \| \d+ \| \d+ \| [\d.]+ \|.*\| optimal \|", done.stdout)
    assert f"skipped: {tmp_path / 'snsf_mint'}" in done.stdout


def test_the_benchmark_of_explanations_writes_its_table(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("<!-- why -->\n\n<!-- /why -->\n", encoding="utf-8")
    command = [sys.executable, ROOT / "tests" / "benchmarks" / "why.py", "--n", "60", "--asked", "1"]
    subprocess.run([*command, "--out", page], check=True, capture_output=True)
    assert re.search(r"^\| 60 \|( [\d.]+ \|){5} \d+ \|$", page.read_text(encoding="utf-8"), re.MULTILINE)


def test_the_benchmark_of_fairness_has_a_row_for_each_size() -> None:
    script = ROOT / "tests" / "benchmarks" / "fairness.py"
    options = ["--n", "60,80", "--gap", "0.05"]
    done = subprocess.run([sys.executable, script, *options], check=True, capture_output=True, text=True)
    assert re.findall(r"^\| (\d+) \| 0.05 \|", done.stdout, re.MULTILINE) == ["60", "80"]


def test_the_benchmark_of_files_writes_both_tables(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(
        "<!-- guard -->\n<!-- /guard -->\n<!-- workbook -->\n<!-- /workbook -->\n", encoding="utf-8"
    )
    script = ROOT / "tests" / "benchmarks" / "written.py"
    options = ["--rows", "700", "--n", "60", "--out", page]
    subprocess.run([sys.executable, script, *options], check=True, capture_output=True)
    written = page.read_text(encoding="utf-8")
    assert re.findall(r"^\| 700 \| (\w+) \|(?: [\d.]+ \|){4}$", written, re.MULTILINE) == ["plain", "hostile"]
    assert re.search(r"^\| 60 \|(?: [\d.]+ \|){4}$", written, re.MULTILINE)


def test_the_benchmark_of_charts_draws_them() -> None:
    script = ROOT / "tests" / "benchmarks" / "charts.py"
    done = subprocess.run(
        [sys.executable, script, "--n", "60,90"], check=True, capture_output=True, text=True
    )
    assert re.findall(r"^\| (\d+) \|", done.stdout, re.MULTILINE) == ["60", "90"]


def test_the_benchmark_of_waiting_lists_solves_every_decline() -> None:
    script = ROOT / "tests" / "benchmarks" / "waiting.py"
    done = subprocess.run([sys.executable, script, "--n", "60"], check=True, capture_output=True, text=True)
    ((awards, proven),) = re.findall(
        r"^\| 60 \| (\d+) \| [\d.]+ \| \d+ \| (\d+) \|", done.stdout, re.MULTILINE
    )
    assert int(awards) == int(proven) > 0


def test_the_benchmark_of_records_verifies_every_decision() -> None:
    script = ROOT / "tests" / "benchmarks" / "record.py"
    done = subprocess.run([sys.executable, script, "--n", "60"], check=True, capture_output=True, text=True)
    rows = [line.strip("| ").split(" | ") for line in done.stdout.splitlines()[2:]]
    assert [row[:2] for row in rows] == [["ordinary", "60"], ["national", "60"]]
    assert all(float(row[5]) <= float(row[6]) < 0.1 for row in rows)


def test_the_benchmark_of_robustness_has_a_row_for_what_is_drawn() -> None:
    script = ROOT / "tests" / "benchmarks" / "robustness.py"
    options = ["--n", "60", "--gaps", "0.05", "--draws", "4", "--jobs", "1"]
    done = subprocess.run([sys.executable, script, *options], check=True, capture_output=True, text=True)
    assert re.findall(r"^\| 60 \| 0.05 \| ([a-z ]+) \| 4 ", done.stdout, re.MULTILINE) == [
        "merits and scores",
        "merits",
    ]


def test_the_benchmark_of_dominance_has_a_row_for_each_problem(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("<!-- dominance -->\n<!-- /dominance -->\n", encoding="utf-8")
    script = ROOT / "tests" / "benchmarks" / "dominance.py"
    options = ["--n", "12", "--intervals", "0.05", "--out", page]
    subprocess.run([sys.executable, script, *options], check=True, capture_output=True, text=True)
    rows = page.read_text(encoding="utf-8").splitlines()[4:6]
    assert [row.split(" | ")[1:3] for row in rows] == [["1", "0.05"], ["3", "0.05"]]
    # Nothing is unknown, and the list is complete.
    assert all(row.split(" | ")[7] == "0" and "over" not in row for row in rows)
