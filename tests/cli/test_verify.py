"""``portfolio verify``, on decisions that the command wrote."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from command import CALL, EXAMPLE, POLICY, portfolio, process

from portfolio.report import write_record
from portfolio.report.files import fingerprint_of

INPUTS = ["--proposals", *CALL, *POLICY]


@pytest.fixture(scope="module")
def decision(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("verify") / "decision"
    assert portfolio("optimize", *CALL, *POLICY, "--out", folder, "--quiet").returncode == 0
    return folder


def test_a_decision_is_verified(decision: Path) -> None:
    done = process("verify", decision, *INPUTS, "--quiet")
    assert (done.returncode, done.stderr) == (0, "")
    assert "FAILED" not in done.stdout
    assert "so that the best is at most 4.5% better." in done.stdout
    assert "The rest of the proof is the search of HiGHS" in done.stdout


def test_what_is_missing_is_said(decision: Path, tmp_path: Path) -> None:
    done = portfolio("verify", decision, cwd=tmp_path)
    assert done.returncode == 3
    assert "not checked  proposals: proposals.csv is not there; name it by --proposals" in done.stdout
    assert "not checked  policy: policy.toml is not there; name it by --policy" in done.stdout
    assert "FAILED " not in done.stdout.rpartition("\n\n")[0]


def test_other_files_are_named(decision: Path) -> None:
    done = portfolio("verify", decision, "--proposals", EXAMPLE / "reviews.csv", *CALL[1:], *POLICY, "--json")
    assert done.returncode == 3
    found = json.loads(done.stdout)
    assert [one["check"] for one in found["checks"] if one["holds"] is False] == ["proposals"]
    assert found["holds"] is False
    done = portfolio("verify", decision, "--proposals", "nowhere.csv")
    assert done.returncode == 3
    assert "nowhere.csv is not there" in done.stdout


def test_a_folder_without_a_record_is_a_wrong_use(tmp_path: Path) -> None:
    done = portfolio("verify", tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert "portfolio.json: No such file or directory" in done.stderr


def test_decisions_follow_each_other(decision: Path, tmp_path: Path) -> None:
    second = tmp_path / "second"
    arguments = [*CALL, *POLICY, "--budget", "9000000", "--previous", decision]
    assert portfolio("optimize", *arguments, "--out", second, "--quiet").returncode == 0
    done = portfolio("verify", second, *INPUTS, "--previous", decision)
    assert done.returncode == 0, done.stdout
    assert portfolio("verify", second, *INPUTS).returncode == 3
    assert portfolio("optimize", *arguments).returncode == 2


def test_a_lottery_and_its_draw_are_verified(tmp_path: Path) -> None:
    published, drawn = tmp_path / "lottery.json", tmp_path / "draw.json"
    files = [*CALL, *POLICY]
    assert portfolio("lottery", *files, "--record", published, "--quiet").returncode == 0
    again = ["--from", published, "--seed", "SMI 11,234.56", "--record", drawn, "--quiet"]
    assert portfolio("lottery", *files, *again).returncode == 0
    for record in (published, drawn):
        done = portfolio("verify", record, *INPUTS)
        assert done.returncode == 0, done.stdout
    assert f"{published} is the record that this one follows" in done.stdout
    # Another winner, with the fingerprint made again.
    record = json.loads(drawn.read_bytes())
    write_record(record | {"draw": record["draw"] | {"number": 1}}, drawn)
    done = portfolio("verify", drawn, *INPUTS)
    assert done.returncode == 3
    assert "FAILED       lottery: the seed 'SMI 11,234.56' gives other winners" in done.stdout
    # A decision is no lottery that chances could have been published in.
    decision = tmp_path / "decision"
    assert portfolio("optimize", *files, "--out", decision, "--quiet").returncode == 0
    write_record(record | {"previous": fingerprint_of(decision)}, drawn)
    assert "FAILED       published: " in portfolio("verify", drawn, *INPUTS).stdout
    # All tickets to the portfolio that somebody wants: a lottery in itself, but not the one that was published.
    wanted, others = record["portfolios"][0], record["portfolios"][1:]
    share = 10**9 - len(others)
    unfair = [wanted | {"tickets": share}, *(one | {"tickets": 1} for one in others)]
    sure = {row["id"] for row in record["proposals"] if row["group"] == "accepted"}
    chance = {
        row["id"]: sum(one["tickets"] for one in unfair if row["id"] in one["drawn"] or row["id"] in sure)
        for row in record["proposals"]
    }
    rows = [row | {"tickets": chance[row["id"]]} for row in record["proposals"]]
    least = min(row["tickets"] for row in rows if row["group"] == "lottery") / 10**9
    steered = record | {
        "portfolios": unfair,
        "proposals": rows,
        "proof": record["proof"] | {"smallest_chance": least},
        "draw": None,
    }
    write_record(steered, drawn)
    done = portfolio("verify", drawn, *INPUTS)
    assert done.returncode == 3
    assert "FAILED       published: " in done.stdout
    assert "says otherwise: portfolios" in done.stdout, done.stdout
    assert "ok           lottery:" in done.stdout
    # Which number stands for which portfolio is not to be chosen after the seed is known.
    write_record(record | {"portfolios": record["portfolios"][::-1], "draw": None}, drawn)
    assert (
        "the portfolios are not in the order in which they are drawn"
        in portfolio("verify", drawn, *INPUTS).stdout
    )
    published.write_bytes(published.read_bytes().replace(b"1", b"2", 1))
    assert "FAILED       chain" in portfolio("verify", drawn, *INPUTS).stdout


def test_a_sweep_is_verified_as_far_as_it_can_be(tmp_path: Path) -> None:
    file = tmp_path / "sweep.json"
    sweep = [*CALL, *POLICY, "--set", "reserve.high_risk.share=0,0.3", "--record", file, "--quiet"]
    assert portfolio("whatif", *sweep).returncode == 0
    record = json.loads(file.read_bytes())
    assert [row["name"] for row in record["rows"]] == ["base", *(one["name"] for one in record["scenarios"])]
    assert [one["policy"]["reserve"][0]["share"] for one in record["scenarios"]] == [0.0, 0.3]
    done = portfolio("verify", file, *INPUTS)
    assert done.returncode == 0, done.stdout
    assert "3 portfolios keep every firm rule, added up again in integers" in done.stdout
    assert "by the prices of 3 of them, without a solver" in done.stdout
    assert "rests on the solver" in done.stdout
    data = file.read_bytes()
    file.write_bytes(data[:-1])
    assert portfolio("verify", file, *INPUTS).returncode == 3
    # What does not belong together, with the fingerprint made again.
    for key, value, words in (
        ("value", 99.0, "reserve.high_risk.share=0: worth"),
        ("spent", "1.00", "reserve.high_risk.share=0: spent is"),
        ("shares", {}, "reserve.high_risk.share=0: worth"),
        ("name", "other", "the rows are not those of"),
        ("value", None, "what is said does not go together: reserve.high_risk.share=0 is called"),
        (
            "status",
            "fantastic",
            "what is said does not go together: reserve.high_risk.share=0 is called fantastic",
        ),
    ):
        forged = json.loads(data)
        forged["rows"][1][key] = value
        write_record(forged, file)
        done = portfolio("verify", file, *INPUTS)
        assert done.returncode == 3
        assert f"FAILED       scenarios: {words}" in done.stdout
    write_record({"kind": "another"}, file)
    assert "this is no record" in portfolio("verify", file, *INPUTS).stdout
