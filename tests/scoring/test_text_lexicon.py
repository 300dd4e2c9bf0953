from math import log2

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portfolio.scoring.paradigm import PARADIGM
from portfolio.scoring.text.lexicon import CAUTION, GAIN, LANGUAGES, Lexicon, Term, lexicon
from portfolio.scoring.text.words import plain

TINY = Lexicon(
    [
        Term("theory", "primary_goal", 3.0),
        Term("cell*", "primary_goal", 1.0),
        Term("solar cell*", "primary_goal", -2.0),
        Term("market", "key_metric", -3.0),
        Term("cell phone", "primary_goal", 0.0),
        Term("*fertigung", "primary_goal", -3.0),
    ]
)


def said(text):
    return sum(found.contribution for found in TINY.contributions(text))


def test_a_score_by_hand():
    # theory twice: 3 log2(3); market once: -3. In all 3 (log2(3) - 1) / (6 + 3 log2(3) + 3) times the gain
    s = 3 * log2(3)
    assert said("Theory! A theory for the market.") == pytest.approx(GAIN * (s - 3) / (CAUTION + s + 3))
    assert [(f.text, f.row, f.count) for f in TINY.contributions("Theory! A theory for the market.")] == [
        ("theory", "primary_goal", 2),
        ("market", "key_metric", 1),
    ]


def test_the_longest_term_counts():
    assert TINY.find("solar cells and cells") == {"solar cell*": 1, "cell*": 1}
    assert TINY.find("solar-cell") == {"solar cell*": 1}
    assert TINY.find("solar panels and a cell phone") == {"cell phone": 1}
    assert said("a cell phone") == 0


def test_stars_stand_for_letters_within_a_word():
    assert TINY.find("Cellular, excellent, cell") == {"cell*": 2}
    assert TINY.find("Serienfertigung, Fertigung, fertigungen") == {"*fertigung": 2}
    assert TINY.find("theoryless pretheory") == {}


def test_nothing_found_is_no_score():
    assert TINY.contributions("") == ()
    assert said("nothing of the kind") == 0


def test_chinese_is_found_without_spaces():
    assert lexicon("zh").find("燃料电池的基础理论研究") == {"燃料电池": 1, "基础理论": 1}


def test_a_term_twice_is_refused():
    with pytest.raises(ValueError, match="twice: theory"):
        Lexicon([Term("theory", "primary_goal", 1.0), Term("theory", "key_metric", 2.0)])


@pytest.mark.parametrize("tag", LANGUAGES)
def test_a_lexicon_is_well_made(tag):
    terms = lexicon(tag).terms.values()
    assert {term.row for term in terms} == set(PARADIGM.names)
    assert {abs(term.weight) for term in terms} <= {0.0, 1.0, 2.0, 3.0}
    assert all(plain(term.text) == term.text.strip() and "-" not in term.text for term in terms)
    for row in ("primary_goal", "key_metric"):
        weights = [term.weight for term in terms if term.row == row]
        assert min(weights) < 0 < max(weights)
    # Every term can be found: no other term takes all its places.
    for term in terms:
        word = term.text.replace("*", "")
        assert lexicon(tag).find(word), word


POLES = {
    "en": (
        "curiosity about fundamental mechanisms and a theory",
        "a product for the market, cheap to manufacture",
    ),
    "de": (
        "Neugier auf grundlegende Mechanismen und eine Theorie",
        "ein Produkt für den Markt und seine Herstellung",
    ),
    "fr": ("la théorie des mécanismes fondamentaux", "un produit pour le marché et pour l'industrie"),
    "es": ("la teoría de los mecanismos fundamentales", "un producto para el mercado y para la industria"),
    "zh": ("揭示自然规律的基础理论", "面向市场的产品与产业化"),
}


@pytest.mark.parametrize("tag", LANGUAGES)
def test_the_poles_are_on_their_sides(tag):
    basic, applied = (sum(f.contribution for f in lexicon(tag).contributions(text)) for text in POLES[tag])
    assert basic > 0.5
    assert applied < -0.5


@given(st.lists(st.sampled_from([*TINY.terms, "word"]), max_size=30), st.sampled_from(list(TINY.terms)))
def test_the_score_is_bounded_and_a_new_term_pulls_to_its_pole(found, term):
    text = ". ".join(name.replace("*", "") for name in found)
    assert abs(said(text)) < GAIN
    more = said(f"{text}. {term.replace('*', '')}")
    assert (more - said(text)) * TINY.terms[term].weight >= -1e-12
