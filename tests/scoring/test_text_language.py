import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portfolio.scoring.text.language import NAMES, detect
from portfolio.scoring.text.words import joined, plain, weighted, words

SENTENCES = {
    "en": "We want to know why the cells of the heart stop dividing soon after birth.",
    "de": "Wir wollen wissen, warum sich die Zellen des Herzens bald nach der Geburt nicht mehr teilen.",
    "fr": "Nous voulons savoir pourquoi les cellules du cœur cessent de se diviser peu après la naissance.",
    "es": "Queremos saber por qué las células del corazón dejan de dividirse poco después de nacer.",
    "it": "Vogliamo sapere perché le cellule del cuore smettono di dividersi poco dopo la nascita.",
    "pt": "Queremos saber por que as células do coração deixam de se dividir pouco depois do nascimento.",
    "nl": "We willen weten waarom de cellen van het hart kort na de geboorte niet meer delen.",
    "sv": "Vi vill veta varför hjärtats celler slutar att dela sig kort efter födseln och hur det sker.",
    "pl": "Chcemy wiedzieć, dlaczego komórki serca przestają się dzielić wkrótce po urodzeniu i jak to jest.",
    "zh": "我们想知道心脏细胞为什么在出生后不久就停止分裂。",
    "ja": "心臓の細胞が生後まもなく分裂をやめる理由を知りたい。",
    "ko": "심장 세포가 출생 직후 분열을 멈추는 이유를 알고자 한다.",
    "el": "Θέλουμε να μάθουμε γιατί τα κύτταρα της καρδιάς σταματούν να διαιρούνται.",
    "und-Cyrl": "Мы хотим знать, почему клетки сердца перестают делиться вскоре после рождения.",
    "und-Arab": "نريد أن نعرف لماذا تتوقف خلايا القلب عن الانقسام بعد الولادة بقليل.",
}


@pytest.mark.parametrize("tag", SENTENCES)
def test_a_sentence_tells_its_language(tag):
    assert detect(SENTENCES[tag]) == tag
    assert tag in NAMES


@pytest.mark.parametrize(
    "text",
    [
        "",
        "  \n",
        "12 + 3",
        "Quantum error correction",
        "xylophone qwertz asdf",
        "Ymchwil i'r mecanweithiau sy'n sail i'r clefyd",
    ],
)
def test_what_does_not_tell_is_not_guessed(text):
    assert detect(text) == "und"


def test_names_in_another_script_do_not_change_the_language():
    assert detect(SENTENCES["en"] + " (北京大学)") == "en"
    assert detect(SENTENCES["zh"] + " (CRISPR, RNA)") == "zh"


@given(st.sampled_from(sorted(SENTENCES)), st.sampled_from(["NFC", "NFD", "NFKC", "NFKD"]))
def test_case_and_the_way_accents_are_encoded_never_matter(tag, form):
    text = unicodedata.normalize(form, SENTENCES[tag])
    assert detect(text) == detect(text.upper()) == tag


@given(st.text())
def test_any_text_has_a_tag(text):
    assert detect(text) in NAMES
    assert plain(plain(text)) == plain(text)


def test_words_by_hand():
    assert words("The Cœur's co-ordinated, 2nd Größe!") == [
        "the",
        "coeur",
        "s",
        "co",
        "ordinated",
        "nd",
        "grosse",
    ]
    assert words("Größe") == ["grosse"]
    assert words("ÉTAT") == ["etat"]


def test_the_first_of_several_lines_counts_twice():
    assert weighted("A title\nAn abstract") == "a title a title an abstract"
    assert weighted("A title") == weighted("A title\n  ") == "a title"


def test_parts_that_are_missing_are_left_out():
    assert joined(["a ", None, " ", "b"]) == "a\nb"
    assert joined([None]) == ""
