"""What the command does with errors that are nobody's usage."""

from __future__ import annotations

from pathlib import Path

import pytest
from command import CALL, EXAMPLE, POLICY, portfolio

from portfolio.errors import LimitError
from portfolio_cli import main


@pytest.mark.parametrize(
    ("error", "code", "words"),
    [
        (LimitError("no portfolio was found"), 5, "no portfolio was found"),
        (PermissionError(13, "Permission denied", "x.csv"), 2, "x.csv: Permission denied. Check the path"),
    ],
)
def test_errors_become_messages_and_exit_codes(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    error: BaseException,
    code: int,
    words: str,
) -> None:
    def fail() -> None:
        raise error

    monkeypatch.setattr(main, "app", fail)
    with pytest.raises(SystemExit) as end:
        main.run()
    assert end.value.code == code
    assert words in capsys.readouterr().err


def test_a_bug_of_ours_is_not_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(main, "app", fail)
    with pytest.raises(ZeroDivisionError):
        main.run()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        *(
            (["optimize", "--budget", written], "no marks of thousands: 4000000 or 0.15")
            for written in ("4,000,000", "4.000.000", "4m", "4 000 000")
        ),
        (["alternatives", "--within", "0,1"], "a point before decimals"),
        (["frontier", "--steps", "1,000"], "must be a whole number: digits alone"),
    ],
)
def test_a_number_of_the_command_comes_with_the_form_that_works(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], arguments: list[str], words: str
) -> None:
    monkeypatch.setattr("sys.argv", ["portfolio", *arguments, "p.csv", "--policy", "p.toml"])
    with pytest.raises(SystemExit) as end:
        main.run()
    assert end.value.code == 2
    said = " ".join(capsys.readouterr().err.split())
    assert f"'{arguments[1]}'" in said
    assert words in said


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["optimize", "--budget", "-5"], "--budget: '-5.0' must be at least 0"),
        (["optimize", "--budget", "nan"], "--budget: 'NaN' must be a finite number"),
        (["optimize", "--budget", "100.001"], "--budget: '100.001' is finer than the smallest coin of EUR"),
        (["whatif", "--set", "budget=-300"], "--set budget: '-300' must be at least 0"),
        (
            ["whatif", "--set", "reserve.high_risk.share=2"],
            "--set reserve.high_risk.share: '2' must be at most 1",
        ),
        (
            ["whatif", "--set", "reserve.1.amount=5"],
            "--set reserve.1.amount, key reserve[1]: needs either share",
        ),
        (
            ["whatif", "--set", "reserve=[{trait='high_risk', share=2}]"],
            "--set reserve, key reserve[1].share: '2' must be at most 1",
        ),
        (
            ["frontier", "--over", "budget", "--from", "-100", "--to", "9"],
            "--over budget --from -100 --to 9: '-100.00' must be at least 0",
        ),
    ],
)
def test_a_value_that_an_option_sets_is_blamed_on_no_line_of_the_policy(
    arguments: list[str], words: str
) -> None:
    done = portfolio(*arguments, *CALL, *POLICY)
    assert (done.returncode, done.stdout) == (3, "")
    assert f"  {words}" in done.stderr
    assert "line" not in done.stderr


def test_what_is_wrong_in_the_file_keeps_its_line_beside_an_option(tmp_path: Path) -> None:
    policy = tmp_path / "policy.toml"
    text = (EXAMPLE / "policy.toml").read_text(encoding="utf-8")
    policy.write_text(f'must_fund = ["P-000"]\n{text}', encoding="utf-8")
    done = portfolio("optimize", *CALL, "--policy", policy, "--budget", "9000000")
    assert done.returncode == 3
    assert "policy.toml, line 1, key must_fund" in done.stderr


@pytest.mark.parametrize("name", ["klingon", "hex", "undefined"])
def test_an_encoding_that_is_none_is_used_wrongly(name: str) -> None:
    done = portfolio("check", *CALL, "--encoding", name)
    assert (done.returncode, done.stdout) == (2, "")
    said = " ".join(done.stderr.replace("│", " ").split())
    assert f"'--encoding': '{name}' is no encoding of texts" in said


@pytest.mark.parametrize(
    "arguments",
    [
        *(
            [*command, *CALL, *POLICY, "--out", "x.txt"]
            for command in (
                ["score"], ["whatif", "--set", "budget=1"], ["robustness"], ["frontier", "--against", "merit"],
                ["alternatives"], ["fairness", "--by", "region"], ["lottery"], ["dominance"],
            )
        ),
        ["waiting", "decision", *CALL, "--out", "x.txt"],
        ["report", "decision", "--excel", "x.txt"],
        ["report", "decision", "--giving", "x.txt"],
    ],
    ids=lambda arguments: arguments[0],
)  # fmt: skip
def test_an_ending_that_cannot_be_written_is_no_problem_in_the_data(
    arguments: list[str], tmp_path: Path
) -> None:
    done = portfolio(*arguments, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert "x.txt: has no format that can be written: .txt; end the name in ." in done.stderr
    assert "problem" not in done.stderr
    assert not list(tmp_path.iterdir())
