"""What simulated calls are made of: schemes, fields and words, and the ways to draw them.

All names are invented. Schemes ask for what those of the SNSF asked for in 2019.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Index = NDArray[np.integer[Any]]
CALL_DATE = dt.date(2026, 1, 1)
"""The day on which every simulated call closes."""

Truth = dict[str, Floats]
"""Hidden values, one array per name, one number per proposal."""


class Scheme(NamedTuple):
    """A funding scheme: who applies, for how much, for what kind of work."""

    name: str
    early: float  # share of the proposals that the young lead ...
    established: float  # ... and of those that the others lead
    median: float
    sigma: float
    cap: float
    years: int
    basic: float  # shift of the logit of basicness
    success: float  # shift of the logit of success


SCHEMES = (
    Scheme("Exchange", 0.05, 0.11, 10_000, 0.64, 40_000, 1, 0.0, 0.5),
    Scheme("Fellowship", 0.46, 0.00, 82_000, 0.47, 300_000, 2, 0.2, 0.1),
    Scheme("Exploratory", 0.10, 0.14, 99_000, 0.20, 100_000, 1, 0.5, -0.9),
    Scheme("Starting grant", 0.24, 0.00, 930_000, 0.45, 2_000_000, 9, 0.2, 0.0),
    Scheme("Project", 0.10, 0.46, 580_000, 0.61, 4_000_000, 9, 0.2, 0.0),
    Scheme("Programme", 0.03, 0.20, 390_000, 0.50, 1_500_000, 9, -0.8, 0.1),
    Scheme("Transfer", 0.02, 0.05, 250_000, 0.80, 2_500_000, 2, -2.0, 0.3),
    Scheme("Consortium", 0.00, 0.04, 2_300_000, 0.40, 5_000_000, 9, 0.3, -0.1),
)


class Field(NamedTuple):
    """A field of research (OECD FORD), with three topics for titles."""

    code: str
    share: float
    basic: float  # shift of the logit of basicness
    topics: tuple[str, str, str]


FIELDS = (
    Field("1.1", 4, 1.6, ("random matrices", "optimal transport", "arithmetic geometry")),
    Field("1.2", 7, -0.2, ("program synthesis", "distributed ledgers", "causal learning")),
    Field("1.3", 9, 1.0, ("topological matter", "dark photons", "cold molecules")),
    Field("1.4", 7, 0.5, ("bond activation", "molecular cages", "electrocatalysis")),
    Field("1.5", 6, 0.3, ("ocean mixing", "permafrost carbon", "mantle flow")),
    Field("1.6", 12, 0.8, ("cell polarity", "membrane transport", "plant immunity")),
    Field("2.1", 2, -1.2, ("timber structures", "slope stability", "bridge monitoring")),
    Field("2.2", 6, -0.8, ("power converters", "neuromorphic circuits", "photonic links")),
    Field("2.3", 4, -1.0, ("turbulent combustion", "soft robots", "additive manufacturing")),
    Field("2.4", 2, -0.9, ("reactive separation", "carbon capture", "bioprocess control")),
    Field("2.5", 4, -0.5, ("solid electrolytes", "fusion steels", "two-dimensional crystals")),
    Field("3.1", 8, 0.5, ("synaptic plasticity", "immune memory", "tumour metabolism")),
    Field("3.2", 9, -0.9, ("sepsis care", "heart failure", "cancer screening")),
    Field("3.3", 4, -1.0, ("health inequality", "ageing at home", "vaccination uptake")),
    Field("4.1", 3, -0.7, ("soil fertility", "crop rotation", "pest control")),
    Field("5.1", 4, 0.1, ("working memory", "language acquisition", "risk perception")),
    Field("5.2", 3, -0.4, ("labour mobility", "household debt", "energy markets")),
    Field("5.4", 3, 0.0, ("urban segregation", "family change", "digital trust")),
    Field("6.1", 2, 0.9, ("trade routes", "burial landscapes", "court archives")),
    Field("6.2", 2, 0.8, ("endangered languages", "manuscript cultures", "translation history")),
)


def words(text: str) -> tuple[str, ...]:
    """Split at commas, so that a list of labels reads as one line."""
    return tuple(word.strip() for word in text.split(","))


APPROACHES = words("Foundations, Dynamics, Limits, Mechanisms, Control, Prediction, Origins, Mapping")
SETTINGS = words(
    "across scales, far from equilibrium, under uncertainty, from first principles, in the field, "
    "with sparse data, over long periods, in changing environments, at the interface, in populations"
)
RESEARCH_TYPES = words("experimental_development, applied, oriented_basic, pure_basic, basic")
DRIVERS = words("application_purpose, scientific_goal, curiosity")
OUTPUTS = words(  # from the applied pole to the basic one
    "product;market_share, market_share, product;efficiency, patent;product, efficiency, patent;publication, "
    "method;publication, dataset;publication, method, publication, discovery;publication, "
    "theory;publication, discovery, theory;discovery"
)
BOTTLENECKS = {  # what each field is likely to name; the other fields name none
    "1.1": ("industrial_software", "secure_networks"),
    "1.2": ("industrial_software", "chip_design"),
    "1.3": ("quantum_components", "precision_optics"),
    "1.4": ("battery_materials", "rare_earths"),
    "1.5": ("rare_earths", "grid_storage"),
    "1.6": ("gene_vectors", "new_antibiotics"),
    "2.1": ("industrial_software", "grid_storage"),
    "2.2": ("chip_design", "grid_storage"),
    "2.3": ("precision_optics", "industrial_software"),
    "2.4": ("battery_materials", "new_antibiotics"),
    "2.5": ("fusion_materials", "battery_materials"),
    "3.1": ("gene_vectors", "new_antibiotics"),
    "3.2": ("new_antibiotics", "gene_vectors"),
    "4.1": ("gene_vectors", "rare_earths"),
}
HEADS = words(
    "Al, Bren, Cor, Dun, El, Fen, Gal, Hol, Is, Kar, Lor, Mar, Nor, Os, Pel, Quin, Ros, Sel, Tor, Var"
)
TAILS = words(
    "avik, benna, comere, drosk, endal, fossa, gunta, hovia, inora, jussel, "
    "kasta, lomir, mundo, nessel, oria, parva, quera, rune, sundal, tivo"
)


def universities(count: int) -> list[str]:
    """Return up to 400 different names."""
    return [f"University of {HEADS[k % 20]}{TAILS[(7 * k + k // 20) % 20]}" for k in range(count)]


def stream(seed: int, *part: int) -> np.random.Generator:
    """Return a generator of its own for each part: what one part draws never moves another."""
    return np.random.Generator(np.random.PCG64([seed, *part]))


def codes(prefix: str, count: int) -> pl.Series:
    """Return P-001, P-002, ...: numbers from 1 of one width, at least three digits."""
    width = max(3, len(str(count)))
    numbers = pl.int_range(1, count + 1, eager=True).cast(pl.String).str.zfill(width)
    return prefix + numbers


def pick(labels: Sequence[str | None], index: Index) -> pl.Series:
    """Return the label of each index."""
    return pl.Series(labels, dtype=pl.String).gather(index)


def draw(shares: Sequence[float] | Floats, uniform: Floats) -> Ints:
    """Turn uniform numbers into categories 0, 1, ... that have the given shares."""
    upper = np.cumsum(np.asarray(shares, dtype=np.float64))
    return np.searchsorted(upper[:-1] / upper[-1], uniform, side="right").astype(np.int64)


def below(uniform: Floats, size: int) -> Ints:
    """Turn uniform numbers into 0, ..., size - 1."""
    return np.floor(size * uniform).astype(np.int64)


def logistic(x: Floats) -> Floats:
    """Map the real line to (0, 1)."""
    return 1.0 / (1.0 + np.exp(-x))


def keep(series: pl.Series, kept: NDArray[np.bool_]) -> pl.Series:
    """Empty the cells that are not kept."""
    return pl.select(pl.when(pl.lit(pl.Series(kept))).then(series)).to_series()


def blank(frame: pl.DataFrame, rates: Mapping[str, float], rng: np.random.Generator) -> pl.DataFrame:
    """Empty the cells of the named columns, each with the probability of its column."""
    return frame.with_columns(
        keep(frame[name], rng.random(len(frame)) >= rate).alias(name) for name, rate in rates.items()
    )


def people(n: int, rng: np.random.Generator) -> pl.DataFrame:
    """Return lead investigators: where and in which field they work, and a career that agrees with itself."""
    m = n - round(n * 0.04 / 1.04)
    places = min(max(n // 40, 5), 400)
    place = draw((np.arange(places, dtype=np.float64) + 1.5) ** -0.9, rng.random(m))
    career = np.floor(365.25 * (0.3 + 32 * rng.random(m) ** 1.5)).astype(np.int64)
    age = np.floor(365.25 * np.clip(30.5 + 3 * rng.standard_normal(m), 25, 45)).astype(np.int64)
    leave = np.where(rng.random(m) < 0.18, 3 + 3 * below(rng.random(m), 8), 0)
    leave = np.minimum(leave, career // 61)
    years = career / 365.25
    doctorate = (CALL_DATE - dt.date(1970, 1, 1)).days - career
    frame = pl.DataFrame(
        {
            "investigator": codes("I-", m),
            "institution": pick(universities(places), place),
            "region": pick([f"R{k:02d}" for k in range(1, 31)], place % 30),
            "doctorate_date": pl.Series(doctorate).cast(pl.Int32).cast(pl.Date),
            "birth_date": pl.Series(doctorate - age).cast(pl.Int32).cast(pl.Date),
            "career_break_months": leave,
            "prior_major_award": rng.random(m) < np.clip((years - 4) / 40, 0, 0.5),
            "field": draw([f.share for f in FIELDS], rng.random(m)),
            "early": years - leave / 12 < 10,
        }
    )
    return blank(frame, {"doctorate_date": 0.03, "birth_date": 0.02}, rng)


def owners(n: int, leads: int, rng: np.random.Generator) -> Ints:
    """Return whose each proposal is: one for everybody, second ones for some, shuffled."""
    second = np.argsort(rng.random(leads), kind="stable")[: n - leads]
    owner = np.concatenate([np.arange(leads), second])
    return owner[np.argsort(rng.random(n), kind="stable")]


def titles(field: Ints, rng: np.random.Generator) -> pl.Series:
    """Return a title per proposal, on a topic of its field."""
    n = field.size
    parts = {
        "approach": pick(APPROACHES, below(rng.random(n), len(APPROACHES))),
        "topic": pick([topic for f in FIELDS for topic in f.topics], 3 * field + below(rng.random(n), 3)),
        "setting": pick(SETTINGS, below(rng.random(n), len(SETTINGS))),
    }
    return pl.DataFrame(parts).select(pl.format("{} of {} {}", "approach", "topic", "setting")).to_series()


def tags(field: Ints, basic: Floats, rng: np.random.Generator) -> pl.Series:
    """Return bottleneck technologies, named most often by what is neither purely basic nor purely applied."""
    likely = [BOTTLENECKS.get(f.code, (None, None)) for f in FIELDS]
    uniform, chance = rng.random(basic.size), 0.04 + 0.8 * basic * (1 - basic)
    both, one = pl.lit(pl.Series(uniform < 0.2 * chance)), pl.lit(pl.Series(uniform < chance))
    named = pl.DataFrame({"a": pick([a for a, _ in likely], field), "b": pick([b for _, b in likely], field)})
    either = pl.when(pl.lit(pl.Series(rng.random(basic.size) < 0.7))).then("a").otherwise("b")
    return named.select(pl.when(both).then(pl.format("{};{}", "a", "b")).when(one).then(either)).to_series()
