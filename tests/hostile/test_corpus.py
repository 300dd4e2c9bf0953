"""Every hostile file: a clear error or the right reading, the documented exit code, no traceback, no file touched."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from hostile.corpus import HEAVY, READ, REFUSED
from hypothesis import given
from hypothesis import strategies as st

import portfolio as pf
from portfolio.call.confusable import look_alikes, skeleton
from portfolio.call.files import atomic_write

RUN = "import sys; sys.argv[0] = 'portfolio'; from portfolio_cli.main import run; run()"
MEMORY = 4 << 30


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_read_is_refused_in_words(tmp_path: Path, name: str) -> None:
    build, what = REFUSED[name]
    path = build(tmp_path)
    before = path.read_bytes()
    with pytest.raises(pf.DataError) as error:
        pf.read_call(path)
    assert re.search(what, str(error.value))
    assert len(str(error.value)) < 2000
    assert [other.name for other in tmp_path.iterdir()] == [path.name]
    assert path.read_bytes() == before


@pytest.mark.parametrize("name", READ)
def test_what_can_be_read_is_read_as_people_read_it(tmp_path: Path, name: str) -> None:
    build, column, cells = READ[name]
    assert pf.read_call(build(tmp_path)).frame[column].to_list() == cells


@pytest.mark.skipif(sys.platform != "linux", reason="bounds of memory are those of Linux")
@pytest.mark.parametrize("name", HEAVY)
def test_the_command_stays_within_its_memory_and_time(tmp_path: Path, name: str) -> None:
    import resource

    def bounded() -> None:
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        resource.setrlimit(resource.RLIMIT_CPU, (30, 30))

    path = REFUSED[name][0](tmp_path)
    command = [sys.executable, "-c", RUN, "check", str(path)]
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, timeout=120, preexec_fn=bounded, env=os.environ
    )
    assert (done.returncode, done.stdout) == (3, ""), done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("text", "what"),
    [
        (f"budget = 0x{'f' * 6000}", "more than 30 digits"),
        ("budget = 1e-999999999", "more than 30 decimals"),
        ("budget = 1e400", "must be at most"),
        ("budget = nan", "must be a finite number"),
        ("budget = 1\nbudget = 2", "is not valid TOML"),
        ("budget = 1\0", "is not valid TOML"),
        ("budget = " + "[" * 100_000, "is not valid TOML"),
        ("budget = 1\n#" + "x" * (1 << 20), "is longer than 1,048,576 bytes"),
        ("budget = 2020-01-01", "must be an amount of money"),
    ],
)
def test_policies_that_nobody_means(tmp_path: Path, text: str, what: str) -> None:
    path = tmp_path / "policy.toml"
    path.write_text(text)
    with pytest.raises(pf.PolicyError, match=what):
        pf.read_policy(path)


def test_a_device_or_pipe_is_neither_read_nor_replaced(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.csv"
    os.mkfifo(pipe)
    with pytest.raises(pf.DataError, match="a device or a pipe"):
        pf.read_call(pipe)
    with pytest.raises(OSError, match="not a file"), atomic_write(pipe):
        pass
    assert pipe.is_fifo()
    assert list(tmp_path.iterdir()) == [pipe]


@pytest.mark.parametrize(
    ("ids", "groups"),
    [
        (["P-1", "\u0420-1"], [("P-1", "\u0420-1")]),
        (["P-01", "P-O1", "p-o1"], [("P-01", "P-O1", "p-o1")]),
        (["A1", "Al", "AI", "A2"], [("A1", "AI", "Al")]),
        (["A-1", "A\u20131"], [("A-1", "A\u20131")]),
        (["\uff21", "A"], [("A", "\uff21")]),
        (["A1", "A2", "B1"], []),
    ],
)
def test_ids_that_look_alike(ids: list[str], groups: list[tuple[str, ...]]) -> None:
    assert look_alikes(ids) == groups


@given(st.lists(st.text(alphabet="aAoO0lI1| -\u2010é\t\n", min_size=1, max_size=3), unique=True))
def test_ids_alike_have_one_skeleton(ids: list[str]) -> None:
    alike = {frozenset(group) for group in look_alikes(ids)}
    by_hand = {frozenset(other for other in ids if skeleton(other) == skeleton(one)) for one in ids}
    assert alike == {group for group in by_hand if len(group) > 1}


def test_ids_that_look_alike_are_reported(tmp_path: Path) -> None:
    path = tmp_path / "call.csv"
    path.write_text("id,amount,merit\nA,1,5\n\u0410,1,5\n", encoding="utf-8")
    problem = pf.Problem(pf.read_call(path), pf.Policy(budget=5))
    assert any("look alike" in finding.fact and not finding.fatal for finding in problem.check())
