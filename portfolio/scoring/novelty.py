"""Novelty: how far the text of a proposal is from the nearest text that was funded before.

Texts are bags of words, weighed by TF-IDF with logarithmic counts (Salton & Buckley 1988, Information Processing &
Management 24); novelty is 1 minus the largest cosine between a proposal and any earlier text, as Kelly,
Papanikolaou, Seru & Taddy 2021 (American Economic Review: Insights 3) compare patents with earlier ones. How rare
a word is, is counted in the earlier texts alone, so that no proposal depends on its competitors; a word that none of
them has is the rarest of all. Novelty says that the words are new in this corpus, and no more: not that the idea
is new, and nothing across languages.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl

from portfolio.call import Call
from portfolio.call.formats import open_sheet
from portfolio.errors import DataError, Issue, nearest
from portfolio.scoring.estimate import Floats, rounded

NAME = "novelty"
TEXTS = ("title", "abstract")
_CHUNK = 500


def with_novelty(call: Call, corpus: str | Path | pl.DataFrame, *, encoding: str | None = None) -> Call:
    """Return the call with a column `novelty`, which conditions and criteria may use like any other.

    Parameters
    ----------
    call
        With a title or an abstract, or both. Proposals that have neither get no novelty.
    corpus
        Texts that were funded before: a file, or a frame, with a column title or abstract or both. A text that is
        also in the call counts like any other: leave the call out of its corpus.
    encoding
        Of text files, where it cannot be told from the bytes.

    Raises
    ------
    DataError
        If the call has a column novelty already, or the call or the corpus has no text.
    """
    if NAME in call.frame.columns:
        hint = "Rename it in the file, or leave out the earlier texts."
        raise DataError(
            [Issue("is a column of the call already, and novelty is to be computed", hint, column=NAME)]
        )
    own = joined(call.frame, "the call")
    if isinstance(corpus, pl.DataFrame):
        name, earlier, sources, notes = "corpus", corpus, call.sources, call.notes
    else:
        sheet = open_sheet(corpus, encoding)
        columns = {heading.strip().casefold(): place for place, heading in enumerate(sheet.headings)}
        name, found = sheet.name, {text: columns[text] for text in TEXTS if text in columns}
        _require(found, name, sheet.headings)
        earlier = sheet.select(
            pl.col(str(place)).cast(pl.String).alias(text) for text, place in found.items()
        )
        notes = (*call.notes, *sheet.notes)
        sources = (*call.sources, *(() if sheet.source is None else (sheet.source().read_as("corpus"),)))
    before = joined(earlier, name).drop_nulls()
    if before.is_empty():
        raise DataError([Issue("has no text to compare with", "Fill in titles or abstracts.", file=name)])
    values = np.full(len(call), np.nan)
    some = own.is_not_null().to_numpy()
    values[some] = novelty(own.drop_nulls().to_list(), before.to_list())
    column = pl.Series(NAME, values).fill_nan(None)
    return replace(call, frame=call.frame.with_columns(column), sources=sources, notes=notes)


def novelty(texts: Sequence[str], corpus: Sequence[str]) -> Floats:
    """Return (n,) the distance of each text to the nearest of the corpus: 0 the same words, 1 none in common.

    Parameters
    ----------
    texts
        n texts.
    corpus
        At least one text.
    """
    # scikit-learn takes a second to import, and only texts need it.
    from sklearn.feature_extraction.text import HashingVectorizer, TfidfTransformer

    hashed = HashingVectorizer(n_features=2**20, alternate_sign=False, norm=None, strip_accents="unicode")
    weighed = TfidfTransformer(sublinear_tf=True)
    known = weighed.fit_transform(hashed.transform(corpus)).T.tocsr()
    parts = [texts[start : start + _CHUNK] for start in range(0, len(texts), _CHUNK)]
    closest = [
        (weighed.transform(hashed.transform(part)) @ known).max(axis=1).toarray().ravel() for part in parts
    ]
    return np.clip(rounded(1.0 - np.concatenate([np.zeros(0), *closest])), 0.0, 1.0)


def joined(frame: pl.DataFrame, name: str) -> pl.Series:
    """Return title and abstract as one text per row, null where both are missing or empty."""
    found = [text for text in TEXTS if text in frame.columns]
    _require(found, name, frame.columns)
    text = pl.concat_str(
        *(pl.col(column).cast(pl.String) for column in found), separator="\n", ignore_nulls=True
    )
    return frame.select(pl.when(text.str.strip_chars() != "").then(text).alias("text")).to_series()


def _require(found: Iterable[str], name: str, headings: Iterable[str]) -> None:
    if not list(found):
        hint = f"Novelty compares titles and abstracts: {nearest(TEXTS[0], headings)}"
        raise DataError([Issue("has neither a column title nor a column abstract", hint, file=name)])
