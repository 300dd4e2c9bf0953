"""No order or number of a page for publication ties what stands in one place to what stands in another."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from report.pages import Page
from small import call, policy

import portfolio as pf
from portfolio.report.charts import plot_plane
from portfolio.report.html.anonymous import without_names
from portfolio.report.html.questions import conflicts_of
from portfolio.report.stored_tables import stored_decisions

N, FUNDED = 30, 6


def decided(folder: Path, **columns: Any) -> pf.StoredDecision:
    by = policy(10 * FUNDED, eligible="ok = 1")
    pf.write_decision(pf.optimize(call(**columns), by), folder)
    return pf.read_decision(folder)


def thirty(seed: int) -> dict[str, Any]:
    """Six of the best merits are funded; a third of the others may not be."""
    rng = np.random.default_rng(seed)
    merit = [*np.linspace(6, 5.5, FUNDED), *rng.permutation(np.round(np.linspace(1, 5, N - FUNDED), 2))]
    return {
        "id": [f"X-{place:02d}" for place in rng.permutation(N)],
        "amount": [10] * N,
        "merit": merit,
        "ok": [int(place < FUNDED or place % 3 > 0) for place in range(N)],
        "success_probability": np.round(rng.uniform(size=N), 3),
        "years_to_outcome": rng.integers(1, 29, N),
        "field": rng.choice(["art", "biology", "chemistry"], N),
    }


def elsewhere(page: str) -> str:
    """Return a page without the section in which proposals are ranked by merit."""
    before, _, rest = page.partition("<h2>The funding line</h2>")
    return before + rest.partition("</section>")[2]


@pytest.mark.parametrize("seed", range(3))
def test_merits_show_nowhere_but_in_their_ranking(seed: int, tmp_path: Path) -> None:
    columns = thirty(seed)
    merit, ok = np.array(columns["merit"]), np.array(columns["ok"])
    lost = np.flatnonzero((ok == 1) & (merit < 5.2))
    other = merit.copy()
    other[lost] = np.roll(merit[lost], 7)
    pages = [
        pf.report_page(decided(tmp_path / name, **columns | {"merit": merits}), anonymous=True)
        for name, merits in (("a", merit), ("b", other))
    ]
    assert "Risk and horizon of the proposals" in pages[0]
    assert elsewhere(pages[0]) == elsewhere(pages[1])
    # Who asks for what is in no order of ids either: not even the ranking changes.
    names = columns["id"]
    columns["id"] = [*names[:FUNDED], *reversed(names[FUNDED:])]
    assert pf.report_page(decided(tmp_path / "c", **columns), anonymous=True) == pages[0]


@pytest.mark.parametrize("seed", range(3))
def test_only_those_who_are_ranked_have_numbers(seed: int, tmp_path: Path) -> None:
    # A gap between numbers would say between which merits somebody stands who is not ranked.
    columns = thirty(seed)
    columns["merit"] = [None if place in {11, 20} else merit for place, merit in enumerate(columns["merit"])]
    stored = decided(tmp_path, **columns)
    page = Page(pf.report_page(stored, anonymous=True))
    ranked = (
        stored_decisions(pf.read_decision(tmp_path)).filter(decision="not_funded").drop_nulls("merit").height
    )
    numbers = {int(number) for number in re.findall(r"not funded (\d+)", page.text)}
    assert numbers <= set(range(1, ranked + 1))
    _, shown, _ = without_names(stored, stored_decisions(stored))
    told = shown.filter(pl.col("id").str.starts_with("not funded "))
    assert sorted(int(name.split()[-1]) for name in told["id"]) == list(range(1, ranked + 1))
    assert set(shown.filter(decision="ineligible")["id"]) == {"(not published)"}


def test_contradictions_list_only_the_funded(tmp_path: Path) -> None:
    table = pl.DataFrame(
        {
            "id": ["X-1", "not funded 2", "X-3", "not funded 1"],
            "decision": ["funded", "not_funded", "funded", "not_funded"],
            "conflicts": ["a against b", "a against b; c against d", None, "c against d"],
        }
    )
    assert conflicts_of(table, anonymous=True).rows == (
        ("a against b", "2", "1", "X-1"),
        ("c against d", "2", "0", ""),
    )
    assert conflicts_of(table, anonymous=False).rows[0][-1] == "X-1, not funded 2"


def test_the_order_of_a_table_does_not_change_the_plane() -> None:
    table = pl.DataFrame(
        {
            "id": [*"ABCDEF"],
            "decision": ["not_funded"] * 6,
            "amount_requested": [10.0, 10, 10, 20, 20, 20],
            "risk": [0.5, 0.1, 0.5, 0.9, 0.2, 0.4],
            "horizon_years": [3.0, 9, 2, 7, 7, 1],
        }
    )
    assert plot_plane(table).svg() == plot_plane(table.reverse()).svg()
