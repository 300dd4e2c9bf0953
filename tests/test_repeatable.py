"""The same input gives the same bytes: wherever, on as many threads, in whatever order of rows, on every Python.

`golden.json` holds the SHA-256 of what commands write for the example. The suite runs on the oldest and the newest
Python, with other versions of PuLP, numpy and scipy: all must write these bytes. After a change that is meant to
change results, ``python tests/test_repeatable.py`` writes the file again.
"""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path

import pytest
from command import CALL, EXAMPLE, POLICY, process

from portfolio.optimize.pulp_engine import available_solvers

GOLDEN = Path(__file__).with_name("golden.json")
CBC = sorted({"PULP_CBC_CMD", "COIN_CMD"} & set(available_solvers()))
FILES = (
    "awards.csv",
    "decisions.csv",
    "portfolio.json",
    "portfolio.json.sha256",
    "proof.json",
    "set_aside.csv",
)
COMMANDS = {
    "score": ["score", *CALL, *POLICY, "--out", "{}/scores.csv"],
    "whatif": [
        "whatif",
        *CALL,
        *POLICY,
        "--set",
        "reserve.high_risk.share=0.1,0.15,0.2",
        "--out",
        "{}/whatif.csv",
    ],
    "frontier": [
        *("frontier", *CALL, *POLICY, "--over", "budget", "--from", "8_000_000", "--to", "14_000_000"),
        *("--steps", "3", "--out", "{}/frontier.csv"),
    ],
    "robustness": ["robustness", *CALL, *POLICY, "--draws", "20", "--out", "{}/robustness.csv"],
    **{
        name: ["lottery", *CALL, "--policy", *options, "--seed", "3", "--out", "{}/lottery.csv"]
        for name, options in {
            "lottery": [POLICY[1], "--method", "fair"],
            "lottery bayes": ["{}/plain.toml", "--method", "bayes", "--places", "20"],
            "lottery merit": ["{}/plain.toml", "--method", "merit", "--places", "20"],
        }.items()
    },
    "reviewers": ["reviewers", *CALL, *POLICY, "--out", "{}"],
}
# A draw of places could break rules, so that there may be none.
PLAIN = """
currency = "EUR"
budget = 40_000_000
[reviews]
best = 6
worst = 1
"""
# What takes --jobs says the same however many there are.
JOBS = ("whatif", "frontier", "robustness")
# How merits come from reviews, beside the mean that the example takes.
METHODS = ("severity", "bayes")
SURROUNDINGS = [
    {"LC_ALL": "tr_TR.UTF-8", "LANG": "tr_TR.UTF-8", "TZ": "Asia/Tokyo", "PYTHONHASHSEED": "1"},
    {"LC_ALL": "POSIX", "TZ": "America/St_Johns", "PYTHONHASHSEED": "4294967295", "PYTHONUTF8": "0"},
    {
        "LC_ALL": "C",
        "TZ": "UTC",
        "POLARS_MAX_THREADS": "2",
        "OMP_NUM_THREADS": "2",
        "OPENBLAS_NUM_THREADS": "2",
    },
]


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def decided(
    folder: Path, *, engine: str = "highs", method: str = "mean", **environment: str
) -> dict[str, str]:
    """Decide the example; return the digest of each file."""
    policy = folder / "policy.toml"
    text = (EXAMPLE / "policy.toml").read_text(encoding="utf-8")
    for key, usual, value in (("engine", "highs", engine), ("method", "mean", method)):
        assert text.count(f'{key} = "{usual}"') == 1
        text = text.replace(f'{key} = "{usual}"', f'{key} = "{value}"')
    policy.write_text(text, encoding="utf-8")
    out = folder / "decision"
    done = process("optimize", *CALL, "--policy", policy, "--out", out, "--quiet", **environment)
    assert done.returncode == 0, done.stderr
    return {name: digest(out / name) for name in FILES}


def written(folder: Path, name: str, *options: str, **environment: str) -> dict[str, str]:
    (folder / "plain.toml").write_text(PLAIN, encoding="utf-8")
    done = process(*(part.format(folder) for part in COMMANDS[name]), *options, "--quiet", **environment)
    assert done.returncode == 0, done.stderr
    return {path.name: digest(path) for path in sorted(folder.glob("*.csv"))}


def golden() -> dict[str, dict[str, str]]:
    """Return, per command, the digest of each file that it writes."""
    found: dict[str, dict[str, str]] = json.loads(GOLDEN.read_text(encoding="utf-8"))
    return found


def test_a_decision_has_the_same_bytes_on_every_python(tmp_path: Path) -> None:
    assert decided(tmp_path) == golden()["optimize"]


@pytest.mark.skipif(not CBC, reason="needs CBC, which PuLP 4 no longer brings along")
def test_another_solver_decides_the_same(tmp_path: Path) -> None:
    # The record names the solver, whose prices are its own; who is funded, and with how much, is not.
    awards = decided(tmp_path, engine=f"pulp:{CBC[0]}")["awards.csv"]
    assert awards == golden()["optimize"]["awards.csv"]
    (tmp_path / "highs").mkdir()
    decided(tmp_path / "highs")
    there, here = (
        json.loads((folder / "decision" / "portfolio.json").read_bytes())
        for folder in (tmp_path, tmp_path / "highs")
    )
    for key in ("value", "spent", "limits", "rounds", "gave_way", "inputs", "awards"):
        assert there[key] == here[key], key
    assert [r["delivered"] for r in there["reserves"]] == [r["delivered"] for r in here["reserves"]]


@pytest.mark.parametrize("name", COMMANDS)
def test_commands_write_the_same_bytes_on_every_python(name: str, tmp_path: Path) -> None:
    assert written(tmp_path, name) == golden()[name]


@pytest.mark.parametrize("name", JOBS)
@pytest.mark.parametrize("jobs", ["1", "2"])
def test_the_number_of_jobs_changes_no_byte(name: str, jobs: str, tmp_path: Path) -> None:
    assert written(tmp_path, name, "--jobs", jobs) == golden()[name]


@pytest.mark.parametrize("threads", ["1", "2"])
@pytest.mark.parametrize("method", METHODS)
def test_merits_estimated_from_reviews_have_the_same_bytes(method: str, threads: str, tmp_path: Path) -> None:
    environment = {"OPENBLAS_NUM_THREADS": threads, "OMP_NUM_THREADS": threads}
    assert decided(tmp_path, method=method, **environment) == golden()[f"optimize {method}"]


@pytest.mark.parametrize("surroundings", SURROUNDINGS, ids=lambda each: each["TZ"])
def test_surroundings_change_no_byte(surroundings: dict[str, str], tmp_path: Path) -> None:
    assert decided(tmp_path, **surroundings) == golden()["optimize"]


def test_rows_in_another_order_change_no_decision(tmp_path: Path) -> None:
    files = []
    for name in ("proposals.csv", "reviews.csv"):
        head, *rows = (EXAMPLE / name).read_text(encoding="utf-8").splitlines()
        # A fixed order that is neither the one of the file nor its reverse.
        rows.sort(key=lambda row: hashlib.sha256(row.encode()).digest())
        (tmp_path / name).write_text("\n".join([head, *rows]) + "\n", encoding="utf-8")
        files.append(tmp_path / name)
    out = tmp_path / "decision"
    done = process("optimize", files[0], "--reviews", files[1], *POLICY, "--out", out, "--quiet")
    assert done.returncode == 0, done.stderr
    (tmp_path / "again").mkdir()
    straight = decided(tmp_path / "again")
    for name in ("awards.csv", "decisions.csv", "set_aside.csv"):
        assert digest(out / name) == straight[name], name
    # The record names its inputs by their digests, which differ, and differs in nothing else.
    records = [
        json.loads((folder / "portfolio.json").read_text()) for folder in (out, tmp_path / "again/decision")
    ]
    for record in records:
        del record["inputs"]
    assert records[0] == records[1]


if __name__ == "__main__":
    from tempfile import TemporaryDirectory

    made: dict[str, dict[str, str]] = {}
    for method in ("mean", *METHODS):
        with TemporaryDirectory() as place:
            name = "optimize" if method == "mean" else f"optimize {method}"
            made[name] = decided(Path(place), method=method)
    for command in COMMANDS:
        with TemporaryDirectory() as place:
            made[command] = written(Path(place), command)
    GOLDEN.write_text(json.dumps(made, indent=2) + "\n", encoding="utf-8")
    sys.stdout.write(f"{GOLDEN} is written\n")
