"""The words that a cell may hold, in the field's own vocabulary."""

from __future__ import annotations

from typing import Literal

ResearchType = Literal["basic", "pure_basic", "oriented_basic", "applied", "experimental_development"]
"""Frascati Manual (OECD 2015), with basic research divided as there into pure and oriented."""

Driver = Literal["curiosity", "scientific_goal", "application_purpose"]

Output = Literal[
    "theory",
    "discovery",
    "method",
    "dataset",
    "publication",
    "patent",
    "product",
    "efficiency",
    "market_share",
]

Gender = Literal["woman", "man", "other"]
