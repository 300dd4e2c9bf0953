"""``portfolio explain``, on a decision that was written before."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import polars as pl
import pytest
from command import CALL, EXAMPLE, POLICY, portfolio, process

import portfolio as pf

FILES = ["--proposals", *CALL]


@pytest.fixture(scope="module")
def decision(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("explain") / "decision"
    assert portfolio("optimize", *CALL, *POLICY, "--out", folder, "--quiet").returncode == 0
    return folder


def test_what_is_in_the_folder_is_said_without_the_call(decision: Path) -> None:
    done = process("explain", decision, "P-017", "P-018", "P-055")
    assert done.returncode == 0, done.stderr
    reasons = dict(pl.read_csv(decision / "decisions.csv").select("id", "reason").iter_rows())
    assert f"P-017: not funded: {reasons['P-017']}." in done.stdout
    assert "P-018: funded: funded from the reserve for long_horizon: without it" in done.stdout
    assert "Deciding otherwise loses a value of at least 0.6121." in done.stdout
    assert "Add --proposals" in done.stderr
    assert "price of inclusion" not in done.stdout


def test_with_the_call_there_are_exact_prices_and_what_it_would_take(decision: Path) -> None:
    done = portfolio("explain", decision, "P-017", "P-018", *FILES, "--quiet")
    assert (done.returncode, done.stderr) == (0, "")
    for words in (
        "Funding it has a price of inclusion (value lost) of 0.2667.",
        "Then P-026, P-049 would enter, and P-015, P-018, P-030 would leave.",
        "It would need a merit above 4.7 instead of 4.433, everything else equal.",
        "would be enough; EUR",
        "Not funding it has a replacement cost (value lost) of 0.1333.",
    ):
        assert words in done.stdout


def test_json_is_what_the_library_says(decision: Path) -> None:
    done = portfolio("explain", decision, "P-017", "P-005", *FILES, "--json")
    assert done.returncode == 0, done.stderr
    inside, outside = json.loads(done.stdout)
    policy = pf.read_policy(EXAMPLE / "policy.toml")
    solved = pf.optimize(
        pf.read_call(EXAMPLE / "proposals.csv", EXAMPLE / "reviews.csv", policy=policy), policy
    )
    (answer,) = pf.inclusion(solved, ["P-017"])
    assert inside["otherwise"]["price"] == pytest.approx(answer.found)
    assert inside["otherwise"]["enters"] == list(answer.entered)
    (needs,) = pf.needed(solved, [answer])
    assert inside["needed"]["merit"]["high"] == pytest.approx(needs.merit.high)
    assert inside["needed"]["request"]["enough"] == float(needs.request.enough)
    assert (outside["otherwise"]["possible"], outside["otherwise"]["price"]) == (False, None)
    assert outside["otherwise"]["because"] == ["field 5.4 gets at most 20% of the budget (EUR 2,000,000.00)"]


def test_a_decision_whose_search_was_stopped_is_called_that(tmp_path: Path) -> None:
    text = (EXAMPLE / "policy.toml").read_text(encoding="utf-8")
    text = text.replace("budget = 10_000_000", "budget = 11_000_000")
    text = text.replace("gap = 0.0001", 'gap = 0.0\nnodes = 1\nmethod = "whole"')
    (tmp_path / "policy.toml").write_text(text, encoding="utf-8")
    made = portfolio("optimize", *CALL, "--policy", "policy.toml", "--out", "o", cwd=tmp_path)
    assert made.returncode == 5, made.stderr
    said = portfolio("explain", "o", "P-017", cwd=tmp_path)
    words = "Of the decision as a whole: Stopped by the limit on nodes before the gap asked for was proven"
    assert words in said.stdout
    data = portfolio("explain", "o", "P-017", "--json", cwd=tmp_path)
    assert words in data.stderr
    assert json.loads(data.stdout)[0]["id"] == "P-017"


def test_beside_what_comes_first_no_loss_is_said(tmp_path: Path) -> None:
    # Funding A wins 2: the money is held back for B, and nothing says that A would lose anything.
    (tmp_path / "p.csv").write_text("id,amount,merit,young\nA,10,3,false\nB,10,1,true\n", encoding="utf-8")
    reserve = '[[reserve]]\ntrait = "young"\nshare = 1\nshortfall = "release"\n'
    rules = f'budget = 10\n[traits]\nyoung = "young"\n{reserve}'
    (tmp_path / "policy.toml").write_text(rules, encoding="utf-8")
    made = portfolio("optimize", "p.csv", "--policy", "policy.toml", "--out", "o", cwd=tmp_path)
    assert "no portfolio that keeps the rules, and does as well in what comes before" in made.stdout
    plain = portfolio("explain", "o", "A", "B", cwd=tmp_path).stdout
    assert "worth more" not in plain
    assert " loses " not in plain
    data = json.loads(portfolio("explain", "o", "A", "--json", cwd=tmp_path).stdout)
    assert data[0]["price_bound"] is None
    priced = portfolio("explain", "o", "A", "--proposals", "p.csv", cwd=tmp_path).stdout
    assert "price of inclusion (value lost) of -2" in priced
    checked = portfolio("verify", "o", cwd=tmp_path)
    assert checked.returncode == 0, checked.stdout
    assert "that keeps the rules is" not in checked.stdout
    robust = portfolio("dominance", "p.csv", "--policy", "policy.toml", cwd=tmp_path)
    assert "reaches what comes before the value as far as can be and costs no more" in robust.stdout


def test_jobs_give_the_same_bytes(decision: Path) -> None:
    one, two = (
        portfolio("explain", decision, "P-049", "P-060", *FILES, "--json", "--jobs", jobs) for jobs in (1, 2)
    )
    assert one.returncode == 0, one.stderr
    assert one.stdout == two.stdout


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["P-17"], 2, "'P-17' is not the id of a proposal of this decision; did you mean 'P-017'?"),
        (["P-017,P-049"], 2, "these are 2 names in one: give each by itself"),
        (["P-017", "--reviews", "r.csv"], 2, "go with --proposals"),
        (["P-017", "--proposals", CALL[0]], 3, "add --reviews FILE"),
        (["P-017", "--proposals", CALL[2], "--reviews", CALL[2]], 3, "Error"),
    ],
)
def test_mistakes_are_told(decision: Path, arguments: list[str], code: int, words: str) -> None:
    done = portfolio("explain", decision, *arguments)
    assert done.returncode == code, done.stderr
    assert words in " ".join(done.stderr.split())
    assert "Traceback" not in done.stderr


def test_another_file_than_that_of_the_day_is_refused(decision: Path, tmp_path: Path) -> None:
    other = tmp_path / "proposals.csv"
    other.write_text((EXAMPLE / "proposals.csv").read_text() + "\n")
    done = portfolio("explain", decision, "P-017", "--proposals", other, *CALL[1:])
    assert done.returncode == 3
    assert "is not a file that the decision was made from" in done.stderr


def test_a_folder_that_is_missing_or_damaged_is_told(decision: Path, tmp_path: Path) -> None:
    missing = portfolio("explain", tmp_path / "nowhere", "P-017")
    assert missing.returncode == 3
    assert "name the folder that `portfolio optimize --out DIR` wrote" in missing.stderr
    broken = tmp_path / "broken"
    shutil.copytree(decision, broken)
    (broken / "portfolio.json").write_text("{")
    done = portfolio("explain", broken, "P-017")
    assert done.returncode == 3
    assert "is not JSON" in done.stderr
    assert "Traceback" not in missing.stderr + done.stderr
    shutil.copy(decision / "portfolio.json", broken)
    columns = pl.read_csv(decision / "decisions.csv", infer_schema=False).drop("reason")
    columns.write_csv(broken / "decisions.csv")
    done = portfolio("explain", broken, "P-017")
    assert done.returncode == 3, done.stderr
    assert "Traceback" not in done.stderr
