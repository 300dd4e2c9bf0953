"""What page, workbook, charts and terminal say of the money: they say it alike, and as it is."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from report.pages import Page
from small import call, policy

import portfolio as pf
from portfolio.report import write_record


def said(of: pf.Call, by: pf.Policy, folder: Path, **how: Any) -> str:
    """Return all that the page of a decision says."""
    return Page(page_of(of, by, folder, **how)).text


def page_of(of: pf.Call, by: pf.Policy, folder: Path, **how: Any) -> str:
    pf.write_decision(pf.optimize(of, by), folder)
    return pf.report_page(pf.read_decision(folder), **how)


def test_a_reserve_that_is_kept_between_two_cents_is_called_met_everywhere(tmp_path: Path) -> None:
    of = call(amount=[100_001, 50_000, 30_000], merit=[5, 4, 3], r=[1, 0, 0], y=[1, 0, 0])
    reserve = [
        pf.Reserve(trait="young", share=0.2, base="spent"),
        pf.Reserve(trait="risky", share=0.125, base="spent"),
    ]
    traits = {"young": "y = 1", "risky": "r = 1"}
    by = policy(200_000, traits=traits, reserve=reserve, reserve_accounting="one_to_one")
    page = Page(page_of(of, by, tmp_path))
    (rows,) = page.with_head("trait")
    assert [row[-1] for row in rows] == ["yes", "yes"]
    assert "Every reserve is met." in page.text
    pf.write_workbook(pf.read_decision(tmp_path), tmp_path / "w.xlsx")
    book = load_workbook(tmp_path / "w.xlsx")
    head, *cells = book["Reserves"].iter_rows(values_only=True)
    assert [row[head.index("met")] for row in cells] == [True, True]
    assert "missing" not in str(pf.optimize(of, by))


def test_a_pot_that_is_not_spent_is_not_called_missed(tmp_path: Path) -> None:
    reserve = [pf.Reserve(trait="risky", amount=4, shortfall="hold")]
    by = policy(10, traits={"risky": "r = 1"}, reserve=reserve, reserve_order="over_and_above")
    pf.write_decision(pf.optimize(call(amount=[6, 3], merit=[5, 4], r=[0, 1]), by), tmp_path)
    pf.write_workbook(pf.read_decision(tmp_path), tmp_path / "w.xlsx")
    head, row = load_workbook(tmp_path / "w.xlsx")["Reserves"].iter_rows(values_only=True)
    assert (row[head.index("required")], row[head.index("delivered")]) == (4, 3)
    assert "met" not in head


CALL = {
    "amount": [6, 4, 2, 4, 1],
    "merit": [9, 4.9, 4.8, 1, 0.5],
    "risky": ["yes", "yes", "no", "yes", "no"],
    "small": ["no", "no", "no", "no", "yes"],
}
POOL = pf.Exploratory(where="small = 'yes'", amount=3, left="hold")


def test_what_was_chosen_in_rounds_is_not_called_the_best_of_all(tmp_path: Path) -> None:
    # The open 6 go to B and C, the pot of 4 to D: 10.7, where A and B are worth 13.9 and B is risky as well.
    by = policy(
        10,
        traits={"high_risk": "risky = 'yes'"},
        reserve=[pf.Reserve(trait="high_risk", amount=4)],
        reserve_order="over_and_above",
    )
    text = said(call(**CALL), by, tmp_path)
    assert "all portfolios that keep the rules for the greatest value" not in text
    assert "Chosen in rounds, one after the other; each for the greatest value" in text
    assert "in each round, given the rounds before it, every set of awards that the rules allow" in text


def test_what_was_reached_before_the_value_is_named(tmp_path: Path) -> None:
    criteria = [pf.Criterion(column="amount"), pf.Criterion(column="merit")]
    by = policy(10, objective=pf.Objective(order="lexicographic", criterion=criteria))
    words = (
        "Chosen among all portfolios that keep the rules: first for the best sum of amount; and of those that do as "
        "well in that, for the greatest value: the sum of merit"
    )
    assert words in said(call(**CALL), by, tmp_path)


def test_each_kind_of_goal_has_its_words(tmp_path: Path) -> None:
    by = policy(
        10,
        traits={"high_risk": "risky = 'yes'"},
        reserve=[pf.Reserve(trait="high_risk", amount=5, shortfall="release")],
        limit=[pf.Limit(where="small = 'yes'", min_awards=1, priority=2)],
        exploratory=pf.Exploratory(where="small = 'yes'", amount=3),
    )
    words = (
        "first for the least by which rules of priority 2 give way, then for the least that reserves miss, then for "
        "the best exploratory pool; and of those that do as well in that, for the greatest value"
    )
    assert words in said(call(**CALL), by, tmp_path)


def test_money_that_a_pool_keeps_is_said_to_be_kept(tmp_path: Path) -> None:
    by = policy(10, committed=1, exploratory=POOL)
    line = (
        "Exploratory pool: EUR 3.00 are kept for it, 1.00 are spent, 2.00 are left; what it leaves is held."
    )
    text = said(call(**CALL), by, tmp_path)
    assert "No money was held back." not in text
    assert line in text
    assert line in str(pf.optimize(call(**CALL), by))
    pf.write_workbook(pf.read_decision(tmp_path), tmp_path / "w.xlsx")
    assert any(line in row for row in load_workbook(tmp_path / "w.xlsx")["Summary"].values)
    open_ = policy(10, committed=1, exploratory=POOL.replace(left="return"))
    assert "2.00 are left; what it leaves is open to the others." in said(call(**CALL), open_, tmp_path / "b")


def test_what_a_pool_has_left_is_not_published(tmp_path: Path) -> None:
    # Of the two in the pool one is not funded: it asks for more than is left.
    of = call(**(CALL | {"small": ["no", "no", "no", "yes", "yes"]}))
    text = said(of, policy(10, exploratory=POOL), tmp_path, anonymous=True)
    assert "Exploratory pool: EUR 3.00 are kept for it; what it leaves is held." in text
    assert (
        "are left"
        not in text.replace("awarded, 3.00 are left", "").split("Exploratory pool")[1].split(".")[1]
    )


def test_a_pool_that_the_record_tells_otherwise_is_found(tmp_path: Path) -> None:
    file = tmp_path / "call.csv"
    file.write_text("id,amount,merit,small\nA,6,9,no\nE,1,0.5,yes\n")
    by = policy(10, exploratory=POOL)
    pf.write_decision(pf.optimize(pf.read_call(file, policy=by), by), tmp_path / "d")
    record = pf.read_decision(tmp_path / "d").record
    assert record["exploratory"] == {"money": 3, "spent": 1}
    assert all(check.holds is not False for check in pf.verify_decision(tmp_path / "d").checks)
    for told in ({"money": 3, "spent": 2}, None):
        write_record(dict(record) | {"exploratory": told}, tmp_path / "d" / "portfolio.json")
        wrong = [check.words for check in pf.verify_decision(tmp_path / "d").checks if check.holds is False]
        assert any("otherwise: exploratory" in words for words in wrong)


def test_what_is_promised_already_stands_among_the_facts(tmp_path: Path) -> None:
    text = said(call(**CALL), policy(10, committed=1, exploratory=POOL), tmp_path)
    for fact in (
        "Budget EUR 10 Promised already EUR 1 Available EUR 9 Awarded EUR 7 (77.8% of what is available)",
        "Not spent EUR 2",
    ):
        assert fact in text
    years = policy((6, 6), committed=(1, Decimal("0.50")))
    text = said(call(**(CALL | {"amount_y1": CALL["amount"], "amount_y2": [0] * 5})), years, tmp_path / "b")
    assert "Budget EUR 12.00 Promised already EUR 1.50 Available EUR 10.50" in text


@pytest.mark.parametrize("accounting", ["one_to_all", "one_to_one", "shared"])
def test_no_caption_says_that_money_counts_twice_where_it_does_not(accounting: str, tmp_path: Path) -> None:
    reserve = [pf.Reserve(trait=name, amount=1) for name in ("a", "b")]
    traits = {"a": "risky = 'yes'", "b": "small = 'no'"}
    by = policy(10, traits=traits, reserve=reserve, reserve_accounting=accounting)
    text = said(call(**CALL), by, tmp_path)
    assert "Reserves need not add up to the budget." in text
    assert "several reserves" not in text
