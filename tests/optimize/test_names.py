"""Names as a column, and positions in a sorted list, are what a list and a dict are."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from portfolio.optimize.groups import groups
from portfolio.optimize.names import Names, Positions


@given(st.sets(st.text(max_size=4)), st.text(max_size=4))
def test_positions_are_those_of_a_dict(found: set[str], other: str) -> None:
    names = tuple(sorted(found))
    positions, known = Positions(names), {name: place for place, name in enumerate(names)}
    assert dict(positions) == known
    assert positions.get(other) == known.get(other)
    assert 3 not in positions
    column = Names(pl.Series(names, dtype=pl.String))
    assert [*column] == [*names] == [column[place] for place in range(len(column))]
    assert [*column[1:]] == [*names[1:]]


@pytest.mark.parametrize(
    ("cells", "names", "members"),
    [
        (["b", "a", None, "b", "é", ""], ["", "a", "b", "é"], [(0, 2), (1, 1), (3, 2), (4, 3), (5, 0)]),
        ([3, None, 1], ["1", "3"], [(0, 1), (2, 0)]),
        ([["x", "y"], None, [], ["z", "z"]], ["x", "y", "z"], [(0, 0), (0, 1), (3, 2)]),
    ],
)
def test_groups_of_a_column(cells: list[object], names: list[str], members: list[tuple[int, int]]) -> None:
    found = groups(pl.DataFrame({"column": cells}), "column")
    assert [*found.names] == names
    assert [*zip(found.member.tolist(), found.group.tolist(), strict=True)] == members
