"""Charts: what is drawn can be counted, any text is inert, and the same values give the same bytes."""

from __future__ import annotations

import builtins
import re
import subprocess
import sys
import warnings
import xml.etree.ElementTree as ET
from collections import Counter
from decimal import Decimal
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
import polars as pl
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from small import call, policy

import portfolio as pf

SVG = "{http://www.w3.org/2000/svg}"
ROOT = Path(__file__).parents[3]
BUDGET = 1_000_000
HOSTILE = [
    "<script>alert(1)</script>",
    "$x$ and $\\frac{1}{0}$",
    "</text></svg><img src=x onerror=alert(1)>",
    "a\x00b\x1b[31m\nc",
    "\u202eevil",
    "&lt;![CDATA[ ]]> url(#a) href='javascript:1'",
    "研究 🧪 ﷽",
    "x" * 500,
]


def decisions(n: int = 12, **columns: Any) -> pl.DataFrame:
    """A third funded, by merit; money in whole euros."""
    base = {
        "id": [f"P{i:04}" for i in range(n)],
        "decision": ["funded" if i < n // 3 else "not_funded" for i in range(n)],
        "amount_requested": [Decimal(100_000 * (1 + i % 5)) for i in range(n)],
        "amount_awarded": [Decimal(100_000 * (1 + i % 5)) if i < n // 3 else Decimal(0) for i in range(n)],
        "merit": np.linspace(6, 1, n),
        "risk": (np.arange(n) * 37 % 101) / 101,
        "horizon_years": np.arange(n) * 13 % 29 + 1.0,
        "field": ["abcd"[i % 4] for i in range(n)],
    }
    return pl.DataFrame(base | columns)


def texts(svg: str) -> list[str]:
    return ["".join(element.itertext()) for element in ET.fromstring(svg).iter(f"{SVG}text")]


def uses(svg: str, colour: str) -> int:
    """Count the points of an outline; legends have one point each, ticks another colour."""
    found = 0
    for group in ET.fromstring(svg).iter(f"{SVG}g"):
        for use in (child for child in group if child.tag == f"{SVG}use"):
            found += (use.get("stroke") or group.get("stroke")) == colour.lower()
    return found


def every_chart(text: str = "A") -> dict[str, pf.Chart]:
    table = decisions(id=[f"{text}{i}" for i in range(12)], field=[f"{text}{i % 3}" for i in range(12)])
    money = {"required": Decimal(5), "delivered": Decimal(3), "eligible": Decimal(9)}
    sure = pl.DataFrame({"id": table["id"], "funded_share": [0.5] * 12, "label": ["borderline"] * 12})
    steps = pl.DataFrame({"at": [0.1, 0.2, 0.3], "value": [3.0, 2.0, None], "bound": [3.0, 2.5, None]})
    return {
        "plane": pf.plot_plane(table, risk_threshold=0.6, horizon_threshold=10, currency=text),
        "money": pf.plot_money([{"trait": text, **money}], budget=10, spent=8, currency=text),
        "balance": pf.plot_balance(pf.balance(table, "field")),
        "line": pf.plot_funding_line(table, budget=BUDGET, certainty=sure),
        "frontier": pf.plot_frontier(pf.Frontier(text, steps, pl.DataFrame(), interrupted=True)),
    }


# Any text


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
@pytest.mark.parametrize("name", list(every_chart()))
def test_any_text_is_inert(name: str, text: str) -> None:
    svg = every_chart(text)[name].svg()
    root = ET.fromstring(svg)
    allowed = {"svg", "title", "desc", "g", "path", "text", "use", "defs", "clipPath", "rect", "pattern"}
    assert {element.tag.removeprefix(SVG) for element in root.iter()} <= allowed
    for element in root.iter():
        for key, value in element.attrib.items():
            assert not key.lower().startswith("on")
            assert "url(" not in value or re.fullmatch(r"url\(#chart-\w{10}-\d+\)", value)
            assert not key.endswith("href") or re.fullmatch(r"#chart-\w{10}-\d+", value)
    assert not set(svg) & {"\x00", "\x1b", "\u202e"}


def test_a_dollar_is_money() -> None:
    written = texts(every_chart("$x$ ")["line"].svg())
    assert any("$x$ 3" in text for text in written)


@pytest.mark.parametrize("name", list(every_chart()))
def test_nothing_comes_from_outside_and_nothing_is_styled_from_inside(name: str) -> None:
    svg = every_chart()[name].svg()
    assert set(re.findall(r"https?://[^\"\s<]+", svg)) <= {
        "http://www.w3.org/2000/svg",
        "http://www.w3.org/1999/xlink",
    }
    assert "<style" not in svg
    assert "style=" not in svg
    assert "<!DOCTYPE" not in svg


@pytest.mark.parametrize("name", list(every_chart()))
def test_a_chart_says_what_it_shows(name: str) -> None:
    chart = every_chart()[name]
    root = ET.fromstring(chart.svg())
    names = {element.get("id"): element.text for element in root.iter() if element.get("id")}
    said = [names[label] for label in root.attrib["aria-labelledby"].split()]
    assert said == [chart.title, chart.caption]
    assert root.attrib["role"] == "img"


def test_charts_of_one_page_share_no_names() -> None:
    found = [re.findall(r' id="([^"]+)"', chart.svg()) for chart in every_chart().values()]
    counted = Counter(name for names in found for name in names)
    assert set(counted.values()) == {1}


# Bytes


@pytest.mark.parametrize("name", list(every_chart()))
def test_the_same_values_give_the_same_bytes(name: str) -> None:
    chart = every_chart()[name]
    first = chart.svg()
    with mpl.rc_context({"font.size": 30, "axes.grid": False, "svg.fonttype": "path", "text.usetex": False}):
        assert every_chart()[name].svg() == first
    assert chart.svg() == first
    assert mpl.rcParams["font.size"] == mpl.rcParamsDefault["font.size"]


@pytest.mark.parametrize("suffix", [".svg", ".png", ".pdf"])
def test_a_file_holds_no_date(tmp_path: Path, suffix: str) -> None:
    chart = every_chart()["money"]
    one, two = (chart.save(tmp_path / f"{name}{suffix}").read_bytes() for name in "ab")
    assert one == two
    assert one.startswith({".svg": b"<svg", ".png": b"\x89PNG", ".pdf": b"%PDF"}[suffix])


def test_other_kinds_of_files_are_refused(tmp_path: Path) -> None:
    with pytest.raises(pf.PortfolioError, match=r"\.svg, \.png or \.pdf"):
        every_chart()["money"].save(tmp_path / "a.jpg")
    assert not list(tmp_path.iterdir())


def test_a_chart_has_a_least_width() -> None:
    with pytest.raises(pf.PortfolioError, match="at least 300 pixels"):
        every_chart()["money"].svg(200)


def test_a_notebook_shows_the_svg() -> None:
    chart = every_chart()["plane"]
    assert chart._repr_svg_() == chart.svg()
    assert repr(chart).startswith("<Chart: Risk and horizon")


def test_rows_in_any_order_give_the_same_line_and_balance() -> None:
    table = decisions(40)
    mixed = table.sample(fraction=1, shuffle=True, seed=3)
    lines = [pf.plot_funding_line(one, budget=BUDGET).svg() for one in (mixed, table)]
    assert lines[0] == lines[1]
    assert pf.balance(mixed, "field").equals(pf.balance(table, "field"))


def test_pandas_gives_the_same_chart() -> None:
    table = decisions()
    frame = pd.DataFrame(table.to_dict(as_series=False))
    frame["amount_requested"] = frame["amount_requested"].astype(float)
    assert pf.plot_plane(frame).svg() == pf.plot_plane(table).svg()


def test_without_matplotlib_one_sentence_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def without(name: str, *rest: Any) -> Any:
        if name.startswith("matplotlib"):
            raise ImportError(name)
        return real(name, *rest)

    chart = every_chart()["plane"]
    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(pf.PortfolioError, match=re.escape("pip install 'grant-portfolio[report]'")):
        chart.svg()


def test_importing_the_library_does_not_load_matplotlib() -> None:
    code = "import sys, portfolio; portfolio.plot_plane; sys.exit('matplotlib' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0


# The plane


def test_every_known_proposal_is_a_point_of_its_decision() -> None:
    risk = [None, 0.5, float("nan"), *([0.5] * 9)]
    words = ["funded"] * 5 + ["not_funded"] * 4 + ["ineligible"] * 3
    chart = pf.plot_plane(decisions(risk=pl.Series(risk, strict=False), decision=words))
    svg = chart.svg()
    assert [uses(svg, colour) - 1 for colour in ("#0072B2", "#D55E00", "#595959")][:2] == [3, 4]
    assert "10 proposals: 3 funded, 4 not funded, 3 ineligible." in chart.caption
    assert "2 without a known risk or horizon are not shown" in chart.caption


def test_thresholds_are_drawn_only_if_given() -> None:
    plain, lined = (pf.plot_plane(decisions(), **k) for k in ({}, {"risk_threshold": 0.6}))
    assert "Dashed: a risk of 0.6." in lined.caption
    assert "Dashed" not in plain.caption
    assert lined.svg().count("stroke-dasharray") == plain.svg().count("stroke-dasharray") + 1


def test_seven_thousand_points_stay_small() -> None:
    n = 7000
    rng = np.random.default_rng(1)
    table = decisions(
        n,
        amount_requested=rng.lognormal(12, 0.8, n).round(2),
        risk=rng.random(n),
        horizon_years=rng.gamma(2, 5, n),
    )
    svg = pf.plot_plane(table).svg()
    assert uses(svg, "#0072B2") + uses(svg, "#D55E00") == n + 2
    assert len(svg.encode()) < 700_000


def test_an_empty_call_and_one_without_amounts_are_drawn() -> None:
    assert "0 proposals." in pf.plot_plane(decisions().clear()).caption
    pf.plot_plane(decisions().clear()).svg()
    pf.plot_plane(decisions(amount_requested=[None] * 12)).svg()
    pf.plot_funding_line(decisions().clear(), budget=0).svg()
    pf.plot_balance(pf.balance(decisions().clear(), "decision")).svg()


def test_a_decision_read_back_from_its_file_is_drawn(tmp_path: Path) -> None:
    # Nothing is known of risk: the column is empty, and read as text.
    decisions(risk=pl.Series([None] * 12, dtype=pl.Float64)).write_csv(tmp_path / "decisions.csv")
    chart = pf.plot_plane(pl.read_csv(tmp_path / "decisions.csv"))
    assert "12 without a known risk or horizon are not shown" in chart.caption
    assert uses(chart.svg(), "#0072B2") == 1


def test_missing_columns_are_all_named() -> None:
    with pytest.raises(pf.DataError) as caught:
        pf.plot_plane(decisions().rename({"risk": "Risk"}).drop("horizon_years"))
    assert [issue.column for issue in caught.value.issues] == ["risk", "horizon_years"]
    assert "did you mean 'Risk'?" in str(caught.value)


def test_an_unknown_decision_and_words_for_numbers_are_refused() -> None:
    with pytest.raises(pf.DataError, match="'fundet' is no decision"):
        pf.plot_plane(decisions(decision=["fundet"] * 12))
    with pytest.raises(pf.DataError, match="holds string, not numbers"):
        pf.plot_plane(decisions(risk=["high"] * 12))
    with pytest.raises(pf.DataError, match="not a data frame"):
        pf.plot_plane([1, 2])


# Money


def reserve(trait: str, required: str, delivered: str, eligible: str) -> dict[str, Any]:
    amounts = {"required": required, "delivered": delivered, "eligible": eligible}
    return {"trait": trait, **{name: Decimal(amount) for name, amount in amounts.items()}}


def test_a_missing_cent_is_missing() -> None:
    rows = [reserve("young", "2000000", "1999999.99", "3e6"), reserve("risky", "1e6", "1e6", "2e6")]
    chart = pf.plot_money(rows, budget=Decimal(10_000_000), spent=Decimal("9999999.99"), currency="EUR")
    assert "EUR 9,999,999.99 of 10,000,000.00 are awarded, 0.01 are left." in chart.caption
    assert "young: 0.01 are missing." in chart.caption
    assert "risky:" not in chart.caption
    written = texts(chart.svg())
    assert "young: 1.99999999 delivered of 2.00000000, asked for 3.00" in written
    assert "awarded, not enough" in written


def test_money_is_drawn_from_reports_records_and_tables() -> None:
    report = pf.Reserve(trait="b", amount=6, shortfall="release")
    call = pf.Call.from_frame(
        pl.DataFrame({"id": ["x", "y"], "amount": [4.0, 5.0], "merit": [1.0, 2.0], "b": [True, False]})
    )
    decision = pf.optimize(call, pf.Policy(budget=9, traits={"b": "b"}, reserve=[report]))
    (row,) = decision.reserves
    record = {"trait": row.trait, "required": 6, "delivered": 4, "eligible": 4.0}
    charts = [
        pf.plot_money(rows, budget=9, spent=9, currency="EUR")
        for rows in (decision.reserves, [record], pl.DataFrame([record]))
    ]
    assert len({chart.svg() for chart in charts}) == 1
    assert "b: 2.00 are missing." in charts[0].caption


def test_money_without_reserves_and_beyond_the_budget() -> None:
    chart = pf.plot_money([], budget=5, spent=7, currency="JPY")
    assert chart.caption == "JPY 7 are awarded, 2 more than the 5 that are available."
    assert "Available: 7 awarded of 5" in texts(chart.svg())


def test_what_a_round_of_its_own_has_left_is_not_missing() -> None:
    reserve = {"trait": "a", "required": 5, "delivered": 3, "eligible": 9}
    floor, pot = (
        pf.plot_money([reserve], budget=9, spent=8, currency="EUR", rounds=rounds) for rounds in (False, True)
    )
    assert "a: 2.00 are missing" in floor.caption
    assert "awarded, not enough" in texts(floor.svg())
    assert "missing" not in pot.caption
    assert "awarded, not enough" not in texts(pot.svg())


def test_a_reserve_without_its_columns_is_refused() -> None:
    with pytest.raises(pf.DataError, match="column delivered: is missing"):
        pf.plot_money([{"trait": "a", "required": 1, "eligible": 2}], budget=5, spent=1, currency="EUR")


@pytest.mark.parametrize("width", [358, 720])
def test_nothing_is_cut_off_however_long_the_names(width: float) -> None:
    long = "National Research Programmes for everything that matters"
    money = {
        "required": Decimal(279_220_787),
        "delivered": Decimal(279_350_908),
        "eligible": Decimal(978_117_818),
    }
    table = decisions(6, id=[f"{long}{i}" for i in range(6)], field=[f"{i % 3}{long}" for i in range(6)])
    for chart in (
        pf.plot_money([{"trait": long, **money}], budget=997_217_097, spent=997_211_664, currency="CHF"),
        pf.plot_balance(pf.balance(table, "field")),
        pf.plot_funding_line(table, budget=BUDGET),
        pf.plot_plane(table, currency="CHF"),
    ):
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            chart.svg(width)
            figure = chart.figure(width)
            FigureCanvasAgg(figure)
            figure.draw_without_rendering()
        box = figure.get_tightbbox()
        assert box.x0 >= -0.02, chart.title
        assert box.x1 <= figure.get_figwidth() + 0.02, chart.title


def test_a_plane_without_a_point_says_so() -> None:
    table = decisions(4, risk=[None] * 4)
    assert "No proposal has both a risk and a horizon." in texts(pf.plot_plane(table).svg())


# The funding line


def test_the_line_lies_where_the_money_is_spent() -> None:
    words = ["funded", "not_funded", "funded", "not_funded", "funded", "ineligible"]
    amounts = [Decimal(amount) for amount in ("1.10", "1.10", "1.10", "1.10", "0.10", "9")]
    table = decisions(6, decision=words, merit=[6.0, 5.0, 4.0, 3.0, 2.0, 9.0], amount_requested=amounts)
    # The first three take 3.30 to the cent; the fourth can no longer be paid, and the fifth, which could, is worse.
    chart = pf.plot_funding_line(table, budget=Decimal("3.30"))
    assert chart.caption.startswith(
        "Merit alone would fund those above the dashed line (3), until the budget"
    )
    # P0001 is above the line and not funded, P0004 below it and funded.
    assert "In bold: decided otherwise than merit alone would (2)." in chart.caption
    assert "1 ineligible or without merit has no place" in chart.caption
    written = [text for text in texts(chart.svg()) if "P0" in text]
    assert written == ["P0000", "▸ P0001", "P0002", "P0003", "▸ P0004"]


def test_equals_at_the_line_are_not_told_apart() -> None:
    words = ["funded", "funded", "not_funded", "funded", "not_funded", "not_funded"]
    table = decisions(
        6, decision=words, merit=[5.0, 4.0, 4.0, 4.0, 3.0, 2.0], amount_requested=[Decimal(1)] * 6
    )
    chart = pf.plot_funding_line(table, budget=3)
    assert "It ends among the 3 of merit 4, in the band, whom merit does not tell apart." in chart.caption
    assert "None shown is decided otherwise than merit alone would." in chart.caption
    few = pf.plot_funding_line(table, budget=3, around=1)
    assert "Not shown: 2 at the line, 2 below." in few.caption


def test_a_table_needs_the_budget_and_a_portfolio_brings_it() -> None:
    with pytest.raises(ValueError, match="budget must be given with a table"):
        pf.plot_funding_line(decisions())
    made = call(amount=[1, 1, 1], merit=[5, 4, 3])
    decision = pf.optimize(made, policy(2))
    line = pf.plot_funding_line(decision)
    assert pf.plot_funding_line(decision.to_frame(), budget=2).caption in line.caption
    assert "(2), until the budget is spent" in line.caption


def test_only_those_around_the_line_are_shown() -> None:
    chart = pf.plot_funding_line(decisions(90), budget=8_900_000, around=4)
    assert sum("P0" in text for text in texts(chart.svg())) == 8
    assert "Not shown: 25 above, 57 below." in chart.caption


def test_borderline_proposals_are_named_where_draws_say_who_they_are() -> None:
    table = decisions(6)
    sure = pl.DataFrame(
        {"id": ["P0001", "P0002"], "funded_share": [0.7, 0.4], "label": ["borderline", "borderline"]}
    )
    chart = pf.plot_funding_line(table, budget=BUDGET, certainty=sure)
    assert "In bold: borderline (2)." in chart.caption
    assert [text for text in texts(chart.svg()) if text.startswith("▸")] == ["▸ P0001", "▸ P0002"]
    assert "Draws funded" in texts(chart.svg())


def test_around_is_at_least_one() -> None:
    with pytest.raises(ValueError, match="at least 1"):
        pf.plot_funding_line(decisions(), budget=BUDGET, around=0)
