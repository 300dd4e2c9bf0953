"""Values of several kinds in one column, and numbers that no type of ours holds: none is read as another one."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import portfolio as pf
from tests.hostile.test_typed_meaning import records


@pytest.mark.parametrize(
    ("column", "first"), [("amount", 500000), ("amount", 1.5), ("merit", 1.5), ("trl", 3)]
)
def test_true_behind_a_number_is_no_number(tmp_path: Path, column: str, first: float) -> None:
    cells = [{"amount": 1, "id": "A", column: first}, {"amount": 1, "id": "B", column: True}]
    with pytest.raises(pf.DataError, match=f"row 3, column {column}, proposal B: 'true' must be"):
        pf.read_call(records(tmp_path, *cells))


@pytest.mark.parametrize(
    ("cells", "read"),
    [
        ([1, True], ["1", "true"]),
        ([True, 1], ["true", "1"]),
        ([1, 2.5], [1.0, 2.5]),
        ([True, None], [True, None]),
        ([[1, 2], [1.5]], ["1;2", "1.5"]),
        ([[1], [2.5, None]], [1.0, 2.5]),
    ],
)
def test_values_of_several_kinds_keep_theirs(tmp_path: Path, cells: list[Any], read: list[Any]) -> None:
    one, other = cells
    path = records(tmp_path, {"id": "A", "amount": 1, "own": one}, {"id": "B", "amount": 1, "own": other})
    assert pf.read_call(path).frame["own"].to_list() == read
    if not isinstance(cells[0], list):
        typed = [pf.Proposal(id=str(i), amount=1, other={"own": cell}) for i, cell in enumerate(cells)]
        assert pf.Call.from_proposals(typed).frame["own"].to_list() == read


def test_fields_and_ids_of_several_kinds_keep_theirs(tmp_path: Path) -> None:
    path = records(
        tmp_path,
        {"id": 1, "amount": 1, "fields": [1, 2]},
        {"id": True, "amount": 1, "fields": [1.1, 2.3]},
    )
    assert pf.read_call(path).frame.select("id", "fields").rows() == [
        ("1", ["1", "2"]),
        ("true", ["1.1", "2.3"]),
    ]


def test_a_key_twice_behind_many_others_is_found_at_once(tmp_path: Path) -> None:
    path = tmp_path / "call.json"
    keys = ",".join(f'"k{i}": 1' for i in range(30_000))
    path.write_text(f'[{{{keys}, "k29999": 2}}]')
    with pytest.raises(pf.DataError, match="a record has 'k29999' twice"):
        pf.read_call(path)


@pytest.mark.parametrize(
    ("cells", "scale", "read"),
    [
        ([2**53, 2**53 + 1], 0, [2**53, 2**53 + 1]),
        ([3, None], 0, [3, None]),
        ([10**19 + 1, 10**19 + 2], 0, ["10000000000000000001", "10000000000000000002"]),
        ([Decimal("1.50"), Decimal("2.25")], 2, [1.5, 2.25]),
        ([Decimal("2.00"), Decimal("3.00")], 2, [2, 3]),
        (
            [Decimal("900000000000.000001"), Decimal("900000000000.000002")],
            6,
            ["900000000000.000001", "900000000000.000002"],
        ),
    ],
)
def test_two_decimals_are_never_one(tmp_path: Path, cells: list[Any], scale: int, read: list[Any]) -> None:
    own = pl.Series("own", cells, dtype=pl.Decimal(38, scale), strict=False)
    pl.DataFrame({"id": ["A", "B"], "amount": [1, 1], "own": own}).write_parquet(tmp_path / "call.parquet")
    assert pf.read_call(tmp_path / "call.parquet").frame["own"].to_list() == read


FAR = pl.Series([2**31 - 1]).cast(pl.Int32).cast(pl.Date)
MAP = pl.Series([{"a": 1}], dtype=pl.Map(pl.String, pl.Int64))


def inside(series: pl.Series, *nests: str) -> pl.Series:
    """Put a column into tables and lists, the innermost first."""
    for nest in nests:
        series = series.to_frame("a").to_struct("own") if nest == "table" else series.implode()
    return series.alias("own")


@pytest.mark.parametrize(
    ("own", "what"),
    [
        (inside(MAP), "holds maps"),
        (inside(MAP, "table"), "holds maps"),
        (inside(MAP, "list", "table"), "holds maps"),
        (inside(MAP, "list"), "holds lists of lists or of tables"),
        (inside(pl.Series([b"\xff"]), "table"), "holds tables with bytes"),
        (inside(pl.Series([b"a"]), "table", "table"), "holds tables with bytes"),
        (inside(pl.Series([b"a"]), "table", "list", "table"), "holds tables with bytes"),
        (inside(pl.Series([b"\xff"]), "list"), "holds bytes that are no text"),
        (inside(pl.Series([timedelta(1)]), "list"), "holds lengths of time"),
        (inside(pl.Series([timedelta(1)]), "table"), "holds lengths of time"),
        (inside(FAR, "list"), "holds days outside the years"),
        (inside(FAR, "table"), "holds days outside the years"),
        (inside(FAR, "list", "table"), "holds days outside the years"),
    ],
)
@pytest.mark.parametrize("name", ["own", "bottlenecks"])
def test_nested_values_that_cannot_be_written_are_refused(
    tmp_path: Path, own: pl.Series, what: str, name: str
) -> None:
    frame = pl.DataFrame({"id": ["A"], "amount": [1], name: own})
    with pytest.raises(pf.DataError, match=f"column {name}: {what}"):
        pf.Call.from_frame(frame)
    path = tmp_path / "call.parquet"
    frame.write_parquet(path)
    with pytest.raises(pf.DataError, match=f"column {name}: {what}"):
        pf.read_call(path)


def test_tables_and_lists_that_can_be_written_are_read() -> None:
    cells = pl.Series([{"a": [1, 2], "b": {"day": date(2020, 1, 31)}}, None])
    listed = pl.Series([[b"a", b"b"], None])
    frame = pl.DataFrame({"id": ["A", "B"], "amount": [1, 2], "own": cells, "bottlenecks": listed})
    call = pf.Call.from_frame(frame)
    assert call.frame["own"].to_list() == ['{"a":[1,2],"b":{"day":"2020-01-31"}}', None]
    assert call.frame["bottlenecks"].to_list() == [["a", "b"], None]
