"""Nothing that is read can run: no pickles, no evaluated text, no unsafe YAML, anywhere in the code that is shipped."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SHIPPED = sorted([*(ROOT / "portfolio").rglob("*.py"), *(ROOT / "cli").rglob("*.py")])
# Formats that run code when they are read.
MODULES = {
    "pickle",
    "cPickle",
    "_pickle",
    "marshal",
    "shelve",
    "dill",
    "cloudpickle",
    "jsonpickle",
    "yaml",
    "ctypes",
}
# Names that turn text into code, and methods by which libraries read pickles or reach a shell.
BUILTINS = {"eval", "exec", "compile", "__import__"}
METHODS = {
    *("joblib.load", "joblib.dump", "pd.read_pickle", "pandas.read_pickle", "np.load", "numpy.load"),
    *("os.system", "os.popen", "yaml.load"),
}


def dangers(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=names):
                yield from (name.name for name in names if name.name.split(".")[0] in MODULES)
            case ast.ImportFrom(module=str(module), names=names):
                if module.split(".")[0] in MODULES:
                    yield module
                yield from (f"{module}.{n.name}" for n in names if f"{module}.{n.name}" in METHODS)
            case ast.Call(func=ast.Name(id=name)) if name in BUILTINS:
                yield name
            case ast.Call(func=ast.Attribute() as function) if ast.unparse(function) in METHODS:
                yield ast.unparse(function)
            case ast.keyword(arg="allow_pickle" | "shell", value=ast.Constant(value=True)):
                yield str(node.arg)


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: str(path.relative_to(ROOT)))
def test_nothing_that_is_read_can_run(path: Path) -> None:
    assert list(dangers(ast.parse(path.read_text(encoding="utf-8")))) == []


@pytest.mark.parametrize(
    "code",
    [
        "import pickle",
        "import numpy, dill.source",
        "from marshal import loads",
        "from joblib import load",
        "import joblib\njoblib.load('model')",
        "eval('1')",
        "import numpy as np\nnp.load('x', allow_pickle=True)",
        "run('ls', shell=True)",
    ],
)
def test_the_search_finds_what_it_looks_for(code: str) -> None:
    assert list(dangers(ast.parse(code)))


def test_every_dependency_has_an_exact_version_and_no_address() -> None:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pins = [line for line in lines if line and not line.startswith("#")]
    assert len(pins) > 50
    for pin in pins:
        assert re.fullmatch(r"[A-Za-z0-9._-]+==[A-Za-z0-9.]+( *;.*)?", pin), pin
        assert "://" not in pin


def test_the_project_says_how_to_report_a_weakness() -> None:
    text = (ROOT / "SECURITY.md").read_text(encoding="utf-8")
    for heading in ("## What is supported", "## How to report", "## What we defend against"):
        assert heading in text
