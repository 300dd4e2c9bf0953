import subprocess
import sys

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from small import call, policy

import portfolio as pf
from portfolio.errors import DataError
from portfolio.scoring.novelty import novelty

CORPUS = ["cold atoms in optical lattices", "court archives of the middle ages"]
WORDS = st.lists(
    st.sampled_from(["cold", "atoms", "court", "archives", "ages", "dark"]), min_size=1, max_size=5
)


def proposals(**columns):
    return call(amount=[1] * len(next(iter(columns.values()))), **columns)


def test_the_same_words_are_not_new_and_others_are():
    found = novelty(["Optical lattices in cold atoms", "dark photons", "cold archives"], CORPUS)
    assert found[0] == pytest.approx(0, abs=1e-9)
    assert found[1] == 1
    assert 0 < found[2] < 1


def test_by_hand():
    # Corpus of "a1" and "b1": idf of each ln(3 / 2) + 1, of a word that neither has ln(3) + 1. "a1 c1" against "a1":
    known, new = np.log(3 / 2) + 1, np.log(3) + 1
    assert novelty(["a1 c1"], ["a1", "b1"]) == pytest.approx(1 - known / np.hypot(known, new))
    # A word that is there twice weighs 1 + ln 2.
    assert novelty(["a1 a1 b1"], ["a1", "b1"]) == pytest.approx(
        1 - (1 + np.log(2)) / np.hypot(1 + np.log(2), 1)
    )


@given(st.lists(WORDS, min_size=1, max_size=6), st.lists(WORDS, min_size=1, max_size=4), WORDS)
def test_more_earlier_texts_with_the_same_words_are_never_further_and_neighbours_do_not_matter(
    texts, corpus, own
):
    texts, corpus = [" ".join(t) for t in texts], [" ".join(t) for t in corpus]
    found = novelty(texts, corpus)
    assert ((found >= 0) & (found <= 1)).all()
    assert novelty([texts[0]], corpus)[0] == found[0]
    assert novelty([" ".join(own)], [*corpus, " ".join(own)])[0] == pytest.approx(0, abs=1e-9)


def test_a_call_gets_a_column_that_can_be_a_criterion(tmp_path):
    file = tmp_path / "funded.csv"
    pl.DataFrame({"Title": CORPUS, "abstract": [None, "of long ago"], "year": [2020, 2021]}).write_csv(file)
    made = proposals(title=["Cold atoms", None, "Dark photons"], abstract=["in optical lattices", None, None])
    found = pf.with_novelty(made, file)
    assert found.frame["novelty"].to_list() == pytest.approx([0, None, 1], abs=1e-9)
    assert [source.name for source in found.sources] == ["funded.csv"]
    rules = policy(1, objective={"criterion": [{"column": "novelty"}]}, eligible="novelty IS NOT NULL")
    assert pf.optimize(found, rules).ids == ("C",)
    assert pf.with_novelty(made, pl.read_csv(file).rename({"Title": "title"})) == found


def test_what_cannot_be_compared_is_refused(tmp_path):
    made = proposals(title=["Cold atoms"])
    file = tmp_path / "funded.csv"
    file.write_text("titel,amount\nx,1\n")
    for bad, corpus, message in (
        (made, file, "funded.csv: has neither a column title nor a column abstract\n.*did you mean 'titel'"),
        (made, pl.DataFrame({"title": [None, " "]}, schema={"title": pl.String}), "no text to compare with"),
        (proposals(merit=[1.0]), pl.DataFrame({"title": CORPUS}), "the call: has neither"),
        (
            proposals(title=["x"], novelty=[0.5]),
            pl.DataFrame({"title": CORPUS}),
            "column of the call already",
        ),
    ):
        with pytest.raises(DataError, match=message):
            pf.with_novelty(bad, corpus)


def test_texts_are_compared_in_parts_with_the_same_result(monkeypatch):
    texts = [
        " ".join(np.random.default_rng(i).choice(["cold", "court", "dark", "ages"], 3)) for i in range(9)
    ]
    whole = novelty(texts, CORPUS)
    monkeypatch.setattr("portfolio.scoring.novelty._CHUNK", 2)
    assert np.array_equal(novelty(texts, CORPUS), whole)


def test_importing_the_library_brings_no_learning_with_it():
    code = "import sys, portfolio; print(sorted({'sklearn', 'scipy.special'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
