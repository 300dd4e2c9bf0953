"""Records that strangers changed: each fails its check in words."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fuzz.readers import READERS

import portfolio as pf
from portfolio.analysis.lottery.tickets import draw_portfolio, number
from portfolio.analysis.sweeps.journal import Journal
from portfolio.report import read_record

DIGEST = "0" * 64


def _begin(name: str, folder: Path) -> Path:
    """Put a record that holds into a folder, with all that belongs to it."""
    reader = READERS[name]
    (folder / "scratch").mkdir()
    data = list(reader.seeds(folder / "scratch"))[-1]
    reader.beside(folder)
    (folder / reader.name).write_bytes(data)
    return folder / reader.name


def _set(*keys: Any, value: Any) -> Callable[[Any], None]:
    def change(record: Any) -> None:
        for key in keys[:-1]:
            record = record[key]
        record[keys[-1]] = value

    return change


def _drawn(record: Any, seed: object) -> dict[str, Any]:
    """Return the draw of what is no seed, as if it were the text that Python writes of it."""
    lottery = pf.lottery_of(record | {"draw": None})
    funded = lottery.portfolios[draw_portfolio(lottery.weights.tolist(), str(seed))]
    return {"seed": seed, "number": number(str(seed)), "funded": np.array(lottery.ids)[funded].tolist()}


@pytest.mark.parametrize(
    "change",
    [
        _set("inputs", value=7),
        _set("inputs", 0, value="proposals.csv"),
        _set("inputs", 0, "sha256", value=None),
        lambda record: record["inputs"][0].pop("name"),
        _set("policy_file", value=[]),
        _set("previous", value={"name": "x"}),
        _set("kind", value=["lottery"]),
        lambda record: record.pop("policy"),
    ],
)
def test_a_lottery_of_other_keys_is_no_record(tmp_path: Path, change: Callable[[Any], None]) -> None:
    path = _begin("lottery", tmp_path)
    record = json.loads(path.read_bytes())
    change(record)
    path.write_text(json.dumps(record))
    failed = [check for check in pf.verify_record(path).checks if check.name == "schema"]
    assert failed[0].words.startswith("this is no record of a lottery or a sweep, format 1")


@pytest.mark.parametrize(
    "change",
    [
        _set("draw", value=7),
        _set("draw", "seed", value=" "),
        *(
            # What the same tickets give for the text that Python writes of it.
            lambda record, seed=seed: record.update(draw=_drawn(record, seed))
            for seed in (None, False, 7, 1.0, [], {}, [""], "\u200b", "\u3164\u00ad", "\ufe0f")
        ),
        _set("draw", value={}),
        _set("draw", "remark", value="held twice"),
        _set("draw", "number", value=True),
        _set("remark", value="held twice"),
        _set("proof", "remark", value="held twice"),
        _set("proposals", 0, "remark", value="withdrawn"),
        _set("portfolios", 0, "remark", value="vetoed"),
        _set("draw", "funded", value="AB"),
        lambda record: record["draw"].pop("number"),
        _set("portfolios", value=[]),
        _set("portfolios", 0, "tickets", value=10**30),
        _set("portfolios", 0, "drawn", value=[["A"]]),
        _set("proposals", 0, "tickets", value="1"),
    ],
)
def test_a_lottery_that_cannot_be_drawn_fails(tmp_path: Path, change: Callable[[Any], None]) -> None:
    path = _begin("lottery", tmp_path)
    assert {check.name for check in pf.verify_record(path).checks if not check.holds} == {"fingerprint"}
    record = json.loads(path.read_bytes())
    change(record)
    path.write_text(json.dumps(record))
    failed = [check for check in pf.verify_record(path).checks if check.name == "lottery"]
    assert failed[0].holds is False


def test_a_deep_record_is_no_json(tmp_path: Path) -> None:
    path = tmp_path / "lottery.json"
    path.write_text("[" * 200_000)
    with pytest.raises(pf.DataError, match="is no JSON"):
        read_record(path)


def test_a_deep_line_of_a_journal_is_left_out(tmp_path: Path) -> None:
    path = tmp_path / "sweep.journal"
    path.write_bytes(b'{"key": "a", "result": 1}\n' + b"[" * 200_000 + b'\n{"key": "b", "result": 2}\n')
    assert Journal(path).known == {"a": 1, "b": 2}


def test_a_record_of_other_types_is_no_decision(tmp_path: Path) -> None:
    path = _begin("record", tmp_path)
    record = json.loads(path.read_bytes())
    path.write_text(json.dumps(record | {"policy": []}))
    with pytest.raises(pf.DataError, match="is not the record of a decision: 1 keys are wrong, first policy"):
        pf.read_decision(tmp_path)


def test_a_decision_without_an_id_fails(tmp_path: Path) -> None:
    path = _begin("decisions", tmp_path)
    path.write_bytes(path.read_bytes().replace(b"\nA,", b"\n,", 1))
    (rules,) = (check for check in pf.verify_decision(tmp_path).checks if check.name == "rules")
    assert rules.holds is False
    assert "is not the table that was written with the decision" in rules.words
