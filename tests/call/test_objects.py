"""Columns of single objects of Python: pandas and polars say the same, and sets come in one order."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import narwhals as nw
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import portfolio as pf

TWO = {"id": ["A", "B"], "amount": [1, 2], "merit": [4.0, 5.0]}
WIDE = pa.decimal256(76, 38)
# {0, 8} and {8, 0} are equal, and come in another order.
SETS = """
import pandas as pd, polars as pl, portfolio as pf
cells = [{0, 8}, {8, 0}, frozenset({10, 9}), {"x", "yy", "a"}, {"a", "yy", "x"}, set()]
two = {"id": list("ABCDEF"), "amount": 1, "merit": 4.0}
texts = [set(map(str, cell)) for cell in cells]
for made in (
    pd.DataFrame({**two, "own": texts, "bottlenecks": texts, "told": [{"tags": cell} for cell in texts]}),
    pd.DataFrame({**two, "own": [*cells[:3], None, None, None]}),
):
    objects = [pl.Series(name, made[name].to_list(), dtype=pl.Object) for name in made.columns[3:]]
    frames = made, pl.DataFrame(two).with_columns(objects)
    one, other = (pf.Call.from_frame(frame).table() for frame in frames)
    assert one.equals(other)
    print(one.drop("id", "amount", "merit").to_dict(as_series=False))
print(pf.Proposal(id="A", amount=1, bottlenecks={"x", "yy", "a"}, fields=frozenset(["1.1", "2.1", "3"])))
"""


class Region:
    """An object of the funder's own program."""


@pytest.mark.parametrize("seed", ["0", "1", "2"])
def test_the_members_of_sets_come_in_one_order(seed: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", SETS],
        env=os.environ | {"PYTHONHASHSEED": seed},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    texts, numbers, typed = done.stdout.splitlines()
    own = ["0;8", "0;8", "10;9", "a;x;yy", "a;x;yy", None]
    lists = [cell and cell.split(";") for cell in own]
    told = ['{"tags":["' + '","'.join(cell or []) + '"]}' for cell in lists]
    told[-1] = '{"tags":[]}'
    assert texts == str({"own": own, "bottlenecks": lists, "told": told})
    assert numbers == str({"own": [*own[:3], None, None, None]})
    assert "fields=('1.1', '2.1', '3')" in typed
    assert "bottlenecks=('a', 'x', 'yy')" in typed


CELLS: list[list[Any]] = [
    [Region(), Region()],
    [None, pd.NA],
    [float("nan"), None],
    [pd.NaT, pd.NaT],
    [1, "a"],
    [True, 2.5],
    [[1], [2]],
    [(1, 2), None],
    [{"a", "b"}, {"c"}],
    [{"a": 1}, None],
    [b"a", b"\xff"],
    [10**30, 1],
    [1 + 2j, None],
    [Path("a"), None],
    [date(2018, 1, 2), None],
    [timedelta(1), None],
    [Decimal("1.5"), None],
    [UUID(int=1), None],
]


def said_of(frame: Any, name: str) -> object:
    try:
        return pf.Call.from_frame(frame).frame[name].to_list()
    except pf.DataError as error:
        return str(error)


@pytest.mark.parametrize("name", ["own", "bottlenecks"])
@pytest.mark.parametrize("cells", CELLS, ids=lambda cells: type(cells[0]).__name__)
def test_objects_of_polars_are_read_as_those_of_pandas(cells: list[Any], name: str) -> None:
    ours = pl.DataFrame(TWO).with_columns(pl.Series(name, cells, dtype=pl.Object))
    said = said_of(ours, name)
    assert said == said_of(pd.DataFrame({**TWO, name: pd.Series(cells, dtype=object)}), name)
    assert "0x" not in str(said)


def fail(_: object) -> None:
    raise ImportError("pyarrow")


@pytest.mark.parametrize("way", ["pyarrow", "without"])
@pytest.mark.parametrize("made", [pd.DataFrame, pl.DataFrame])
def test_objects_that_nobody_knows_are_refused(made: Any, way: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if way == "without":
        monkeypatch.setattr(nw.DataFrame, "to_polars", fail)
        monkeypatch.setitem(sys.modules, "pyarrow", None)
    columns = {name: [Region(), Region()] for name in ("own", "region")}
    with pytest.raises(pf.DataError) as caught:
        pf.Call.from_frame(made({**TWO, **columns}))
    assert [issue.column for issue in caught.value.issues] == ["own", "region"]
    said = r"holds objects of the kind Region, which is no text, number or day\n.*put the text, number or day"
    assert caught.match(said)


def test_objects_of_polars_are_read_without_pyarrow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    frame = pl.DataFrame(TWO).with_columns(
        pl.Series("own", [{"b", "a"}, pd.NA], dtype=pl.Object), pl.Series("n", [2, None], dtype=pl.Object)
    )
    assert said_of(frame, "own") == ["a;b", None]
    assert said_of(frame, "n") == [2, None]


@pytest.mark.parametrize(
    ("kind", "cells"),
    [
        (WIDE, [Decimal("1000.10"), None]),
        (pa.list_(WIDE), [[Decimal(1)], None]),
        (pa.struct([("sum", WIDE)]), [{"sum": Decimal(1)}, None]),
    ],
    ids=["alone", "list", "table"],
)
def test_decimals_of_more_than_38_digits_are_refused(
    kind: pa.DataType, cells: list[Any], tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    table = pa.table({**TWO, "own": pa.array(cells, kind)})
    frame = pd.DataFrame({**TWO, "own": pd.array(cells, dtype=pd.ArrowDtype(kind))})
    for made in (table, frame):
        said = r"column own: .*decimal256.* holds decimals of more than 38 digits\n.*cast it to decimal128"
        with pytest.raises(pf.DataError, match=said):
            pf.Call.from_frame(made)
    path = tmp_path / "call.parquet"
    pq.write_table(table, path)
    with pytest.raises(pf.DataError, match="own: decimals of more than 38 digits; cast them"):
        pf.read_call(path)
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize("made", [pd.DataFrame, pl.DataFrame])
def test_objects_of_more_than_38_digits_are_refused(made: Any) -> None:
    own = [Decimal("1." + "1" * 40), Decimal(2)]
    own = pl.Series(own, dtype=pl.Object) if made is pl.DataFrame else own
    with pytest.raises(pf.DataError, match=r"column own: .*more than 38 digits\n.*cast it to decimal128"):
        pf.Call.from_frame(made({**TWO, "own": own}))
