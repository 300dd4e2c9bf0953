"""The examples are pages of the manual, and each of them runs."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    import nbformat

pytestmark = pytest.mark.once

EXAMPLES = Path(__file__).parents[1] / "examples"
SCRIPT = EXAMPLES / "aibs_agency.py"
NOTEBOOK = EXAMPLES / "young_investigators.ipynb"
WHAT_IF = EXAMPLES / "what_if.ipynb"
AIBS = "aibs/reviews.csv"

HEADINGS = ["ID", "PropType", "PIRank", "Score", "Innovation", "Approach", "RevID"]
Rows = list[dict[str, str]]


def reviews() -> Rows:
    """Make nine standard proposals and three pilots asking for 4.65 million: a third is three standard and a pilot.

    Four means young with a standard proposal, five risky; all the others are neither.
    """
    scores = {"1": 1.0, "2": 1.2, "3": 1.4, "4": 1.6, "5": 1.8, "6": 2.0, "7": 2.2, "8": 2.4, "9": 2.6}
    pilots = {"p1": 2.0, "p2": 2.5, "p3": 2.9}
    rows: Rows = []
    for name, score in (scores | pilots).items():
        kind, rank = "Pilot" if name in pilots else "Standard", "1" if name == "4" else "3"
        innovation, approach = ("1.5", "3.5") if name == "5" else ("3", "3")
        for reviewer in "ABC":
            cells = [name, kind, rank, str(score), innovation, approach, reviewer]
            rows.append(dict(zip(HEADINGS, cells, strict=True)))
    # What is missing in real files: a grade, and the rank of one applicant.
    rows[0]["Score"] = ""
    for row in rows[3:6]:
        row["PIRank"] = ""
    return rows


@pytest.fixture
def run(tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    def run_script(rows: Rows, *options: str) -> subprocess.CompletedProcess[str]:
        path = tmp_path / "reviews.csv"
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
        return run_on(path, *options)

    return run_script


def run_on(path: Path, *options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-W", "error", str(SCRIPT), str(path), *options]
    return subprocess.run(command, capture_output=True, encoding="utf-8", check=False, timeout=300)


def paragraphs(text: str) -> list[list[str]]:
    """Split what is printed at the empty lines, each line with single spaces."""
    return [[" ".join(line.split()) for line in part.splitlines()] for part in text.strip().split("\n\n")]


def test_agency_script_prints_what_can_be_checked_on_paper(run):
    done = run(reviews())
    assert (done.returncode, done.stderr) == (0, "")
    call, free, held, enter, leave, prices = paragraphs(done.stdout)
    assert call == ["Call: 12 proposals asking for USD 4,650,000.00, 72 reviews"]
    # 2.0 + 1.8 + 1.6 + 1.0 for 1, 2, 3 and p1.
    assert free[:3] == [
        "Without reserves: 4 awards, USD 1,550,000 of 1,550,000",
        "worth 6.40 (grades above the middle of the scale, summed over the awards)",
        "Proven: no portfolio that keeps the rules is worth more than this one (6.4).",
    ]
    assert free[3:] == [
        "high_risk 0 awards USD 0 0%",
        "young_investigator 0 awards USD 0 0%",
        "pilot 1 awards USD 200,000 13%",
    ]
    # 1.4 + 1.2 for 4 and 5, and 1.0 + 0.5 + 0.1 for the pilots: no money is left for a third standard proposal.
    assert held[:2] == [
        "With reserves: 5 awards, USD 1,500,000 of 1,550,000",
        "worth 4.20 (grades above the middle of the scale, summed over the awards)",
    ]
    assert held[3:] == [
        "high_risk 1 awards USD 450,000 29%",
        "young_investigator 1 awards USD 450,000 29%",
        "pilot 3 awards USD 600,000 39%",
    ]
    assert enter == [
        "Enter: 4",
        "4 merit 4.40 risk 0.50 young_investigator",
        "5 merit 4.20 risk 0.75 high_risk",
        "p2 merit 3.50 risk 0.50 pilot",
        "p3 merit 3.10 risk 0.50 pilot",
    ]
    assert [line.split()[0] for line in leave] == ["Leave:", "1", "2", "3"]
    # Without each: 1 for 5, 1 for 4, and 1 for p2 and p3.
    assert prices == [
        "The reserves together cost 2.20. Each by itself, the others in place:",
        "high_risk 25% of the budget costs 0.80 proven: from 0.8000 to 0.8000",
        "young_investigator 25% of the budget costs 0.60 proven: from 0.6000 to 0.6000",
        "pilot 20% of the budget costs 1.40 proven: from 1.4000 to 1.4000",
    ]


def test_agency_script_writes_the_decision(run, tmp_path):
    out = tmp_path / "decision"
    assert run(reviews(), "--out", str(out)).returncode == 0
    record = json.loads((out / "portfolio.json").read_text(encoding="utf-8"))
    assert record["awards"] == ["4", "5", "p1", "p2", "p3"]
    assert record["currency"] == "USD"
    assert [reserve["price"] for reserve in record["reserves"]] == pytest.approx([0.8, 0.6, 1.4])
    assert {path.name for path in out.iterdir()} >= {"awards.csv", "decisions.csv"}


def test_agency_script_does_not_fund_what_nobody_graded(run):
    rows = reviews()
    for row in rows[6:9]:
        row["Score"] = ""
    _, free, *_ = paragraphs(run(rows).stdout)
    # 4 in the place of 3.
    assert free[1].startswith("worth 6.20")


def nobody_is_young(row: dict[str, str]) -> None:
    row["PIRank"] = "3"


def off_the_scale(row: dict[str, str]) -> None:
    row["Score"] = "7"


def another_type(row: dict[str, str]) -> None:
    row["PropType"] = "Centre"


def a_word(row: dict[str, str]) -> None:
    row["Approach"] = "good"


def no_score(row: dict[str, str]) -> None:
    del row["Score"]


@pytest.mark.parametrize(
    ("spoil", "code", "said"),
    [
        (nobody_is_young, 4, "held back for young_investigator"),
        (off_the_scale, 3, "'7' must be between 1 and 5"),
        (another_type, 3, "column amount"),
        (a_word, 2, "'good'"),
        (no_score, 2, "'Score'"),
    ],
)
def test_agency_script_says_what_is_wrong(run, spoil, code, said):
    rows = reviews()
    for row in rows:
        spoil(row)
    done = run(rows)
    assert done.returncode == code
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


@pytest.mark.needs_data(AIBS)
def test_agency_script_on_the_real_reviews(real_data):
    done = run_on(real_data / AIBS)
    assert (done.returncode, done.stderr) == (0, "")
    call, free, held, enter, leave, prices = paragraphs(done.stdout)
    assert call == ["Call: 72 proposals asking for USD 28,150,000.00, 432 reviews"]
    # Values and prices are proven; which of several equally good portfolios is found is the solver's choice.
    assert free[1] == "worth 30.67 (grades above the middle of the scale, summed over the awards)"
    assert held[1] == "worth 30.00 (grades above the middle of the scale, summed over the awards)"
    assert free[2].startswith("Proven: ")
    assert held[2].startswith("Proven: ")
    assert enter[0].startswith("Enter: ")
    assert leave[0].startswith("Leave: ")
    assert prices == [
        "The reserves together cost 0.67. Each by itself, the others in place:",
        "high_risk 25% of the budget costs 0.17 proven: from 0.1667 to 0.1667",
        "young_investigator 25% of the budget costs 0.23 proven: from 0.2333 to 0.2333",
        "pilot 20% of the budget costs 0.43 proven: from 0.4333 to 0.4333",
    ]


@pytest.mark.parametrize("notebook", [NOTEBOOK, WHAT_IF], ids=lambda path: path.stem)
def test_notebook_is_stored_without_outputs(notebook):
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    assert cells
    assert not any(cell.get("outputs") or cell.get("execution_count") for cell in cells)


def run_notebook(path: Path, last: str, folder: Path) -> Iterator[nbformat.NotebookNode]:
    """Yield a notebook after a run in this interpreter, with a last cell that prints something for a program."""
    # Beside JupyterLab, nbformat brings a grammar with it that takes seconds to build, in every worker.
    import nbformat
    from ipykernel.kernelspec import install
    from nbclient import NotebookClient

    install(prefix=str(folder))
    notebook = nbformat.read(path, as_version=4)
    notebook.cells.append(nbformat.v4.new_code_cell(last))
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("JUPYTER_PATH", str(folder / "share" / "jupyter"))
        environment.setenv("JUPYTER_RUNTIME_DIR", str(folder / "runtime"))
        environment.setenv("IPYTHONDIR", str(folder / "ipython"))
        environment.delenv("MPLBACKEND", raising=False)
        resources = {"metadata": {"path": str(folder)}}
        yield NotebookClient(notebook, timeout=300, kernel_name="python3", resources=resources).execute()


@pytest.fixture(scope="module")
def executed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[nbformat.NotebookNode]:
    """The notebook on young investigators, whose last cell prints its table."""
    yield from run_notebook(NOTEBOOK, "print(table.write_json())", tmp_path_factory.mktemp("jupyter"))


@pytest.fixture(scope="module")
def table(executed: nbformat.NotebookNode) -> list[dict[str, Any]]:
    return json.loads(printed(executed.cells[-1]))


def printed(cell: nbformat.NotebookNode) -> str:
    return "".join(output.text for output in cell.outputs if output.get("name") == "stdout")


def test_notebook_has_a_row_for_each_size_of_the_reserve(table):
    assert [row["held back, %"] for row in table] == list(range(0, 45, 5))
    for row in table:
        assert row["to the young, million EUR"] >= 32 * row["held back, %"] / 100
        assert row["all awards"] - table[0]["all awards"] == row["enter"] - row["leave"]
        assert 0 <= row["at least"] <= row["value lost"] <= row["at most"]


def test_notebook_shows_a_cost_that_does_not_fall(table):
    assert all(small["at least"] <= large["at most"] for small, large in combinations(table, 2))
    assert table[0]["at least"] == 0
    assert table[-1]["at least"] > 0


def test_notebook_draws_its_pictures(executed):
    draws_and_warns_of_nothing(executed, 2)


def draws_and_warns_of_nothing(executed: nbformat.NotebookNode, charts: int) -> None:
    outputs = [output for cell in executed.cells for output in cell.get("outputs", [])]
    kind = "image/svg+xml"
    pictures = [output.data[kind] for output in outputs if kind in output.get("data", {})]
    assert len(pictures) == charts
    assert all(picture.startswith("<svg") for picture in pictures)
    said = [output.text for output in outputs if output.get("name") == "stderr"]
    assert not [text for text in said if "Warning" in text]


def test_notebook_ends_in_words_made_of_its_numbers(executed, table):
    words = printed(executed.cells[-2])
    last = table[-1]
    assert f"At 40%, {last['enter']} proposals enter and {last['leave']} leave" in words
    assert f"between {last['at least']:.2f} and {last['at most']:.2f} grade points" in words


FACTS = """
import json
print(json.dumps({
    "name": name, "low": answer.low, "high": answer.high, "value": decision.value,
    "funded": name in decision.ids, "with it": name in answer.other.ids, "other": answer.other.value,
    "keeps out": [price.words for price in prices if name in price.entered],
    "chance": float(lottery.chance(name)), "share": row["funded_share"], "points": points["value"].to_list(),
}))
"""


def test_what_if_walks_through_one_question_to_its_answer(tmp_path):
    (executed,) = run_notebook(WHAT_IF, FACTS, tmp_path)
    draws_and_warns_of_nothing(executed, 1)
    facts, words = json.loads(printed(executed.cells[-1])), printed(executed.cells[-2])
    assert (facts["funded"], facts["with it"]) == (False, True)
    assert 0 <= facts["low"] <= facts["value"] - facts["other"] <= facts["high"] + 1e-9
    assert f"would lose {facts['low']:.2f} to {facts['high']:.2f} grade points" in words
    assert all(rule in words for rule in facts["keeps out"])
    assert f"a chance of {facts['chance']:.0%}" in words
    assert f"funded in {facts['share']:.0%} of the cases" in words
    assert sorted(facts["points"], reverse=True) == facts["points"]
