import numpy as np
import polars as pl
import pytest
from scoring.cases import proposals

from portfolio.errors import DataError
from portfolio.scoring.labels import conflicts, paradigm_label, quadrant

NAN = float("nan")


def test_paradigm_labels_include_their_bounds():
    score = np.array([0.0, 1 / 3, 0.5 + (1 / 3 - 0.5), 0.34, 0.66, 2 / 3, 1.0, NAN])
    label = ["applied", "applied", "applied", "mixed", "mixed", "basic", "basic", None]
    assert paradigm_label(score, 1 / 3, 2 / 3).to_list() == label


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ({"research_type": "pure_basic"}, "bohr"),
        ({"research_type": "basic", "driver": "curiosity"}, "bohr"),
        ({"driver": "scientific_goal"}, "bohr"),
        ({"expected_outputs": ["theory"]}, "bohr"),
        ({"research_type": "oriented_basic"}, "pasteur"),
        ({"research_type": "basic", "driver": "application_purpose"}, "pasteur"),
        ({"research_type": "basic", "bottlenecks": ["lithography"]}, "pasteur"),
        ({"driver": "curiosity", "expected_outputs": ["product"]}, "pasteur"),
        ({"research_type": "applied"}, "edison"),
        ({"research_type": "experimental_development"}, "edison"),
        ({"expected_outputs": ["patent", "dataset"]}, "edison"),
        ({"expected_outputs": ["dataset"]}, "neither"),
        ({}, None),
        ({"research_type": "basic"}, None),
        ({"driver": "application_purpose"}, None),
        ({"bottlenecks": ["lithography"]}, None),
        ({"expected_outputs": [], "bottlenecks": []}, None),
        ({"success_probability": 0.2, "trl": 3}, None),
    ],
)
def test_quadrants(row, expected):
    assert quadrant(proposals(row).frame).item() == expected


def test_quadrants_need_no_columns():
    assert quadrant(pl.DataFrame({"id": ["a", "b"]})).to_list() == [None, None]


def test_unknown_words_are_refused_with_the_nearest():
    with pytest.raises(DataError, match="did you mean 'curiosity'"):
        quadrant(proposals({"driver": "curiousity"}).frame)
    with pytest.raises(DataError, match="did you mean 'patent'"):
        quadrant(proposals({"expected_outputs": ["patents"]}).frame)


def test_conflicts_in_words():
    rows = {
        "primary_goal": np.array([1.0, 0.0, 1.0, NAN, 0.2]),
        "risk_profile": np.array([0.5, 0.7, NAN, NAN, 0.8]),
        "key_metric": np.array([0.0, 0.5, 0.5, 1.0, 0.9]),
    }
    assert conflicts(rows, 0.6).to_list() == [
        "primary_goal (basic) against key_metric (applied)",
        "primary_goal (applied) against risk_profile (basic)",
        None,
        None,
        "primary_goal (applied) against key_metric (basic)",
    ]


def test_several_conflicts_are_joined():
    rows = {"a": np.array([0.0]), "b": np.array([1.0]), "c": np.array([0.9])}
    assert conflicts(rows, 0.5).item() == "a (applied) against b (basic); a (applied) against c (basic)"
