"""The rows of a program: the same numbers by rule and as one matrix."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse

from portfolio.optimize.matrix import Block, Rows, one_row

ENTRIES = st.lists(
    st.tuples(st.integers(0, 3), st.integers(0, 5), st.sampled_from([-1.5, 1.0, 2.0])), max_size=12
)


def block(entries: list[tuple[int, int, float]], rows: int = 4) -> Block:
    row, column, data = (
        (np.array(part) for part in zip(*entries, strict=True)) if entries else [np.zeros(0)] * 3
    )
    names = [f"row {number}" for number in range(rows)]
    bounds = np.arange(rows, dtype=float), np.full(rows, np.inf)
    return Block(("rule",), "{name}", names, row.astype(int), column.astype(int), data.astype(float), *bounds)


@given(st.lists(ENTRIES, max_size=4))
def test_the_matrix_and_the_blocks_say_the_same_in_any_order_of_entries(parts: list[list]) -> None:
    blocks = [block(part) for part in parts]
    rows = Rows.of(blocks)
    dense = np.zeros((4 * len(parts), 6))
    for first, part in enumerate(parts):
        for row, column, data in part:
            dense[4 * first + row, column] += data
    assert np.array_equal(rows.matrix(6).toarray(), dense)
    for first, (mine, given_) in enumerate(zip(rows.blocks, blocks, strict=True)):
        entries = sparse.coo_array((mine.data, (mine.row, mine.column)), shape=(4, 6))
        assert np.array_equal(entries.toarray(), dense[4 * first : 4 * first + 4])
        assert np.array_equal(mine.low, given_.low)
        assert np.array_equal(np.lexsort((mine.column, mine.row)), np.arange(len(mine.data)))
        assert [mine.text(row) for row in range(4)] == [given_.text(row) for row in range(4)]


@pytest.mark.parametrize("travelled", [False, True])
def test_blocks_take_no_memory_beside_the_matrix(travelled: bool) -> None:
    every = one_row(("sum",), "all", np.arange(5), np.ones(5), high=3.0)
    rows = Rows.of([every, block([(2, 4, 1.0), (0, 1, 2.0)]), every])
    if travelled:
        rows = pickle.loads(pickle.dumps(rows))
    matrix = rows.matrix(5)
    for part in rows.blocks:
        assert np.shares_memory(part.data, matrix.data)
        assert np.shares_memory(part.column, matrix.indices)
    one, other = (block for block in rows.blocks if len(block) == 1)
    assert np.shares_memory(one.row, other.row), "the number of an only row is always 0"
