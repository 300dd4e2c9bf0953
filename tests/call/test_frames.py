"""Data frames of other libraries: what their cells hold is neither lost nor read as something else."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any

import narwhals as nw
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import portfolio as pf

TWO = {"id": ["a", "b"], "amount": [1, 2]}


@pytest.fixture(params=["pyarrow", "without"])
def bridge(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """The way from pandas to polars: by pyarrow, or cell by cell where that is not installed."""

    def fail(_: object) -> None:
        raise ImportError("pyarrow")

    if request.param == "without":
        monkeypatch.setattr(nw.DataFrame, "to_polars", fail)


@pytest.mark.usefixtures("bridge")
@pytest.mark.parametrize(
    ("column", "cells", "expected"),
    [
        ("merit", pd.Series([np.float64(4.5), None, np.float64("nan")], dtype=object), [4.5, None, None]),
        ("trl", pd.Series([np.int64(3), None, np.int64(5)], dtype=object), [3, None, 5]),
        ("organized", pd.Series([np.bool_(True), None, np.bool_(False)], dtype=object), [True, None, False]),
        (
            "bottlenecks",
            [np.array(["x", "y"]), np.array(["z"], dtype=object), None],
            [["x", "y"], ["z"], None],
        ),
        ("bottlenecks", [["x", "y"], ["z"], None], [["x", "y"], ["z"], None]),
        ("merit", np.array([4.1, 0.1, np.nan], dtype="float32"), [4.1, 0.1, None]),
        ("merit", pd.array([1.5, None, 2.5], dtype="Float64"), [1.5, None, 2.5]),
        (
            "birth_date",
            pd.to_datetime(["1980-01-02", None, "1990-03-04"]),
            [date(1980, 1, 2), None, date(1990, 3, 4)],
        ),
        ("cofunding", [Decimal("1.10"), None, Decimal(2)], [110, None, 200]),
        ("own", pd.Series(["x", pd.NA, "y"], dtype=object), ["x", None, "y"]),
    ],
)
def test_the_cells_of_pandas_are_read(column: str, cells: Any, expected: list[object]) -> None:
    call = pf.Call.from_frame(pd.DataFrame({"id": ["a", "b", "c"], "amount": [1, 2, 3], column: cells}))
    assert call.frame[column].to_list() == expected


@pytest.mark.usefixtures("bridge")
@pytest.mark.parametrize("heading", [2024, 1, -1, 2.5, pd.Timestamp("2024-01-01"), ("b", "x")])
@pytest.mark.parametrize("cells", [[3, 4], pd.Series([True, 4], dtype=object)])
def test_a_heading_that_is_no_text_is_read_as_one(heading: object, cells: Any) -> None:
    frame = pd.DataFrame({**TWO, "own": cells})
    frame.columns = pd.Index(["id", "amount", heading], tupleize_cols=False)
    last = str(cells[0]).lower() if isinstance(cells, pd.Series) else 3
    assert pf.Call.from_frame(frame).frame[str(heading)][0] == last


@pytest.mark.usefixtures("bridge")
def test_headings_in_levels_or_none_are_said() -> None:
    frame = pd.DataFrame({**TWO, "own": [3, 4]})
    bare = pd.DataFrame(frame.to_numpy())
    with pytest.raises(pf.DataError, match="column id: is missing"):
        pf.Call.from_frame(bare)
    frame.columns = pd.MultiIndex.from_tuples([("call", name) for name in frame.columns])
    with pytest.raises(pf.DataError, match=r"has headings in several levels\n.*get_level_values"):
        pf.Call.from_frame(frame)
    frame.columns = frame.columns.get_level_values(-1)
    assert len(pf.Call.from_frame(frame)) == 2


@pytest.mark.usefixtures("bridge")
def test_a_number_and_a_text_are_one_heading() -> None:
    frame = pd.DataFrame({**TWO, 2024: [3, 4], "2024": [5, 6]})
    with pytest.raises(pf.DataError, match="has several columns of one name: '2024' 2 times"):
        pf.Call.from_frame(frame)


def test_cells_of_numpy_are_read_without_pyarrow(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_: object) -> None:
        raise ImportError("pyarrow")

    monkeypatch.setattr(nw.DataFrame, "to_polars", fail)
    cofunding = pd.arrays.SparseArray([0, 5])
    merit = pd.Series([np.float32(4.1), np.float32(123456792)], dtype=object)
    day = pd.Series([np.datetime64("1980-01-02T00:00:00", "ns"), np.datetime64("NaT", "ns")], dtype=object)
    lists = [np.array(["x", None], dtype=object), [np.nan, "y"]]
    call = pf.Call.from_frame(
        pd.DataFrame({**TWO, "merit": merit, "birth_date": day, "bottlenecks": lists, "cofunding": cofunding})
    )
    assert call.frame["merit"].to_list() == [4.1, 123456792]
    assert call.frame["cofunding"].to_list() == [0, 500]
    assert call.frame["birth_date"].to_list() == [date(1980, 1, 2), None]
    assert call.frame["bottlenecks"].to_list() == [["x"], ["y"]]


def test_two_columns_of_one_name_are_refused() -> None:
    names = ["id", "amount", "amount"]
    for frame in (pd.DataFrame([[1, 2, 3]], columns=names), pa.table([[1], [2], [3]], names=names)):
        with pytest.raises(
            pf.DataError, match=r"has several columns of one name: 'amount' 2 times\n.*rename"
        ):
            pf.Call.from_frame(frame)


@pytest.mark.parametrize(
    ("cells", "kind"),
    [
        (pd.period_range("2018-01", periods=2, freq="M"), "pandas.period"),
        (pd.interval_range(0, 2), "pandas.interval"),
        (pd.cut([1, 5], [0, 3, 9]), "pandas.interval"),
    ],
)
def test_kinds_that_only_some_programs_know_are_refused(tmp_path: Path, cells: Any, kind: str) -> None:
    frame = pd.DataFrame({**TWO, "own": cells})
    said = rf"column own: holds values of a kind .*: {kind}\n.*keep it as text"
    with pytest.raises(pf.DataError, match=said):
        pf.Call.from_frame(frame)
    if kind == "pandas.period":
        frame.to_parquet(tmp_path / "call.parquet")
        with pytest.raises(pf.DataError, match=said):
            pf.read_call(tmp_path / "call.parquet")


@pytest.mark.parametrize(("kind", "storage"), [("arrow.json", pa.string()), ("arrow.bool8", pa.int8())])
def test_kinds_of_arrow_are_refused(kind: str, storage: pa.DataType) -> None:
    own = pa.json_(storage) if kind == "arrow.json" else pa.bool8()
    cells = pa.array(["1", "0"] if kind == "arrow.json" else [1, 0], storage)
    table = pa.table({**TWO, "own": pa.ExtensionArray.from_storage(own, cells)})
    with pytest.raises(pf.DataError, match=f"column own: holds values of a kind .*: {kind}"):
        pf.Call.from_frame(table)


def test_a_table_that_is_not_there_is_an_empty_cell() -> None:
    own = pl.Series([{"a": 1}, None])
    assert pf.Call.from_frame(pl.DataFrame({**TWO, "own": own})).frame["own"].to_list() == ['{"a":1}', None]


@pytest.mark.usefixtures("bridge")
@pytest.mark.parametrize("column", ["amount", "merit"])
@pytest.mark.parametrize(
    "cells", [[2.5, True, 100], [100, True, 2.5], [2.5, np.True_, None], [None, True, np.float64(2.5)]]
)
def test_true_among_numbers_of_pandas_is_no_number(column: str, cells: list[Any]) -> None:
    frame = pd.DataFrame({"id": list("ABC"), "amount": 1, column: pd.Series(cells, dtype=object)})
    with pytest.raises(pf.DataError, match=f"row 3, column {column}, proposal B: 'true' must be"):
        pf.Call.from_frame(frame)


def test_columns_of_pandas_without_texts_for_names_are_read() -> None:
    frame = pd.DataFrame({0: [1, 2], "id": ["A", "B"], "amount": pd.Series([1.5, 2], dtype=object)})
    assert pf.Call.from_frame(frame).frame.columns == ["0", "id", "amount"]


def test_a_frame_in_the_place_of_a_file_names_what_takes_frames(tmp_path):
    frame = pl.DataFrame({"id": ["A"], "amount": [1]})
    path = tmp_path / "call.csv"
    frame.write_csv(path)
    for given in ((frame,), (frame.to_dicts(),), (path, frame)):
        with pytest.raises(
            pf.DataError, match=r"it is a (DataFrame|list), and not the path(.|\n)*Call\.from_frame\("
        ):
            pf.read_call(*given)
    with pytest.raises(pf.DataError, match=r"is a str, not a data frame(.|\n)*pf\.read_call reads files"):
        pf.Call.from_frame(str(path))
    with pytest.raises(pf.PolicyError, match="it is a dict, and not the path"):
        pf.read_policy({"budget": 1})


ZONES = [timezone(timedelta(hours=hours)) for hours in (1, 2, -5)]


@pytest.mark.parametrize(
    "cells",
    [
        [datetime(2018, 1, 1, tzinfo=ZONES[0]), datetime(2018, 6, 1, tzinfo=ZONES[1])],
        [datetime(2018, 1, 1, tzinfo=ZONES[2]), datetime(2018, 6, 1)],
        [pd.Timestamp("2018-01-01", tz="Europe/Paris"), datetime(2018, 6, 1, tzinfo=ZONES[2])],
        [pd.Timestamp("2018-01-01"), date(2018, 6, 1)],
        [date(2018, 1, 1), pd.Timestamp("2018-06-01", tz="Asia/Tokyo")],
        ["2018-01-01", date(2018, 6, 1)],
    ],
    ids=["winter and summer", "one without a zone", "two libraries", "stamp, day", "day, stamp", "text, day"],
)
def test_days_of_an_object_column_are_those_that_stand_there(cells: list[Any]) -> None:
    frame = pd.DataFrame({"id": ["a", "b"], "amount": [1, 2], "merit": [4, 5]})
    for name in ("start", "doctorate_date"):
        call = pf.Call.from_frame(frame.assign(**{name: pd.Series(cells, dtype=object)}))
        assert [str(day) for day in call.table()[name]] == ["2018-01-01", "2018-06-01"]
    only = pf.Policy(currency="EUR", budget=10, only="CAST(start AS DATE) >= DATE '2018-06-01'")
    left = pf.Call.from_frame(frame.assign(start=pd.Series(cells, dtype=object)), rules=only)
    assert left.table()["id"].to_list() == ["b"]


@pytest.mark.parametrize(
    "first", [date(2018, 1, 2), datetime(2018, 1, 2), pd.Timestamp("2018-01-02")], ids=repr
)
def test_a_time_behind_a_day_is_not_left_out(first: date) -> None:
    cells = pd.Series([first, datetime(2019, 1, 2, 15, 30)], dtype=object)
    frame = pd.DataFrame({"id": ["a", "b"], "amount": [1, 2], "merit": [4, 5], "doctorate_date": cells})
    with pytest.raises(
        pf.DataError, match=r"row 3.*2019-01-02T15:30.*\n.*a time of day may lead to another day"
    ):
        pf.Call.from_frame(frame)


def test_columns_that_cannot_be_read_are_named() -> None:
    frame = pd.DataFrame({"id": ["a", "b"], "amount": [1, 2], "note": [7, "a"], "sum": [Decimal("1.5"), 2.5]})
    with pytest.raises(pf.DataError) as caught:
        pf.Call.from_frame(frame)
    assert [issue.column for issue in caught.value.issues] == ["note", "sum"]
