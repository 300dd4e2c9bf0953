"""The pages of the manual say what the code does: generated pages, the tutorial, the README, links."""

from __future__ import annotations

import importlib.util
import json
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from types import ModuleType

import polars as pl
import pytest
from documents import Reader, same
from scoring.texts import labelled

import portfolio as pf
from portfolio.report import as_record

pytestmark = pytest.mark.once

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
PAGES = sorted([*DOCS.rglob("*.md"), *ROOT.glob("*.md")])


def generator(name: str = "make_reference") -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, DOCS / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("name", ["policy.md", "columns.md", "record.schema.json"])
def test_the_reference_is_what_the_code_says(name: str) -> None:
    written = (DOCS / name).read_text(encoding="utf-8")
    assert written == generator().pages()[name], "run: python docs/make_reference.py"


def test_the_reference_says_which_numbers_are_too_large() -> None:
    said = [line for line in generator().pages()["policy.md"].splitlines() if "less than" in line]
    assert any(line.startswith("| `epsilon` | number, more than 0, less than 0.5 |") for line in said)
    assert any(line.startswith("| `attrition` | number, at least 0, less than 1 |") for line in said)


def test_the_reference_of_the_library_has_every_public_name() -> None:
    written = (DOCS / "api.md").read_text(encoding="utf-8")
    assert written == generator("make_api").page(), "run: python docs/make_api.py"
    names = set(re.findall(r"^\| `pf\.(\w+)` \| .+\. \|$", written, re.MULTILINE))
    inserted = {
        path.rpartition(".")[2] for path in re.findall(r"^::: portfolio\.([\w.]+)$", written, re.MULTILINE)
    }
    assert names == inserted == set(pf.__all__) - {"__version__"}


def test_the_citation_has_what_reference_managers_ask_for() -> None:
    lines = (ROOT / "CITATION.cff").read_text(encoding="utf-8").splitlines()
    keys = dict(re.findall(r"^([\w-]+):\s*(.*)$", line)[0] for line in lines if re.match(r"[\w-]+:", line))
    assert {"cff-version", "message", "title", "authors", "version", "license"} <= set(keys)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert (keys["cff-version"], keys["version"], keys["license"]) == (
        "1.2.0",
        project["version"],
        project["license"],
    )
    assert re.search(r"^  - name: .+|^  - family-names: .+", "\n".join(lines), re.MULTILINE)
    page = (DOCS / "cite.md").read_text(encoding="utf-8")
    assert keys["title"].strip('"') in page.replace("*", "")
    assert f"version = {{{project['version']}}}" in page


def test_every_page_has_its_place_in_the_manual() -> None:
    placed = re.findall(r"[\w/-]+\.md", (ROOT / "mkdocs.yml").read_text(encoding="utf-8").split("\nnav:")[1])
    pages = {str(page.relative_to(DOCS).as_posix()) for page in DOCS.rglob("*.md")}
    assert pages - set(placed) == set(), "add them to nav in mkdocs.yml"
    assert len(placed) == len(set(placed))


def test_the_glossary_is_in_order_of_the_alphabet() -> None:
    words = re.findall(r"^## (.+)$", (DOCS / "glossary.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert len(words) > 40
    assert words == sorted(words, key=lambda word: word.lower().replace("-", " "))


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


def test_the_guide_to_columns_is_what_happens(tmp_path: Path) -> None:
    files = {"csv": ["export.csv", "grades.csv"], "toml": ["policy.toml"]}
    follows(DOCS / "map-columns.md", Reader(tmp_path, policy="policy.toml", files=files))


def test_the_guide_to_reserves_is_what_happens(tmp_path: Path) -> None:
    follows(DOCS / "choose-reserves.md", Reader(tmp_path, script="accounting.py"))


def test_the_guide_to_years_is_what_happens(tmp_path: Path) -> None:
    follows(DOCS / "years.md", Reader(tmp_path, script="by_year.py"))


def test_the_guide_to_clusters_is_what_happens(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("distributed", reason="needs the extra dask")
    # A worker whose heart beats while its cluster is closed says so, sometimes.
    monkeypatch.setenv("DASK_LOGGING__DISTRIBUTED", "critical")
    follows(DOCS / "cluster.md", Reader(tmp_path, script="together.py"))


def test_the_commands_of_the_guide_to_r_run_and_their_files_have_what_is_read(tmp_path: Path) -> None:
    blocks = re.findall(r"^```r\n(.*?)^```$", (DOCS / "r.md").read_text("utf-8"), re.MULTILINE | re.DOTALL)
    # The first defines the function that the others call.
    calls = [re.findall(r"portfolio\((.*?)\)$", block, re.MULTILINE | re.DOTALL) for block in blocks[1:]]
    reader = Reader(tmp_path)
    for arguments in (words for found in calls for words in found):
        answer = reader._run(" ".join(["portfolio", *re.findall(r'"([^"]*)"', arguments)]))
        assert reader.code == 0, answer
    code = "\n".join(blocks)
    tables = dict(re.findall(r'^(\w+) <- read\.csv\("([^"]+)"', code, re.MULTILINE))
    assert set(tables) == {"decisions", "sweep", "scores"}
    for table, file in tables.items():
        asked = set(re.findall(rf"\b{table}\$(\w+)", code))
        for formula in re.findall(rf"\w+\(([^()]*~[^()]*), data = {table}\b", code):
            asked |= set(re.findall(r"\w+", formula))
        assert asked, table
        assert asked <= set(pl.read_csv(tmp_path / file).columns), table
    record = json.loads((tmp_path / "decision" / "portfolio.json").read_text(encoding="utf-8"))
    assert set(re.findall(r"\brecord\$(\w+)", code)) <= set(record)
    columns = re.search(r"reserves\[, c\((.*?)\)\]", code)
    assert columns is not None
    assert set(re.findall(r'"(\w+)"', columns[1])) <= set(record["reserves"][0])


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
        if target.startswith("https://"):
            continue  # whether other machines answer is not ours to test
        name, _, anchor = target.partition("#")
        file = page.parent / name if name else page
        assert file.exists(), f"{page.name} links to {target}"
        if anchor:
            assert anchor in anchors(file), f"{page.name} links to {target}"


def anchors(page: Path) -> set[str]:
    """The names that headings get on the usual forges: lower case, no punctuation, hyphens for spaces."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading).strip().lower().replace(" ", "-") for heading in headings}
