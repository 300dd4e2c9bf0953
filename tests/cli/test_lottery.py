"""``portfolio lottery``: chances first, the draw later, the check by anyone."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest
from command import CALL, EXAMPLE, POLICY, portfolio, process

import portfolio as pf
from portfolio_cli.lottery import _chance


def test_publish_draw_and_check(tmp_path: Path) -> None:
    published, drawn, table = tmp_path / "lottery.json", tmp_path / "draw.json", tmp_path / "chances.csv"
    first = process("lottery", *CALL, *POLICY, "--record", published, "--out", table)
    assert first.returncode == 0, first.stderr
    assert "Nothing is drawn yet" in first.stdout
    assert json.loads(published.read_text())["draw"] is None
    chances = pl.read_csv(table)
    assert chances.columns == ["id", "group", "chance"]
    second = portfolio(
        "lottery", *CALL, *POLICY, "--from", published, "--seed", "x", "--record", drawn, "--quiet"
    )
    assert (second.returncode, second.stderr) == (0, "")
    record = json.loads(drawn.read_text())
    assert record["proposals"] == json.loads(published.read_text())["proposals"]
    assert f"winning number {record['draw']['number']:,}" in second.stdout
    checked = portfolio("lottery", *CALL, *POLICY, "--check", drawn)
    assert checked.returncode == 0, checked.stdout
    again = portfolio("lottery", *CALL, *POLICY, "--from", drawn, "--seed", "y")
    assert again.returncode == 3
    assert "held already" in again.stderr
    record["draw"]["funded"] = record["draw"]["funded"][1:]
    drawn.write_text(json.dumps(record))
    changed = portfolio("lottery", *CALL, *POLICY, "--check", drawn)
    assert changed.returncode == 3
    assert "gives other winners" in changed.stdout
    assert "Traceback" not in changed.stderr


def test_places_are_drawn_where_no_draw_can_break_a_rule(tmp_path: Path) -> None:
    policy = tmp_path / "policy.toml"
    policy.write_text(
        "budget = 100_000_000\n[reviews]\nbest = 6\nworst = 1\n[reviews.bayes]\nmost_draws = 1000\n"
    )
    for method in ("merit", "bayes"):
        out = tmp_path / f"{method}.parquet"
        done = portfolio(
            "lottery",
            *CALL,
            "--policy",
            policy,
            "--method",
            method,
            "--places",
            20,
            "--seed",
            "s",
            "--out",
            out,
        )
        assert done.returncode == 0, done.stderr
        frame = pl.read_parquet(out)
        assert frame["funded"].sum() == 20
        assert frame["chance"].sum() == pytest.approx(20)


@pytest.mark.parametrize(
    ("options", "code", "message"),
    [
        (["--method", "merit"], 2, "needs the number of places"),
        (["--method", "merit", "--places", "99"], 2, "there are 60 proposals"),
        (["--places", "5"], 2, "money decides who is tied, not places"),
        (["--seed", " "], 2, "this one is empty"),
        (["--method", "merit", "--places", "20"], 3, "a draw of places could break it"),
        (["--out", "chances.txt"], 2, "end the name in .csv or .parquet"),
        (["--check", "absent.json"], 2, "absent.json"),
    ],
)
def test_what_cannot_be_done_is_said(tmp_path: Path, options: list[str], code: int, message: str) -> None:
    done = portfolio("lottery", *CALL, *POLICY, *options, cwd=tmp_path)
    assert done.returncode == code, done.stderr
    assert message in " ".join(done.stderr.replace("│", " ").split())
    assert "Traceback" not in done.stderr


@pytest.mark.once
def test_a_fair_lottery_among_those_whom_another_method_would_draw(tmp_path: Path) -> None:
    table = tmp_path / "chances.csv"
    chosen = ["--group", "merit", "--places", 30, "--smoothness", 0.1, "--tolerance", 0.01, "--out", table]
    done = portfolio("lottery", *CALL, *POLICY, *chosen)
    assert done.returncode == 0, done.stderr
    # What is below the zero of the policy is named, not dropped in silence.
    assert "left out, since the policy never funds them: P-043" in done.stderr
    assert "If one merit rises by 0.1" in done.stdout
    call = pf.read_call(
        EXAMPLE / "proposals.csv", EXAMPLE / "reviews.csv", policy=pf.read_policy(EXAMPLE / "policy.toml")
    )
    problem = pf.Problem(call, pf.read_policy(EXAMPLE / "policy.toml"))
    frame = problem.instance.table
    drawn = pf.merit_lottery(frame["id"], frame["merit_low"].to_numpy(), frame["merit_high"].to_numpy(), 30)
    groups = dict(zip(drawn.ids, drawn.groups, strict=True))
    for name, group in pl.read_csv(table).select("id", "group").iter_rows():
        assert group == groups[name] or name == "P-043", name


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--group", "bayes"], "needs the number of places"),
        (["--places", "3"], "leave it out"),
        (["--smoothness", "0.1"], "needs the number of places"),
    ],
)
def test_options_that_need_each_other_say_so(options: list[str], words: str) -> None:
    done = portfolio("lottery", *CALL, *POLICY, "--tolerance", 0.1, *options)
    assert done.returncode == 2
    assert words in " ".join(done.stderr.replace("│", " ").split())


def test_a_chance_that_is_neither_impossible_nor_sure_never_reads_so() -> None:
    found = [_chance(share) for share in (0, 0.00004, 0.5, 0.99996, 1)]
    assert found == ["0.0000", "< 0.0001", "0.5000", "> 0.9999", "1.0000"]


def test_a_draw_is_not_written_over_by_one_with_another_seed(tmp_path: Path) -> None:
    published, drawn, table = tmp_path / "lottery.json", tmp_path / "draw.json", tmp_path / "chances.csv"
    whole = ["lottery", *CALL, *POLICY, "--record"]
    assert portfolio(*whole, published).returncode == 0
    draw = [*whole, drawn, "--from", published, "--seed"]
    assert portfolio(*draw, "x").returncode == 0
    held = drawn.read_bytes()
    assert portfolio(*draw, "x").returncode == 0
    assert drawn.read_bytes() == held
    for other in ([*draw, "y"], [*whole, drawn, "--seed", "y"], [*whole, drawn]):
        refused = portfolio(*other, "--out", table)
        assert refused.returncode == 3
        assert "holds a draw of this lottery, which would be lost" in refused.stderr.replace("\n", " ")
    assert drawn.read_bytes() == held
    assert not table.exists()
