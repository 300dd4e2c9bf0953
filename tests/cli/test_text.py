"""Training and using a text model with the command."""

from __future__ import annotations

import io
from pathlib import Path

import polars as pl
import pytest
from command import portfolio, process
from scoring.texts import labelled


@pytest.fixture
def files(tmp_path: Path) -> Path:
    labelled(60).write_csv(tmp_path / "past.csv")
    labelled(20, seed=1).drop("kind").write_csv(tmp_path / "new.csv")
    return tmp_path


def test_train_then_use(files: Path) -> None:
    train = ["--train", "past.csv", "--label", "kind", "--model", "m.json"]
    first = process("score", "new.csv", *train, cwd=files)
    assert first.returncode == 0, first.stderr
    assert "Traceback" not in first.stderr
    for words in (
        "Trained on 60 texts: 34 basic, 26 of the rest. Wrote m.json.",
        "Languages: English 60.",
        "Cross-validated in 5 folds: AUC 0.",
        "Expected calibration error: 0.",
        "Reliability, per bin",
        "Learning curve, AUC on the other texts, mean of 5 draws: labels, default, combined, trained",
        "Texts: 20 of 20 can be read (English 20).",
    ):
        assert words in first.stderr
    again = portfolio("score", "new.csv", "--model", "m.json", "--quiet", cwd=files)
    assert (again.returncode, again.stderr) == (0, "")
    assert again.stdout == first.stdout
    scores = pl.read_csv(io.StringIO(again.stdout))
    assert scores["basicness"].n_unique() > 10
    plain = pl.read_csv(io.StringIO(portfolio("score", "new.csv", cwd=files).stdout))
    assert plain["basicness"].unique().to_list() == [0.5]


def test_the_lexicon_of_a_policy_says_what_it_cannot_read(files: Path) -> None:
    (files / "policy.toml").write_text('budget = 1\n[scoring.text]\ncolumns = ["title"]\n')
    frame = pl.read_csv(files / "new.csv")
    italian = "Vogliamo sapere perché le cellule del cuore smettono di dividersi"
    titles = [italian, None, *frame["title"][2:]]
    frame.with_columns(title=pl.Series(titles)).write_csv(files / "new.csv")
    done = portfolio("score", "new.csv", "--policy", "policy.toml", cwd=files)
    assert done.returncode == 0, done.stderr
    assert "Texts: 18 of 20 can be read (English 18)." in done.stderr
    assert "The others are no evidence: Italian 1, no text 1." in done.stderr


@pytest.mark.parametrize(
    ("options", "code", "message"),
    [
        (["--label", "kind"], 2, "need --train"),
        (["--train", "past.csv"], 2, "--train needs --label COLUMN and --model FILE"),
        (["--train", "gone.csv", "--label", "kind", "--model", "m"], 3, "gone.csv: does not exist"),
        (
            ["--train", "past.csv", "--label", "kin", "--model", "m"],
            3,
            "past.csv: 'kin' is not a column of this file",
        ),
        (
            ["--train", "past.csv", "--label", "id", "--model", "m"],
            3,
            "past.csv, column id: it is not clear which",
        ),
        (
            ["--train", "past.csv", "--label", "kind", "--positive", "basics", "--model", "m"],
            3,
            "did you mean 'basic'?",
        ),
        (["--model", "past.csv"], 3, "past.csv: is not a text model: it is not JSON"),
        (["--model", "gone.json"], 3, "gone.json: cannot be read: No such file"),
    ],
)
def test_errors_are_plain(files: Path, options: list[str], code: int, message: str) -> None:
    done = portfolio("score", "new.csv", *options, cwd=files)
    assert done.returncode == code, done.stderr
    assert message in " ".join(done.stderr.split())
    assert "Traceback" not in done.stderr
    assert done.stdout == ""
    assert not (files / "m").exists()
