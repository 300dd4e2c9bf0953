"""One command for the figure of the explorer: many clients at once, each answer compared with the decision itself.

    python tests/load/clients.py [--clients 50] [--steps 4] [--n 500] [--slow 2] [--out docs/reliability/load.md]

`portfolio explore` serves a simulated call in a process of its own. Each client opens a page, moves the budget step by
step and waits for each proven decision; the awards must be those that `pf.optimize` finds for that budget. Meanwhile
slow clients ask for the same and read a byte a second.
"""

from __future__ import annotations

import argparse
import json
import re
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread
from typing import Any

import portfolio as pf

sys.path.append(str(Path(__file__).parents[1] / "benchmarks"))
from page import put, table

HEAD = ("clients", "slow clients", "proposals", "decisions", "wrong", "median, s", "longest, s", "server, MB")
SERVE = "from portfolio_cli.main import run; run()"


def main() -> None:
    """Measure and print, or write into the page."""
    options = _options()
    text = table(HEAD, [measured(options.clients, options.steps, options.n, options.slow)])
    if options.out is None:
        print(text)
    else:
        put(options.out, "clients", text)


def measured(clients: int, steps: int, n: int, slow: int) -> tuple[str, ...]:
    """Return the row of the table."""
    made = pf.simulate_call(n, seed=7, reviews_per_proposal=0).call
    total = round(float(made.frame["amount"].sum()) / 100 / 4)
    rules = pf.Policy(
        budget=total,
        traits={"risky": "success_probability <= 0.4"},
        reserve=[pf.Reserve(trait="risky", share=0.1)],
        solver={"gap": 1e-3},
    )
    # Several clients ask for the same budget at the same time, and others for another.
    budgets = [total - 10_000 * (number + 1) for number in range(steps + 9)]
    problem = pf.Problem(made, rules)
    true = {budget: _awards(problem.replace(budget=budget).solve()) for budget in budgets}
    with tempfile.TemporaryDirectory() as folder:
        files = Path(folder) / "call.parquet", Path(folder) / "policy.toml"
        made.to_polars().write_parquet(files[0])
        files[1].write_text(rules.to_toml(), encoding="utf-8")
        with _served(*files) as (address, server), _slow(address, slow, budgets[0]):
            with ThreadPoolExecutor(clients) as pool:
                asked = [(address, budgets[i % 9 : i % 9 + steps]) for i in range(clients)]
                answers = [one for found in pool.map(_client, asked) for one in found]
            held = _resident(server)
    wrong = sum(awards != true[budget] for budget, awards, _ in answers)
    seconds = [one for *_, one in answers]
    times = (f"{some:.2f}" for some in (statistics.median(seconds), max(seconds)))
    return str(clients), str(slow), f"{n:,}", f"{len(answers):,}", str(wrong), *times, held


def _awards(portfolio: pf.Portfolio) -> list[int]:
    """Return the places of the awards among the sorted ids, as the page is told."""
    return portfolio.solution.chosen.nonzero()[0].tolist()


def _client(asked: tuple[str, list[int]]) -> list[tuple[int, list[int], float]]:
    """Open a page and move its budget; return each budget with the places of the awards and the seconds."""
    address, budgets = asked
    ask, found = _page(address), []
    for step, budget in enumerate(budgets):
        begun = time.perf_counter()
        with urllib.request.urlopen(ask(step, budget), timeout=600) as lines:
            decided = [one for one in map(json.loads, lines) if one.get("stage") == "proof"]
        found.append((budget, decided[-1]["funded"] if decided else [], time.perf_counter() - begun))
    return found


def _page(address: str) -> Any:
    """Open a page as a browser does; return what makes its requests."""
    with urllib.request.urlopen(address, timeout=600) as page:
        token = re.search(r'portfolio-token" content="([^"]+)"', page.read().decode())
    assert token is not None
    home = address.partition("/?")[0]

    def ask(step: int, budget: int) -> urllib.request.Request:
        body = json.dumps({"step": step, "kind": "solve", "set": {"budget": budget}}).encode()
        return urllib.request.Request(f"{home}/ask", body, {"X-Portfolio-Token": token[1]})

    return ask


@contextmanager
def _slow(address: str, count: int, budget: int) -> Iterator[None]:
    """Keep clients that read a byte a second; they must not hold up the others."""
    end = Event()

    def read() -> None:
        request = _page(address)(1, budget)
        host, _, port = request.host.partition(":")
        lines = [f"POST /ask HTTP/1.1\r\nHost: {request.host}", f"Content-Length: {len(request.data)}"]
        lines += [f"{name}: {value}" for name, value in request.header_items() if name != "Host"]
        with socket.create_connection((host, int(port))) as connection:
            # The window is as small as it can be, so that the server has to wait.
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1)
            connection.sendall("\r\n".join(lines).encode() + b"\r\n\r\n" + request.data)
            while not end.is_set() and connection.recv(1):
                end.wait(1)

    threads = [Thread(target=read, daemon=True) for _ in range(count)]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        end.set()
        for thread in threads:
            thread.join(5)


@contextmanager
def _served(call: Path, policy: Path) -> Iterator[tuple[str, int]]:
    """Serve a call in a process of its own; give the address of the page and the number of the process."""
    process = subprocess.Popen(
        [sys.executable, "-c", SERVE, "explore", str(call), "--policy", str(policy), "--no-open"],
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    line = process.stderr.readline()
    address = re.search(r"http://\S+", line)
    if address is None:
        raise SystemExit(line + process.stderr.read())
    try:
        yield address[0], process.pid
    finally:
        process.send_signal(signal.SIGINT)
        errors = process.communicate(timeout=60)[1]
    if process.returncode or errors:
        raise SystemExit(f"the server ended with {process.returncode}: {errors}")


def _resident(number: int) -> str:
    status = Path(f"/proc/{number}/status")
    if not status.exists():
        return "not known"
    found = re.search(r"VmRSS:\s+(\d+)", status.read_text())
    assert found is not None
    return f"{int(found[1]) / 1000:,.0f}"


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--clients", type=int, default=50)
    parser.add_argument("--steps", type=int, default=4)
    parser.add_argument("--n", type=int, default=500)
    parser.add_argument("--slow", type=int, default=2)
    parser.add_argument("--out", type=Path, default=None)
    return parser.parse_args()


if __name__ == "__main__":
    main()
