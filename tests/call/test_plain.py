"""Texts that look the same are the same: in cells, in conditions and in headings."""

import unicodedata

import polars as pl
import pytest

import portfolio as pf
from portfolio.call import ReadingRules
from portfolio.call.plain import COMPOSABLE, plain_text, plain_texts

ZURICH = "ETH Zürich"
SEEN = [
    "ETH Zu\u0308rich",
    "ETH\u00a0Zürich",
    "ETH\u202fZürich",
    "ETH\u3000Zu\u0308rich",
    "ETH Zü\u00adrich",
    "\u200bETH Zürich\u200b ",
]


def written(folder, text):
    path = folder / "call.csv"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize("text", SEEN)
def test_texts_that_look_the_same_are_equal(tmp_path, text):
    path = written(
        tmp_path, f"id,amount,institution,own,bottlenecks\nA,1,{text},{text},x;{text}\nB,1,x,x,x\n"
    )
    for column, literal in (("institution", ZURICH), ("institution", text.strip()), ("own", ZURICH)):
        call = pf.read_call(path, policy=ReadingRules(only=f"{column} = '{literal}'"))
        assert list(call.ids) == ["A"]
    assert call.frame.row(0)[2:] == (ZURICH, ZURICH, ["x", ZURICH])
    typed = pf.Proposal(id="A", amount=1, institution=text, bottlenecks=("x", text))
    assert (typed.institution, typed.bottlenecks) == (ZURICH, ("x", ZURICH))


def test_headings_that_look_the_same_are_one(tmp_path):
    path = written(tmp_path, "id,Fo\u0308rder\u00a0betrag,Fakulta\u0308t\nA,1,x\n")
    rules = ReadingRules(columns={"amount": "Förder betrag"}, only="\"Fakultät\" = 'x'")
    assert pf.read_call(path, policy=rules).frame.columns == ["id", "amount", "Fakultät"]


def test_ids_keep_their_blanks_and_are_found_all_the_same(tmp_path):
    path = written(tmp_path, "id,amount\nP\u00a01,1\nP 1,1\nP 2,1\n")
    for literal in ("P 1", "P\u00a01"):
        call = pf.read_call(path, policy=ReadingRules(only=f"id = '{literal}'"))
        assert call.ids.to_list() == ["P\u00a01", "P 1"]


def test_columns_and_single_texts_become_plain_alike():
    # Planes 3 to 13 are empty.
    places = [*range(0xD800), *range(0xE000, 0x30000), *range(0xE0000, 0xE1000)]
    letters = [letter for letter in map(chr, places) if unicodedata.category(letter) != "Cn"]
    changed = [letter for letter in letters if unicodedata.normalize("NFC", letter) != letter]
    assert pl.Series(changed).str.contains(COMPOSABLE).all()
    # What only composes with the letter before it.
    behind = [c for c in letters if unicodedata.combining(c) or 0x1160 <= ord(c) <= 0x11FF]
    assert pl.Series(behind).str.contains(COMPOSABLE).all()
    texts = [f"a{letter}\u0301" for letter in letters[::97]] + SEEN
    assert plain_texts(pl.Series(texts)).to_list() == [plain_text(text).strip() for text in texts]
