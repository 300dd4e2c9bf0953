"""Text that is not UTF-8: what it was read as is said with words of it, and what is Japanese as well is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

import portfolio as pf
from tests.command import portfolio

NAMES = {
    "cp1250": "Wiśniewski, Łódź",
    "iso8859-2": "Wiśniewski, Łódź",
    "cp1251": "Иванов",
    "cp1253": "Παπαδόπουλος",
    "cp1254": "Yılmaz, Şahin",
    "cp1255": "כהן לוי",
    "cp1257": "Kęstutis Žukauskas",
    "mac_roman": "Müller Café",
    "euc_kr": "김철수",
    "big5": "張偉",
}


def file_of(folder: Path, name: str, encoding: str) -> Path:
    path = folder / "call.csv"
    path.write_bytes(f'id,amount,investigator\nA,100,"{name}"\nB,200,Smith\n'.encode(encoding))
    return path


@pytest.mark.parametrize("encoding", NAMES)
def test_an_encoding_that_was_guessed_is_said(tmp_path: Path, encoding: str) -> None:
    path = file_of(tmp_path, NAMES[encoding], encoding)
    call = pf.read_call(path)
    (note,) = call.notes
    words = str(call["A"].investigator).replace(",", " ").split()
    assert any(repr(word) in note for word in words)
    assert "call.csv is not UTF-8" in note
    assert "--encoding" in note
    assert note in repr(call)
    named = pf.read_call(path, encoding=encoding)
    assert named["A"].investigator == NAMES[encoding]
    assert named.notes == ()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_an_encoding_that_is_certain_is_not_mentioned(tmp_path: Path, encoding: str) -> None:
    assert pf.read_call(file_of(tmp_path, "Łódź", encoding)).notes == ()
    assert pf.read_call(file_of(tmp_path, "Smith", encoding)).notes == ()


@pytest.mark.parametrize("encoding", ["cp932", "euc_jp"])
@pytest.mark.parametrize("name", ["東京大学のさくら研究", "データ", "山田 さくら"])
def test_text_that_is_japanese_as_well_is_refused_with_both_readings(
    tmp_path: Path, encoding: str, name: str
) -> None:
    path = file_of(tmp_path, name, encoding)
    with pytest.raises(
        pf.DataError, match=rf"may be .* text\s+save it as UTF-8, or .*--encoding {encoding}"
    ) as error:
        pf.read_call(path)
    assert repr(name.rsplit(maxsplit=1)[-1]) in str(error.value)
    assert pf.read_call(path, encoding=encoding)["A"].investigator == name


@pytest.mark.parametrize("before", [0, 100_000])
@pytest.mark.parametrize("name", ["東京大学", "さくら"])
def test_the_escapes_of_japanese_mail_are_refused_wherever_they_stand(
    tmp_path: Path, name: str, before: int
) -> None:
    path = tmp_path / "call.csv"
    rows = "".join(f"B{i},1,Smith\n" for i in range(before))
    path.write_bytes(f"id,amount,investigator\n{rows}A,1,{name}\n".encode("iso2022_jp"))
    with pytest.raises(pf.DataError, match=r"ISO-2022-JP.*\s+save it as UTF-8, or .*--encoding iso2022_jp"):
        pf.read_call(path)
    assert pf.read_call(path, encoding="iso2022_jp")["A"].investigator == name


def test_a_dash_alone_is_shown_too(tmp_path: Path) -> None:
    (note,) = pf.read_call(file_of(tmp_path, "Cold – War", "cp1252")).notes
    assert "'–'" in note


def test_a_long_word_is_found_in_time_and_cut(tmp_path: Path) -> None:
    (note,) = pf.read_call(file_of(tmp_path, "a" * 2_000_000 + "é", "cp1252")).notes
    assert len(note) < 400


def test_commands_say_what_was_guessed(tmp_path: Path) -> None:
    path = file_of(tmp_path, "Wiśniewski", "cp1250")
    reviews, corpus = tmp_path / "reviews.csv", tmp_path / "corpus.csv"
    reviews.write_bytes("proposal,reviewer,score\nA,Żak,3\nB,Żak,4\n".encode("cp1250"))
    corpus.write_bytes("title\nŚwiat\n".encode("cp1250"))
    policy = tmp_path / "policy.toml"
    policy.write_text("budget = 200\n[reviews]\nbest = 6\nworst = 1\n")
    for arguments in (["check", path], ["check", path, "--reviews", reviews, "--policy", policy]):
        done = portfolio(*arguments)
        assert done.returncode == 0
        assert "'Wiœniewski'" in done.stdout
    assert "reviews.csv is not UTF-8" in done.stdout
    done = portfolio("optimize", path, "--reviews", reviews, "--policy", policy, "--out", tmp_path / "out")
    assert done.returncode == 0, done.stderr
    assert "Note: call.csv is not UTF-8" in done.stderr
    assert "Note: reviews.csv is not UTF-8" in done.stderr
    done = portfolio("score", path, "--reviews", reviews, "--policy", policy, "--encoding", "cp1250")
    assert "not UTF-8" not in done.stderr
