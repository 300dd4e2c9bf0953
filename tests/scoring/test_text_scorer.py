import copy
import pickle

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import expit
from scoring.texts import labelled, texts_of
from sklearn.base import clone, is_classifier
from sklearn.model_selection import cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.utils import get_tags

import portfolio as pf
from portfolio.errors import DataError
from portfolio.scoring.text.lexicon import lexicon

PAST, NEW = labelled(120), labelled(60, seed=1)
TEXTS, KINDS, FRESH = texts_of(PAST), PAST["kind"].to_list(), texts_of(NEW)
IS_BASIC = (NEW["kind"] == "basic").to_numpy()
ENGLISH = "We ask why there is a theory of the universe and how it was discovered."
ITALIAN = (
    "Vogliamo sapere perché le cellule del cuore smettono di dividersi poco dopo la nascita e il mercato."
)
TRAINED = pf.ParadigmTextScorer().fit(TEXTS, KINDS)


def test_untrained_it_needs_no_fit_and_is_the_lexicon():
    logit = sum(found.contribution for found in lexicon("en").contributions(ENGLISH))
    for scorer in (pf.ParadigmTextScorer(), pf.ParadigmTextScorer().fit(TEXTS)):
        assert scorer.predict_proba([ENGLISH])[0] == pytest.approx([1 - expit(logit), expit(logit)])
        assert scorer.predict([ENGLISH, "A product for the market and for the users of it."]).tolist() == [
            "basic",
            "applied",
        ]


def test_a_text_that_says_nothing_has_the_probability_before_reading():
    found = pf.ParadigmTextScorer().predict_proba([None, "", "   ", float("nan"), "XK-2"])
    assert found.tolist() == [[0.5, 0.5]] * 5
    assert np.isnan(
        pf.ParadigmTextScorer().evidence([None, "", "XK-2", "It is what it was, and it will be so."])
    ).all()


def test_a_language_that_cannot_be_read_is_unknown_and_never_english():
    for scorer in (pf.ParadigmTextScorer(), TRAINED):
        assert scorer.languages([ENGLISH, ITALIAN, None]) == ["en", "it", "und"]
        assert np.isnan(scorer.predict_proba([ENGLISH, ITALIAN, ENGLISH]).sum(axis=1)).tolist() == [
            False,
            True,
            False,
        ]
        assert np.isnan(scorer.evidence([ITALIAN])).all()
        with pytest.raises(DataError, match="row 2: is in Italian, which cannot be read"):
            scorer.predict([ENGLISH, ITALIAN])
        with pytest.raises(DataError, match="Italian"):
            scorer.explain(ITALIAN)


def test_a_language_that_was_trained_can_be_read():
    texts = [f"{ITALIAN} Numero {word}." for word in "abcdefghijklmnopqrst"]
    kinds = ["basic", "applied"] * 10
    assert np.isfinite(pf.ParadigmTextScorer().fit(texts, kinds).evidence([ITALIAN])).all()
    few = pf.ParadigmTextScorer().fit(texts[:4] + TEXTS, kinds[:4] + KINDS)
    assert np.isnan(few.evidence([ITALIAN])).all()


def test_a_language_can_be_given():
    assert np.isnan(pf.ParadigmTextScorer().evidence(["Quantum theory"])).all()
    assert pf.ParadigmTextScorer(language="en").evidence(["Quantum theory"])[0] > 0.5
    with pytest.raises(ValueError, match="did you mean 'en'"):
        pf.ParadigmTextScorer(language="EN").evidence(["Quantum theory"])


@pytest.mark.parametrize("scorer", [pf.ParadigmTextScorer(), TRAINED], ids=["untrained", "trained"])
@given(
    st.sampled_from([*TEXTS[:20], *FRESH[:20], ENGLISH, "", "Die Theorie und der Markt sind in der Welt."])
)
def test_contributions_add_up_to_the_score(scorer, text):
    found = scorer.explain(text)
    assert found.columns == ["word", "source", "row", "contribution"]
    assert found["contribution"].sum() == pytest.approx(scorer.decision_function([text])[0], abs=1e-9)
    assert set(found["source"]) <= {"start", "lexicon", "trained"}
    assert found["contribution"].abs().is_sorted(descending=True)


def test_the_words_that_drove_it():
    assert pf.ParadigmTextScorer().explain(ENGLISH).head(1).row(0)[:3] == (
        "theory",
        "lexicon",
        "primary_goal",
    )
    words = TRAINED.explain("A new look at ribosomes in the second project").filter(source="trained")
    assert words.head(3)["word"].str.contains("ribosomes").any()


@pytest.mark.parametrize("way", ["combined", "trained"])
def test_training_learns_what_the_lexicon_cannot_know(way):
    """Titles name topics that no lexicon has, and four in five topics go with the label."""
    # Equal titles are one text, of which no other fold can tell: each proposal has a name of its own.
    named = [
        f"{title} {''.join('abcdefghij'[int(digit)] for digit in str(row + 100))}"
        for row, title in enumerate(PAST["title"])
    ]
    scorer = pf.ParadigmTextScorer(way).fit(named, KINDS)
    assert scorer.classes_.tolist() == ["applied", "basic"]
    assert scorer.languages_ == {"en": 120}
    basic = pf.ParadigmTextScorer().predict_proba(NEW["title"])[:, 1] > 0.5
    assert np.mean(basic == IS_BASIC) < 0.65
    assert scorer.score(NEW["title"], NEW["kind"].to_list()) > 0.75


def test_few_labels_keep_to_the_lexicon():
    few = [KINDS.index("basic"), KINDS.index("applied")]
    few += [KINDS.index("basic", few[0] + 1), KINDS.index("applied", few[1] + 1)]
    scorer = pf.ParadigmTextScorer().fit([TEXTS[i] for i in few], [KINDS[i] for i in few])
    assert scorer.model_.theta[1] > 0.5
    assert TRAINED.model_.theta[1] < scorer.model_.theta[1]


@settings(max_examples=5)
@given(st.randoms(use_true_random=False))
def test_row_order_never_matters(random):
    order = random.sample(range(len(TEXTS)), len(TEXTS))
    shuffled = pf.ParadigmTextScorer().fit([TEXTS[i] for i in order], [KINDS[i] for i in order])
    assert np.array_equal(shuffled.decision_function(FRESH), TRAINED.decision_function(FRESH))
    mine = random.sample(range(len(FRESH)), len(FRESH))
    assert np.array_equal(
        TRAINED.decision_function([FRESH[i] for i in mine]), TRAINED.decision_function(FRESH)[mine]
    )


def test_neighbours_never_change_a_score():
    whole = TRAINED.decision_function(FRESH)
    assert [TRAINED.decision_function([text])[0] for text in FRESH] == whole.tolist()


@pytest.mark.parametrize(
    ("labels", "positive", "classes"),
    [
        (lambda k: int(k == "basic"), None, [0, 1]),
        (lambda k: k == "basic", None, [False, True]),
        (lambda k: k.capitalize(), None, ["Applied", "Basic"]),
        (lambda k: {"basic": "A", "applied": "Z"}[k], "A", ["Z", "A"]),
        (lambda k: float(k == "basic"), None, [0.0, 1.0]),
    ],
)
def test_labels_of_every_kind_mean_the_same(labels, positive, classes):
    scorer = pf.ParadigmTextScorer(positive=positive).fit(TEXTS, [labels(kind) for kind in KINDS])
    assert scorer.classes_.tolist() == classes
    assert np.array_equal(scorer.predict_proba(FRESH), TRAINED.predict_proba(FRESH))
    assert set(scorer.predict(FRESH)) == set(classes)


def test_more_than_two_labels_are_the_rest():
    kinds = [kind if kind == "basic" else f"other {i % 3}" for i, kind in enumerate(KINDS)]
    scorer = pf.ParadigmTextScorer(positive="basic").fit(TEXTS, kinds)
    assert scorer.classes_.tolist() == ["other", "basic"]
    assert np.array_equal(scorer.predict_proba(FRESH), TRAINED.predict_proba(FRESH))


@pytest.mark.parametrize(
    ("labels", "positive", "message"),
    [
        (["a", "b"] * 60, None, "not clear which label means basic research"),
        (["a", "b"] * 60, "c", "'c' is not among the labels"),
        (["basic"] * 120, None, "0 of 120 labels mean the rest"),
        (["basic"] + ["x"] * 119, None, "1 of 120 labels mean basic research, and at least 2"),
        ([None, *KINDS[1:]], None, "row 1: has no label"),
        (KINDS[1:], None, "120 texts and 119 labels"),
    ],
)
def test_labels_that_cannot_be_learnt_from(labels, positive, message):
    with pytest.raises(DataError, match=message):
        pf.ParadigmTextScorer(positive=positive).fit(TEXTS, labels)


@pytest.mark.parametrize("wrong", ["one text", 3, [1, 2], np.zeros((2, 2)), pl.DataFrame({"a": ["b"]})])
def test_what_is_not_a_list_of_texts_is_refused(wrong):
    with pytest.raises(TypeError, match="text"):
        pf.ParadigmTextScorer().predict_proba(wrong)


def test_tables_and_arrays_of_texts():
    expected = TRAINED.predict_proba(FRESH)
    for kind in (pl.Series(FRESH), pl.Series(FRESH).to_pandas(), np.array(FRESH), tuple(FRESH)):
        assert np.array_equal(TRAINED.predict_proba(kind), expected)


def test_an_unknown_way_is_refused():
    with pytest.raises(ValueError, match="way must be"):
        pf.ParadigmTextScorer("best").fit(TEXTS, KINDS)


def test_it_is_a_classifier_of_texts():
    tags = get_tags(pf.ParadigmTextScorer())
    assert is_classifier(pf.ParadigmTextScorer())
    assert tags.input_tags.string
    assert not tags.input_tags.two_d_array
    assert not tags.requires_fit
    assert not tags.target_tags.required
    scores = cross_val_score(pf.ParadigmTextScorer(), TEXTS, np.array(KINDS), cv=3, scoring="roc_auc")
    assert scores.mean() > 0.75
    assert make_pipeline(pf.ParadigmTextScorer()).fit(TEXTS, KINDS).predict_proba(FRESH).shape == (60, 2)


def test_it_can_be_copied_and_cloned():
    for other in (copy.deepcopy(TRAINED), pickle.loads(pickle.dumps(TRAINED))):
        assert np.array_equal(other.predict_proba(FRESH), TRAINED.predict_proba(FRESH))
    assert clone(TRAINED).get_params() == TRAINED.get_params()
    assert not hasattr(clone(TRAINED), "model_")
