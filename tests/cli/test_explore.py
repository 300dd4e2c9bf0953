"""``portfolio explore``, run as a process and asked over the network."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from cli.test_command import CALL, POLICY, portfolio
from optimize.test_interrupt import endless

import portfolio as pf

PATIENT = 60
_COMMAND = "from portfolio_cli.main import run; run()"


@dataclass
class Served:
    """A running explorer, and the page that it gave out."""

    process: subprocess.Popen[str]
    address: str
    token: str

    @property
    def home(self) -> str:
        return self.address.partition("/?")[0]

    @property
    def port(self) -> int:
        return int(self.home.rpartition(":")[2])

    def ask(self, **request: Any) -> list[dict[str, Any]]:
        body = json.dumps({"step": 1, **request}).encode()
        asked = urllib.request.Request(f"{self.home}/ask", body, {"X-Portfolio-Token": self.token})
        with urllib.request.urlopen(asked, timeout=PATIENT) as lines:
            return [json.loads(line) for line in lines]

    def end(self) -> tuple[int, str, str]:
        """Press Ctrl-C; return the exit code, and what was printed after the address."""
        self.process.send_signal(signal.SIGINT)
        out, err = self.process.communicate(timeout=PATIENT)
        return self.process.returncode, out, err


@pytest.fixture
def serve() -> Iterator[Callable[..., Served]]:
    running: list[subprocess.Popen[str]] = []

    def start(*arguments: object) -> Served:
        process = subprocess.Popen(
            [sys.executable, "-c", _COMMAND, "explore", *map(str, arguments), "--no-open"],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONIOENCODING": "utf-8"},
        )
        running.append(process)
        assert process.stderr is not None
        line = process.stderr.readline()
        found = re.search(r"http://127\.0\.0\.1:\d+/\?token=[\w-]+", line)
        assert found is not None, line + process.stderr.read()
        with urllib.request.urlopen(found[0], timeout=PATIENT) as page:
            token = re.search(r'name="portfolio-token" content="([^"]+)"', page.read().decode())
        assert token is not None
        return Served(process, found[0], token[1])

    yield start
    for process in running:
        if process.poll() is None:
            process.kill()
        process.communicate()


needs_signals = pytest.mark.skipif(sys.platform == "win32", reason="Ctrl-C is sent the way of POSIX")


@needs_signals
def test_the_page_decides_as_the_command_does_and_ends_in_peace(
    serve: Callable[..., Served], tmp_path: Path
) -> None:
    served = serve(*CALL, *POLICY)
    state = {"set": {"budget": 9_000_000, "reserve.young_investigator.share": 0.25}, "fund": ["P-017"]}
    *_, decided, prices, done = served.ask(kind="solve", **state)
    assert (decided["stage"], prices["kind"], done["kind"]) == ("proof", "prices", "done")
    saved, _ = served.ask(kind="policy", **state)
    awards, _ = served.ask(kind="awards", **state)
    (tmp_path / "policy.toml").write_text(saved["text"], encoding="utf-8")
    out = tmp_path / "out"
    command = portfolio("optimize", *CALL, "--policy", tmp_path / "policy.toml", "--out", out, "--quiet")
    assert command.returncode == 0, command.stderr
    assert awards["text"].encode() == (out / "awards.csv").read_bytes()
    record = json.loads((out / "portfolio.json").read_text(encoding="utf-8"))
    for key in ("value", "bound", "gap", "status", "spent", "n_awards"):
        assert decided[key] == record[key], key
    assert [one["price"] for one in prices["reserves"]] == [one["price"] for one in record["reserves"]]
    frame = pl.read_csv(out / "decisions.csv", infer_schema=False)
    assert [frame["id"][index] for index in decided["funded"]] == record["awards"]
    # Nothing of what was asked is written down anywhere.
    assert served.end() == (0, "", "")


@needs_signals
def test_it_listens_on_the_loopback_address_alone(serve: Callable[..., Served]) -> None:
    served = serve(*CALL, *POLICY)
    others = {
        info[4][0]
        for info in socket.getaddrinfo(socket.gethostname(), None, socket.AF_INET)
        if not str(info[4][0]).startswith("127.")
    }
    for other in others:
        with pytest.raises(OSError), socket.create_connection((other, served.port), timeout=2):  # noqa: PT011
            pass
    if Path("/proc/net/tcp").exists():
        places = [line.split()[1] for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
        ours = [place for place in places if place.endswith(f":{served.port:04X}")]
        assert ours
        assert {place.partition(":")[0] for place in ours} == {"0100007F"}
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(f"{served.home}/", timeout=PATIENT)
    assert refused.value.code == 403
    refused.value.close()
    assert served.end()[0] == 0


@needs_signals
def test_a_client_that_goes_away_ends_its_work(serve: Callable[..., Served], tmp_path: Path) -> None:
    # Nobody can prove the best of this call, and its policy allows for ten minutes.
    problem = endless()
    problem.call.to_polars().write_parquet(tmp_path / "call.parquet")
    (tmp_path / "policy.toml").write_text(problem.policy.to_toml(), encoding="utf-8")
    served = serve(tmp_path / "call.parquet", "--policy", tmp_path / "policy.toml")
    body = b'{"step":1,"kind":"solve"}'
    asked = urllib.request.Request(f"{served.home}/ask", body, {"X-Portfolio-Token": served.token})
    with urllib.request.urlopen(asked, timeout=PATIENT) as lines:
        assert json.loads(next(lines))["kind"] == "relaxed"
    # The search is over, or this question would wait for it: a page has one search at a time, and with enough money
    # for all there is nothing to search for.
    plenty = {f"budget.{year}": 10_000_000 for year in (1, 2, 3)}
    kinds = [answer["kind"] for answer in served.ask(kind="why", id="00", set=plenty)]
    assert kinds == ["why", "why", "done"]
    with urllib.request.urlopen(asked, timeout=PATIENT) as lines:
        assert json.loads(next(lines))["kind"] == "relaxed"
        # Ctrl-C ends a search that is under way as well.
        code, _, err = served.end()
    assert (code, err) == (0, "")


def test_a_port_that_is_taken_is_refused_in_a_sentence() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        done = portfolio("explore", *CALL, *POLICY, "--no-open", "--port", port)
    assert done.returncode == 2
    assert f"{port} is taken" in " ".join(done.stderr.split())
    assert "Traceback" not in done.stderr


def test_bad_files_are_refused_before_anything_is_served(tmp_path: Path) -> None:
    (tmp_path / "policy.toml").write_text('budget = 1\ntraits = {a = "nothing > 1"}\n', encoding="utf-8")
    done = portfolio("explore", CALL[0], "--policy", tmp_path / "policy.toml", "--no-open")
    assert done.returncode == 3
    assert "nothing" in done.stderr
    assert "http" not in done.stderr


def test_without_the_extra_one_sentence_says_what_to_install() -> None:
    script = f"import sys; sys.modules['uvicorn'] = None\n{_COMMAND}"
    done = subprocess.run(
        [sys.executable, "-c", script, "explore", *CALL, *POLICY],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == pf.ExtraError.exit_code == 2
    assert done.stderr == (
        "Error: The explorer needs packages that are not installed: pip install 'grant-portfolio[explore]'\n"
    )
