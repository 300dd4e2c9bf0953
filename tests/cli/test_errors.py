"""What the command does with errors that are nobody's usage."""

from __future__ import annotations

import pytest

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
