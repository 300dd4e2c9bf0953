"""What is confidential stays where it is: no command writes outside what it was given, or speaks to a network.

An audit hook of Python sees every file that is opened, made, moved or removed, every socket and every process, also
those of the libraries that are written in Python. What compiled libraries do is held by a folder that is the home, the
working folder and the folder for temporary files at once, and is empty afterwards.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest
from command import EXAMPLE

WATCHED = """
import json, os, sys
seen = []
WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_TRUNC
MOVED = {"os.rename": 1, "os.mkdir": 0, "os.remove": 0, "os.rmdir": 0, "os.link": 1, "os.symlink": 1, "os.truncate": 0}
CALLED = {"socket.connect", "socket.bind", "socket.getaddrinfo", "socket.sendto", "socket.gethostbyname",
          "subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.fork", "os.forkpty", "webbrowser.open",
          "urllib.Request", "http.client.connect", "smtplib.connect", "ftplib.connect"}
def hook(event, arguments):
    if event == "open":
        path, mode, flags = arguments
        writes = any(sign in mode for sign in "wax+") if isinstance(mode, str) else flags & WRITES
        if writes and not isinstance(path, int):
            seen.append(("write", os.path.abspath(os.fsdecode(path))))
    elif event in MOVED:
        seen.append(("write", os.path.abspath(os.fsdecode(arguments[MOVED[event]]))))
    elif event in CALLED:
        seen.append((event, repr(arguments)[:200]))
sys.addaudithook(hook)
report = os.open(sys.argv.pop(1), os.O_WRONLY | os.O_CREAT)
seen.clear()
sys.argv[0] = "portfolio"
from portfolio_cli.main import run
code = 0
try:
    run()
except SystemExit as end:
    code = end.code or 0
sys.stdout.flush()
os.write(report, json.dumps(seen).encode())
sys.exit(code)
"""
# No word of a message begins like this by itself.
CANARY = "Kanarienvogel"
COMMANDS = {
    "check": ["check", "CALL", "--policy", "POLICY"],
    "score": ["score", "CALL", "--policy", "POLICY", "--out", "OUT/scores.csv"],
    "reviewers": ["reviewers", "CALL", "--policy", "POLICY", "--out", "OUT/reviewers"],
    "optimize": ["optimize", "CALL", "--policy", "POLICY", "--out", "OUT/decision", "--rules", "--outcomes"],
    "explain": ["explain", "MADE", "P-001", "--proposals", "PROPOSALS", "--reviews", "REVIEWS"],
    "report": ["report", "MADE", "--out", "OUT/report.html", "--excel", "OUT/awards.xlsx"],
    "whatif": [
        "whatif",
        "CALL",
        "--policy",
        "POLICY",
        "--set",
        "budget=5000000,6000000",
        "--out",
        "OUT/w.csv",
    ],
    "frontier": [
        *[
            "frontier",
            "CALL",
            "--policy",
            "POLICY",
            "--over",
            "budget",
            "--from",
            "5000000",
            "--to",
            "6000000",
        ],
        *["--steps", "2", "--out", "OUT/frontier.parquet"],
    ],
    "alternatives": ["alternatives", "CALL", "--policy", "POLICY", "--k", "2", "--out", "OUT/others.csv"],
    "robustness": ["robustness", "CALL", "--policy", "POLICY", "--draws", "4", "--out", "OUT/sure.csv"],
    "dominance": ["dominance", "CALL", "--policy", "POLICY", "--out", "OUT/core.csv"],
    "lottery": ["lottery", "CALL", "--policy", "POLICY", "--out", "OUT/lottery.csv", "--seed", "1"],
    "waiting": ["waiting", "MADE", "PROPOSALS", "--reviews", "REVIEWS", "--out", "OUT/next.csv"],
    "fairness": ["fairness", "CALL", "--policy", "POLICY", "--by", "field", "--out", "OUT/groups.csv"],
    "simulate": ["simulate", "50", "--out", "OUT/simulated"],
    "new": ["new", "OUT/new"],
}


@pytest.fixture(scope="module")
def confidential(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example with titles, names and comments that can be found again, and a decision on it."""
    folder = tmp_path_factory.mktemp("confidential")
    proposals = pl.read_csv(EXAMPLE / "proposals.csv", infer_schema=False)
    texts = {"title": "Titel", "abstract": "Text", "investigator": "Name"}
    proposals.with_columns(
        pl.format("{}-{}-{}", pl.lit(CANARY), pl.lit(text), pl.col("id")).alias(name)
        for name, text in texts.items()
        if name != "investigator" or "investigator" in proposals.columns
    ).write_csv(folder / "proposals.csv")
    reviews = pl.read_csv(EXAMPLE / "reviews.csv", infer_schema=False)
    reviews.with_columns(pl.lit(f"{CANARY} says the reviewer").alias("comment")).write_csv(
        folder / "reviews.csv"
    )
    (folder / "policy.toml").write_bytes((EXAMPLE / "policy.toml").read_bytes())
    out = folder / "made"
    done = run(folder, [part.replace("OUT/decision", str(out)) for part in COMMANDS["optimize"]], out, folder)
    assert done.returncode == 0, done.stderr
    return folder


def run(confidential: Path, arguments: list[str], out: Path, home: Path) -> subprocess.CompletedProcess[str]:
    places = {
        "CALL": [str(confidential / "proposals.csv"), "--reviews", str(confidential / "reviews.csv")],
        "PROPOSALS": [str(confidential / "proposals.csv")],
        "REVIEWS": [str(confidential / "reviews.csv")],
        "POLICY": [str(confidential / "policy.toml")],
        "MADE": [str(confidential / "made")],
    }
    given = [one for part in arguments for one in places.get(part, [part.replace("OUT/", f"{out}/")])]
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("XDG", "MPL", "HOME"))}
    # Compiled files of modules are no data; where there are none yet they would be written.
    everything = {"HOME": str(home), "TMPDIR": str(home), "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(
        [sys.executable, "-c", WATCHED, str(confidential / "seen.json"), *given],
        cwd=home,
        env=kept | everything,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


@pytest.mark.skipif(sys.platform == "win32", reason="the home and temporary folders of POSIX")
@pytest.mark.parametrize("name", COMMANDS)
def test_nothing_is_written_elsewhere_nothing_is_sent_and_messages_hold_no_text(
    confidential: Path, tmp_path: Path, name: str
) -> None:
    out, home = tmp_path / "out", tmp_path / "home"
    out.mkdir()
    home.mkdir()
    (confidential / "seen.json").unlink(missing_ok=True)
    done = run(confidential, COMMANDS[name], out, home)
    assert done.returncode == 0, done.stderr
    assert CANARY not in done.stderr
    seen = json.loads((confidential / "seen.json").read_bytes())
    if name == "report":
        seen = [one for one in seen if not _is_list_of_fonts(one[1], home) and "('fc-list', [" not in one[1]]
    elsewhere = [
        (event, what) for event, what in seen if event != "write" or not f"{what}/".startswith(f"{out}/")
    ]
    assert not elsewhere
    left = [path for path in home.rglob("*") if not (name == "report" and _is_list_of_fonts(str(path), home))]
    assert not left
    if "OUT/" in "".join(COMMANDS[name]):
        # The hook sees what is written.
        assert seen
        assert list(out.iterdir())


def _is_list_of_fonts(what: str, home: Path) -> bool:
    """Tell of the one exception: matplotlib asks once (fc-list) which fonts there are, and keeps the list."""
    if Path(what).is_file() and "matplotlib" in what:
        assert CANARY not in Path(what).read_text(encoding="utf-8")
    return any(
        what == str(home / folder) or what.startswith(f"{home / folder / 'matplotlib'}")
        for folder in (".cache", ".config")
    )


@pytest.mark.parametrize("fault", ["twice", "no money", "unknown proposal"])
def test_messages_about_bad_data_hold_ids_and_no_texts(
    confidential: Path, tmp_path: Path, fault: str
) -> None:
    table = pl.read_csv(confidential / "proposals.csv", infer_schema=False)
    reviews = pl.read_csv(confidential / "reviews.csv", infer_schema=False)
    match fault:
        case "twice":
            table = pl.concat([table, table.head(3)])
        case "no money":
            table = table.with_columns(pl.lit("much").alias("amount"))
        case "unknown proposal":
            reviews = reviews.with_columns(pl.lit("P-999").alias("proposal"))
    table.write_csv(tmp_path / "proposals.csv")
    reviews.write_csv(tmp_path / "reviews.csv")
    (tmp_path / "policy.toml").write_bytes((confidential / "policy.toml").read_bytes())
    done = run(tmp_path, COMMANDS["optimize"], tmp_path / "out", tmp_path)
    assert done.returncode == 3
    assert "P-" in done.stderr or "much" in done.stderr
    assert CANARY not in done.stderr + done.stdout
