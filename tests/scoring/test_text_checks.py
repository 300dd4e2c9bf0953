import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scoring.texts import labelled, texts_of
from sklearn.model_selection import StratifiedKFold

from portfolio.errors import DataError
from portfolio.scoring.text.checks import (
    Sample,
    auc,
    calibration_error,
    cross_validated,
    learning_curve,
    reliability,
)
from portfolio.scoring.text.labelled import read_labelled
from portfolio.scoring.text.reading import read
from portfolio.scoring.text.splits import folds
from portfolio.scoring.text.train import train

PAST = labelled(100)
BASIC = (PAST["kind"] == "basic").to_numpy().astype(np.int64)
SAMPLE = Sample.of(texts_of(PAST), BASIC, read(texts_of(PAST)).lexicon)


def test_the_calibration_error_by_hand():
    # twenty texts, so ten bins of two, all said to be 0.5: five bins of (1, 1), five of (0, 0)
    basic, probability = np.repeat([1, 0], 10), np.full(20, 0.5)
    assert calibration_error(basic, probability) == pytest.approx(0.5)
    # alternating, every bin has the share that it says
    assert calibration_error(np.tile([1, 0], 10), probability) == 0
    assert reliability(basic, probability)["texts"].to_list() == [2] * 10


def test_auc_by_hand():
    assert auc(np.array([0, 0, 1, 1]), np.array([0.1, 0.4, 0.35, 0.8])) == 0.75


@given(st.lists(st.tuples(st.integers(0, 1), st.floats(0, 1)), min_size=1, max_size=40))
def test_bins_hold_all_texts_in_order(pairs):
    basic, probability = (np.array(column) for column in zip(*pairs, strict=True))
    table = reliability(basic, probability)
    assert table["texts"].sum() == len(pairs)
    assert table["texts"].max() - table["texts"].min() <= 1
    assert (table["probability"].diff().drop_nulls() >= -1e-12).all()
    assert 0 <= calibration_error(basic, probability) <= 1


def test_cross_validation_never_sees_what_it_tests():
    """With labels drawn by lot nothing can be learnt: an AUC far above a half would mean that it cheats."""
    lots = np.random.Generator(np.random.PCG64(5)).permutation(BASIC)
    sample = Sample.of(texts_of(PAST), lots, np.zeros(100))
    areas = [auc(sample.basic, found) for found in cross_validated(sample, "trained", repeats=2)]
    assert np.mean(areas) < 0.65


def again(texts):
    """The same proposals, handed in a second time: in capitals, with other marks and line ends."""
    return [text.upper().replace("\n", "  \n").replace(" ", " - ") for text in texts]


def test_a_text_that_stands_twice_is_on_one_side_of_every_split():
    texts = texts_of(PAST)[:60]
    both = [*texts, *again(texts)]
    for seed in (None, 3):
        parts = list(folds(both, np.tile(BASIC[:60], 2), seed))
        assert np.array_equal(np.sort(np.concatenate([unseen for _, unseen in parts])), np.arange(120))
        for seen, unseen in parts:
            assert not {row % 60 for row in seen.tolist()} & {row % 60 for row in unseen.tolist()}
            assert set(BASIC[unseen % 60]) == {0, 1}
    # Without equal texts nothing is asked of the folds but the labels.
    plain = StratifiedKFold(5).split(BASIC, BASIC)
    for (seen, unseen), (one, other) in zip(folds(texts_of(PAST), BASIC), plain, strict=True):
        assert np.array_equal(seen, one)
        assert np.array_equal(unseen, other)


@pytest.mark.once
def test_what_is_handed_in_twice_is_not_recognised():
    """Coin flips on words at random: what a model is said to know of them is what it has seen of them."""
    rng = np.random.Generator(np.random.PCG64(9))
    words = ["".join(rng.choice([*"abcdefghij"], 6)) for _ in range(300)]
    once = [" ".join(rng.choice(words, 30)) for _ in range(60)]
    texts, basic = [*once, *again(once)], np.tile(rng.permutation(np.arange(60) % 2), 2)
    sample = Sample.of(texts, basic, np.zeros(120))
    (found,) = cross_validated(sample, "trained")
    assert auc(sample.basic, found) < 0.7
    curve = learning_curve(sample, draws=3)
    assert curve["labels"].unique(maintain_order=True).to_list() == [20, 40]
    assert curve.equals(learning_curve(sample.different(), draws=3))
    assert curve.filter(way="trained")["auc"].max() < 0.7


def test_one_text_twice_is_no_two_examples():
    texts = ["a study of cells", "A study of cells.", "a bridge in use", "a road in use"]
    with pytest.raises(DataError, match="of basic research there are different texts: 1, and at least 2"):
        train(texts, np.array([1, 1, 0, 0]), np.zeros(4), way="trained", other=0, positive=1)


def test_cross_validation_is_the_same_for_rows_in_any_order():
    texts = texts_of(PAST)
    back = Sample.of(texts[::-1], BASIC[::-1], read(texts[::-1]).lexicon)
    for one, two in zip(cross_validated(SAMPLE, "combined"), cross_validated(back, "combined"), strict=True):
        assert np.array_equal(one, two)
        assert auc(SAMPLE.basic, one) > 0.75


@pytest.mark.once
def test_the_learning_curve_of_an_easy_call():
    steps = []
    curve = learning_curve(SAMPLE, draws=4, progress=steps.append)
    assert curve["labels"].unique(maintain_order=True).to_list() == [20, 40, 80]
    assert curve["way"].to_list() == ["default", "combined", "trained"] * 3
    assert steps == [f"Learning curve: {size} labels" for size in (20, 40, 80)]
    combined = curve.filter(way="combined")
    assert (combined["auc"].to_numpy() >= curve.filter(way="default")["auc"].to_numpy() - 0.02).all()
    assert curve.filter(way="default")["worst_gain"].to_list() == [0, 0, 0]


def test_a_rare_label_leaves_out_the_smallest_sizes():
    rare = np.where(np.arange(100) % 20 == 0, 1, 0)
    assert learning_curve(Sample.of(texts_of(PAST), rare, np.zeros(100)), draws=1)[
        "labels"
    ].unique().to_list() == [80]


def test_labelled_texts_are_read_with_the_funders_headings(tmp_path):
    file = tmp_path / "past.csv"
    file.write_text(
        "Kind;Heading;Words\nbasic;A title;An abstract\n;no label;x\napplied;;only words\n", "cp1252"
    )
    given = read_labelled(file, "Kind", ("title", "Words"), headings={"title": "Heading"})
    assert given.texts == ("A title\nAn abstract", "only words")
    assert given.labels == ("basic", "applied")
    assert given.unlabelled == 1
    with pytest.raises(DataError, match="'kind' is not a column of this file") as error:
        read_labelled(file, "kind", ("title",))
    assert "'title' is not a column of this file" in str(error.value)
