"""Files and words of a decision."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest
from small import call, policy, probe

import portfolio as pf
from portfolio.optimize import Portfolio, Price, Stop
from portfolio.report import as_record, gap_in_words, price_in_words, write_decision

RULES = policy(
    5.0,
    traits={"b": "dept = 'B'"},
    reserve=[pf.Reserve(trait="b", share=0.2)],
    limit=[pf.Limit(per="dept", min_awards=1), pf.Limit(where="dept = 'A'", max_share=0.7)],
)


def test_the_files_of_a_decision(tmp_path: Path) -> None:
    portfolio = pf.optimize(probe(), RULES)
    prices = pf.price_reserves(portfolio)
    folder = tmp_path / "new" / "decision"
    written = write_decision(portfolio, folder, prices)
    assert [path.name for path in written] == [
        "awards.csv",
        "decisions.csv",
        "set_aside.csv",
        "proof.json",
        "portfolio.json",
        "portfolio.json.sha256",
    ]
    assert sorted(path.name for path in folder.iterdir()) == sorted(path.name for path in written)
    awards = pl.read_csv(folder / "awards.csv")
    assert awards["id"].to_list() == list(portfolio.ids)
    assert awards["amount_awarded"].sum() == pytest.approx(4.8)
    decisions = pl.read_csv(folder / "decisions.csv")
    assert decisions.columns == portfolio.to_frame().columns
    assert decisions["b"].to_list() == [int(dept == "B") for dept in probe().frame["dept"]]
    record = json.loads((folder / "portfolio.json").read_text())
    beside = {"files", "policy_file", "previous"}
    assert {key: record[key] for key in record if key not in beside} == json.loads(
        json.dumps(as_record(portfolio, prices))
    )
    assert beside < set(record)


def test_decisions_say_what_the_call_says_of_a_proposal(tmp_path: Path) -> None:
    described = call(
        id=["b", "a"],
        amount=[1, 2],
        merit=[4.0, 5.0],
        merit_sd=[0.5, None],
        title=["=1+1", None],
        region=[None, None],
        paradigm=["ours", "ours"],
    )
    pf.write_decision(pf.optimize(described, policy(1, traits={"field": "merit > 4"})), tmp_path)
    found = pl.read_csv(tmp_path / "decisions.csv", infer_schema=False)
    behind = found.columns[found.columns.index("price_bound") + 1 :]
    # No region: it is empty. No paradigm: nothing is known of it, and the file's column of that name is not ours.
    assert behind == ["title", "merit_low", "merit_high"]
    # The apostrophe keeps a spreadsheet from taking the title for a formula.
    assert found["title"].to_list() == [None, "'=1+1"]
    assert found["field"].to_list() == ["1", "0"]
    assert float(found["merit_low"][1]) == pytest.approx(4 - 1.6449 * 0.5, rel=1e-4)
    assert found["merit_low"][0] is None


def test_the_same_decision_gives_the_same_bytes(tmp_path: Path) -> None:
    frame = probe().frame.with_columns(amount=pl.col("amount") / 100)
    for name, rows in (("a", frame), ("b", frame.reverse())):
        portfolio = pf.optimize(pf.Call.from_frame(rows), RULES)
        write_decision(portfolio, tmp_path / name, pf.price_reserves(portfolio))
    for path in (tmp_path / "a").iterdir():
        assert path.read_bytes() == (tmp_path / "b" / path.name).read_bytes(), path.name


def test_the_record_says_what_scripts_need() -> None:
    record = as_record(pf.optimize(probe(), RULES))
    assert {
        "status", "value", "bound", "gap", "budget", "spent", "n_proposals", "n_awards", "reserves", "limits", "seed",
        "versions", "inputs", "policy", "awards",
    } <= record.keys()  # fmt: skip
    assert (record["status"], record["budget"], record["spent"]) == ("optimal", 5, 4.8)
    assert record["reserves"][0].keys() >= {
        "trait",
        "required",
        "delivered",
        "eligible",
        "shadow_price",
        "price",
    }
    assert (record["reserves"][0]["required"], record["reserves"][0]["eligible"]) == (1, 5.5)
    assert record["reserves"][0]["price"] is None
    assert record["limits"][0] == {
        "limit": "limit[1]", "name": "A", "bound": "at least 1 award", "delivered": 2, "binding": False,
    }  # fmt: skip
    assert (
        pf.Policy.model_validate(record["policy"] | {"reserve": RULES.reserve, "limit": RULES.limit}) == RULES
    )


def test_rounds_are_in_the_record() -> None:
    two = call(amount=[10, 10], merit=[2, 1], r=[0, 1])
    rules = policy(
        20, traits={"r": "r = 1"}, reserve=[pf.Reserve(trait="r", share=0.5)], reserve_order="over_and_above"
    )
    portfolio = pf.optimize(two, rules)
    record = as_record(portfolio, pf.price_reserves(portfolio))
    assert [(part["name"], part["pot"], part["spent"]) for part in record["rounds"]] == [
        ("open", 10, 10),
        ("reserve.r", 10, 10),
    ]
    assert record["reserves"][0]["price_low"] is None
    assert "each round given the rounds before it" in gap_in_words(portfolio)


def altered(**changes: object) -> Portfolio:
    portfolio = pf.optimize(probe(), policy(5.0))
    return Portfolio(portfolio.problem, replace(portfolio.solution, **changes))


def test_the_gap_in_words() -> None:
    assert gap_in_words(altered()) == (
        "Proven: no portfolio that keeps the rules is worth more than this one (414.25)."
    )
    within = gap_in_words(altered(bound=415.0, stop=Stop.GAP))
    assert within.startswith(
        "Proven within the gap asked for: none is worth more than 415, at most 0.19% above"
    )
    late = gap_in_words(altered(bound=450.0, stop=Stop.TIME_LIMIT))
    assert late.startswith("Stopped by the time limit before the gap asked for was proven")
    few = gap_in_words(altered(bound=450.0, stop=Stop.NODE_LIMIT))
    assert few.startswith("Stopped by the limit on nodes before the gap asked for was proven")
    unknown = altered(bound=float("inf"), stop=Stop.TIME_LIMIT)
    assert "nothing is proven about better ones" in gap_in_words(unknown)
    assert as_record(unknown)["bound"] is as_record(unknown)["gap"] is None
    nothing = altered(value=0.0, bound=1.0, stop=Stop.TIME_LIMIT)
    assert "an unknown share" in gap_in_words(nothing)


def test_prices_in_words() -> None:
    assert price_in_words(Price(found=2.5, low=2.5, high=2.5)) == "2.5"
    assert price_in_words(Price(found=2.5, low=2.25, high=3.0)) == "2.25 to 3"
    assert price_in_words(Price(found=2.5, low=None, high=None)) == "2.5 (found, not proven)"
    assert price_in_words(Price(found=-7e-15, low=-7e-15, high=7e-15)) == "0"
