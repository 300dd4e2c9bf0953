"""Running what a page of the manual says: its commands, its edits of the policy and its Python."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

from command import COMMAND, portfolio


@dataclass
class Reader:
    """Somebody who follows a page in a folder of their own, step by step."""

    folder: Path
    policy: str = "my-call/policy.toml"
    script: str = "whatif.py"
    files: dict[str, list[str]] = field(default_factory=dict)
    code: int = field(default=0, init=False)

    def __post_init__(self) -> None:
        # By kind of block, the names under which the page says to save them, in the order of the page.
        self._names = {kind: iter(names) for kind, names in self.files.items()}

    def follow(self, page: str) -> str:
        """Do what every block says and return the page with the answers as they really are."""
        return re.sub(r"^```(\w+)\n(.*?)^```$", self._block, page, flags=re.MULTILINE | re.DOTALL)

    def _block(self, block: re.Match[str]) -> str:
        kind, text = block.groups()
        if kind == "diff":
            self._edit(text)
        elif kind == "python":
            (self.folder / self.script).write_text(text, encoding="utf-8")
        elif kind in self._names:
            (self.folder / next(self._names[kind])).write_text(text, encoding="utf-8")
        elif text.startswith("#!/bin/bash"):
            self._tasks(text)
        elif kind == "console":
            commands = [line for line in text.splitlines() if line.startswith("$ ")]
            answers = [f"{line}\n{self._run(line[2:])}" for line in commands]
            return f"```console\n{''.join(answers)}```"
        return block[0]

    def _edit(self, text: str) -> None:
        lines = text.splitlines(keepends=True)
        old, new = ("".join(line[1:] for line in lines if line[0] in signs) for signs in (" -", " +"))
        file = self.folder / self.policy
        policy = file.read_text(encoding="utf-8")
        assert policy.count(old) == 1, (
            f"the page wants to change what stands {policy.count(old)} times:\n{old}"
        )
        file.write_text(policy.replace(old, new), encoding="utf-8")

    def _tasks(self, script: str) -> None:
        """Run a script for a scheduler as it would: once for each task that its head asks for."""
        array = re.search(r"^#SBATCH --array=(\d+)-(\d+)$", script, re.MULTILINE)
        assert array is not None, "a script that no scheduler can run"
        command = self.folder / "bin" / "portfolio"
        command.parent.mkdir()
        command.write_text(f'#!/bin/sh\nexec {shlex.join(COMMAND)} "$@"\n', encoding="utf-8")
        command.chmod(0o755)
        paths = f"{command.parent}{os.pathsep}{os.environ['PATH']}"
        for task in range(int(array[1]), int(array[2]) + 1):
            subprocess.run(
                ["bash", "-euo", "pipefail", "-c", script],
                cwd=self.folder,
                env=os.environ | {"PATH": paths, "SLURM_ARRAY_TASK_ID": str(task)},
                capture_output=True,
                check=True,
            )

    def _run(self, command: str) -> str:
        if command == "echo $?":
            return f"{self.code}\n"
        name, *arguments = command.split()
        done = {"portfolio": portfolio, "python": python}[name](*arguments, cwd=self.folder)
        self.code = done.returncode
        return "".join(f"{line.rstrip()}\n" for line in (done.stdout + done.stderr).splitlines())


def python(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run a script as a process."""
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=cwd,
        env=os.environ | {"PYTHONIOENCODING": "utf-8"},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


def same(expected: str, found: str) -> bool:
    """Compare line by line; a line of the page that is only ``...`` stands for any number of lines."""
    parts = [re.escape(part) for part in re.split(r"^\.\.\.\n", expected, flags=re.MULTILINE)]
    return re.fullmatch(r"(?:.*\n)*?".join(parts), found) is not None
