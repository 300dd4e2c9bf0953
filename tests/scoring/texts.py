"""Invented labelled calls: titles and abstracts of which most, but not all, read as their label says."""

from __future__ import annotations

import numpy as np
import polars as pl

TOPICS = {
    "basic": "ribosomes, knots, dark photons, coral larvae, lost scripts, ice sheets, prime gaps, glass transitions, "
    "bird migration, proto-languages, magnetars, root hairs",
    "applied": "hospital discharge, bridge sensors, bus timetables, grain storage, heat pumps, water meters, "
    "wound dressings, school meals, battery packs, crop sprayers, eye tests, freight routes",
}
SENTENCES = {
    "basic": (
        "We ask why {topic} behave as they do, and which principle lies behind it.",
        "The origin of the phenomenon is poorly understood.",
        "A theory of {topic} would explain what has been seen for decades.",
        "We will look for the mechanism, whatever it may be good for.",
        "The answer would be the first of its kind and open new questions.",
    ),
    "applied": (
        "We will build a prototype for {topic} and test it with the people who use it.",
        "The aim is to cut the cost by a third within two years.",
        "Partners from industry will bring the result to the market.",
        "A trial in four towns will show whether the service is improved.",
        "We will write guidelines for practice and train the staff.",
    ),
    "neutral": (
        "The team has worked on {topic} for some time.",
        "In the first year we collect data, and in the second we compare them with what others have found.",
        "The work is shared by two groups that have not worked together before.",
        "All data will be open to everybody at the end of the project.",
        "A doctoral student and a technician will be hired for it.",
    ),
}


def labelled(n: int, seed: int = 0, faithful: float = 0.8) -> pl.DataFrame:
    """Return n proposals: id, title, abstract, amount, kind (``basic`` or ``applied``)."""
    rng = np.random.Generator(np.random.PCG64(seed))
    return pl.DataFrame([_proposal(number, rng, faithful) for number in range(1, n + 1)])


def _proposal(number: int, rng: np.random.Generator, faithful: float) -> dict[str, object]:
    kind = ("applied", "basic")[int(rng.integers(2))]
    other = {"basic": "applied", "applied": "basic"}[kind]
    topics = TOPICS[kind if rng.random() < faithful else other].split(", ")
    topic = topics[int(rng.integers(len(topics)))]
    said = [kind if rng.random() < faithful else other for _ in range(2)]
    sentences = [_one_of(SENTENCES[which], rng) for which in (*said, "neutral", "neutral", "neutral")]
    order = rng.permutation(len(sentences))
    return {
        "id": f"A-{number:03d}",
        "title": f"A new look at {topic} in the second project of the group, number {number}",
        "abstract": " ".join(sentences[place] for place in order).format(topic=topic),
        "amount": int(rng.integers(50, 500)) * 1000,
        "kind": kind,
    }


def _one_of(sentences: tuple[str, ...], rng: np.random.Generator) -> str:
    return sentences[int(rng.integers(len(sentences)))]


def texts_of(frame: pl.DataFrame) -> list[str]:
    """Return title and abstract of each proposal, the title on the first line."""
    return [f"{title}\n{abstract}" for title, abstract in frame.select("title", "abstract").iter_rows()]
