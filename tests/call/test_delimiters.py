"""The mark between cells: the one by which the rows have as many cells as there are headings."""

from __future__ import annotations

from pathlib import Path

import pytest

import portfolio as pf


def read(folder: Path, text: str, encoding: str = "utf-8") -> pf.Call:
    path = folder / "call.csv"
    path.write_bytes(text.encode(encoding))
    return pf.read_call(path)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "cp1252"])
@pytest.mark.parametrize(
    "text",
    [
        "id\tTitle, short\tSum, total, all\tamount\nÄ\tx\ty\t250\nB\tx, y and z\ty\t300\n",
        "id;Title, short;Sum, total, all, net;amount\nÄ;x;y;250\nB;x;y;300,50\n",
        "id;Title (a|b|c|d);x;amount\r\nÄ;1;y;250\r\n\r\nB;2;;300\r\n",
        "id,Title;short;in;words;amount,amount\nÄ,x,250\nB,y,300\n",
        # A row that is not whole, and one that ends in empty cells.
        "id\tTitle, short, long, all\tamount\nÄ\tx\t250\nB\tx\t300\t\t\nC\tx\t1\nD\tx\t2\nE\t\t3\n",
        # A line end and the mark within quotation marks.
        'id\t"Title\n, short", long, all\tamount\nÄ\t"x\ty\n"\t250\nB\tx\t300\n',
    ],
)
def test_headings_may_hold_more_commas_than_marks_between_cells(
    tmp_path: Path, text: str, encoding: str
) -> None:
    call = read(tmp_path, text, encoding)
    assert call["Ä"].amount == 250
    assert "B" in call


@pytest.mark.parametrize(
    "text",
    [
        # The most frequent mark stays the one, whatever else parts the rows too.
        "id,amount,kind;more\nA,250,x;y\nB,300,x;y\n",
        "id,amount,a,b,kind;more\nA,250,,,x;y\nB,300,1\nC,300\nD,1,2,3,4\nE,1,2,3,4\n",
        "id,amount,kind;more\n" + "".join(f'{i},250,"x\n' + "y" * 9_000 + '"\n' for i in "ABCDEFGHIJ"),
        "id,amount,kind;more\nA,250,x;y",
    ],
)
def test_the_most_frequent_mark_parts_the_cells_where_the_rows_agree(tmp_path: Path, text: str) -> None:
    call = read(tmp_path, text)
    assert call["A"].amount == 250
    assert "kind;more" in call.frame.columns


def test_where_no_mark_is_right_the_message_says_how_to_name_it(tmp_path: Path) -> None:
    text = "id;amount, net, all\nA;250,1,2\nB;300,1,2\n"
    with pytest.raises(pf.DataError, match="no heading is read as it") as error:
        read(tmp_path, text)
    assert (
        "the cells are parted at ','; if it is ';', write sep= and that mark on a line"
        in error.value.issues[0].hint
    )
    with pytest.raises(pf.DataError, match="known: amount, net, all, id") as error:
        read(tmp_path, f"sep=;\n{text}")
    assert "parted" not in error.value.issues[0].hint
    with pytest.raises(pf.DataError) as error:
        read(tmp_path, "ids,amounts\nA,250\n")
    assert "parted" not in error.value.issues[0].hint
