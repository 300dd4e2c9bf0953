"""Facts about the project itself: its public names, the order of its rooms, its command and its papers."""

from __future__ import annotations

import ast
import re
import subprocess
import tomllib
from collections.abc import Iterator
from inspect import getmodule
from itertools import pairwise
from pathlib import Path
from types import ModuleType

import pytest
import typer
from typer.testing import CliRunner

import portfolio as pf
from portfolio_cli.main import app

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
COMMANDS = sorted(typer.main.get_command(app).commands)

# A room imports only from rooms before it. Data walks through them once.
ROOMS = ("call", "scoring", "policy", "optimize", "analysis", "report")
# Files beside the rooms, and what each may import; rooms may import `errors`, `shown` and `_version`.
BESIDE = {
    "errors": set(),
    "_version": set(),
    # Values of every room show themselves.
    "shown": set(),
    "_invented": {"errors"},
    "simulate": {"call", "errors", "_invented"},
}


def text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


# Public names


def test_the_public_names_are_sorted() -> None:
    # Constants, classes, functions: the order in which linters sort `__all__`.
    def rank(name: str) -> tuple[int, str]:
        return (0 if name.isupper() else 1 if name[0].isupper() else 2), name

    assert list(pf.__all__) == sorted(pf.__all__, key=rank)
    assert len(set(pf.__all__)) == len(pf.__all__)


def test_the_public_names_are_all_there_is() -> None:
    def is_ours(value: object) -> bool:
        place = getattr(value, "__module__", None) or type(value).__module__
        return place.startswith("portfolio") and not isinstance(value, ModuleType)

    ours = {name for name, value in vars(pf).items() if not name.startswith("_") and is_ours(value)}
    assert ours <= set(pf.__all__)
    # Some are imported when they are first asked for.
    assert all(hasattr(pf, name) for name in pf.__all__)


@pytest.mark.parametrize("name", sorted(set(pf.__all__) - {"__version__"}))
def test_a_public_name_says_what_it_is(name: str) -> None:
    value = getattr(pf, name)
    documented = value if hasattr(value, "__module__") and hasattr(value, "__name__") else type(value)
    assert documented.__doc__, name
    module = getmodule(documented)
    assert module is not None
    assert module.__name__.startswith("portfolio."), name


def test_the_version_is_that_of_the_distribution() -> None:
    assert pf.__version__ in {PROJECT["project"]["version"], "unknown"}
    assert f"## {PROJECT['project']['version']}" in text("CHANGELOG.md")


# The order of the rooms


def imports(file: Path) -> Iterator[tuple[int, str]]:
    """Every module of the library that a file imports, by its first name below `portfolio`."""
    package = file.relative_to(ROOT).with_suffix("").parts
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names = [alias.name.split(".") for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.level:
            start = [*package[: len(package) - node.level], *(node.module or "").split(".")]
            names = [[*filter(None, start), alias.name] for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [[*(node.module or "").split("."), alias.name] for alias in node.names]
        else:
            continue
        yield from ((node.lineno, name[1]) for name in names if name[0] == "portfolio" and len(name) > 1)


def allowed(place: str) -> set[str]:
    if place in ROOMS:
        return {*ROOMS[: ROOMS.index(place) + 1], "errors", "shown", "_version"}
    return BESIDE[place] | {place}


FILES = sorted((ROOT / "portfolio").rglob("*.py"))


@pytest.mark.parametrize("file", FILES, ids=lambda file: "-".join(file.relative_to(ROOT / "portfolio").parts))
def test_imports_go_from_right_to_left_only(file: Path) -> None:
    place = file.relative_to(ROOT / "portfolio").parts[0].removesuffix(".py")
    if place == "__init__":
        return
    wrong = [f"line {line}: {name}" for line, name in imports(file) if name not in allowed(place)]
    assert not wrong, f"{file.name} belongs to {place}, but imports {', '.join(wrong)}"


def test_the_library_does_not_know_the_command() -> None:
    assert not [file.name for file in FILES if "portfolio_cli" in file.read_text(encoding="utf-8")]


def test_nothing_prints_inside_the_library() -> None:
    calls = [
        f"{file.name}:{node.lineno}"
        for file in FILES
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print"
    ]
    assert not calls


# The command


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_explains_itself_with_an_example(name: str) -> None:
    result = CliRunner().invoke(app, [name, "--help"])
    assert result.exit_code == 0
    assert re.search(rf"Example:\s+portfolio\s+{name}", result.output), result.output
    assert "--quiet" in result.output


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_is_documented(name: str) -> None:
    assert f"`portfolio {name} " in text("README.md")
    assert f"## portfolio {name}" in text("docs/command.md")


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_is_documented(name: str) -> None:
    page = text("docs/command.md")
    section = page[page.index(f"## portfolio {name}") :].split("\n## ")[0]
    everywhere = page[page.index("## For every command") :].split("\n## ")[0]
    for parameter in typer.main.get_command(app).commands[name].params:
        if parameter.param_type_name == "option":
            option = max(parameter.opts, key=len)
            assert f"`{option}" in section + everywhere, option


def test_the_documented_commands_exist() -> None:
    assert sorted(re.findall(r"^## portfolio (\w+)", text("docs/command.md"), re.MULTILINE)) == COMMANDS


def test_the_starter_is_the_example() -> None:
    starter, example = ROOT / "cli" / "portfolio_cli" / "starter", ROOT / "examples" / "data"
    for file in starter.iterdir():
        assert file.read_bytes() == (example / file.name).read_bytes(), file.name


# The papers


def test_the_readme_is_short() -> None:
    assert len(text("README.md").splitlines()) < 150


def test_ci_runs_the_two_commands_of_the_readme() -> None:
    commands = re.findall(r"^python3 -m venv .*$", text("README.md"), re.MULTILINE)
    patterns = re.findall(r"readme '([^']+)'", text(".ci/run"))
    assert len(commands) == len(patterns) == 2
    for pattern in patterns:
        assert len([command for command in commands if re.search(pattern, command)]) == 1, pattern


def test_uv_runs_the_same_two_commands() -> None:
    readme = text("README.md")
    job, tests = re.findall(r"^uv run (?:--extra \w+ )?(.*)$", readme, re.MULTILINE)
    assert f".venv/bin/{job}\n" in readme
    assert f".venv/bin/{tests}\n" in readme


def test_constraints_are_exact_versions_and_nothing_else() -> None:
    marker = r"( ; python_version (<|>=) '3\.\d+')?"
    lines = [line for line in text("constraints.txt").splitlines() if not line.startswith("#")]
    assert lines
    for line in lines:
        assert re.fullmatch(rf"[a-z0-9-]+==[0-9][0-9a-z.]*{marker}", line), line
    names = [line.partition("==")[0] for line in lines]
    assert names == sorted(names)
    for name, following in pairwise(names):
        assert name != following or f"{name}==" in text("constraints.txt")


def requirements() -> set[str]:
    project = PROJECT["project"]
    lines = [
        *project["dependencies"],
        *(line for extra in project["optional-dependencies"].values() for line in extra),
    ]
    names = {re.split(r"[\[<>=]", line)[0] for line in lines}
    return names - {project["name"]}


def test_every_dependency_is_constrained_and_has_a_lower_bound() -> None:
    constrained = set(re.findall(r"^([a-z0-9-]+)==", text("constraints.txt"), re.MULTILINE))
    assert requirements() <= constrained
    for line in PROJECT["project"]["dependencies"]:
        assert re.fullmatch(r"[a-z0-9-]+>=[0-9.]+", line), line


def test_every_dependency_has_its_reason() -> None:
    page = text("docs/decisions.md")
    assert {name for name in requirements() if f"\n| `{name}` " not in page} == set()


@pytest.mark.skipif(
    not (ROOT / ".git").exists(), reason="only a checkout knows which files belong to the project"
)
def test_no_lock_file_is_part_of_the_project() -> None:
    command = ["git", "ls-files", "-co", "--exclude-standard"]
    files = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()
    assert not [name for name in files if name.endswith((".lock", "pylock.toml"))]
