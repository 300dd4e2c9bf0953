"""What all of the command keeps: exit codes, streams, files, the same bytes again."""

from __future__ import annotations

import json
import os
import re
import shlex
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from command import CALL, EXAMPLE, POLICY, portfolio, process

import portfolio as pf


def test_the_main_job(tmp_path: Path) -> None:
    done = process("optimize", *CALL, *POLICY, "--out", tmp_path / "out")
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    for words in (
        "Awards",
        "Reserves",
        "required",
        "delivered",
        "eligible demand",
        "price (value lost)",
        "Proven",
    ):
        assert words in done.stdout
    record = json.loads((tmp_path / "out" / "portfolio.json").read_text())
    awards = pl.read_csv(tmp_path / "out" / "awards.csv")
    assert record["awards"] == awards["id"].to_list()
    assert record["spent"] == awards["amount_awarded"].sum() <= record["budget"]
    assert [source["name"] for source in record["inputs"]] == ["proposals.csv", "reviews.csv"]
    assert all(reserve["delivered"] >= reserve["required"] for reserve in record["reserves"])
    assert f"Funded {record['n_awards']} of {record['n_proposals']} proposals" in done.stdout


def test_json_is_the_record_and_quiet_is_quiet(tmp_path: Path) -> None:
    done = portfolio("optimize", *CALL, *POLICY, "--json", "--quiet", "--out", tmp_path)
    assert done.returncode == 0
    assert done.stderr == ""
    assert json.loads(done.stdout) == json.loads((tmp_path / "portfolio.json").read_text())


def test_what_may_become_of_the_awards() -> None:
    done = portfolio("optimize", *CALL, *POLICY, "--outcomes")
    assert done.returncode == 0
    said = re.search(
        r"Outcomes of (\d+) awards \((\d+) chances stated, (\d+) estimated .* (\d+) not known", done.stdout
    )
    assert said is not None
    awards, *parts = map(int, said.groups())
    assert f"Funded {awards} of" in done.stdout
    assert awards == sum(parts)
    assert "not too safe" in done.stdout
    assert portfolio("optimize", *CALL, *POLICY, "--outcomes", "--json").returncode == 2


def test_every_rule_has_its_price() -> None:
    done = portfolio("optimize", *CALL, *POLICY, "--rules")
    assert done.returncode == 0
    costs = done.stdout[done.stdout.index("What each rule costs") :]
    assert "cannot be left out" in costs
    policy = pf.read_policy(EXAMPLE / "policy.toml")
    call = pf.read_call(EXAMPLE / "proposals.csv", EXAMPLE / "reviews.csv", policy=policy)
    for price in pf.price_rules(pf.optimize(call, policy)):
        (line,) = [line for line in costs.splitlines() if f" {price.rule}: " in line]
        assert price.rule == "budget" or pf.price_in_words(price) in line
    assert portfolio("optimize", *CALL, *POLICY, "--rules", "--json").returncode == 2


def test_a_limit_for_nobody_is_said_when_deciding(tmp_path: Path) -> None:
    text = (EXAMPLE / "policy.toml").read_text(encoding="utf-8")
    policy = tmp_path / "policy.toml"
    policy.write_text(
        text.replace("field >= '6'", "field >= '9'").replace("min_awards = 1", "max_awards = 1")
    )
    done = portfolio("optimize", *CALL, "--policy", policy)
    assert done.returncode == 0
    assert "Note: limit[3] holds for no proposal: field >= '9'\n    likely cause:" in done.stderr
    assert portfolio("optimize", *CALL, "--policy", policy, "--quiet").stderr == ""


def test_the_same_bytes_again_and_with_rows_in_another_order(tmp_path: Path) -> None:
    shuffled = tmp_path / "proposals.csv"
    lines = (EXAMPLE / "proposals.csv").read_text().splitlines()
    shuffled.write_text("\n".join([lines[0], *reversed(lines[1:])]) + "\n")
    first = portfolio("optimize", *CALL, *POLICY, "--out", tmp_path / "a")
    second = process(
        "optimize", shuffled, *CALL[1:], *POLICY, "--out", tmp_path / "b", LC_ALL="C", TZ="Asia/Tokyo"
    )
    assert first.returncode == second.returncode == 0
    assert first.stdout == second.stdout
    for name in ("awards.csv", "decisions.csv", "set_aside.csv"):
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()


def test_a_budget_on_the_command_line(tmp_path: Path) -> None:
    done = portfolio("optimize", *CALL, *POLICY, "--budget", "12000000.50", "--json")
    assert json.loads(done.stdout)["budget"] == 12000000.5


def test_a_budget_cannot_replace_a_budget_per_year(tmp_path: Path) -> None:
    policy = tmp_path / "policy.toml"
    text = (EXAMPLE / "policy.toml").read_text()
    policy.write_text(re.sub(r"(?m)^budget = \S+", "budget = [4_000_000, 3_500_000, 2_500_000]", text))
    done = portfolio("optimize", *CALL, "--policy", policy, "--budget", "8000000")
    assert done.returncode == 2
    assert "budget per year" in done.stderr
    fine = portfolio("optimize", *CALL, *POLICY, "--budget", "9999999.999")
    assert (fine.returncode, "Traceback" in fine.stderr) == (3, False)


def test_what_is_held_and_what_rounds_spend_is_said(tmp_path: Path) -> None:
    text = (EXAMPLE / "policy.toml").read_text()
    rounds = tmp_path / "rounds.toml"
    rounds.write_text('reserve_order = "over_and_above"\n' + text)
    done = portfolio("optimize", *CALL, "--policy", rounds)
    assert done.returncode == 0, done.stderr
    assert "Round open:" in done.stdout
    assert "Round reserve.high_risk:" in done.stdout
    hold = tmp_path / "hold.toml"
    scarce = 'trait = "long_horizon"\nshortfall = "hold"\nshare = 0.40'
    hold.write_text(text.replace('trait = "long_horizon"\nshare = 0.20', scarce))
    assert "Held and not spent:" in portfolio("optimize", *CALL, "--policy", hold).stdout


@pytest.mark.skipif(os.name == "nt", reason="cut into words as a shell of Unix does")
def test_the_command_that_new_names_runs_as_it_stands(tmp_path: Path) -> None:
    made = portfolio("new", "my call (2027)", cwd=tmp_path)
    *_, line = made.stderr.splitlines()
    assert "'my call (2027)/proposals.csv'" in line
    done = portfolio(*shlex.split(line)[1:], cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "my call (2027)" / "decision" / "portfolio.json").exists()


def test_new_check_score_and_optimize_by_hand(tmp_path: Path) -> None:
    made = process("new", "my-call", cwd=tmp_path)
    assert made.returncode == 0
    assert "portfolio optimize my-call/proposals.csv" in made.stderr.replace("\\", "/")
    folder = tmp_path / "my-call"
    again = portfolio("new", "my-call", cwd=tmp_path)
    assert again.returncode == 2
    assert "already has" in again.stderr
    files = [
        folder / "proposals.csv",
        "--reviews",
        folder / "reviews.csv",
        "--policy",
        folder / "policy.toml",
    ]
    checked = process("check", *files)
    assert checked.returncode == 0
    assert checked.stdout.startswith("Problem\n├─ data")
    scored = process("score", *files)
    assert scored.returncode == 0
    header, *rows = scored.stdout.splitlines()
    assert header.startswith("id,merit,merit_sd,merit_low,merit_high,n_reviews,basicness")
    assert len(rows) == 60
    to_file = portfolio("score", *files, "--out", tmp_path / "scores.csv")
    assert to_file.stdout == ""
    assert (tmp_path / "scores.csv").read_text() == scored.stdout
    assert portfolio("optimize", *files).returncode == 0


def test_check_and_score_without_a_policy(tmp_path: Path) -> None:
    checked = portfolio("check", CALL[0])
    assert checked.stdout == "60 proposals can be used.\n"
    assert "No policy was given" in checked.stderr
    scored = portfolio("score", CALL[0])
    assert scored.returncode == 0
    assert len(scored.stdout.splitlines()) == 61


def test_check_without_a_policy_mentions_requests_that_may_be_thousands(tmp_path: Path) -> None:
    path = tmp_path / "proposals.csv"
    path.write_text("id,amount\nA,250\nB,300\n")
    checked = portfolio("check", path)
    assert checked.returncode == 0
    assert (
        "Note: the middle request is EUR 250.00\n    likely cause: the amounts are in thousands"
        in checked.stdout
    )


def test_check_says_what_cannot_work_and_exits_with_4(tmp_path: Path) -> None:
    policy = tmp_path / "policy.toml"
    policy.write_text((EXAMPLE / "policy.toml").read_text().replace("share = 0.", "share = 0.9", 1))
    done = portfolio("check", *CALL, "--policy", policy)
    assert done.returncode == 4
    assert "Cannot work: reserve." in done.stdout
    assert "way forward" in done.stdout


def test_no_portfolio_is_exit_4_with_the_conflict(tmp_path: Path) -> None:
    policy = tmp_path / "policy.toml"
    policy.write_text((EXAMPLE / "policy.toml").read_text().replace("share = 0.", "share = 0.9", 1))
    done = process("optimize", *CALL, "--policy", policy, "--out", tmp_path / "out")
    assert done.returncode == 4
    assert "These cannot hold together:" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "out").exists()


def test_bad_rows_are_exit_3_and_all_are_named(tmp_path: Path) -> None:
    bad = tmp_path / "bad.csv"
    bad.write_text("id,amount,merit\nA,1000,3\nA,2000,3\nB,-5,3\nC,abc,3\nD,100,x\n")
    policy = tmp_path / "policy.toml"
    policy.write_text("budget = 5000\n")
    done = process("optimize", bad, "--policy", policy)
    assert done.returncode == 3
    for words in ("rows 2, 3", "row 4", "row 5", "row 6", "'abc'", "'-5'", "'x'"):
        assert words in done.stderr, words
    aside = tmp_path / "aside.toml"
    aside.write_text('budget = 5000\non_bad_rows = "set_aside"\n')
    bad.write_text(bad.read_text() + "E,100,4\n")
    done = portfolio("optimize", bad, "--policy", aside, "--out", tmp_path / "out")
    assert done.returncode == 0, done.stderr
    assert "5 rows set aside" in done.stdout
    reasons = pl.read_csv(tmp_path / "out" / "set_aside.csv")
    assert reasons["row"].unique().sort().to_list() == [2, 3, 4, 5, 6]
    assert json.loads((tmp_path / "out" / "portfolio.json").read_text())["n_set_aside"] == 5
    assert "Set aside: 5 rows" in portfolio("check", bad, "--policy", aside).stdout


def test_a_broken_policy_is_exit_3_with_the_line(tmp_path: Path) -> None:
    policy = tmp_path / "policy.toml"
    policy.write_text('budget = 5\n[[reserve]]\ntrait = "risky"\nshare = 0.1\n')
    done = portfolio("optimize", *CALL, "--policy", policy)
    assert done.returncode == 3
    assert "policy.toml, line 3, key reserve[1].trait: 'risky' is not a trait" in done.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ("optimize",),
        ("optimise", *CALL),
        ("optimize", *CALL),
        ("simulate", "0"),
        ("simulate", "many"),
        ("optimize", *CALL, *POLICY, "--budget", "lots"),
    ],
)
def test_wrong_usage_is_exit_2(arguments: tuple[str, ...]) -> None:
    done = portfolio(*arguments)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


def test_missing_files_and_folders_that_cannot_be_written(tmp_path: Path) -> None:
    missing = portfolio("optimize", tmp_path / "none.csv", *POLICY)
    assert missing.returncode == 3
    assert "none.csv" in missing.stderr
    (tmp_path / "file").write_text("")
    done = process("optimize", *CALL, *POLICY, "--out", tmp_path / "file" / "out")
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert "A file stands where a folder is meant" in done.stderr


def test_a_time_limit_writes_the_best_found_and_exits_with_5(tmp_path: Path) -> None:
    # Value follows cost and three budgets bind: nothing tells the proposals apart until they are searched.
    rng = np.random.default_rng(5)
    cost = rng.integers(10_000, 20_000, 80)
    years = {"amount_y1": cost, "amount_y2": np.roll(cost, 7), "amount_y3": np.roll(cost, 19)}
    amount = sum(years.values())
    merit = np.round(amount / 10_000 + rng.random(80) / 1e4, 9)
    ids = [f"P{i:02d}" for i in range(80)]
    pl.DataFrame({"id": ids, "amount": amount, "merit": merit, **years}).write_csv(tmp_path / "call.csv")
    policy = tmp_path / "policy.toml"
    policy.write_text("budget = [600_001, 600_007, 600_011]\n[solver]\ngap = 0.0\ntime_limit = 1.5\n")
    done = process(
        "optimize", tmp_path / "call.csv", "--policy", policy, "--out", tmp_path / "out", "--quiet"
    )
    assert done.returncode == 5, done.stderr
    record = json.loads((tmp_path / "out" / "portfolio.json").read_text())
    assert record["status"] == "time_limit"
    assert record["gap"] > 0
    assert "time limit" in done.stderr


def test_reviewers_are_compared_with_the_same_bytes_again(tmp_path: Path) -> None:
    first = portfolio("reviewers", *CALL, *POLICY, "--k", "20", "--seed", "1", "--out", tmp_path / "a")
    assert first.returncode == 0, first.stderr
    assert "the method would change the answer" in first.stdout
    shuffled = tmp_path / "reviews.csv"
    lines = (EXAMPLE / "reviews.csv").read_text().splitlines()
    shuffled.write_text("\n".join([lines[0], *reversed(lines[1:])]) + "\n")
    again = process(
        "reviewers",
        CALL[0],
        "-r",
        shuffled,
        *POLICY,
        "--k",
        "20",
        "--seed",
        "1",
        "-o",
        tmp_path / "b",
        OMP_NUM_THREADS="2",
        OPENBLAS_NUM_THREADS="2",
    )
    assert again.stdout == first.stdout
    for path in (tmp_path / "a").iterdir():
        assert path.read_bytes() == (tmp_path / "b" / path.name).read_bytes(), path.name
    assert {path.name for path in (tmp_path / "a").iterdir()} == {
        "comparison.csv", "agreement.csv", "reviewers.csv", "reliability.csv", "reviewers.html",
    }  # fmt: skip
    other = portfolio("reviewers", *CALL, *POLICY, "--k", "20", "--seed", "2", "--out", tmp_path / "c")
    assert other.returncode == 0
    assert (tmp_path / "a" / "comparison.csv").read_bytes() != (
        tmp_path / "c" / "comparison.csv"
    ).read_bytes()


def test_mistakes_with_reviewers_are_explained(tmp_path: Path) -> None:
    many = portfolio("reviewers", *CALL, *POLICY, "--k", "61")
    assert many.returncode == 2
    assert "between 1 and 60" in " ".join(many.stderr.split())
    policy = tmp_path / "policy.toml"
    policy.write_text("budget = 5000\n")
    scale = portfolio("reviewers", *CALL, "--policy", policy)
    assert scale.returncode == 3
    assert "best and the worst grade" in scale.stderr
    text = (EXAMPLE / "policy.toml").read_text()
    policy.write_text(text.replace('method = "mean"', 'method = "severety"'))
    word = portfolio("score", *CALL, "--policy", policy)
    assert word.returncode == 3
    assert "severity" in word.stderr
    assert "Traceback" not in many.stderr + scale.stderr + word.stderr


def test_scores_by_a_model_show_the_plain_mean_and_the_decision_uses_the_model(tmp_path: Path) -> None:
    policy = tmp_path / "policy.toml"
    text = (EXAMPLE / "policy.toml").read_text()
    policy.write_text(text.replace('method = "mean"', 'method = "severity"'))
    done = portfolio("score", *CALL, "--policy", policy)
    assert done.returncode == 0, done.stderr
    scores = pl.read_csv(done.stdout.encode())
    plain = pl.read_csv(portfolio("score", *CALL, *POLICY).stdout.encode())
    assert scores["merit_mean"].to_list() == plain["merit"].to_list()
    assert scores["merit"].to_list() != plain["merit"].to_list()
    decided = portfolio("optimize", *CALL, "--policy", policy, "--out", tmp_path / "out", "--quiet")
    assert decided.returncode == 0, decided.stderr
    merits = pl.read_csv(tmp_path / "out" / "decisions.csv").select("id", "merit").sort("id")["merit"]
    assert merits.to_list() == scores.sort("id")["merit"].to_list()


def test_simulate_writes_a_call_that_can_be_read(tmp_path: Path) -> None:
    done = portfolio("simulate", "30", "--seed", "4", "--out", tmp_path / "s")
    assert done.returncode == 0
    assert sorted(path.name for path in (tmp_path / "s").iterdir()) == [
        "proposals.csv",
        "reviews.csv",
        "truth.csv",
    ]
    again = process("simulate", "30", "--seed", "4", "--out", tmp_path / "t")
    assert again.returncode == 0
    for path in (tmp_path / "s").iterdir():
        assert path.read_bytes() == (tmp_path / "t" / path.name).read_bytes()
    assert (
        portfolio("check", tmp_path / "s" / "proposals.csv", "-r", tmp_path / "s" / "reviews.csv").returncode
        == 0
    )


def test_titles_and_ids_are_never_markup(tmp_path: Path) -> None:
    call = tmp_path / "call.csv"
    call.write_text('id,amount,merit,title\n[red]A[/],10,3,"[bold]x"\n')
    policy = tmp_path / "policy.toml"
    policy.write_text("budget = 5000\n")
    done = portfolio("optimize", call, "--policy", policy)
    assert "[red]A[/]" in done.stdout


@pytest.mark.parametrize("command", ["new", "check", "score", "reviewers", "optimize", "simulate"])
def test_every_command_has_help_with_an_example(command: str) -> None:
    done = portfolio(command, "--help")
    assert done.returncode == 0
    assert f"Example: portfolio {command}" in " ".join(done.stdout.split())
    assert "--quiet" in done.stdout


def test_on_a_terminal_progress_is_shown_and_vanishes(monkeypatch: pytest.MonkeyPatch) -> None:
    from portfolio_cli.terminal import steps

    monkeypatch.setenv("FORCE_COLOR", "1")
    with steps(quiet=False) as step:
        step("Reading [x]")
    with steps(quiet=True) as step:
        step("Reading")
