"""Which language a text is in: by its script, and among languages of Latin script by its function words.

For Latin script this is a naive Bayes classifier on function words. The word of rank r (from 0) of a language
has the probability 0.1 / (r + 1), after Zipf's law (Zipf, *Human Behavior and the Principle of Least Effort*,
1949, chapter 2); every other word has 0.0001. A language is named if it is ten times as likely as any other
and at least one word in ten is among its function words; otherwise nothing is claimed.
"""

from __future__ import annotations

import math
import re
import tomllib
from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files
from types import MappingProxyType

from portfolio.scoring.text.words import words

#: The tag of BCP 47 for a language that is not determined.
UNDETERMINED = "und"

_ODDS = math.log(10.0)
_LEAST_SHARE = 0.1
_ELSEWHERE = 1e-4

_SCRIPTS = {
    "kana": r"\u3040-\u30ff",
    "zh": r"\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0002ffff",
    "ko": r"\u1100-\u11ff\uac00-\ud7af",
    "el": r"\u0370-\u03ff",
    "he": r"\u0590-\u05ff",
    "th": r"\u0e00-\u0e7f",
    "und-Cyrl": r"\u0400-\u052f",
    "und-Arab": r"\u0600-\u06ff\u0750-\u077f",
    "und-Deva": r"\u0900-\u097f",
}
_SCRIPT = re.compile("|".join(f"([{letters}]+)" for letters in _SCRIPTS.values()))
_LATIN = re.compile(r"[A-Za-z\u00c0-\u024f\u1e00-\u1eff]+")
# One character of these scripts says about as much as two Latin letters or more.
_DENSE = {"kana", "zh", "ko"}

NAMES: Mapping[str, str] = MappingProxyType(
    {
        "ca": "Catalan",
        "cs": "Czech",
        "da": "Danish",
        "de": "German",
        "el": "Greek",
        "en": "English",
        "es": "Spanish",
        "fi": "Finnish",
        "fr": "French",
        "he": "Hebrew",
        "hu": "Hungarian",
        "id": "Indonesian",
        "it": "Italian",
        "ja": "Japanese",
        "ko": "Korean",
        "nl": "Dutch",
        "no": "Norwegian",
        "pl": "Polish",
        "pt": "Portuguese",
        "ro": "Romanian",
        "sv": "Swedish",
        "th": "Thai",
        "tr": "Turkish",
        "und": "no language that was recognised",
        "und-Arab": "a language in Arabic script",
        "und-Cyrl": "a language in Cyrillic script",
        "und-Deva": "a language in Devanagari script",
        "vi": "Vietnamese",
        "zh": "Chinese",
    }
)


def detect(text: str) -> str:
    """Return the language of a text as a tag of BCP 47, one of `NAMES`.

    ``und`` means that the text does not tell: it is blank, too short, or in a language that is not known here.
    """
    sizes = dict.fromkeys(_SCRIPTS, 0)
    for match in _SCRIPT.finditer(text):
        script = list(_SCRIPTS)[(match.lastindex or 1) - 1]
        sizes[script] += len(match[0]) * (2 if script in _DENSE else 1)
    kana, latin = sizes.pop("kana"), sum(map(len, _LATIN.findall(text)))
    sizes["ja"] = kana + sizes["zh"] if 10 * kana > sizes["zh"] else 0
    if sizes["ja"]:
        sizes["zh"] = 0
    script = max(sizes, key=lambda name: (sizes[name], name))
    return script if sizes[script] > latin else _latin(words(text))


def _latin(found: list[str]) -> str:
    if not found:
        return UNDETERMINED
    scores = {
        language: (sum(gains[word] for word in found if word in gains), language)
        for language, gains in _gains().items()
    }
    (best, language), (second, _) = sorted(scores.values(), reverse=True)[:2]
    known = sum(word in _gains()[language] for word in found)
    sure = best - second >= _ODDS and known >= _LEAST_SHARE * len(found)
    return language if sure else UNDETERMINED


@lru_cache(maxsize=1)
def _gains() -> Mapping[str, Mapping[str, float]]:
    """Return, per language, what each of its function words adds to its log-likelihood."""
    text = files(__package__).joinpath("languages.toml").read_text(encoding="utf-8")
    return MappingProxyType(
        {
            language: {
                word: math.log(0.1 / (rank + 1) / _ELSEWHERE)
                for rank, word in reversed(list(enumerate(line.split())))
            }
            for language, line in tomllib.loads(text).items()
        }
    )
