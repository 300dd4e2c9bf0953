"""What strangers' files once did to the library, and must not do again."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import pytest
from small import call, funded, policy

import portfolio as pf

ROWS = "id,amount,merit,cofunding,field\nA,100,5,0,a\nB,200,4,50,b\n"


def write(tmp_path: Path, text: str, name: str = "call.csv") -> Path:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8", newline="")
    return path


def test_a_stray_quotation_mark_swallows_no_record(tmp_path: Path) -> None:
    path = write(tmp_path, 'id,amount,t,merit\nP0,1,"a 12" mirror",5\nP1,2,"b 10" mirror",4\nP2,3,c,3\n')
    with pytest.raises(pf.DataError, match="check the quotation marks"):
        pf.read_call(path)


def test_text_in_a_column_that_begins_empty_is_kept(tmp_path: Path) -> None:
    text = 'id,amount,merit,status\nA,100,5,""\nB,200,4,withdrawn'
    assert pf.read_call(write(tmp_path, text)).frame["status"].to_list()[1] == "withdrawn"
    many = pl.DataFrame(
        {"id": [f"{i}" for i in range(1201)], "amount": [1] * 1201, "note": [""] * 1200 + ["late"]}
    )
    assert pf.Call.from_frame(many).frame["note"][1200] == "late"


def test_a_request_without_years_cannot_escape_a_budget_by_year(tmp_path: Path) -> None:
    path = write(tmp_path, "id,amount,amount_y1,amount_y2,merit\nA,100,50,50,5\nB,200,,,4\nC,10,,10,3\n")
    decision = pf.optimize(pf.read_call(path), policy([100, 100]))
    assert decision.ids == ("A", "C")
    assert "does not say how much it asks for in each year" in decision.explain("B")


def test_one_enormous_request_does_not_blur_the_others() -> None:
    rng = np.random.default_rng(0)
    amount = [*rng.integers(50, 150, 30).tolist(), 10**12]
    ids = [f"{i:02d}" for i in range(31)]
    merit = np.round(rng.uniform(1, 6, 31), 2)
    size = pf.Objective(size="per_money")
    with_it = pf.optimize(call(id=ids, amount=amount, merit=merit), policy(1000, objective=size))
    without = pf.optimize(
        call(id=ids[:30], amount=amount[:30], merit=merit[:30]), policy(1000, objective=size)
    )
    assert (with_it.ids, with_it.value, with_it.status) == (without.ids, without.value, "optimal")
    assert with_it.explain("30") == "30: not funded: it asks for more than the whole budget"


def test_a_synergy_that_can_never_count_hides_nothing() -> None:
    six = call(amount=[100, 150, 120, 90, 300, 400], merit=[5, 4, 6, 3.5, 2, 1])
    link = pf.Link(kind="synergy", proposals=["E", "F"], value=1e8)
    assert funded(six, policy(350, link=[link])) == "ACD"


@pytest.mark.parametrize(
    ("condition", "what"),
    [
        ("UNNEST(bottlenecks) = 'b'", "takes lists apart"),
        (" OR ".join(f"id = '{i}'" for i in range(600)), "has too many terms"),
    ],
)
def test_conditions_that_give_no_verdict_for_each_row(condition: str, what: str) -> None:
    tagged = call(amount=[1, 2], merit=[1, 2], bottlenecks=[["a", "b"], ["b"]])
    with pytest.raises(pf.PolicyError, match=what):
        pf.optimize(tagged, policy(3, eligible=condition))


def test_columns_claimed_twice_and_ids_by_row_number(tmp_path: Path) -> None:
    path = write(tmp_path, ROWS)
    with pytest.raises(pf.PolicyError, match="is claimed by two columns"):
        pf.read_call(path, policy=pf.ReadingRules(columns={"title": "field", "region": "field"}))
    numbered = pf.read_call(path, policy=pf.ReadingRules(columns={"id": "row_number"}))
    assert list(numbered.ids) == ["1", "2"]
    assert numbered.frame["file_id"].to_list() == ["A", "B"]


def test_frames_of_mixed_types_are_refused_in_words() -> None:
    with pytest.raises(pf.DataError, match="give each column one type"):
        pf.Call.from_frame(pd.DataFrame({"id": [1, "P-2"], "amount": [1, 2], "merit": [3, 4]}))


def test_numbers_beyond_meaning_in_a_policy(tmp_path: Path) -> None:
    assert pf.Policy(budget=np.float64(1000) * 0.3).budget == 300
    for text in (
        f"budget = {'9' * 5000}",
        "a" + ".a" * 3000 + " = 1",
        "budget = 1\n[[link]]\nkind='at_most'\nk=" + "9" * 30,
    ):
        with pytest.raises(pf.PolicyError):
            pf.read_policy(write(tmp_path, text, "policy.toml"))


def test_faults_in_a_long_policy_are_found_at_once(tmp_path: Path) -> None:
    names = "".join(f'  "Q-{i}",\n' for i in range(400))
    rules = pf.read_policy(write(tmp_path, f"budget = 5\nmust_fund = [\n{names}]\n", "policy.toml"))
    with pytest.raises(pf.PolicyError) as error:
        pf.optimize(call(amount=[1], merit=[1]), rules)
    assert len(error.value.issues) == 400
    assert {issue.rows for issue in error.value.issues} == {(2,)}


@pytest.mark.parametrize("encoding", ["ascii", "cp1252"])
def test_output_that_cannot_show_a_character(tmp_path: Path, encoding: str) -> None:
    path = write(tmp_path, ROWS)
    rules = write(tmp_path, "budget = 250\n[traits]\n'[/é]' = \"field = 'a'\"\n", "policy.toml")
    for name in ("check", "optimize"):
        command = [
            sys.executable,
            "-c",
            "from portfolio_cli.main import run; run()",
            name,
            str(path),
            "-p",
            str(rules),
        ]
        done = subprocess.run(
            command, capture_output=True, check=False, env=os.environ | {"PYTHONIOENCODING": encoding}
        )
        assert done.returncode == 0, done.stderr
