"""Which masks hold together, row by row, against looking at each row."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from portfolio.optimize.subsets import subsets


@given(st.integers(0, 6).flatmap(lambda k: st.lists(st.lists(st.booleans(), min_size=k, max_size=k))))
def test_each_row_has_the_set_of_the_masks_that_are_true_in_it(rows: list[list[bool]]) -> None:
    masks = np.array(rows, dtype=bool).T if rows else np.zeros((0, 0), dtype=bool)
    found, which = subsets(list(masks), len(rows))
    assert [found[place] for place in which] == [
        tuple(i for i, cell in enumerate(row) if cell) for row in rows
    ]
    assert not rows or sorted(set(which.tolist())) == list(range(len(found)))
    assert len(set(found)) == len(found)


@pytest.mark.parametrize("number", [63, 64, 65, 130])
def test_there_may_be_more_masks_than_a_whole_number_has_bits(number: int) -> None:
    masks = np.random.default_rng(number).random((number, 200)) < 0.5
    found, which = subsets(list(masks), 200)
    assert [found[place] for place in which] == [tuple(np.flatnonzero(row).tolist()) for row in masks.T]
