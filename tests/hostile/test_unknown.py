"""Words that mean "not known" in lists: they are no tags, whatever the other cells of the column are."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

import portfolio as pf
from tests.hostile.test_meaning import read
from tests.hostile.test_typed_meaning import records, workbook

MEMBERS = {
    "bottlenecks": ("b", "c"),
    "fields": ("1.1", "2.3"),
    "levels": ("300: 0.8", "200: 0.5"),
    "expected_outputs": ("patent", "theory"),
}


def opened(folder: Path, kind: str, column: str, cells: tuple[str, str]) -> pf.Call:
    """Read a call with this column, from a file of a kind."""
    rows = [{"id": name, "amount": 900, column: cell} for name, cell in zip("AB", cells, strict=True)]
    match kind:
        case "csv":
            return read(folder, f"id,amount,{column}\nA,900,{cells[0]}\nB,900,{cells[1]}\n")
        case "json":
            return pf.read_call(records(folder, *rows))
        case "xlsx":
            return pf.read_call(
                workbook(folder, [["id", "amount", column], *map(list, map(dict.values, rows))])
            )
    lists = [row | {column: str(row[column]).split(";")} for row in rows]
    if kind == "json lists":
        return pf.read_call(records(folder, *lists))
    pl.DataFrame(lists).write_parquet(folder / "call.parquet")
    return pf.read_call(folder / "call.parquet")


@pytest.mark.parametrize("kind", ["csv", "xlsx", "json", "json lists", "parquet"])
@pytest.mark.parametrize("column", MEMBERS)
@pytest.mark.parametrize("between", ["", ";", "; "])
def test_a_word_for_not_known_is_no_tag(tmp_path: Path, kind: str, column: str, between: str) -> None:
    members = MEMBERS[column] if between else MEMBERS[column][:1]
    for word in ("n/a", "-", "None", "unknown", "n/a;n/a", "; n/a ;"):
        call = opened(tmp_path, kind, column, (word, between.join(members)))
        assert getattr(call["A"], column) == ()
        assert getattr(call["B"], column) == members


@pytest.mark.parametrize("column", ["bottlenecks", "fields"])
@pytest.mark.parametrize("cell", ["fusion;n/a", "None; fusion", "fusion;-;chips", "k.\u00a0A."])
def test_a_member_that_is_not_known_beside_others_is_refused(tmp_path: Path, column: str, cell: str) -> None:
    with pytest.raises(pf.DataError, match=r"row 2.*has a member that means 'not known'"):
        read(tmp_path, f"id,amount,{column}\nA,1,{cell}\nB,1,fusion\n")
    assert read(tmp_path, f"id,amount,{column}\nA,1,fusion;none so far\n")["A"].id == "A"
