"""The report of a decision as a page: what it says, what it must not say, and that it is inert."""

from __future__ import annotations

import hashlib
import json
import re
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from cli.test_command import CALL, POLICY, portfolio
from report.pages import Page, listed
from small import call, policy, probe

import portfolio as pf
from portfolio.report import Chart, gap_in_words, rules_in_words, value_in_words, write_record
from portfolio.report.html.amounts import Amounts, percent
from portfolio.report.html.anonymous import HIDDEN, hide, without_names
from portfolio.report.html.balances import balances_of
from portfolio.report.stored_tables import stored_decisions

EVIL = (
    '<script>alert("x")</script>',
    '=HYPERLINK("http://evil.example","x")',
    '"><img src=x onerror=alert(1)>',
    "$\\frac{1}{0}$ {{ 7*7 }} {% raw %}",
    "</style></svg><svg onload=alert(1)>",
)


def decided(folder: Path, of: pf.Call, by: pf.Policy) -> tuple[pf.Portfolio, pf.StoredDecision]:
    made = pf.optimize(of, by)
    pf.write_decision(made, folder, pf.price_reserves(made))
    return made, pf.read_decision(folder)


def described(**changes: Any) -> pf.Call:
    """Twelve proposals of whom one investigator has two."""
    n = 12
    columns = {
        "id": [f"X-{i:02d}" for i in range(n)],
        "amount": [10 * (1 + i % 4) for i in range(n)],
        "merit": [5.5 - i / 4 for i in range(n)],
        "merit_sd": [0.3] * n,
        "title": [f"Title {i}" for i in range(n)],
        "investigator": [f"Person {i % 11}" for i in range(n)],
        "institution": [f"House {i % 3}" for i in range(n)],
    }
    return call(**(columns | changes))


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("report") / "decision"
    assert portfolio("optimize", *CALL, *POLICY, "--out", folder, "--quiet").returncode == 0
    return folder


@pytest.fixture
def drawn() -> None:
    """Ask for the charts themselves, which take most of the time of a page."""


@pytest.fixture(autouse=True)
def only_who_asks_draws(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if "drawn" not in request.fixturenames:
        monkeypatch.setattr(Chart, "svg", lambda *_: "<svg></svg>")


@pytest.fixture(scope="module")
def shown(example: Path) -> Page:
    """The report of the example."""
    return Page(pf.report_page(pf.read_decision(example), title="Early careers 2027"))


# What it says


def test_the_first_page_is_the_decision(shown: Page) -> None:
    assert shown.text.startswith("Early careers 2027")
    for words in (
        "Budget EUR 10,000,000",
        "Awarded EUR 9,995,700 (more than 99.9% of the budget)",
        "Not spent EUR 4,300",
        "Awards 34 of 60 proposals (56.7%)",
        "the greatest value: the sum of (merit - 3), per award.",
        "Proven: no portfolio that keeps the rules is worth more than this one (51.1333).",
    ):
        assert words in shown.text
    (reserves,) = shown.with_head("trait")
    assert reserves[1] == ["long_horizon", "2,000,000", "2,309,600", "3,234,800", "1.4", "yes"]


def test_every_proposal_is_there_with_its_whole_reason(example: Path, shown: Page) -> None:
    found = listed(shown)
    table = pl.read_csv(example / "decisions.csv", infer_schema=False)
    assert sorted(found) == table["id"].to_list()
    for row in table.iter_rows(named=True):
        cells = found[row["id"]]
        assert cells[1].startswith(row["title"])
        assert row["institution"] in cells[1]
        money = [f"{float(row['amount_requested']):,.0f}"]
        money += [f"{float(row['amount_awarded']):,.0f}"] if row["decision"] == "funded" else []
        assert cells[2:-2] == money
        assert cells[-2:] == [f"{float(row['merit']):.2f}", row["reason"]]


def test_the_balance_adds_up_to_the_decision(shown: Page) -> None:
    tables = shown.with_head("group")
    assert len(tables) == 7
    for table in tables:
        assert sum(int(row[1]) for row in table) == 60
        assert sum(int(row[3]) for row in table) == 34
        assert sum(int(row[4].replace(",", "")) for row in table) == 9_995_700


def test_the_line_names_those_whose_interval_holds_it(tmp_path: Path) -> None:
    # Three awards of merit 5.5, 5.25 and 5 take 60; X-00 is locked out, so X-03 comes in with 40 less than it asks.
    _, stored = decided(tmp_path, described(amount=[10] * 12), policy(30, must_not_fund=["X-00"]))
    page = Page(pf.report_page(stored))
    assert "the budget can no longer pay: down to merit 5. 3 proposals are above that line." in page.text
    assert "Of those above it 1 is not funded, and 1 below it is" in page.text
    rows = next(rows for rows in page.with_head("proposal") if len(rows[0]) == 6)
    # 0.3 * 1.6449 = 0.49: merits from 4.51 to 5.49 may be those of the line; X-00, of 5.5, may not.
    assert sorted(row[0] for row in rows) == ["X-01", "X-02", "X-03"]
    assert rows[0][:4] == ["X-02", "funded", "above the line", "5.00"]


def test_who_is_below_the_zero_is_not_said_to_be_left_out_by_rules(tmp_path: Path) -> None:
    _, stored = decided(
        tmp_path, call(amount=[1, 1], merit=[5, 2]), policy(2, objective=pf.Objective(zero=3))
    )
    page = Page(pf.report_page(stored))
    assert "1 is not funded, and 0 below it are: what awards are worth, the rules and the size" in page.text


def test_merits_of_the_file_are_not_said_to_be_made_of_reviews(tmp_path: Path) -> None:
    reviews = pf.ReviewSettings(best=6, worst=1)
    _, stored = decided(tmp_path, call(amount=[1, 1], merit=[5, 2]), policy(2, reviews=reviews))
    page = Page(pf.report_page(stored))
    assert "merits as given in the file" in page.text
    assert "method mean" not in page.text


def test_equals_at_the_line_are_said_to_be_equal(tmp_path: Path) -> None:
    made = call(amount=[1, 1, 1, 1], merit=[5.0, 4.0, 4.0, 3.0], merit_sd=[0.0, 0.0, 0.0, 0.0])
    _, stored = decided(tmp_path, made, policy(2))
    page = Page(pf.report_page(stored))
    assert "1 proposal is above that line, and 2 of merit 4 at it" in page.text
    assert "Of those above it 0 are not funded, and 0 below it are" in page.text
    rows = next(rows for rows in page.with_head("proposal") if len(rows[0]) == 6)
    assert [row[2] for row in rows] == ["at the line", "at the line"]


def test_without_risk_there_is_no_plane(tmp_path: Path, shown: Page) -> None:
    _, stored = decided(tmp_path, call(amount=[2, 3], merit=[4, 5]), policy(3))
    assert "there is nothing to draw" in Page(pf.report_page(stored)).text
    assert "there is nothing to draw" not in shown.text


def test_the_record_can_be_checked(example: Path, shown: Page) -> None:
    digest = hashlib.sha256((example / "portfolio.json").read_bytes()).hexdigest()
    assert shown.text.count(digest) == 2
    for command in ("sha256sum portfolio.json", "portfolio verify DIR", "python verify.py DIR"):
        assert command in shown.text
    assert "on = 2026-01-01" in shown.text


RULES: list[dict[str, Any]] = [
    {},
    {"reserve": [pf.Reserve(trait="b", share=0.9, shortfall="hold")]},
    {"reserve": [pf.Reserve(trait="b", share=0.2)], "reserve_order": "over_and_above"},
    {"limit": [pf.Limit(per="dept", max_awards=1, price=3.0)]},
]


@pytest.mark.parametrize("rules", RULES, ids=["plain", "hold", "rounds", "soft"])
def test_a_stored_decision_says_what_the_fresh_one_says(rules: dict[str, Any], tmp_path: Path) -> None:
    made, stored = decided(tmp_path, probe(), policy(5.0, traits={"b": "dept = 'B'"}, **rules))
    for words in (gap_in_words, value_in_words, rules_in_words):
        assert words(stored) == words(made)
    page = Page(pf.report_page(stored))
    assert gap_in_words(made) in page.text
    for line in rules_in_words(made):
        assert line in page.text
    assert sorted(listed(page)) == sorted(probe().ids)
    if made.rounds:
        (rounds,) = page.with_head("round")
        assert [row[0] for row in rounds] == [part.name for part in made.rounds]
        # A pot is no least amount: what is left of it is not said to be missing.
        (pots,) = page.with_head("trait")
        left = [float(pot.required - pot.delivered) for pot in made.reserves]
        assert [float(row[-1]) for row in pots] == pytest.approx(left)
        assert "short" not in page.text


def test_a_search_that_ended_early_says_so_at_the_top(tmp_path: Path) -> None:
    decided(tmp_path, probe(), policy(5.0))
    file = tmp_path / "portfolio.json"
    record = json.loads(file.read_text())
    write_record(record | {"status": "time_limit", "bound": None, "gap": None}, file)
    page = Page(pf.report_page(pf.read_decision(tmp_path)))
    assert "The search ended early. Stopped by the time limit at a value of" in page.text
    assert "nothing is proven about better ones" in page.text


def test_shares_are_never_all_or_nothing_if_they_are_not() -> None:
    assert [percent(part, 10_000) for part in (0, 1, 5, 9_994, 9_996, 10_000)] == [
        "0.0%", "less than 0.1%", "0.1%", "99.9%", "more than 99.9%", "100.0%",
    ]  # fmt: skip
    assert percent(1, 0) == ""


def test_money_has_decimals_where_a_sum_has(tmp_path: Path) -> None:
    _, stored = decided(tmp_path, probe(), policy(5.0))
    assert "Awarded EUR 4.80" in Page(pf.report_page(stored)).text
    assert Amounts("JPY", 0)(1234567) == "1,234,567"


# How sure


def test_certainty_of_the_borderline(example: Path, tmp_path: Path) -> None:
    file = tmp_path / "sure.csv"
    arguments = (*CALL, *POLICY, "--draws", "40", "--out", file, "--quiet")
    assert portfolio("robustness", *arguments).returncode == 0
    page = Page(pf.report_page(pf.read_decision(example), robustness=file))
    drawn = pl.read_csv(file)
    borderline = drawn.filter(label="borderline")
    rows = next(rows for rows in page.with_head("proposal") if len(rows[0]) == 7)
    assert {row[0] for row in rows} == set(borderline["id"])
    shares = dict(borderline.select("id", "funded_share").iter_rows())
    assert all(row[6].startswith(f"{100 * shares[row[0]]:.0f}% (") for row in rows)
    drawn.write_parquet(tmp_path / "sure.parquet")
    again = pf.report_page(pf.read_decision(example), robustness=tmp_path / "sure.parquet")
    assert Page(again).tables == page.tables


HEAD = "id,base,label,settled,funded_share,share_low,share_high"


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("id,rules\nX-00,1\n", "is not the table of a robustness analysis"),
        (
            "id,base,label,settled,funded_share,share_low,share_high\nQ,funded,core,true,1,1,1\n",
            "about other proposals",
        ),
        (
            "id,base,label,settled,funded_share,share_low,share_high\nA,not_funded,core,true,1,1,1\n",
            "another decision",
        ),
        (
            "id,base,label,settled,funded_share,share_low,share_high\nA,funded,core,maybe,1,1,1\n",
            "is not the table",
        ),
    ],
)
def test_a_table_of_another_decision_is_refused(text: str, what: str, tmp_path: Path) -> None:
    _, stored = decided(tmp_path, call(amount=[1], merit=[5]), policy(1))
    file = tmp_path / "sure.csv"
    file.write_text(text)
    with pytest.raises(pf.DataError, match=what):
        pf.report_page(stored, robustness=file)


# What strangers wrote


@pytest.mark.usefixtures("drawn")
def test_texts_of_strangers_are_inert(tmp_path: Path) -> None:
    n = len(EVIL)
    columns = {name: list(EVIL) for name in ("title", "investigator", "institution", "field", "region")}
    made = call(
        id=[f"{i}{text}" for i, text in enumerate(EVIL)], amount=[1] * n, merit=[5, 4, 3, 2, 1], **columns
    )
    _, stored = decided(tmp_path, made, policy(2, must_fund=[f"4{EVIL[4]}"]))
    page = Page(pf.report_page(stored, title=EVIL[0]))
    assert not page.tags & {"script", "img", "iframe", "object", "link", "foreignobject", "image"}
    assert not [name for name, _ in page.attributes if name.startswith("on")]
    sources = [value for name, value in page.attributes if name in {"href", "src", "xlink:href"}]
    assert all(value.startswith("#") for value in sources)
    for text in EVIL:
        assert " ".join(text.split()) in page.text
    assert page.text.startswith(EVIL[0])


def test_what_was_set_aside_is_shown_and_stays_inert(tmp_path: Path) -> None:
    file = tmp_path / "call.csv"
    file.write_text(f"id,amount,merit\nA,1,5\nB,{EVIL[0].replace(chr(34), '')},4\n")
    rules = policy(2, on_bad_rows="set_aside")
    _, stored = decided(tmp_path / "d", pf.read_call(file, policy=rules), rules)
    page = Page(pf.report_page(stored))
    (rows,) = page.with_head("file")
    assert rows[0][:4] == ["call.csv", "3", "B", "amount"]
    assert "script" not in page.tags
    (shown,) = Page(pf.report_page(stored, anonymous=True)).with_head("file")
    assert shown[0][0] == "call.csv"
    assert "alert" not in str(shown)


# For publication


@pytest.mark.usefixtures("drawn")
def test_an_anonymous_report_names_nobody_who_was_not_funded(tmp_path: Path) -> None:
    rules = policy(
        60,
        must_not_fund=["X-02"],
        traits={"marked": "id = 'X-09' OR investigator = 'Person 3'"},
        limit=[pf.Limit(per="investigator", max_awards=1), pf.Limit(where="title = 'Title 7'", max_awards=0)],
        link=[pf.Link(kind="at_most", k=1, proposals=["X-05", "X-06"])],
    )
    made, stored = decided(tmp_path, described(institution=["House 0"] * 6 + ["Lost House"] * 6), rules)
    page = pf.report_page(stored, anonymous=True)
    frame = pl.read_csv(tmp_path / "decisions.csv", infer_schema=False)
    won, lost = frame.filter(decision="funded"), frame.filter(pl.col("decision") != "funded")
    assert lost.height > 5
    people = set(lost["investigator"]) - set(won["investigator"])
    for name in (*lost["id"], *lost["title"], *people, "Lost House"):
        # "Title 1" stands in "Title 10".
        assert not re.search(rf"{name}(?![0-9])", page), name
    assert sorted(listed(Page(page))) == list(made.ids)
    assert all(title in page for title in won["title"])
    assert f"Not funded: {lost.height}" in Page(page).text
    assert "(not published)" in page
    # The same page with names has them all, so that the test looks for something.
    named = pf.report_page(stored)
    assert all(name in named for name in (*lost["id"], *people, "Lost House"))


def test_a_rule_about_several_gives_no_name_away(tmp_path: Path) -> None:
    # One of three named together; a quotation mark within a name; a part of a name.
    rules = policy(
        60,
        traits={
            "a": "investigator = 'o''brien'",
            "b": "investigator LIKE 'Van D%'",
        },
        link=[pf.Link(kind="at_most", k=0, proposals=["X-01", "X-05", "X-06"], price=0.01)],
    )
    people = ["O'Brien" if i == 9 else "Van Dyck" if i == 10 else f"Person {i}" for i in range(12)]
    made, stored = decided(tmp_path, described(investigator=people), rules)
    assert "X-01" in made.ids
    assert not {"X-09", "X-10"} & set(made.ids)
    assert "(X-01, X-05, X-06) gave way" in pf.report_page(stored)
    page = pf.report_page(stored, anonymous=True)
    assert "((not published)) gave way" in page
    for name in (*set(stored.policy.link[0].proposals) - set(made.ids), "brien", "Van D"):
        assert name not in page, name


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("P-1", False),
        ("A, P-1, C", False),
        ("A, B and 12 more", True),
        ("A, P-1 and 1,200 more", False),
        ("A, Doe, Jane, C", False),
        ("P-10, P-11", True),
        ("id <> 'P-1'", False),
        ("name = 'it''s'", False),
        ("name LIKE '%jane%'", False),
        ("name LIKE '%'", True),
        ("dept = 'Maths'", True),
    ],
)
def test_what_is_hidden(text: str, shown: bool) -> None:
    assert hide([text], {"P-1", "Doe, Jane", "It's"}) == [text if shown else HIDDEN]


def test_sums_have_the_cents_of_the_budget_and_of_reserves(tmp_path: Path) -> None:
    # All requests are whole: of a budget of 120.50, the half was not spent, and 30.19 were held back.
    risky = [i % 4 == 0 for i in range(12)]
    rules = policy(
        Decimal("120.50"),
        traits={"risky": "risky"},
        reserve=[pf.Reserve(trait="risky", share=0.2505, shortfall="release")],
    )
    _, stored = decided(tmp_path, described(risky=risky), rules)
    page = Page(pf.report_page(stored))
    assert "Budget EUR 120.50" in page.text
    assert "Not spent EUR 0.50" in page.text
    (reserves,) = page.with_head("trait")
    assert reserves[0][:4] == ["risky", "30.19", "30.00", "30.00"]
    assert reserves[0][-1] == "no: 0.19 short"


def test_more_than_the_budget_is_not_called_a_negative_rest(tmp_path: Path) -> None:
    rules = policy(15, overspend=pf.Overspend(price=0.01, max_amount=100))
    made, stored = decided(tmp_path, described(), rules)
    assert made.spent > 15
    text = Page(pf.report_page(stored)).text
    assert f"Spent beyond the budget EUR {made.spent - 15:,.0f}" in text
    assert "Not spent" not in text


def test_promises_beyond_the_budget_are_not_called_spent(tmp_path: Path) -> None:
    rules = policy(25, overcommit=pf.Overcommit(epsilon=0.05, attrition=0.2))
    n = 40
    made, stored = decided(tmp_path, call(amount=[1] * n, merit=[5] * n), rules)
    assert made.spent > 25
    text = Page(pf.report_page(stored)).text
    assert f"Promised beyond the budget EUR {made.spent - 25:,.0f}" in text
    assert "Spent beyond" not in text


def test_a_group_without_all_of_the_money_has_less_than_all() -> None:
    table = pl.DataFrame(
        {
            "decision": ["funded"] * 3,
            "early_career": [True] * 3,
            "amount_requested": [Decimal(9999), Decimal(1), Decimal(9999)],
            "amount_awarded": [Decimal(9999), Decimal(1), Decimal(9999)],
            "region": ["North", "South", "North"],
        }
    )
    (found,) = (one for one in balances_of(table, Amounts("EUR", 0)) if one.heading == "Region")
    assert {row[0]: row[-1] for row in found.rows} == {"North": "more than 99.9%", "South": "less than 0.1%"}


def test_numbers_of_an_anonymous_report_follow_merit_and_nothing_else(tmp_path: Path) -> None:
    _, stored = decided(tmp_path, described(amount=[10] * 12), policy(60))
    page = Page(pf.report_page(stored, anonymous=True))
    rows = page.with_head("proposal")[0]
    numbered = [(int(row[0].split()[-1]), float(row[3])) for row in rows if row[0].startswith("not funded")]
    assert numbered
    assert [merit for _, merit in sorted(numbered)] == sorted((m for _, m in numbered), reverse=True)


def test_no_order_of_an_anonymous_decision_gives_away_an_id(tmp_path: Path) -> None:
    # All merits are equal, and the amounts tell which proposal is which.
    _, stored = decided(tmp_path, described(merit=[3.5] * 12, amount=list(range(1, 13))), policy(10))
    _, shown, _ = without_names(stored, stored_decisions(stored))
    assert shown["id"].is_sorted()
    lost = shown.filter(pl.col("decision") != "funded")
    numbers = lost["id"].str.split(" ").list.last().cast(pl.Int64)
    assert sorted(numbers) == list(range(1, lost.height + 1))
    amounts = lost["amount_requested"].gather(numbers.arg_sort())
    assert lost.height > 5
    assert not amounts.is_sorted()
    assert not amounts.is_sorted(descending=True)


# Bytes, sizes, and what is missing


@pytest.mark.usefixtures("drawn")
def test_the_order_of_rows_does_not_change_a_byte(tmp_path: Path) -> None:
    frame = described().frame.with_columns(amount=pl.col("amount") / 100)
    pages = []
    for name, rows in (("a", frame), ("b", frame.reverse())):
        _, stored = decided(tmp_path / name, pf.Call.from_frame(rows), policy(60))
        pages.append(pf.report_page(stored))
    assert pages[0] == pages[1]


@pytest.mark.usefixtures("drawn")
def test_a_call_of_seven_thousand_stays_small(tmp_path: Path) -> None:
    made = pf.optimize(
        pf.simulate_call(7000, seed=1, reviews_per_proposal=0).call, pf.Policy(budget=600_000_000)
    )
    pf.write_decision(made, tmp_path)
    written = pf.write_report(pf.read_decision(tmp_path), tmp_path / "report.html")
    assert 1_000_000 < written.stat().st_size < 5_000_000
    assert len(listed(Page(written.read_text(encoding="utf-8")))) == 7000


@pytest.mark.usefixtures("drawn")
def test_a_call_that_says_next_to_nothing_has_a_report(tmp_path: Path) -> None:
    _, stored = decided(tmp_path, call(amount=[2, 3], merit=[4, 5]), policy(1))
    page = Page(pf.report_page(stored))
    assert "Awards 0 of 2 proposals" in page.text
    assert "Merit alone would fund none: there is no line." in page.text
    assert "No file was read" in page.text
    assert "No money was held back." in page.text


@pytest.mark.parametrize(
    ("name", "text", "what"),
    [
        ("set_aside.csv", "file,row,id,column,reason\na,1,b,c,d\n", "has not the rows that portfolio"),
        ("set_aside.csv", "file,row\n", "is not the table that was written"),
        ("set_aside.csv", "file,row,id,column,reason\na,x,b,c,d\n", "is not the table that was written"),
        ("decisions.csv", None, "is not the table that was written"),
    ],
)
def test_a_changed_folder_is_refused(name: str, text: str | None, what: str, tmp_path: Path) -> None:
    _, stored = decided(tmp_path, probe(), policy(5.0))
    file = tmp_path / name
    file.write_text(text or file.read_text().replace(",merit,", ",merits,"))
    with pytest.raises(pf.DataError, match="was rewritten since"):
        pf.report_page(stored)
    # As if it had been written so.
    files = stored.record["files"] | {name: hashlib.sha256(file.read_bytes()).hexdigest()}
    write_record(dict(stored.record) | {"files": files}, tmp_path / "portfolio.json")
    with pytest.raises(pf.DataError, match=what):
        pf.report_page(pf.read_decision(tmp_path))
    file.unlink()
    with pytest.raises(pf.DataError, match="cannot be read"):
        pf.report_page(stored)


@pytest.mark.usefixtures("drawn")
def test_without_matplotlib_it_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _, stored = decided(tmp_path, probe(), policy(5.0))
    for name in [name for name in sys.modules if name.partition(".")[0] == "matplotlib"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(pf.PortfolioError, match=r"pip install 'grant-portfolio\[report\]'"):
        pf.report_page(stored)


# The command


@pytest.mark.usefixtures("drawn")
def test_the_command_writes_the_page(example: Path, tmp_path: Path) -> None:
    file = tmp_path / "new" / "page.html"
    done = portfolio("report", example, "--out", file, "--title", "A & B")
    assert (done.returncode, done.stdout, done.stderr.strip()) == (0, "", f"Wrote {file}.")
    assert file.read_text(encoding="utf-8") == pf.report_page(pf.read_decision(example), title="A & B")


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["{example}", "--anonymous", "--out", "a.html", "--excel", "a.xlsx"], 2, "names every proposal"),
        (["nowhere"], 3, "name the folder that `portfolio optimize --out DIR` wrote"),
        (["{example}", "--robustness", "nowhere.csv"], 2, "nowhere.csv: No such file or directory"),
        (
            ["{example}", "--robustness", "{example}/awards.csv"],
            3,
            "is not the table of a robustness analysis",
        ),
    ],
)
def test_a_mistake_is_said(arguments: list[str], code: int, words: str, example: Path) -> None:
    done = portfolio("report", *(part.format(example=example) for part in arguments))
    assert (done.returncode, done.stdout) == (code, "")
    assert words in done.stderr
    assert "Traceback" not in done.stderr


def test_a_limit_that_gave_way_is_not_called_at_its_bound(tmp_path: Path) -> None:
    limit = pf.Limit(per="dept", max_awards=1, price=0.5)
    of = call(amount=[1] * 3, merit=[9, 8, 0.1], dept=["u", "u", "v"])
    _, decision = decided(tmp_path, of, policy(3, limit=[limit]))
    text = pf.report_page(decision)
    assert "Limits at or beyond their bound" in text
    assert "2; the limit gave way" in text
    assert text.count("; the limit gave way") == 1
