"""What ``portfolio score`` says of one proposal, and of how sure the labels are."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest
from command import CALL, POLICY, portfolio, process

import portfolio as pf


def test_a_proposal_is_explained_on_the_table() -> None:
    done = process("score", *CALL, *POLICY, "--explain", "P-005")
    assert done.returncode == 0, done.stderr
    for words in (
        "P-005: ",
        "The paradigm table",
        "primary goal",
        "90% interval",
        "research_type = ",
        "not given",
    ):
        assert words in done.stdout
    assert "A question for the panel: " in done.stdout


def test_json_is_the_explanation() -> None:
    done = portfolio("score", *CALL, *POLICY, "--explain", "P-005", "--json", "--quiet")
    assert (done.returncode, done.stderr) == (0, "")
    policy = pf.read_policy(POLICY[1])
    call = pf.read_call(CALL[0], CALL[2], policy=policy)
    scores = pf.score(call, scoring=policy.scoring, reviews=policy.reviews, early_career=policy.early_career)
    assert json.loads(done.stdout) == json.loads(
        json.dumps(pf.explain_score(call, scores, "P-005").as_record())
    )


@pytest.mark.parametrize(
    "title", ["[bold red]x[/bold red] [/nope] [link=http://a]b[/link]", "\x1b[31mred\x1b[0m\x07"]
)
def test_titles_are_shown_and_not_obeyed(tmp_path: Path, title: str) -> None:
    file = tmp_path / "calls.csv"
    pl.DataFrame({"id": ["[red]A[/red]"], "amount": [1], "title": [title]}).write_csv(file)
    done = portfolio("score", file, "--explain", "[red]A[/red]")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("[red]A[/red]: ")
    assert "\x1b" not in done.stdout
    assert "\x07" not in done.stdout
    if title.startswith("[bold"):
        assert title in done.stdout


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--explain", "P-05x"], "is not the id of a proposal; did you mean 'P-05"),
        (["--json"], "goes with --explain"),
        (["--sensitivity", "labels.csv"], "needs --policy"),
        (["--explain", "P-005", "--out", "x.csv"], "leave out --out"),
    ],
)
def test_wrong_use_ends_with_2(tmp_path: Path, options: list[str], message: str) -> None:
    done = portfolio("score", CALL[0], *options, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert message in " ".join(done.stderr.split())
    assert "Traceback" not in done.stderr
    assert not list(tmp_path.iterdir())


def test_how_sure_the_labels_are(tmp_path: Path) -> None:
    done = portfolio(
        "score", *CALL, *POLICY, "--sensitivity", "labels.csv", "--out", "scores.csv", cwd=tmp_path
    )
    assert done.returncode == 0, done.stderr
    labels = pl.read_csv(tmp_path / "labels.csv")
    assert labels["label"].unique().sort().to_list() == ["high_risk", "long_horizon", "paradigm"]
    assert labels.height == 180
    assert labels["changes_by_evidence"].drop_nulls().is_between(0, 1).all()
    traits = pl.read_csv(tmp_path / "scores.csv").select("id", pl.col("risk") >= 0.6)
    risky = labels.filter(pl.col("label") == "high_risk").join(traits, on="id")
    assert (risky["value"].str.to_lowercase() == risky["risk"].cast(pl.String)).all()
    again = portfolio("score", *CALL, *POLICY, "--sensitivity", "again.csv", "--quiet", cwd=tmp_path)
    assert again.stdout == (tmp_path / "scores.csv").read_text(encoding="utf-8")
    assert (tmp_path / "again.csv").read_bytes() == (tmp_path / "labels.csv").read_bytes()


def test_novelty_needs_earlier_texts_and_is_a_criterion(tmp_path: Path) -> None:
    titles = pl.read_csv(CALL[0])["title"]
    earlier = tmp_path / "funded.csv"
    pl.DataFrame({"title": titles[:2]}).write_csv(earlier)
    done = portfolio("score", *CALL, *POLICY, "--corpus", earlier, "--out", tmp_path / "scores.csv")
    assert done.returncode == 0, done.stderr
    novelty = pl.read_csv(tmp_path / "scores.csv")["novelty"]
    assert novelty[:2].to_list() == pytest.approx([0, 0], abs=1e-9)
    assert novelty[2:].max() > 0.5
    policy = tmp_path / "policy.toml"
    more = (
        '[[objective.criterion]]\ncolumn = "merit"\nzero = 3.0\n[[objective.criterion]]\ncolumn = "novelty"\n'
    )
    text = Path(POLICY[1]).read_text(encoding="utf-8").replace("zero = 3.0 ", "# ")
    policy.write_text(text + more, encoding="utf-8")
    decided = portfolio("optimize", *CALL, "--policy", policy, "--corpus", earlier, "--json")
    assert decided.returncode == 0, decided.stderr
    assert "funded.csv" in [source["name"] for source in json.loads(decided.stdout)["inputs"]]
    without = portfolio("optimize", *CALL, "--policy", policy)
    assert without.returncode == 3
    assert "'novelty'" in without.stderr
