from dataclasses import FrozenInstanceError
from typing import get_args

import pytest

from portfolio.call import vocabulary
from portfolio.scoring import PARADIGM
from portfolio.scoring.paradigm import POSITIONS


def test_the_table_has_four_rows_in_order():
    assert PARADIGM.names == ("primary_goal", "risk_profile", "time_horizon", "key_metric")
    assert len(PARADIGM) == 4
    assert [row.name for row in PARADIGM] == list(PARADIGM.names)


def test_a_row_is_found_by_name():
    row = PARADIGM["time_horizon"]
    assert (row.applied, row.basic) == ("short to medium term", "long term (decades)")
    with pytest.raises(KeyError):
        PARADIGM["horizon"]


def test_the_table_cannot_be_changed():
    with pytest.raises(FrozenInstanceError):
        PARADIGM.rows = ()
    with pytest.raises(TypeError):
        POSITIONS["driver"]["curiosity"] = None


def test_it_prints_as_a_table():
    text = repr(PARADIGM)
    assert text.startswith("Feature         Applied research (0)            Basic research (1)")
    assert "patents" in text
    assert max(map(len, text.splitlines())) <= 88
    assert "<th>Basic research (1)</th>" in PARADIGM._repr_html_()
    assert "&quot;firsts&quot;" in PARADIGM._repr_html_()


def test_it_is_a_frame():
    frame = PARADIGM.to_frame()
    assert frame.columns == ["feature", "applied", "basic", "question", "evidence"]
    assert frame["evidence"].to_list()[0] == ["research_type", "driver", "text"]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("research_type", vocabulary.ResearchType),
        ("driver", vocabulary.Driver),
        ("expected_outputs", vocabulary.Output),
    ],
)
def test_every_word_of_a_vocabulary_has_a_position(name, words):
    assert set(POSITIONS[name]) == set(get_args(words))
    assert all(0 <= p.at <= 1 and 0 < p.half_width <= 0.5 for p in POSITIONS[name].values())


def test_words_are_listed_from_applied_to_basic():
    for places in POSITIONS.values():
        at = [place.at for place in places.values()]
        assert at == sorted(at)
