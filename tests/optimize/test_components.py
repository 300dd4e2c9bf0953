"""The components of columns that rows tie together are those that scipy finds."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from portfolio.optimize.components import components


def found(rows: list[list[int]], columns: int) -> list[int]:
    starts = np.cumsum([0, *(len(row) for row in rows)])[:-1].astype(np.int64)
    column = np.array([entry for row in rows for entry in row], dtype=np.int64)
    return components(starts, column, columns).tolist()


@given(
    st.integers(1, 30).flatmap(
        lambda n: st.tuples(
            st.just(n), st.lists(st.lists(st.integers(0, n - 1), min_size=1, max_size=4), max_size=30)
        )
    )
)
def test_they_are_those_of_scipy(case: tuple[int, list[list[int]]]) -> None:
    columns, rows = case
    pairs = [(row[0], entry) for row in rows for entry in row]
    graph = sparse.coo_array(
        (np.ones(len(pairs)), ([a for a, _ in pairs], [b for _, b in pairs])), shape=(columns, columns)
    )
    _, label = connected_components(graph, directed=False)
    first = {int(of): column for column, of in reversed(list(enumerate(label)))}
    assert found(rows, columns) == [first[int(of)] for of in label]


@pytest.mark.parametrize("order", ["ascending", "descending", "shuffled"])
def test_a_long_chain_is_one(order: str) -> None:
    n = 100_000
    links = np.stack([np.arange(n - 1), np.arange(1, n)], axis=1)
    names = {
        "ascending": np.arange(n),
        "descending": np.arange(n)[::-1],
        "shuffled": np.random.default_rng(1).permutation(n),
    }[order]
    starts = np.arange(0, 2 * (n - 1), 2)
    assert not components(starts, names[links].ravel(), n).any()
