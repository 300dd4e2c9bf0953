"""Words of funders' files, in several languages: yes and no, genders, and "not known".

A word that means one thing in one language and another in the next is read only where the others of its column tell
which: a cross beside ticks says no and alone says yes, and M is a man beside F, and beside H a woman. V beside M is
read as nothing: in Dutch it is the woman, in Spanish the man.
"""

from __future__ import annotations

import re
from collections.abc import Collection

import polars as pl

MISSING_WORDS = (
    "-", "–", "—", "?", "na", "n/a", "#n/a", "nan", "null", "none", "n.a.", "k.a.", "k. a.", "n.v.t.", "n/d", "n.d.",
    "s/d", "keine angabe", "unknown", "unbekannt", "onbekend", "inconnu", "desconocido", "desconhecido",
    "not known", "not stated", "prefer not to say", "prefer not to answer",
)  # fmt: skip
"""Cells that mean "not known", in any case, outside columns of text; an empty cell always does."""

_TICKS = ("✓", "✔", "☑", "✅")
_YES = (
    "true", "yes", "1", "t", "y", "ja", "j", "wahr", "oui", "vrai", "sí", "si", "sì", "sim", "verdadero", "verdadeiro",
    "vero", "waar", "tak", "s", "да", "evet", "ano", "igen", "kyllä", "はい", "是", *_TICKS,
)  # fmt: skip
_NO = (
    "false", "no", "0", "f", "n", "nein", "falsch", "non", "faux", "não", "nao", "falso", "nee", "onwaar", "nej", "nei",
    "nie", "нет", "hayır", "hayir", "ne", "nem", "ei", "いいえ", "否", "☐", "✗", "✘", "❌",
)  # fmt: skip
_TRUTH = dict.fromkeys(_YES, True) | dict.fromkeys(_NO, False)

_WOMAN = (
    "f", "w", "female", "weiblich", "frau", "femme", "féminin", "femenino", "feminino", "donna", "femmina", "vrouw",
    "mulher", "mujer", "kvinna", "kvinne", "kvinde", "nainen", "kobieta", "fem.", "女", "女性", "여", "여성", "여자",
)  # fmt: skip
_MAN = (
    "male", "männlich", "maennlich", "mann", "homme", "masculin", "hombre", "masculino", "uomo", "maschio", "man",
    "homem", "h", "mand", "mies", "mężczyzna", "varón", "masc.", "男", "男性", "남", "남성", "남자",
)  # fmt: skip
_OTHER = (
    "diverse", "divers", "non_binary", "nonbinary", "outro", "outra", "não_binário", "não_binária",
    "その他", "其他", "기타",
)  # fmt: skip
# Letters that a column must tell, and the words that tell them.
_TOLD = {"m": "man", "d": "other", "x": "other", "k": "woman"}
_TELLING = frozenset({"f", "w", "woman", "man", "female", "male"})
_GENDERS = dict.fromkeys(_WOMAN, "woman") | dict.fromkeys(_MAN, "man") | dict.fromkeys(_OTHER, "other")

KNOWN = "known are true, yes, 1, ja, oui, sí, sim, x, ✓ and false, no, 0, nein, non, não, nee; else leave it empty, or "
"""What may stand for true and false, for whoever wrote something else; it goes on with `RECODED`."""

RECODED = (
    "say in [derive] of the policy what is meant: {0} = \"CASE {0} WHEN 'your word' THEN '{1}' ELSE {0} END\""
)
"""How other words of a column become those that we know."""


def truth_of(text: pl.Expr) -> pl.Expr:
    """Return what cells of yes and no say; null where nobody knows."""
    word = text.str.to_lowercase()
    crossed = pl.when((word == "x") & ~word.is_in(_TICKS).any()).then(pl.lit(value=True))
    return pl.coalesce(word.replace_strict(_TRUTH, default=None, return_dtype=pl.Boolean), crossed)


def gender_of(word: pl.Expr, beside: Collection[str]) -> pl.Expr:
    """Return words for genders in our own, and others as they are; `beside` stand all words of their column."""
    told = not _TELLING.isdisjoint(beside) or {"k", "m"}.issubset(beside)
    return word.replace(_GENDERS | (_TOLD if told and "h" not in beside else {}))


def is_missing(text: pl.Expr) -> pl.Expr:
    """Say which cells mean "not known": empty ones, and the usual marks."""
    return text.is_null() | text.str.to_lowercase().is_in(["", *MISSING_WORDS])


MISSING_MEMBER = rf"(?i)(^|;)({'|'.join(map(re.escape, MISSING_WORDS))})(;|$)"
"""Lists with a member that means "not known", if no blanks stand around it."""
