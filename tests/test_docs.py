"""The pages of the manual say what the code does: generated pages, the tutorial, the README, links."""

from __future__ import annotations

import importlib.util
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import polars as pl
import pytest
from documents import Reader, same
from scoring.texts import labelled

import portfolio as pf
from portfolio.report import as_record

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
PAGES = sorted([*DOCS.rglob("*.md"), *ROOT.glob("*.md")])


def generator() -> ModuleType:
    spec = importlib.util.spec_from_file_location("make_reference", DOCS / "make_reference.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("name", ["policy.md", "columns.md", "record.schema.json"])
def test_the_reference_is_what_the_code_says(name: str) -> None:
    written = (DOCS / name).read_text(encoding="utf-8")
    assert written == generator().pages()[name], "run: python docs/make_reference.py"


def test_every_key_of_the_policy_has_a_meaning() -> None:
    page = generator().policy_page()
    assert not re.findall(r"^.*\|  \|$", page, re.MULTILINE)
    # A meaning written for a key that is gone would stay unseen.
    sections = set(re.findall(r"^## `\[+([\w.]+)\]+`$", page, re.MULTILINE))
    keys = {f"{section}." for section in sections} | {""}
    for key in generator().MEANINGS:
        section, _, name = key.rpartition(".")
        assert key in sections or (f"{section}." if section else "") in keys, key
        assert key in sections or f"| `{name}` |" in page, key


def follows(page: Path, reader: Reader) -> None:
    """Do what a page says, and compare every answer with the one that is written."""
    text = page.read_text(encoding="utf-8")
    found = reader.follow(text)
    blocks = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)
    for written, real in zip(blocks.findall(text), blocks.findall(found), strict=True):
        assert same(written, real), f"the page says:\n{written}\nbut this happens:\n{real}"


def test_the_tutorial_is_what_happens(tmp_path: Path) -> None:
    follows(DOCS / "tutorial.md", Reader(tmp_path))


def test_the_guide_to_training_is_what_happens(tmp_path: Path) -> None:
    labelled(200).write_csv(tmp_path / "past.csv")
    labelled(40, seed=1).drop("kind").write_csv(tmp_path / "new.csv")
    follows(DOCS / "train-text.md", Reader(tmp_path, script="explain.py"))
    assert pl.read_csv(tmp_path / "scores.csv")["basicness"].n_unique() > 20


def test_the_guide_to_frontiers_is_what_happens(tmp_path: Path) -> None:
    follows(DOCS / "frontier.md", Reader(tmp_path, script="frontiers.py"))


def test_the_guide_to_dominance_is_what_happens(tmp_path: Path) -> None:
    follows(DOCS / "dominance.md", Reader(tmp_path, script="twelve.py"))


def test_the_guide_to_what_if_is_what_happens(tmp_path: Path) -> None:
    follows(DOCS / "what-if.md", Reader(tmp_path))


def test_the_page_on_explanations_is_what_happens(tmp_path: Path) -> None:
    follows(DOCS / "why.md", Reader(tmp_path, script="rules.py"))


def test_the_guide_to_records_is_what_happens(tmp_path: Path) -> None:
    shutil.copy(DOCS / "verify.py", tmp_path)
    follows(DOCS / "record.md", Reader(tmp_path, script="tamper.py"))


def test_the_guide_to_waiting_lists_is_what_happens(tmp_path: Path) -> None:
    follows(DOCS / "waiting-list.md", Reader(tmp_path, script="waiting.py"))


def test_the_guide_to_fairness_is_what_happens(tmp_path: Path) -> None:
    follows(DOCS / "fairness.md", Reader(tmp_path))


def test_the_guide_to_robustness_is_what_happens(tmp_path: Path) -> None:
    follows(DOCS / "robustness.md", Reader(tmp_path))


def test_the_guide_to_the_report_is_what_happens(tmp_path: Path) -> None:
    follows(DOCS / "report.md", Reader(tmp_path))


def test_the_guide_to_the_workbook_is_what_happens(tmp_path: Path) -> None:
    page = DOCS / "workbook.md"
    said = re.findall(r"^```toml\n(.*?)^```$", page.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    (tmp_path / "publication.toml").write_text("".join(said), encoding="utf-8")
    reader = Reader(tmp_path, script="publish.py")
    follows(page, reader)
    done = subprocess.run(
        [sys.executable, "publish.py"], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert done.stdout == "100000\nAwardBase.funding.awardedAmount\n"


def test_a_page_that_is_out_of_date_is_noticed() -> None:
    assert same("$ a\none\n...\nfour\n", "$ a\none\ntwo\nthree\nfour\n")
    assert same("$ a\n...\n", "$ a\n")
    assert not same("$ a\none\n...\nfour\n", "$ a\none\ntwo\nfive\n")
    assert not same("$ a\n...\nfour\n", "$ a\nfour\nfive\n")


def test_the_example_of_the_readme_runs(tmp_path: Path) -> None:
    blocks = re.findall(
        r"^```python\n(.*?)^```$", (ROOT / "README.md").read_text("utf-8"), re.MULTILINE | re.DOTALL
    )
    assert len(blocks) == 1
    shutil.copytree(ROOT / "examples" / "data", tmp_path / "examples" / "data")
    done = subprocess.run(
        [sys.executable, "-X", "utf8", "-c", blocks[0]],
        cwd=tmp_path,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "P-002: not funded" in done.stdout
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        "awards.csv",
        "decisions.csv",
        "portfolio.json",
        "portfolio.json.sha256",
        "proof.json",
        "set_aside.csv",
    ]


def test_what_is_written_is_documented(tmp_path: Path) -> None:
    policy = pf.read_policy(ROOT / "examples" / "data" / "policy.toml")
    call = pf.read_call(
        *(ROOT / "examples" / "data" / f"{name}.csv" for name in ("proposals", "reviews")), policy=policy
    )
    decision = pf.optimize(call, policy)
    pf.write_decision(decision, tmp_path, pf.price_reserves(decision))
    record = json.loads((tmp_path / "portfolio.json").read_text(encoding="utf-8"))
    over = pf.optimize(call, policy.replace(reserve_order="over_and_above"))
    names = {
        *record,
        *record["reserves"][0],
        *record["limits"][0],
        *record["inputs"][0],
        *as_record(over)["rounds"][0],
    }
    for file in ("awards", "decisions", "set_aside"):
        names |= set(pl.read_csv(tmp_path / f"{file}.csv").columns) - set(policy.traits)
    names |= set(decision.problem.instance.scores.frame.columns)
    page = (DOCS / "command.md").read_text(encoding="utf-8")
    assert {name for name in names if f"`{name}`" not in page} == set()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        name, _, anchor = target.partition("#")
        file = page.parent / name if name else page
        assert file.exists(), f"{page.name} links to {target}"
        if anchor:
            assert anchor in anchors(file), f"{page.name} links to {target}"


def anchors(page: Path) -> set[str]:
    """The names that headings get on the usual forges: lower case, no punctuation, hyphens for spaces."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading).strip().lower().replace(" ", "-") for heading in headings}
