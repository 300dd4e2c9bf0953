"""Words of funders' files, in several languages: yes and no, genders, and "not known".

A word that means one thing in one language and another in the next is read only where the others of its column tell
which: a cross beside ticks says no and alone says yes, and M is a man beside F, and beside H a woman. What tells a
letter is the other gender: M beside V is the man in Dutch and the woman in Spanish, F beside N is the man in Hungarian,
and nothing is known of either until the policy names V or N for the other gender.
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
    "w", "woman", "female", "weiblich", "frau", "femme", "féminin", "femenino", "feminino", "donna", "femmina", "vrouw",
    "mulher", "mujer", "kvinna", "kvinne", "kvinde", "nainen", "kobieta", "fem.", "女", "女性", "여", "여성", "여자",
)  # fmt: skip
_MAN = (
    "male", "männlich", "maennlich", "mann", "homme", "masculin", "hombre", "masculino", "uomo", "maschio", "man",
    "homem", "mand", "mies", "mężczyzna", "varón", "masc.", "男", "男性", "남", "남성", "남자",
)  # fmt: skip
_OTHER = (
    "diverse", "divers", "non_binary", "nonbinary", "outro", "outra", "não_binário", "não_binária",
    "その他", "其他", "기타",
)  # fmt: skip
# Letters, what they stand for, and the words and letters of the other gender that tell so.
_LETTERS = {
    "f": ("woman", frozenset({"m", "h", *_MAN})),
    "k": ("woman", frozenset({"m", *_MAN})),
    "h": ("man", frozenset({"f", *_WOMAN})),
    # Beside mujer and kobieta it may be short for either.
    "m": ("man", frozenset({"f", "w", "k", "woman", "female"})),
}
_OTHERS = {"d": "other", "x": "other"}
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
    told = {one: means for one, (means, by) in _LETTERS.items() if not by.isdisjoint(beside)}
    if "h" in beside:
        told.pop("m", None)
    # Beside one gender alone D may be the other one: donna beside uomo, Dame beside Herr.
    both = {"woman", "man"} <= {(_GENDERS | told).get(one) for one in beside}
    return word.replace(_GENDERS | told | (_OTHERS if both else {}))


def is_missing(text: pl.Expr) -> pl.Expr:
    """Say which cells mean "not known": empty ones, and the usual marks."""
    return text.is_null() | text.str.to_lowercase().is_in(["", *MISSING_WORDS])


MISSING_MEMBER = rf"(?i)(^|;)({'|'.join(map(re.escape, MISSING_WORDS))})(;|$)"
"""Lists with a member that means "not known", if no blanks stand around it."""
