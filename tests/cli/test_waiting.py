"""``portfolio waiting``."""

from __future__ import annotations

import sys
from pathlib import Path

import polars as pl
import pytest
from command import CALL, EXAMPLE, POLICY, portfolio, process

import portfolio as pf

REVIEWS = EXAMPLE / "reviews.csv"


@pytest.fixture(scope="module")
def decided(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("waiting")
    done = portfolio("optimize", *CALL, *POLICY, "--out", folder, "--quiet")
    assert done.returncode == 0, done.stderr
    return folder


def test_all_single_declines(decided: Path, tmp_path: Path) -> None:
    files = tmp_path / "waiting.csv", tmp_path / "ranked.parquet"
    done = process("waiting", decided, *CALL, "--out", files[0], "--ranked", files[1], "--jobs", 2)
    assert done.returncode == 0, done.stderr
    declines, ranked = pl.read_csv(files[0]), pl.read_parquet(files[1])
    assert declines["id"].to_list() == pl.read_csv(decided / "awards.csv")["id"].to_list()
    entered = declines["enters"].fill_null("").str.split(";").explode().to_list()
    assert {name: entered.count(name) for name in ranked["id"]} == dict(
        ranked.select("id", "called").iter_rows()
    )
    assert set(ranked["id"]) == set(entered) - {""}
    assert f"Single declines: {declines.height} of {declines.height} looked at" in done.stdout
    assert "Walking down the ranked list" in done.stdout


def test_a_decline_that_a_limit_stopped_leaves_the_others_their_rows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    three, rules = tmp_path / "three.csv", tmp_path / "rules.toml"
    three.write_text("id,amount,merit\nA,10,3\nB,10,2\nC,10,1\n")
    rules.write_text("budget = 20\n")
    assert portfolio("optimize", three, "--policy", rules, "--out", tmp_path / "d").returncode == 0

    def limited(of: pf.Portfolio, gone: list[str]) -> pf.Replacement:
        if gone == ["A"]:
            raise pf.LimitError("no portfolio was found within 1 nodes", "node_limit")
        return pf.replace_decliners(of, gone)

    monkeypatch.setattr(sys.modules["portfolio.analysis.declines.decline"], "replace_decliners", limited)
    file = tmp_path / "waiting.csv"
    done = portfolio("waiting", tmp_path / "d", three, "--out", file, "--jobs", 1)
    assert done.returncode == 5, done.stderr
    assert pl.read_csv(file).select("id", "enters", "status").rows() == [
        ("A", None, "node_limit"),
        ("B", "C", "optimal"),
    ]
    assert "as good as the best replacement found for 1 of 1" in done.stdout
    assert "no replacement at all was found within the limit: A." in done.stdout


def test_several_decline(decided: Path, tmp_path: Path) -> None:
    file = tmp_path / "after.csv"
    done = portfolio("waiting", decided, *CALL, "-d", "P-003", "-d", "P-018", "--out", file, "--quiet")
    assert (done.returncode, done.stderr) == (0, "")
    awards = pl.read_csv(decided / "awards.csv")
    after = pl.read_csv(file)
    old = after.filter(~pl.col("new")).drop("new")
    assert old.equals(awards.filter(~pl.col("id").is_in(["P-003", "P-018"])))
    assert after["amount_awarded"].sum() <= 10_000_000
    assert "reserve.young_investigator cannot hold" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (
            [*CALL, "--declined", "P-002", "-d", "P-018"],
            2,
            "'P-002' has no award in this decision; if it was",
        ),
        ([*CALL, "-d", "P-03"], 2, "'P-03' is not the id of a proposal of this call; did you mean 'P-0"),
        (
            [*CALL, "-d", "P-003,P-018"],
            2,
            "these are 2 names in one: give each by itself; an option is repeated",
        ),
        ([*CALL, "--declined", "P-003", "--ranked", "r.csv"], 2, "leave out --declined"),
        ([*CALL, "--out", "waiting.docx"], 2, "no format that can be written: .docx"),
        ([str(REVIEWS)], 3, "problem"),
    ],
)
def test_misuse_is_said(decided: Path, arguments: list[str], code: int, words: str) -> None:
    done = portfolio("waiting", decided, *arguments)
    assert done.returncode == code, done.stderr
    assert words in done.stderr
    assert "Traceback" not in done.stderr


def test_a_folder_without_a_decision_is_refused(tmp_path: Path) -> None:
    done = portfolio("waiting", tmp_path, *CALL)
    assert done.returncode == 3
    assert "optimize --out DIR" in done.stderr


def test_other_proposals_are_refused(decided: Path, tmp_path: Path) -> None:
    other = tmp_path / "proposals.csv"
    other.write_text((EXAMPLE / "proposals.csv").read_text().replace("Mechanisms", "Mechanism", 1))
    done = portfolio("waiting", decided, other, "--reviews", REVIEWS)
    assert done.returncode == 3
    assert "is not a file that the decision was made from" in done.stderr


@pytest.mark.parametrize("gives", ['shortfall = "release"', "priority = 1", "price = 0.001"])
def test_rules_that_gave_way_are_not_said_to_hold(tmp_path: Path, gives: str) -> None:
    proposals, rules, decision = tmp_path / "five.csv", tmp_path / "rules.toml", tmp_path / "d"
    rows = [
        f"{name},100,{merit},{young}" for name, merit, young in zip("ABCDE", "54321", "ynnnn", strict=True)
    ]
    proposals.write_text("\n".join(["id,amount,merit,young", *rows]) + "\n")
    reserve = f"[[reserve]]\ntrait = 'young'\nshare = 0.5\n{gives}\n"
    rules.write_text(f"budget = 400\n[traits]\nyoung = \"young = 'y'\"\n{reserve}")
    assert portfolio("optimize", proposals, "--policy", rules, "--out", decision).returncode == 0
    # The young ask for 100 of the 200 that are held back for them.
    one = portfolio("waiting", decision, proposals, "--declined", "B").stdout
    assert "Every firm rule still holds." in one
    every = portfolio("waiting", decision, proposals, "--jobs", 1).stdout
    assert "All firm rules still hold after 4 of them." in every
    assert "every firm rule of the policy holds" in portfolio("verify", decision).stdout
    hard = "\n".join(line for line in rules.read_text().replace("0.5", "0.25").splitlines() if line != gives)
    rules.write_text(hard + "\n")
    assert portfolio("optimize", proposals, "--policy", rules, "--out", decision).returncode == 0
    assert "Every rule still holds." in portfolio("waiting", decision, proposals, "--declined", "B").stdout
    assert "every rule of the policy holds" in portfolio("verify", decision).stdout
