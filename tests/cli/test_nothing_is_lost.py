"""No command writes over what it reads, into a place that nobody meant, or loses a file because a reader left."""

from __future__ import annotations

import inspect
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import get_type_hints

import pytest
import typer
from command import COMMAND, EXAMPLE, portfolio, process

from portfolio_cli.command import WRITTEN
from portfolio_cli.main import app

INPUTS = ["proposals.csv", "--reviews", "reviews.csv", "--policy", "policy.toml"]
COMMANDS = {
    "optimize": ["optimize", *INPUTS],
    "whatif": ["whatif", *INPUTS, "--set", "budget=5000000"],
    "frontier": ["frontier", *INPUTS, "--over", "budget", "--from", "1e6", "--to", "2e6", "--steps", "2"],
    "score": ["score", *INPUTS],
    "dominance": ["dominance", *INPUTS],
    "lottery": ["lottery", *INPUTS],
    "robustness": ["robustness", *INPUTS, "--draws", "2"],
    "alternatives": ["alternatives", *INPUTS],
    "fairness": ["fairness", *INPUTS, "--by", "field"],
    "waiting": ["waiting", "decision", "proposals.csv", "--reviews", "reviews.csv"],
    "report": ["report", "decision"],
    "reviewers": ["reviewers", *INPUTS],
    "simulate": ["simulate", "5"],
}
READ = {
    *("proposals", "--proposals", "--reviews", "--policy", "--corpus", "folder", "decision", "--previous"),
    *("--train", "--model", "--robustness", "--scenarios", "--publication", "--from", "--check"),
}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A call, its policy and a decision on it."""
    folder = tmp_path_factory.mktemp("home")
    for name in ("proposals.csv", "reviews.csv", "policy.toml"):
        shutil.copy(EXAMPLE / name, folder / name)
    assert portfolio("optimize", *INPUTS, "--out", "decision", cwd=folder).returncode == 0
    return folder


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_every_path_of_every_command_is_known_as_read_or_written() -> None:
    group = typer.main.get_command(app)
    seen = set()
    for command in group.commands.values():  # type: ignore[attr-defined]
        hints = get_type_hints(inspect.unwrap(command.callback))
        seen |= {param.opts[0] for param in command.params if "Path" in str(hints.get(param.name, ""))}
    assert seen == READ | WRITTEN
    assert not READ & WRITTEN


@pytest.mark.parametrize(
    ("name", "option", "target"),
    [
        ("whatif", "--out", "proposals.csv"),
        ("whatif", "--proposals-out", "reviews.csv"),
        ("whatif", "--record", "policy.toml"),
        ("frontier", "--out", "./decision/../reviews.csv"),
        ("frontier", "--nested", "link.csv"),
        ("score", "--out", "hard.csv"),
        ("score", "--sensitivity", "proposals.csv"),
        ("dominance", "--competitors", "proposals.csv"),
        ("lottery", "--record", "proposals.csv"),
        ("robustness", "--out", "proposals.csv"),
        ("alternatives", "--out", "proposals.csv"),
        ("fairness", "--out", "reviews.csv"),
        ("waiting", "--ranked", "decision/awards.csv"),
        ("report", "--out", "decision/portfolio.json"),
    ],
)
def test_an_input_is_not_written_over(home: Path, name: str, option: str, target: str) -> None:
    (home / "link.csv").unlink(missing_ok=True)
    (home / "hard.csv").unlink(missing_ok=True)
    (home / "link.csv").symlink_to("proposals.csv")
    os.link(home / "proposals.csv", home / "hard.csv")
    before = contents(home)
    done = portfolio(*COMMANDS[name], option, target, cwd=home)
    assert done.returncode == 2, done.stderr
    assert "is what this is made from, and would be lost. Name another file" in done.stderr
    assert contents(home) == before
    assert (home / "link.csv").is_symlink()


def test_other_ways_to_lose_an_input(home: Path) -> None:
    before = contents(home)
    for arguments in (
        [*COMMANDS["optimize"], "--previous", "decision", "--out", "decision"],
        ["whatif", *INPUTS, "--scenario", "as it is=table.csv", "--out", "table.csv"],
    ):
        shutil.copy(home / "policy.toml", home / "table.csv")
        done = portfolio(*arguments, cwd=home)
        assert done.returncode == 2, done.stderr
        assert "is what this is made from" in done.stderr
        (home / "table.csv").unlink()
    done = portfolio("simulate", 5, "--out", ".", cwd=home)
    assert done.returncode == 2
    assert "proposals.csv and reviews.csv that were not simulated, and would be lost" in done.stderr
    assert contents(home) == before
    for seed in (1, 2):
        assert portfolio("simulate", 5, "--seed", seed, "--out", "made", cwd=home).returncode == 0
    shutil.rmtree(home / "made")


def test_two_outputs_in_one_file_are_refused(home: Path) -> None:
    done = portfolio(*COMMANDS["frontier"], "--out", "a.csv", "--nested", "./a.csv", cwd=home)
    assert done.returncode == 2
    assert "is the same file as --out" in done.stderr


@pytest.mark.parametrize(
    ("target", "what"),
    [
        (["--out", ""], "is empty"),
        (["--out="], "is empty"),
        (["-o", ""], "is empty"),
        (["--out", "~/decision"], "begins with ~"),
        (["--out", "a\nb"], "control characters"),
        (["--out", "a\x1b[31mb"], "control characters"),
        (["--out", "a\u202eb"], "turn the direction of writing"),
    ],
)
@pytest.mark.parametrize("name", ["optimize", "reviewers", "simulate"])
def test_a_folder_that_nobody_meant_is_refused(home: Path, name: str, target: list[str], what: str) -> None:
    before = sorted(home.rglob("*"))
    done = portfolio(*COMMANDS[name], *target, cwd=home)
    assert done.returncode == 2
    assert what in done.stderr
    assert "\x1b" not in done.stderr
    assert sorted(home.rglob("*")) == before


def test_new_needs_a_folder(home: Path) -> None:
    assert portfolio("new", "", cwd=home).returncode == 2


@pytest.mark.skipif(sys.platform == "win32", reason="pipes of POSIX")
@pytest.mark.parametrize("name", ["whatif", "robustness", "waiting", "frontier"])
def test_a_reader_who_leaves_early_loses_no_file(home: Path, tmp_path: Path, name: str) -> None:
    table = tmp_path / "table.csv"
    command = [*COMMAND, *COMMANDS[name], "--out", str(table)]
    with subprocess.Popen(command, cwd=home, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as run:
        assert run.stdout is not None
        assert run.stderr is not None
        run.stdout.close()
        errors = run.stderr.read()
    assert run.returncode == (0 if name == "frontier" else 141)
    assert b"Traceback" not in errors
    assert b"Exception ignored" not in errors
    assert table.stat().st_size


@pytest.mark.skipif(sys.platform == "win32", reason="the shell of POSIX")
@pytest.mark.parametrize("closed", [">&-", "2>&-", "<&- >&- 2>&-"])
def test_closed_streams_lead_nowhere_and_not_into_a_file(home: Path, tmp_path: Path, closed: str) -> None:
    command = f'"$@" {closed}'
    arguments = [*COMMAND, *COMMANDS["optimize"], "--out", str(tmp_path / "decision")]
    done = subprocess.run(
        ["sh", "-c", command, "sh", *arguments], cwd=home, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    assert contents(tmp_path / "decision") == contents(home / "decision")


def test_no_text_of_a_file_or_path_moves_the_cursor(tmp_path: Path) -> None:
    evil = "\x1b]0;owned\x07\x1b[31m\u202e\x9b2J"
    (tmp_path / "p.csv").write_text(
        f"id,amount,merit,{evil}field\nA,100,5,{evil}\nB,x,4,b\n", encoding="utf-8"
    )
    (tmp_path / "ok.csv").write_text(f"id,amount,merit,field\nA,100,5,{evil}\nB,9,4,b\n", encoding="utf-8")
    (tmp_path / "policy.toml").write_text(
        'budget = 200\n[traits]\n"\\u001b[31m\\u202e" = "field = \'b\'"\n'
        '[[reserve]]\ntrait = "\\u001b[31m\\u202e"\namount = 5\n',
        encoding="utf-8",
    )
    for arguments in (
        ["check", "p.csv", "--policy", "policy.toml"],
        ["check", f"{evil}.csv"],
        ["optimize", "p.csv", "--policy", "policy.toml"],
        ["optimize", "ok.csv", "--policy", "policy.toml", "--rules"],
        ["fairness", "ok.csv", "--policy", "policy.toml", "--by", "field", "--least", "1"],
        ["explain", f"no{evil}", evil],
        ["whatif", "ok.csv", "--policy", "policy.toml", "--scenario", f"{evil}=policy.toml"],
    ):
        done = process(*arguments, cwd=tmp_path, FORCE_COLOR="", TERM="dumb")
        assert "Traceback" not in done.stderr
        said = done.stdout + done.stderr
        assert not any(mark in said for mark in "\x1b\x07\u202e\x9b"), (arguments, said)


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
@pytest.mark.parametrize(
    "press",
    [
        "import builtins, os, signal\n"
        "real = builtins.__import__\n"
        "def load(name, *rest, **more):\n"
        "    if name.startswith('portfolio.optimize'):\n"
        "        os.kill(os.getpid(), signal.SIGINT)\n"
        "    return real(name, *rest, **more)\n"
        "builtins.__import__ = load\n",
        # A compiled part that is interrupted makes an ImportError of it.
        "import os, signal, sys\n"
        "class Compiled:\n"
        "    def find_spec(self, name, *_):\n"
        "        try:\n"
        "            if name == 'highspy._core':\n"
        "                os.kill(os.getpid(), signal.SIGINT)\n"
        "        except KeyboardInterrupt:\n"
        "            raise ImportError('initialization failed') from None\n"
        "sys.meta_path.insert(0, Compiled())\n",
        # All is read, and the command line is being made of it.
        "import os, signal, typer.main\n"
        "typer.main.get_command_from_info = lambda *_, **__: os.kill(os.getpid(), signal.SIGINT)\n",
    ],
    ids=["read", "compiled", "made"],
)
def test_ctrl_c_while_the_program_starts_leaves_no_traceback(press: str) -> None:
    press += "from portfolio_cli.start import run\nrun()\n"
    done = subprocess.run([sys.executable, "-c", press, "check"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (130, "")


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
def test_ctrl_c_while_nothing_can_be_kept_is_said(home: Path) -> None:
    press = (
        "import os, signal, sys\n"
        "from portfolio_cli import check\n"
        "from portfolio_cli.start import run\n"
        "check.read_call = lambda *_, **__: os.kill(os.getpid(), signal.SIGINT)\n"
        "sys.argv[0] = 'portfolio'\n"
        "run()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", press, "check", *INPUTS], cwd=home, capture_output=True, text=True, check=False
    )
    assert done.returncode == 130
    assert done.stderr == "Error: Interrupted; nothing was written that was not complete.\n"
