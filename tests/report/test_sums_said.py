"""What page, workbook, charts and terminal say of the money: they say it alike, and as it is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from openpyxl import load_workbook
from report.pages import Page
from small import call, policy

import portfolio as pf


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
    assert "missing" not in repr(pf.optimize(of, by))


def test_a_pot_that_is_not_spent_is_not_called_missed(tmp_path: Path) -> None:
    reserve = [pf.Reserve(trait="risky", amount=4, shortfall="hold")]
    by = policy(10, traits={"risky": "r = 1"}, reserve=reserve, reserve_order="over_and_above")
    pf.write_decision(pf.optimize(call(amount=[6, 3], merit=[5, 4], r=[0, 1]), by), tmp_path)
    pf.write_workbook(pf.read_decision(tmp_path), tmp_path / "w.xlsx")
    head, row = load_workbook(tmp_path / "w.xlsx")["Reserves"].iter_rows(values_only=True)
    assert (row[head.index("required")], row[head.index("delivered")]) == (4, 3)
    assert "met" not in head
