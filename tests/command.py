"""The command: as a process of its own, as scripts run it, and in this process, which takes a tenth of the time.

Both give what the command writes to its streams and its exit code; a test of the same bytes compares the two. Each
command is run as a process at least once, and so is what depends on one: encodings, signals and the time limit.
"""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import chdir, redirect_stderr, redirect_stdout
from io import BytesIO, TextIOWrapper
from pathlib import Path
from unittest import mock

from portfolio_cli.main import run

EXAMPLE = Path(__file__).parents[1] / "examples" / "data"
CALL = [str(EXAMPLE / "proposals.csv"), "--reviews", str(EXAMPLE / "reviews.csv")]
POLICY = ["--policy", str(EXAMPLE / "policy.toml")]
COMMAND = [
    sys.executable,
    "-c",
    "import sys; sys.argv[0] = 'portfolio'; from portfolio_cli.main import run; run()",
]

Done = subprocess.CompletedProcess[str]

# The command in a process that is killed when a file after so many takes its place.
KILLED = """
import os, signal, sys
from pathlib import Path
from portfolio_cli.main import run
count, real = int(sys.argv.pop(1)), Path.replace
def replace(self, target):
    global count
    count -= 1
    if count < 0:
        os.kill(os.getpid(), signal.SIGKILL)
    return real(self, target)
Path.replace = replace
sys.argv[0] = "portfolio"
run()
"""


def process(*arguments: object, cwd: Path | None = None, **environment: str) -> Done:
    """Run the command as a process, with a few variables of the environment of its own."""
    return subprocess.run(
        [*COMMAND, *map(str, arguments)],
        capture_output=True,
        check=False,
        cwd=cwd,
        encoding="utf-8",
        env={**os.environ, "PYTHONIOENCODING": "utf-8", **environment},
    )


def portfolio(*arguments: object, cwd: Path | None = None) -> Done:
    """Run the command in this process; an error that it does not expect is raised, and so is a warning."""
    command = ["portfolio", *map(str, arguments)]
    out, err = (TextIOWrapper(BytesIO(), encoding="utf-8", write_through=True) for _ in range(2))
    code: object = 0
    with (
        mock.patch.object(sys, "argv", command),
        chdir(cwd or Path.cwd()),
        redirect_stdout(out),
        redirect_stderr(err),
    ):
        try:
            run()
        except SystemExit as end:
            code = end.code
    assert code is None or isinstance(code, int)
    return subprocess.CompletedProcess(command, code or 0, *(_text(stream) for stream in (out, err)))


def _text(stream: TextIOWrapper) -> str:
    buffer = stream.detach()
    assert isinstance(buffer, BytesIO)
    return buffer.getvalue().decode("utf-8")
