"""The sheets that are no tables: the decision in figures and sentences, and the policy key by key."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import polars as pl
from pydantic import BaseModel

from portfolio.call.columns import Kind
from portfolio.optimize.words import gap_in_words, rules_in_words, value_in_words
from portfolio.policy import Policy
from portfolio.report.columns import AT_MOST, SHARE, VALUE
from portfolio.report.record import finite
from portfolio.report.stored import StoredDecision
from portfolio.report.workbook.sheet import Fact, Facts, fact

_KINDS: Mapping[type, Kind] = {
    bool: "boolean",
    int: "number",
    float: "number",
    Decimal: "number",
    date: "date",
}


def summary_of(decision: StoredDecision, decisions: pl.DataFrame) -> Facts:
    """Return the facts of a decision; sums are added up from its awards."""
    return Facts("Summary", (*_figures(decision, decisions), *_sentences(decision), *_origin(decision)))


def policy_facts(policy: Policy) -> Facts:
    """Return every key of a policy that has a value, defaults included, under the name that ``--set`` gives it."""
    return Facts("Policy", tuple(_keys("", policy, "")))


def _figures(decision: StoredDecision, decisions: pl.DataFrame) -> Iterator[Fact]:
    record, promised = decision.record, sum(decision.policy.commitments)
    available = f"money available{', after what is promised already' if promised else ''}"
    counts = dict(decisions["decision"].value_counts().iter_rows())
    for name, sum_, said in (
        ("budget", record["budget"], available),
        ("awarded", decisions["amount_awarded"].sum(), "money awarded, added up from the awards"),
        ("requested", decisions["amount_requested"].sum(), "money asked for by all proposals"),
    ):
        yield fact(name, "money", sum_, said, unit="money")
    for name, count, said in (
        ("proposals", decisions.height, "proposals of the call"),
        ("funded", counts.get("funded", 0), "of them funded"),
        ("not_funded", counts.get("not_funded", 0), "of them not funded"),
        ("ineligible", counts.get("ineligible", 0), "of them ineligible"),
        ("rows set aside", record["n_set_aside"], "rows of the files that were left out"),
    ):
        yield fact(name, "integer", count, said)
    yield fact("value", "number", decision.value, value_in_words(decision), unit=VALUE)
    most = "no portfolio that keeps the rules, and does as well in the goals, is worth more; empty if nothing is proven"
    yield fact("bound", "number", finite(decision.bound), most, unit=AT_MOST)
    yield fact("gap", "number", finite(decision.gap), "(bound - value) / value", unit=SHARE)
    yield fact("status", "word", str(decision.status), gap_in_words(decision))


def _sentences(decision: StoredDecision) -> Iterator[Fact]:
    for line in rules_in_words(decision):
        yield fact("rule", "text", None, line)
    for note in decision.record["notes"]:
        yield fact("note", "text", None, note)


def _origin(decision: StoredDecision) -> Iterator[Fact]:
    record = decision.record
    for entry in record["inputs"]:
        yield fact(f"input: {entry['name']}", "text", entry["sha256"], "SHA-256 of the file that was read")
    yield fact("record", "text", decision.digest, "SHA-256 of portfolio.json: sha256sum portfolio.json")
    yield fact("solver", "text", record["solver"], "what searched")
    yield fact("seed", "integer", record["seed"], "decides between what nothing else tells apart")
    for name, version in record["versions"].items():
        yield fact(f"version: {name}", "text", version, "what decided")


def _keys(path: str, value: Any, meaning: str) -> Iterator[Fact]:
    """Yield a fact for each value of a model and of what is in it."""
    if isinstance(value, BaseModel):
        for name, field in type(value).model_fields.items():
            inner = field.description or meaning
            yield from _keys(f"{path}.{name}" if path else name, getattr(value, name), inner)
    elif isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _keys(f"{path}.{name}", inner, meaning)
    elif isinstance(value, tuple | list) and value and isinstance(value[0], BaseModel | tuple):
        for number, inner in enumerate(value, start=1):
            yield from _keys(f"{path}.{number}", inner, meaning)
    elif isinstance(value, tuple | list):
        if value:
            yield fact(path, "text", ";".join(map(str, value)), meaning)
    elif value is not None:
        kind = _KINDS.get(type(value), "text")
        yield fact(path, kind, value if kind != "text" else str(value), meaning)
