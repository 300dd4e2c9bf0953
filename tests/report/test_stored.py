"""A decision is read back as it was made, or refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from random_rules import random_case
from report.cases import decisions

import portfolio as pf
from portfolio.policy import recorded_policy
from portfolio.report import as_record, write_record

EXAMPLES = Path(__file__).parents[2] / "examples" / "data"
FILES = EXAMPLES / "proposals.csv", EXAMPLES / "reviews.csv"


@pytest.fixture(scope="module")
def decided(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, pf.Portfolio]:
    policy = pf.read_policy(EXAMPLES / "policy.toml")
    portfolio = pf.optimize(pf.read_call(*FILES, policy=policy), policy)
    folder = tmp_path_factory.mktemp("decided")
    pf.write_decision(portfolio, folder)
    return folder, portfolio


def test_a_decision_comes_back(decided: tuple[Path, pf.Portfolio]) -> None:
    folder, portfolio = decided
    stored = pf.read_decision(folder)
    problem = pf.problem_of(stored, *FILES)
    assert problem.policy == portfolio.problem.policy
    again = pf.restored(stored, problem)
    assert as_record(again) | {"reserves": 0} == as_record(portfolio) | {"reserves": 0}
    assert again.to_frame().equals(portfolio.to_frame())


def test_every_policy_comes_back_from_its_record() -> None:
    for seed in range(100):
        policy = random_case(seed)[1]
        record = json.loads(json.dumps(policy.model_dump(mode="json", exclude_none=True)))
        assert recorded_policy(record, "portfolio.json") == policy, seed


@pytest.mark.parametrize("chunk", range(4))
def test_every_kind_of_decision_comes_back(chunk: int, tmp_path: Path) -> None:
    found = 0
    for seed, file, portfolio in decisions(range(chunk, 36, 4), tmp_path):
        pf.write_decision(portfolio, tmp_path / str(seed))
        stored = pf.read_decision(tmp_path / str(seed))
        again = pf.restored(stored, pf.problem_of(stored, file))
        assert again.solution.awards.amount.tolist() == portfolio.solution.awards.amount.tolist(), seed
        assert (again.value, again.bound, again.status) == (
            portfolio.value,
            portfolio.bound,
            portfolio.status,
        )
        assert [part.awards for part in again.rounds] == [part.awards for part in portfolio.rounds]
        said = ["id", "reason", "price_bound"]
        assert again.to_frame().select(said).equals(portfolio.to_frame().select(said)), seed
        found += 1
    assert found > 2


def test_other_files_are_refused(decided: tuple[Path, pf.Portfolio], tmp_path: Path) -> None:
    stored = pf.read_decision(decided[0])
    other = tmp_path / "proposals.csv"
    other.write_text(FILES[0].read_text(encoding="utf-8") + "\n", encoding="utf-8")
    with pytest.raises(pf.DataError, match="not a file that the decision was made from"):
        pf.problem_of(stored, other, FILES[1])
    same = tmp_path / "renamed.csv"
    same.write_bytes(FILES[0].read_bytes())
    assert len(pf.problem_of(stored, same, FILES[1]).call) == 60


def test_a_missing_file_is_named(decided: tuple[Path, pf.Portfolio], tmp_path: Path) -> None:
    portfolio = decided[1]
    corpus = tmp_path / "earlier.csv"
    corpus.write_text("title\nGenomes of the deep sea\n", encoding="utf-8")
    problem = portfolio.problem
    compared = pf.Problem(pf.with_novelty(problem.call, corpus), problem.policy).solve()
    pf.write_decision(compared, tmp_path / "decision")
    stored = pf.read_decision(tmp_path / "decision")
    with pytest.raises(pf.DataError, match=r"earlier\.csv: is missing"):
        pf.problem_of(stored, *FILES)
    assert len(pf.problem_of(stored, *FILES, corpus=corpus).call) == 60


def _no_record(folder: Path) -> None:
    (folder / "portfolio.json").unlink()


def _no_json(folder: Path) -> None:
    (folder / "portfolio.json").write_text("{")


def _list(folder: Path) -> None:
    (folder / "portfolio.json").write_text("[]")


def _award_left_out(folder: Path) -> None:
    text = (folder / "decisions.csv").read_text()
    (folder / "decisions.csv").write_text(text.replace(",funded,", ",not_funded,", 1))


def _award_raised(folder: Path) -> None:
    text = (folder / "decisions.csv").read_text()
    (folder / "decisions.csv").write_text(text.replace("100000.00", "100001.00", 1))


def _no_amounts(folder: Path) -> None:
    (folder / "decisions.csv").write_text("id\nP-001\n")


def _better(folder: Path) -> None:
    record = json.loads((folder / "portfolio.json").read_text())
    write_record(record | {"value": record["value"] + 1}, folder / "portfolio.json")


def _read(folder: Path) -> pf.Portfolio:
    stored = pf.read_decision(folder)
    return pf.restored(stored, pf.problem_of(stored, *FILES))


@pytest.mark.parametrize(
    ("damage", "what"),
    [
        (_no_record, "cannot be read"),
        (_no_json, "is not JSON"),
        (_list, "is not the record of a decision"),
        (_award_left_out, "does not fund the awards"),
        (_award_raised, "does not add up"),
        (_no_amounts, "is not the table"),
        (_better, "but they are worth"),
    ],
)
def test_a_folder_that_was_changed_is_refused(
    damage: Callable[[Path], None], what: str, decided: tuple[Path, pf.Portfolio], tmp_path: Path
) -> None:
    pf.write_decision(decided[1], tmp_path)
    damage(tmp_path)
    with pytest.raises(pf.DataError, match=what):
        _read(tmp_path)


@pytest.mark.parametrize("name", ["set_aside.csv", "awards.csv", "proof.json", "portfolio.json.sha256"])
def test_a_file_of_a_decision_that_is_missing_is_said_to_be(
    name: str, decided: tuple[Path, pf.Portfolio], tmp_path: Path
) -> None:
    pf.write_decision(decided[1], tmp_path)
    (tmp_path / name).unlink()
    with pytest.raises(pf.DataError, match=rf"^1 problem.*\n  {name}: is missing\n    put it back"):
        pf.read_decision(tmp_path)


@pytest.mark.parametrize("name", ["decisions.csv", "portfolio.json", "link.json"])
def test_what_is_made_from_a_decision_is_not_written_over_it(
    name: str, decided: tuple[Path, pf.Portfolio], tmp_path: Path
) -> None:
    pf.write_decision(decided[1], tmp_path)
    (tmp_path / "link.json").symlink_to("portfolio.json")
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    decision, target = pf.read_decision(tmp_path), tmp_path / name
    lost = "is what this is made from, and would be lost"
    with pytest.raises(OSError, match=lost):
        pf.write_report(decision, target)
    with pytest.raises(OSError, match=lost):
        pf.write_decision(decided[1], tmp_path, previous=tmp_path)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before
    (tmp_path / "link.xlsx").symlink_to("decisions.csv")
    with pytest.raises(OSError, match=lost):
        pf.write_workbook(decision, tmp_path / "link.xlsx")
