"""Words for a proposal: applied or basic, its quadrant after Stokes, the rows that contradict each other."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations

import numpy as np
import numpy.typing as npt
import polars as pl

from portfolio.scoring.columns import mentions, tagged, words
from portfolio.scoring.estimate import DECIMALS, Flags, Floats, rounded

QUEST_TYPES = ("basic", "pure_basic", "oriented_basic")
QUEST_DRIVERS = ("curiosity", "scientific_goal")
QUEST_OUTPUTS = ("theory", "discovery")
USE_TYPES = ("applied", "experimental_development", "oriented_basic")
USE_OUTPUTS = ("patent", "product", "efficiency", "market_share")


def paradigm_label(basicness: Floats, applied_below: float, basic_above: float) -> pl.Series:
    """Return ``applied``, ``mixed`` or ``basic``; both bounds count as outside the middle; null for NaN."""
    score = rounded(basicness)
    low, high = round(applied_below, DECIMALS), round(basic_above, DECIMALS)
    code = np.where(np.isnan(score), 3, np.where(score <= low, 0, np.where(score >= high, 2, 1)))
    return pl.Series(["applied", "mixed", "basic", None], dtype=pl.String).gather(code)


def quadrant(frame: pl.DataFrame) -> pl.Series:
    """Return the quadrant after Stokes 1997: ``bohr``, ``pasteur``, ``edison``, ``neither``, or null.

    Quest for understanding: the research type is basic of any kind, or the driver is curiosity or a
    scientific goal, or theory or discovery is expected. Consideration of use: the driver is a purpose of
    application, or the type is applied, experimental development or oriented basic, or a patent, product,
    gain in efficiency or market share is expected, or a bottleneck is named. One sign is enough for a yes. A
    no needs evidence that could have shown a sign and does not; where nothing speaks to one of the two
    questions the quadrant is null. ``basic`` alone, without its kind, is silent on use, and a purpose of
    application alone is silent on understanding.
    """
    kind, driver = words(frame, "research_type"), words(frame, "driver")
    outputs = mentions(frame, "expected_outputs")
    stated, understood, used = (
        np.logical_or.reduce([outputs[word] for word in chosen])
        for chosen in (tuple(outputs), QUEST_OUTPUTS, USE_OUTPUTS)
    )
    purpose = _flag(driver == "application_purpose")
    quest = _flag(kind.is_in(QUEST_TYPES)) | _flag(driver.is_in(QUEST_DRIVERS)) | understood
    use = _flag(kind.is_in(USE_TYPES)) | purpose | used | tagged(frame, "bottlenecks")
    quest_known = quest | stated | _flag(kind.is_not_null())
    use_known = use | stated | _flag(driver.is_not_null()) | _flag(kind == "pure_basic")
    code = np.where(quest_known & use_known, 2 * quest.astype(np.int64) + use, 4)
    return pl.Series(["neither", "edison", "bohr", "pasteur", None], dtype=pl.String).gather(code)


def conflicts(rows: Mapping[str, Floats], distance: float) -> pl.Series:
    """Return the pairs of rows that contradict each other, in words, joined by ``; ``; null without any.

    Parameters
    ----------
    rows
        Position of every proposal on each row, NaN where the row has no evidence.
    distance
        How far apart two positions must be, at least 0.5: the higher is then on the basic side, the other
        not.
    """
    pairs = list(combinations(rows, 2))
    code = sum(_sign(rows[a], rows[b], distance) * 3**i for i, (a, b) in enumerate(pairs))
    found, which = np.unique(code, return_inverse=True)
    texts = [_conflict_text(int(value), pairs) for value in found]
    return pl.Series(texts, dtype=pl.String).gather(which)


def _sign(first: Floats, second: Floats, distance: float) -> npt.NDArray[np.int64]:
    """1 where the first row is the basic one of a contradiction, 2 where the second is, else 0."""
    gap = rounded(first - second)
    return np.where(gap > distance, 1, np.where(gap < -distance, 2, 0)).astype(np.int64)


def _conflict_text(code: int, pairs: list[tuple[str, str]]) -> str | None:
    poles = {1: "{} (basic) against {} (applied)", 2: "{} (applied) against {} (basic)"}
    signs = [(code // 3**i) % 3 for i in range(len(pairs))]
    return "; ".join(poles[s].format(*pair) for s, pair in zip(signs, pairs, strict=True) if s) or None


def _flag(column: pl.Series) -> Flags:
    return column.fill_null(False).to_numpy().astype(np.bool_)
