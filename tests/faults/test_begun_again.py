"""Commands that write a folder of several files: killed between two of them, the same command completes the folder."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest
from command import KILLED, portfolio

COMMANDS = {"new": ["new"], "simulate": ["simulate", "20", "--seed", "3", "--out"]}


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_that_was_killed_can_be_given_again(command: str, tmp_path: Path) -> None:
    arguments = COMMANDS[command]
    assert portfolio(*arguments, tmp_path / "whole").returncode == 0
    whole = contents(tmp_path / "whole")
    for count in range(len(whole)):
        folder = tmp_path / str(count)
        done = subprocess.run(
            [sys.executable, "-c", KILLED, str(count), *arguments, str(folder)], check=False
        )
        assert done.returncode == -signal.SIGKILL
        assert len(contents(folder).keys() & whole.keys()) == count
        again = portfolio(*arguments, folder)
        assert again.returncode == 0, again.stderr
        assert contents(folder) == whole


@pytest.mark.parametrize("name", ["proposals.csv", "reviews.csv", "policy.toml"])
def test_a_file_that_is_not_the_starter_is_never_replaced(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text("mine")
    done = portfolio("new", tmp_path)
    assert done.returncode == 2
    assert f"already has {name}; nothing was changed" in done.stderr
    assert contents(tmp_path) == {name: b"mine"}


def test_a_starter_that_is_whole_is_left_alone(tmp_path: Path) -> None:
    assert portfolio("new", tmp_path).returncode == 0
    done = portfolio("new", tmp_path)
    assert done.returncode == 2
    assert "already has proposals.csv, reviews.csv, policy.toml" in done.stderr
