"""On a page for publication, rules name no group that may stand for a proposal that was not funded."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest
from report.pages import Page
from small import policy

import portfolio as pf

WON, LOST = ("Adler", "Braun", "Conrad"), ("Zwettler", "Quastel", "Ypsilon")
SOFT = {"min_awards": 1, "price": 0.01}


def page_of(folder: Path, columns: dict[str, Any] | None = None, **rules: Any) -> str:
    """Return the page of six proposals, of which the first three are funded."""
    heads = (*WON, *LOST)
    cells: dict[str, Any] = {
        "id": [f"P{place}" for place in range(6)],
        "amount": [10] * 6,
        "merit": [6.0, 5.0, 4.0, 3.0, 2.0, 1.0],
        "investigator": [f"Anna {name}" for name in heads],
        "institution": [f"Institute {name}" for name in heads],
        "lab_head": [f"Prof. {name}" for name in heads],
        "success_probability": [0.5] * 6,
    }
    file = folder / "call.csv"
    pl.DataFrame(cells | (columns or {})).write_csv(file)
    made = policy(30, **rules)
    pf.write_decision(pf.optimize(pf.read_call(file, policy=made), made), folder / "decision")
    return Page(pf.report_page(pf.read_decision(folder / "decision"), anonymous=True)).text


@pytest.mark.parametrize(
    ("per", "derive"),
    [
        ("house", {"house": "upper(institution)"}),
        ("lead", {"lead": "upper(split_part(investigator, ' ', 2))"}),
        ("field", {"field": "lab_head"}),
        ("lab_head", {}),
        ("institution", {}),
        ("investigator", {}),
    ],
)
@pytest.mark.parametrize("kind", ["limit", "coverage", "chances"])
def test_no_rule_names_a_group_that_has_no_award(
    kind: str, per: str, derive: dict[str, str], tmp_path: Path
) -> None:
    rule = {"weight": 0.1} if kind == "chances" else SOFT
    key = "limit" if kind == "limit" else "coverage"
    page = page_of(tmp_path, derive=derive, **{key: [{"per": per, **rule}]})
    assert not [name for name in LOST if name.casefold() in page.casefold()]
    assert "(not published)" in page


def test_groups_that_hold_an_award_are_named(tmp_path: Path) -> None:
    page = page_of(tmp_path, limit=[{"per": "lab_head", **SOFT}])
    # Whose names are withheld stand last, so that their place among the others says nothing.
    assert "limit[1] ((not published), (not published), (not published)) gave way by 3" in page
    shown = [f"limit[1] Prof. {name} at least 1 award 1" for name in WON]
    hidden = ["limit[1] (not published) at least 1 award 0; the limit gave way"] * 3
    assert " ".join([*shown, *hidden]) in page


def test_kinds_of_research_without_an_award_are_named_where_several_proposals_are_in_them(
    tmp_path: Path,
) -> None:
    rare = {"field": ["physics"] * 3 + ["runes", "runes", "law"]}
    page = page_of(tmp_path, rare, limit=[{"per": "field", **SOFT}])
    assert "limit[1] ((not published), (not published)) gave way by 2" in page
    assert "runes" not in page
    often = {"field": ["physics"] * 3 + ["law"] * 3}
    assert "limit[1] (law) gave way by 1" in page_of(tmp_path, often, limit=[{"per": "field", **SOFT}])


def test_tags_that_no_table_shows_are_named(tmp_path: Path) -> None:
    tags = {"bottlenecks": ["optics"] * 3 + ["fusion"] * 3}
    page = page_of(tmp_path, tags, coverage=[{"per": "bottlenecks", **SOFT}])
    assert "coverage[1] (fusion) gave way by 1" in page
