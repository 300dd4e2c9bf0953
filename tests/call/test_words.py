"""Yes and no, genders and "not known" in the words of funders' files."""

import tomllib

import pytest

import portfolio as pf
from portfolio.call import ReadingRules


def column(folder, name, *cells):
    path = folder / "call.csv"
    rows = "".join(f"P{i},1,{cell}\n" for i, cell in enumerate(cells))
    path.write_text(f"id,amount,{name}\n{rows}", encoding="utf-8")
    return pf.read_call(path).frame[name].to_list()


def test_yes_and_no_in_many_languages(tmp_path):
    yes = [
        "Ja",
        "Sim",
        "Sí",
        "SÌ",
        "x",
        "vero",
        "waar",
        "S",
        "Да",
        "EVET",
        "ano",
        "igen",
        "Kyllä",
        "はい",
        "是",
    ]
    no = ["Nee", "Não", "No", "falso", "onwaar", "N", "НЕТ", "Hayır", "ne", "nem", "ei", "いいえ", "否"]
    unknown = ["k.A.", "n.v.t.", "?", "Keine Angabe", ""]
    read = column(tmp_path, "early_career", *yes, *no, *unknown)
    assert read == [True] * len(yes) + [False] * len(no) + [None] * len(unknown)
    assert column(tmp_path, "early_career", "✓", "✗", "☐") == [True, False, False]


@pytest.mark.parametrize("cells", [("✓", "x"), ("maybe", "yes")])
def test_what_is_neither_yes_nor_no_names_the_words(tmp_path, cells):
    with pytest.raises(pf.DataError, match="must be true or false\n    known are true, yes, 1, ja") as error:
        column(tmp_path, "early_career", *cells)
    assert error.value.issues[0].count == 1


@pytest.mark.parametrize(
    ("cells", "read"),
    [
        (("F", "M", "m", "f"), ["woman", "man", "man", "woman"]),
        (("w", "m", "divers"), ["woman", "man", "other"]),
        (("Female", "male", "Weiblich", "Männlich"), ["woman", "man", "woman", "man"]),
        (("femme", "Homme", "F", "H"), ["woman", "man", "woman", "man"]),
        (("woman", "k.A.", "non-binary"), ["woman", None, "other"]),
        (("m", "w", "d"), ["man", "woman", "other"]),
        (("F", "M", "X", "Prefer not to say"), ["woman", "man", "other", None]),
        (("K", "M"), ["woman", "man"]),
        (("woman", "M"), ["woman", "man"]),
        (("Kvinna", "Man", "nainen", "mies"), ["woman", "man", "woman", "man"]),
        (("女性", "男性", "その他", "女", "男"), ["woman", "man", "other", "woman", "man"]),
        (("女", "男", "其他"), ["woman", "man", "other"]),
        (
            ("여성", "남자", "기타", "여", "남", "여자", "남성"),
            ["woman", "man", "other"] + ["woman", "man"] * 2,
        ),
        (("Feminino", "Homem", "Outro", "Não-binário"), ["woman", "man", "other", "other"]),
        (("Fem.", "Masc."), ["woman", "man"]),
    ],
)
def test_genders_in_many_languages(tmp_path, cells, read):
    assert column(tmp_path, "gender", *cells) == read


@pytest.mark.parametrize("cells", [("H", "M"), ("M", "M"), ("F", "M", "H")])
def test_a_letter_that_may_be_a_woman_is_no_man(tmp_path, cells):
    with pytest.raises(pf.DataError, match="'M' must be one of woman, man or other"):
        column(tmp_path, "gender", *cells)


@pytest.mark.parametrize(
    "cells",
    [
        *[
            ("V", "M"),
            ("M", "D", "X"),
            ("K", "K"),
            ("N", "F", "F"),
            ("F", "E"),
            ("F", "F"),
            ("H", "M"),
            ("H",),
        ],
        *[("woman", "F"), ("man", "M"), ("man", "H"), ("woman", "K"), ("F", "nő"), ("F", "X")],
        # Donna beside uomo, Dame beside Herr; and by the same rule what stands beside one gender alone.
        *[("U", "D"), ("H", "D"), ("uomo", "D"), ("man", "X"), ("woman", "D"), ("Frau", "X")],
    ],
)
def test_letters_that_no_other_tells_are_no_genders(tmp_path, cells):
    # V and M are woman and man in Dutch, man and woman in Spanish; N and F are woman and man in Hungarian.
    with pytest.raises(pf.DataError, match="must be one of woman, man or other") as error:
        column(tmp_path, "gender", *cells)
    letters = [cell for cell in cells if len(cell) == 1]
    assert sum(issue.count for issue in error.value.issues) >= len(letters)


@pytest.mark.parametrize(
    ("cells", "named", "read"),
    [
        (("N", "F", "F"), {"N": "woman"}, None),
        (("N", "F", "F"), {"N": "woman", "F": "man"}, ["woman", "man", "man"]),
        (("H", "M"), {"H": "man"}, None),
        (("H", "M"), {"M": "woman"}, ["man", "woman"]),
        (("V", "M"), {"V": "man"}, None),
        (("V", "M"), {"V": "woman"}, ["woman", "man"]),
        (("K", "E"), {"E": "man"}, ["woman", "man"]),
        (("F", "M", "U"), {"U": "other"}, ["woman", "man", "other"]),
        (("U", "D"), {"U": "man"}, None),
        (("U", "D"), {"D": "woman"}, None),
        (("U", "D", "X"), {"U": "man", "D": "woman"}, ["man", "woman", "other"]),
        (("H", "D"), {"H": "man"}, None),
        (("woman", "D"), {"D": "other"}, ["woman", "other"]),
    ],
)
def test_a_letter_that_the_policy_names_tells_only_the_other_gender(tmp_path, cells, named, read):
    path = tmp_path / "call.csv"
    path.write_text("id,amount,gender\n" + "".join(f"{i},1,{cell}\n" for i, cell in enumerate(cells)))
    words = " ".join(f"WHEN '{letter}' THEN '{word}'" for letter, word in named.items())
    rules = ReadingRules(derive={"gender": f"CASE gender {words} ELSE gender END"})
    if read is None:
        with pytest.raises(pf.DataError, match="must be one of woman, man or other"):
            pf.read_call(path, policy=rules)
    else:
        assert pf.read_call(path, policy=rules).frame["gender"].to_list() == read


@pytest.mark.parametrize(
    ("name", "cells", "read"),
    [
        ("gender", ("1", "2"), ["woman", None]),
        ("gender", ("Transgender", "woman"), ["woman", "woman"]),
        ("research_type", ("Use-inspired", "applied"), ["basic", "applied"]),
        ("early_career", ("○", "ja"), [True, True]),
    ],
)
def test_a_word_that_nobody_knows_comes_with_what_reads_it(tmp_path, name, cells, read):
    with pytest.raises(pf.DataError) as error:
        column(tmp_path, name, *cells)
    (issue,) = error.value.issues
    hint = issue.hint.replace("your word", cells[0])
    derive = tomllib.loads(hint.rpartition("what is meant: ")[2])
    path = tmp_path / "call.csv"
    if None in read:
        # What the CASE does not name is as unknown as before.
        with pytest.raises(pf.DataError, match=f"'2' must be(.|\n)*computed by derive.{name}"):
            pf.read_call(path, policy=ReadingRules(derive=derive))
    else:
        call = pf.read_call(path, policy=ReadingRules(derive=derive))
        assert call.frame[name].to_list() == read


def test_days_with_slashes_name_a_way_forward(tmp_path):
    with pytest.raises(
        pf.DataError,
        match=r"can be two days.*in \[derive\].*doctorate_date = \"STRPTIME",
    ):
        column(tmp_path, "doctorate_date", "03/04/2020")
