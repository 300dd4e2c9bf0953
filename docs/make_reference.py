"""Write policy.md, columns.md and record.schema.json into docs from the code: python docs/make_reference.py."""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from annotated_types import Ge, Gt, Le, Lt
from pydantic import BaseModel
from pydantic.fields import FieldInfo
from reference_words import COLUMNS, MEANINGS, POLICY, PUBLICATION, WRITTEN

from portfolio.call.columns import column_reference
from portfolio.policy import Policy
from portfolio.report import Publication
from portfolio.report.columns import TABLES
from portfolio.report.schema import record_schema
from portfolio.scoring import EARLY_CAREER_RULES

_WORDS: dict[Any, str] = {
    str: "text",
    bool: "true or false",
    int: "whole number",
    float: "number",
    Decimal: "amount of money",
    date: "date",
}
_PLURAL = {"text": "texts", "table": "tables"}


def pages() -> dict[str, str]:
    """Return the text of each generated page by its file name."""
    return {
        "policy.md": policy_page(),
        "columns.md": columns_page(),
        "record.schema.json": record_schema_page(),
    }


def record_schema_page() -> str:
    """Return the JSON schema of the record of a decision."""
    return json.dumps(record_schema(), indent=2) + "\n"


def columns_page() -> str:
    """Return the reference of the columns of proposals and reviews."""
    parts = [COLUMNS]
    for table in ("proposals", "reviews"):
        rows = [row for row in column_reference() if row["table"] == table]
        cells = [
            [
                f"`{row['name']}`" + (" (required)" if row["required"] else ""),
                ", ".join(dict.fromkeys(part for part in (row["type"], row["unit"]) if part)),
                row["bounds"],
                row["meaning"],
            ]
            for row in rows
        ]
        parts.append(
            f"## {table.capitalize()}\n\n" + _table(["Column", "Type, unit", "Values", "Meaning"], cells)
        )
    return "\n".join([*parts, WRITTEN, *_written(), *_sections("", Publication, PUBLICATION)])


def _written() -> Iterator[str]:
    """Yield a section for each table that is made of a decision."""
    for title, columns in TABLES.items():
        cells = [
            [
                f"`{name}`",
                ", ".join(dict.fromkeys(part for part in (one.spoken, one.unit) if part)),
                one.meaning,
            ]
            for name, one in columns.items()
        ]
        yield f"## {title}\n\n" + _table(["Column", "Type, unit", "Meaning"], cells)


def policy_page() -> str:
    """Return the reference of the policy."""
    return "\n".join([POLICY, *_sections("", Policy, "## The top of the file"), _presets()])


def _sections(path: str, model: type[BaseModel], title: str) -> Iterator[str]:
    """Yield a section for a model, then one for every table inside it."""
    said = _documented(model)
    rows: list[list[str]] = []
    tables: list[tuple[str, str, type[BaseModel]]] = []
    for name, field in model.model_fields.items():
        key = f"{path}{name}"
        inner, several = _model_in(field.annotation)
        if inner is not None:
            tables.append((f"## `[[{key}]]`" if several else f"## `[{key}]`", f"{key}.", inner))
        if inner is None or _worded(field.annotation):
            meaning = _sentence(field.description or said.get(name, "")) or MEANINGS.get(
                path.removesuffix("."), ""
            )
            rows.append([f"`{name}`", _type(field), _default(field), MEANINGS.get(key, meaning)])
    about = "" if model is Policy else _paragraph(model)
    yield f"{title}\n\n{about}" + _table(["Key", "Type", "Default", "Meaning"], rows)
    for head, below, inner in tables:
        yield from _sections(below, inner, head)


def _sentence(text: str) -> str:
    """Write a meaning like the others: without a capital and, if it is one sentence, without a full stop."""
    starts_a_name = text[:2].isalpha() and text[:2].isupper()
    text = text if starts_a_name else text[:1].lower() + text[1:]
    return text.removesuffix(".") if ". " not in text else text


def _worded(annotation: Any) -> bool:
    """Tell whether a key may be a plain value besides a table of its own."""
    return any(part in _WORDS for part in _leaves(annotation)) and get_origin(annotation) is not tuple


def _leaves(annotation: Any) -> Iterator[Any]:
    if get_origin(annotation) in (Union, UnionType, Annotated):
        for part in get_args(annotation):
            yield from _leaves(part)
    else:
        yield annotation


def _model_in(annotation: Any) -> tuple[type[BaseModel] | None, bool]:
    """Return the model that a key holds, and whether it holds several."""
    for part in _leaves(annotation):
        if inspect.isclass(part) and issubclass(part, BaseModel):
            return part, False
        if get_origin(part) is tuple:
            inner, _ = _model_in(get_args(part)[0])
            return inner, inner is not None
    return None, False


def _type(field: FieldInfo) -> str:
    words = _spoken(field.annotation)
    return _joined(words, field.metadata)


def _spoken(annotation: Any) -> str:
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _joined(_spoken(arguments[0]), arguments[1:])
    if origin in (Union, UnionType):
        return " or ".join(dict.fromkeys(_spoken(part) for part in arguments if part is not NoneType))
    if origin is Literal:
        return " or ".join(f"`{str(word).lower() if isinstance(word, bool) else word}`" for word in arguments)
    if origin is tuple:
        words = _spoken(arguments[0])
        return f"list: {_PLURAL.get(words, words)}"
    if origin is dict:
        return f"table: {_spoken(arguments[0]).replace('text', 'name')} = {_spoken(arguments[1])}"
    return _WORDS.get(annotation, "table")


def _joined(words: str, metadata: Any) -> str:
    return ", ".join([words, *_bounds(metadata)]).replace(", from", " from")


def _bounds(metadata: Any) -> Iterator[str]:
    flat = [part for item in metadata for part in (item.metadata if isinstance(item, FieldInfo) else [item])]
    low: Any = next((item.ge for item in flat if isinstance(item, Ge)), None)
    high: Any = next((item.le for item in flat if isinstance(item, Le)), None)
    above: Any = next((item.gt for item in flat if isinstance(item, Gt)), None)
    below: Any = next((item.lt for item in flat if isinstance(item, Lt)), None)
    if above is not None:
        yield f"more than {above}"
    if (low, high) == (0, 1):
        yield "from 0 to 1"
    elif low is not None:
        yield f"at least {low}"
        # Larger bounds only keep sums within what a computer can hold.
        if high is not None and high < 10**6:
            yield f"at most {high:,}"
    if below is not None:
        yield f"less than {below}"


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "required"
    value = field.get_default(call_default_factory=True)
    if value is None or value in ((), {}):
        return "none"
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    if isinstance(value, float):
        return f"`{value:.4g}`"
    if isinstance(value, tuple):
        return f"`[{', '.join(f'{chr(34)}{item}{chr(34)}' for item in value)}]`"
    return f'`"{value}"`' if isinstance(value, str) else f"`{value}`"


def _paragraph(model: type[BaseModel]) -> str:
    text = re.split(r"\n\s*(?:Parameters|Raises)\n", inspect.getdoc(model) or "")[0].strip()
    return f"{_plain(text)}\n\n" if text else ""


def _documented(model: type[BaseModel]) -> dict[str, str]:
    """Return what the docstring says of each parameter; several may share one text."""
    match = re.search(r"Parameters\n-+\n(.*?)(?:\n\n\w+\n-+\n|\Z)", inspect.getdoc(model) or "", re.DOTALL)
    found: dict[str, str] = {}
    for names, text in re.findall(r"^(\w[\w, ]*)\n((?:    .*\n?)+)", match[1] if match else "", re.MULTILINE):
        found |= dict.fromkeys(names.split(", "), _plain(" ".join(text.split())))
    return found


def _plain(text: str) -> str:
    return re.sub(r"``(.+?)``", r"`\1`", text).replace(
        "`EARLY_CAREER_RULES`", "[the rules below](#early-career-rules)"
    )


def _presets() -> str:
    rows = []
    for rule in EARLY_CAREER_RULES.values():
        years = rule.max_years
        most = (
            ", ".join(f"{n} ({who})" for who, n in years.items()) if isinstance(years, dict) else str(years)
        )
        months = [
            f"`{name}`" + ("" if most_ == "in_full" else f" up to {most_}")
            for name, most_ in rule.allowances.items()
        ]
        rows.append(
            [
                f"`{rule.name}`",
                " or ".join(f"`{name}`" for name in rule.counted_from),
                rule.counted_to,
                f"{rule.min_years} to {most}" if rule.min_years else f"up to {most}",
                ", ".join(months) or "none",
                rule.source + ("; not with a prior major award" if rule.disqualified_by_prior_award else ""),
            ]
        )
    head = ["Rule", "Counted from (the later)", "Counted to", "Years", "Extended by", "Source"]
    return "## Early-career rules\n\nFunders change these, so each has its year or its source.\n\n" + _table(
        head, rows
    )


def _table(head: list[str], rows: list[list[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |\n" for line in lines)


if __name__ == "__main__":
    for name, text in pages().items():
        (Path(__file__).parent / name).write_text(text, encoding="utf-8")
