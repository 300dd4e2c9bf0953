"""Whatever stops the writing of files, what stands there is old or new, whole, and a reader knows which."""

from __future__ import annotations

import errno
import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from command import CALL, COMMAND, KILLED, POLICY, portfolio

import portfolio as pf
from portfolio.call import files
from portfolio.call.files import atomic_write, together
from portfolio.report import write_decision
from portfolio.report.tables import write_table

posix = pytest.mark.skipif(sys.platform == "win32", reason="limits, locks and signals of POSIX")
TABLE = pl.DataFrame({"id": [str(number**9) for number in range(40_000)]})
Contents = dict[str, bytes]


def contents(folder: Path) -> Contents:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.fixture(scope="module")
def decisions(tmp_path_factory: pytest.TempPathFactory) -> tuple[pf.Portfolio, pf.Portfolio]:
    """Two decisions on one call, with other awards."""
    made = pf.simulate_call(30, seed=3, reviews_per_proposal=0).call
    return tuple(pf.optimize(made, pf.Policy(budget=budget)) for budget in (2_000_000, 4_000_000))


class StoppedError(BaseException):
    """Stands for a process that is killed: nothing may handle it."""


@pytest.fixture
def stopping(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[int], list[str]]]:
    """Return a function that lets the process be stopped before a numbered call; it gives the calls seen."""
    seen: list[str] = []

    def at(number: int) -> list[str]:
        seen.clear()

        def watched(name: str, call: Callable[..., object]) -> Callable[..., object]:
            def watch(*args: object, **options: object) -> object:
                if len(seen) >= number:
                    raise StoppedError
                seen.append(name)
                return call(*args, **options)

            return watch

        monkeypatch.setattr(os, "fsync", watched("fsync", REAL["fsync"]))
        monkeypatch.setattr(Path, "replace", watched("replace", REAL["replace"]))
        # One that is dead removes nothing.
        monkeypatch.setattr(Path, "unlink", watched("unlink", REAL["unlink"]))
        monkeypatch.setattr(Path, "chmod", watched("chmod", REAL["chmod"]))
        monkeypatch.setattr(files.tempfile, "mkstemp", watched("mkstemp", REAL["mkstemp"]))
        return seen

    yield at
    monkeypatch.undo()


REAL = {
    "fsync": os.fsync,
    "replace": Path.replace,
    "unlink": Path.unlink,
    "chmod": Path.chmod,
    "mkstemp": files.tempfile.mkstemp,
}


@posix
def test_at_every_step_each_file_is_old_or_new_and_a_mixture_is_noticed(
    tmp_path: Path, decisions: tuple[pf.Portfolio, pf.Portfolio], stopping: Callable[[int], list[str]]
) -> None:
    old, new = (contents(write(tmp_path / str(i), one)) for i, one in enumerate(decisions))
    folder, number, mixed = tmp_path / "decision", 0, 0
    while True:
        stopping(10**6)
        write(folder, decisions[0])
        assert contents(folder) == old
        seen = stopping(number)
        try:
            write(folder, decisions[1])
            break
        except StoppedError:
            now = contents(folder)
        stopping(10**6)
        left = {name for name in now if name not in old}
        assert all(".unfinished" in name for name in left)
        kept = {name: now[name] for name in old}
        assert all(kept[name] in (old[name], new[name]) for name in old)
        if kept in (old, new):
            assert pf.read_decision(folder).record == json.loads(kept["portfolio.json"])
        else:
            mixed += 1
            with pytest.raises(pf.DataError):
                pf.read_decision(folder)
        number += 1
    assert contents(folder) == new
    assert number > 20
    # All are complete before the first takes its place: only between those steps is there a mixture.
    assert 2 <= mixed <= len(old)
    assert seen.count("replace") == len(old)


def write(folder: Path, decision: pf.Portfolio) -> Path:
    write_decision(decision, folder)
    return folder


@posix
def test_what_a_killed_program_left_is_swept_up_and_what_others_write_is_not(tmp_path: Path) -> None:
    script = (
        "import os, signal, sys\n"
        "from portfolio.call.files import atomic_write, workspace\n"
        "with atomic_write(sys.argv[1]) as temporary, workspace(temporary) as parts:\n"
        "    temporary.write_text('half')\n"
        "    (parts / 'part').write_text('a title')\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    target = tmp_path / "awards.csv"
    target.write_text("old")
    done = subprocess.run([sys.executable, "-c", script, str(target)], check=False)
    assert done.returncode == -signal.SIGKILL
    assert target.read_text() == "old"
    assert len(list(tmp_path.iterdir())) == 3
    (tmp_path / ".awards-notes.csv").write_text("mine")
    with atomic_write(tmp_path / "other.csv") as temporary:
        temporary.write_text("does not sweep for awards")
    assert len(list(tmp_path.iterdir())) == 5
    with atomic_write(target) as outer:
        outer.write_text("slow")
        with atomic_write(target) as inner:
            inner.write_text("quick")
        assert outer.read_text() == "slow"
    assert target.read_text() == "slow"
    assert {path.name for path in tmp_path.iterdir()} == {"awards.csv", "other.csv", ".awards-notes.csv"}


def test_an_error_among_several_files_leaves_all_as_they_were(tmp_path: Path) -> None:
    for name in "ab":
        (tmp_path / name).write_text("old")

    def fail() -> None:
        with together():
            text(tmp_path / "a", "new")
            assert (tmp_path / "a").read_text() == "old"
            text(tmp_path / ("no" * 200), "a name that is too long")

    with pytest.raises(OSError, match="nono"):
        fail()
    assert contents(tmp_path) == {"a": b"old", "b": b"old"}
    with together():
        for name in "ab":
            text(tmp_path / name, "new")
            assert (tmp_path / name).read_text() == "old"
    assert contents(tmp_path) == {"a": b"new", "b": b"new"}


@posix
@pytest.mark.parametrize("step", ["replace", "mkstemp"])
def test_ctrl_c_waits_until_nothing_is_left_half_done(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    owner: Any = Path if step == "replace" else tempfile
    real = getattr(owner, step)

    def pressed(*given: Any, **more: Any) -> Any:
        done = real(*given, **more)
        os.kill(os.getpid(), signal.SIGINT)
        return done

    monkeypatch.setattr(owner, step, pressed)

    def both() -> None:
        with together():
            text(tmp_path / "a.txt", "new")
            text(tmp_path / "b.txt", "new")

    with pytest.raises(KeyboardInterrupt):
        both()
    # Either both have taken their places, or nothing was begun; and nothing unfinished stays.
    assert contents(tmp_path) == ({"a.txt": b"new", "b.txt": b"new"} if step == "replace" else {})


def test_a_link_is_replaced_and_what_is_no_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    for name, behind in {"link.csv": "real/table.csv", "loop.csv": "loop.csv"}.items():
        link = tmp_path / name
        link.symlink_to(tmp_path / behind)
        write_table(TABLE, link)
        assert not link.is_symlink()
        assert link.stat().st_size > 40_000
    assert not list((tmp_path / "real").iterdir())
    pipe = tmp_path / "pipe.csv"
    os.mkfifo(pipe)
    for path in (tmp_path / "real", pipe):
        with pytest.raises(OSError, match=path.name) as refused, atomic_write(path):
            pass
        assert refused.value.filename == str(path)
    assert pipe.is_fifo()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["link.csv", "loop.csv", "pipe.csv", "real"]


def excel(path: Path) -> None:
    made = pf.simulate_call(1_500, seed=1, reviews_per_proposal=0).call
    made.write(path)


@posix
@pytest.mark.parametrize(
    ("name", "write"),
    [
        ("table.csv", lambda path: write_table(TABLE, path)),
        ("table.parquet", lambda path: write_table(TABLE, path)),
        ("call.xlsx", excel),
        ("call.json", excel),
        ("page.html", lambda path: text(path, "x" * 100_000)),
    ],
)
def test_a_disk_that_is_full_is_named_and_the_old_file_stays(
    tmp_path: Path, name: str, write: Callable[[Path], None], recwarn: pytest.WarningsRecorder
) -> None:
    """A limit on the size of files stands for the disk: every writer of ours meets it in the middle."""
    import resource

    target = tmp_path / name
    target.write_bytes(b"old")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, before[1]))
    try:
        with pytest.raises(OSError, match=name) as full:
            write(target)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert (full.value.errno, full.value.filename) == (errno.EFBIG, str(target))
    assert contents(tmp_path) == {name: b"old"}


def text(path: Path, content: str) -> None:
    with atomic_write(path) as temporary:
        temporary.write_text(content)


LIMITED = """
import resource, sys
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv.pop(1)),) * 2)
from portfolio_cli.main import run
sys.argv[0] = "portfolio"
run()
"""


# Where the tests measure what they run, so does every process: the file of that measurement has no room either.
UNMEASURED = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE_")}


@posix
def test_the_command_says_which_file_met_the_full_disk_and_changes_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "decision"
    assert portfolio("optimize", *CALL, *POLICY, "--out", folder).returncode == 0
    old = contents(folder)
    # Room for the awards, and for no more.
    limit = str(len(old["awards.csv"]) + 100)
    arguments = ["optimize", *CALL, *POLICY, "--budget", "5000000", "--out", str(folder)]
    done = subprocess.run(
        [sys.executable, "-c", LIMITED, limit, *arguments],
        capture_output=True,
        text=True,
        check=False,
        env=UNMEASURED,
    )
    assert done.returncode == 2
    place = folder / "decisions.csv"
    assert done.stderr == (
        f"Error: {place}: File too large. Make room, or write elsewhere; what stood there before is unchanged.\n"
    )
    assert contents(folder) == old


@posix
def test_a_sweep_that_meets_a_full_disk_goes_on_where_it_was(tmp_path: Path) -> None:
    shares = ",".join(str(number / 100) for number in range(12))
    arguments = ["whatif", *CALL, *POLICY, "--set", f"reserve.high_risk.share={shares}", "--jobs", "1"]
    whole = tmp_path / "whole.csv"
    assert portfolio(*arguments, "--out", whole).returncode == 0
    table = tmp_path / "table.csv"
    command = [sys.executable, "-c", LIMITED, "7000", *arguments, "--out", str(table)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=UNMEASURED)
    journal = tmp_path / "table.csv.partial"
    assert done.returncode == 2, done.stderr
    assert done.stderr.startswith(f"Error: {journal}: File too large. Make room")
    assert 0 < journal.read_bytes().count(b"\n") < 12
    assert portfolio(*arguments, "--out", table).returncode == 0
    assert table.read_bytes() == whole.read_bytes()
    assert not journal.exists()


def test_a_sweep_whose_table_cannot_be_written_keeps_its_rows(tmp_path: Path) -> None:
    table = tmp_path / "table.csv"
    table.mkdir()
    arguments = ["whatif", *CALL, *POLICY, "--set", "budget=5000000,6000000", "--out", table]
    done = portfolio(*arguments)
    assert done.returncode == 2
    assert done.stderr.endswith(
        f"Error: {table}: Is a directory. A folder stands where a file is meant; name the file.\n"
    )
    assert (tmp_path / "table.csv.partial").read_bytes().count(b"\n") == 2
    table.rmdir()
    assert portfolio(*arguments).returncode == 0
    assert [path.name for path in tmp_path.iterdir()] == ["table.csv"]


def test_a_table_whose_record_cannot_be_written_stays_as_it_was(tmp_path: Path) -> None:
    table, record = tmp_path / "table.csv", tmp_path / "record.json"
    table.write_text("of the day before")
    record.mkdir()
    arguments = ["whatif", *CALL, *POLICY, "--set", "budget=5000000", "--out", table, "--record", record]
    done = portfolio(*arguments)
    assert done.returncode == 2
    assert f"Error: {record}: Is a directory." in done.stderr
    assert table.read_text() == "of the day before"
    record.rmdir()
    assert portfolio(*arguments).returncode == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "record.json",
        "record.json.sha256",
        "table.csv",
    ]


def test_a_workbook_whose_page_cannot_be_written_stays_as_it_was(tmp_path: Path) -> None:
    folder, book, page = tmp_path / "decision", tmp_path / "r.xlsx", tmp_path / "r.html"
    assert portfolio("optimize", *CALL, *POLICY, "--out", folder).returncode == 0
    book.write_text("of the day before")
    page.mkdir()
    done = portfolio("report", folder, "--excel", book, "--out", page)
    assert done.returncode == 2, done.stderr
    assert book.read_text() == "of the day before"


@pytest.mark.parametrize("below", ["", "deeper"])
def test_a_file_in_place_of_the_folder_is_said(tmp_path: Path, below: str) -> None:
    (tmp_path / "taken").write_text("mine")
    folder = tmp_path / "taken" / below
    done = portfolio("optimize", *CALL, *POLICY, "--out", folder, "--quiet")
    assert done.returncode == 2
    assert "A file stands where a folder is meant; name another folder." in done.stderr
    assert (tmp_path / "taken").read_text() == "mine"


@posix
def test_a_folder_that_nobody_may_write_to(tmp_path: Path) -> None:
    closed = Path("/proc/self") if sys.platform == "linux" else tmp_path
    if closed == tmp_path:
        tmp_path.chmod(0o500)
    if os.access(closed, os.W_OK) and os.geteuid() == 0 and sys.platform != "linux":
        pytest.skip("root may write everywhere")
    done = portfolio("optimize", *CALL, *POLICY, "--out", closed / "decision", "--quiet")
    assert done.returncode == 2
    assert done.stderr.startswith(f"Error: {closed / 'decision'}: ")
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("what", ["folder", "broken link", "loop", "missing"])
def test_an_input_that_cannot_be_read_is_named(tmp_path: Path, what: str) -> None:
    file = tmp_path / "proposals.csv"
    match what:
        case "folder":
            file.mkdir()
        case "broken link":
            file.symlink_to(tmp_path / "gone.csv")
        case "loop":
            file.symlink_to(file)
    done = portfolio("optimize", file, *POLICY, "--quiet")
    assert done.returncode in {2, 3}
    assert "proposals.csv" in done.stderr
    assert "Traceback" not in done.stderr


@posix
@pytest.mark.parametrize("arguments", [["optimize", *CALL, *POLICY, "--json"], ["check", *CALL, *POLICY]])
def test_a_reader_that_has_seen_enough_ends_the_command_quietly(arguments: list[str]) -> None:
    with subprocess.Popen([*COMMAND, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as run:
        assert run.stdout is not None
        assert run.stderr is not None
        run.stdout.close()
        errors = run.stderr.read()
    assert run.returncode == 141
    assert b"Traceback" not in errors
    assert b"Exception ignored" not in errors


@posix
def test_kill_9_while_files_take_their_places(tmp_path: Path) -> None:
    """Real processes over a decision of before: killed when the first, the second, ... file takes its place."""
    folder, arguments = tmp_path / "decision", ["optimize", *CALL, *POLICY, "--quiet"]
    assert portfolio(*arguments, "--out", tmp_path / "new", "--budget", 5_000_000).returncode == 0
    new = contents(tmp_path / "new")
    for count in (0, 2):
        assert portfolio(*arguments, "--out", folder).returncode == 0
        old = contents(folder)
        command = [*arguments, "--out", str(folder), "--budget", "5000000"]
        done = subprocess.run([sys.executable, "-c", KILLED, str(count), *command], check=False)
        assert done.returncode == -signal.SIGKILL
        now = contents(folder)
        assert all(now[name] in (old[name], new[name]) for name in old)
        if count:
            explained = portfolio("explain", folder, "P-001")
            assert explained.returncode == 3, explained.stderr
    assert portfolio(*arguments, "--out", folder, "--budget", 5_000_000).returncode == 0
    assert contents(folder) == new
